//! A process of its own for each case, because they fork: at the worst moments, a child neither
//! hangs, nor repeats a nonce, nor seals under zeros, nor speaks on its parent's connections.
//!
//! What each kind of object does in a child is in `*_after_fork.rs`.

#![cfg(all(unix, feature = "crypto", feature = "http"))]

#[path = "common/cases.rs"]
mod cases;
mod common;

use std::collections::HashSet;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use cases::{Case, End, in_child, main as run};
use common::server::Server;
use ffence::crypto::{Aes256Gcm, Key, RandomNonce, Sealer, Sha256};
use ffence::curl::{Easy, Share, Write, option};
use ffence::http::Client;
use ffence::thread::PinnedThread;
use ffence::{ErrorKind, Result};

fn main() {
    const CASES: &[Case] = &[
        ("before_anything_was_initialised", before_anything, End::Well),
        ("while_other_threads_hold_share_locks", holding_share_locks, End::Well),
        ("from_within_a_transfer", within_a_transfer, End::Well),
        ("while_another_thread_transfers", while_another_transfers, End::Well),
        ("half_through_a_batch_of_nonces", half_through_a_batch, End::Well),
        ("while_pinned_threads_work", while_pinned_threads_work, End::Well),
        ("before_exec", before_exec, End::Well),
    ];
    run(CASES);
}

fn forked<T>(outcome: Result<T>) -> bool {
    outcome.is_err_and(|error| error.kind() == ErrorKind::Forked)
}

/// Seals, digests and fetches with objects that are made here.
fn works(url: &str) -> bool {
    let crypto = || -> Result<bool> {
        let key = Key::<Aes256Gcm>::generate()?;
        let sealed = key.sealer(RandomNonce)?.seal(b"", b"text")?;
        Ok(key.opener()?.open(b"", &sealed)? == b"text")
    };
    crypto().is_ok_and(|same| same)
        && Sha256::digest(b"abc").is_ok_and(|digest| digest.to_string().starts_with("ba7816bf"))
        && fetched(&mut Easy::new().unwrap(), url, 100)
        && Client::new().and_then(|client| client.get(url).send()).is_ok()
}

fn fetched(easy: &mut Easy, url: &str, len: usize) -> bool {
    let mut body = Vec::new();
    easy.set(option::Url(url)).unwrap();
    easy.perform_into(&mut body).is_ok() && body.len() == len
}

/// The child sets both libraries up by itself, and so does the parent afterwards.
fn before_anything() {
    let server = Server::plain();
    let url = server.url("/bytes/100");
    assert!(in_child(|| works(&url)));
    assert!(works(&url));
    assert!(in_child(|| works(&url)));
}

/// Threads resolve a name on one share as fast as they can; at each of many forks some of them are
/// inside a lock of it, which nobody in the child will ever open.
fn holding_share_locks() {
    const THREADS: usize = 4;
    const FORKS: usize = 40;

    let server = Server::plain();
    let url = server.url("/bytes/100").replace("127.0.0.1", "localhost");
    let share = Share::builder().names().build().unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let done = Arc::new(AtomicUsize::new(0));
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let (url, share) = (url.clone(), share.clone());
            let (stop, done) = (Arc::clone(&stop), Arc::clone(&done));
            thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    // A new handle asks the share for the name; a kept one has its connection.
                    let mut easy = Easy::new().unwrap();
                    easy.share(&share).unwrap();
                    assert!(fetched(&mut easy, &url, 100));
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for _ in 0..FORKS {
        let before = done.load(Ordering::Relaxed);
        while done.load(Ordering::Relaxed) == before {
            thread::yield_now();
        }
        let inherited = share.clone();
        assert!(in_child(|| {
            let mut easy = Easy::new().unwrap();
            let refused = forked(easy.share(&inherited));
            drop(inherited);
            let own = Share::builder().names().build().unwrap();
            easy.share(&own).unwrap();
            refused && fetched(&mut easy, &url, 100)
        }));
    }
    stop.store(true, Ordering::Relaxed);
    for thread in threads {
        thread.join().unwrap();
    }
}

/// The fork happens inside libcurl's callback: the child leaves libcurl's frames by ending, and may
/// use what it makes itself until then.
fn within_a_transfer() {
    let server = Server::plain();
    let url = server.url("/bytes/1000000");
    let small = server.url("/bytes/100");
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(&url)).unwrap();
    let (mut received, mut children) = (0, 0);
    easy.perform_with(|bytes| {
        received += bytes.len();
        if children < 3 {
            children += 1;
            assert!(in_child(|| works(&small)));
        }
        Write::Taken
    })
    .unwrap();
    assert_eq!((received, children), (1_000_000, 3));
    // The children ended without a good-bye on the parent's connection.
    let connections = server.connections();
    assert!(fetched(&mut easy, &small, 100));
    assert_eq!(server.connections(), connections);
}

fn while_another_transfers() {
    let server = Server::plain();
    let small = server.url("/bytes/100");
    let client = Client::new().unwrap();
    client.get(&small).send().unwrap();

    let (mut reached, reaches) = UnixStream::pair().unwrap();
    let (mut goes_on, go_on) = UnixStream::pair().unwrap();
    let url = server.url("/bytes/1000000");
    let inner = client.clone();
    let transfer = thread::spawn(move || {
        let mut body = Stopping { reaches, go_on, received: 0 };
        inner.get(&url).send_to(&mut body).unwrap();
        body.received
    });
    let mut byte = [0];
    reached.read_exact(&mut byte).unwrap();
    // The other thread is inside libcurl now, and waits there.
    assert!(in_child(|| {
        let refused = forked(client.get(&small).send());
        drop(client.clone());
        refused && works(&small)
    }));
    goes_on.write_all(&byte).unwrap();
    assert_eq!(transfer.join().unwrap(), 1_000_000);
    client.get(&small).send().unwrap();
}

/// Says that the first bytes came, and waits.
struct Stopping {
    reaches: UnixStream,
    go_on: UnixStream,
    received: usize,
}

impl std::io::Write for Stopping {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.received == 0 {
            self.reaches.write_all(b"x")?;
            self.go_on.read_exact(&mut [0])?;
        }
        self.received += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Nonces are drawn 32 at a time: the rest of a batch is the parent's alone. And what an inherited
/// sealer seals in the child, the parent can open: it was not sealed under zeros.
fn half_through_a_batch() {
    let key = Key::<Aes256Gcm>::generate().unwrap();
    let mut sealer = key.sealer(RandomNonce).unwrap();
    let mut opener = key.opener().unwrap();
    let seal = |sealer: &mut Sealer<Aes256Gcm>| sealer.seal(b"", b"text").unwrap();
    let mut sealed: Vec<_> = (0..5).map(|_| seal(&mut sealer)).collect();

    let (mut told, mut tells) = UnixStream::pair().unwrap();
    assert!(in_child(|| {
        (0..40).all(|_| tells.write_all(&seal(&mut sealer)).is_ok())
            // The key itself was wiped: nothing new is made from zeros.
            && key.sealer(RandomNonce).is_err_and(|error| error.kind() == ErrorKind::Poisoned)
    }));
    drop(tells);
    sealed.extend((0..40).map(|_| seal(&mut sealer)));
    let mut of_child = Vec::new();
    told.read_to_end(&mut of_child).unwrap();
    sealed.extend(of_child.chunks(12 + 4 + 16).map(<[u8]>::to_vec));

    assert_eq!(sealed.len(), 85);
    let nonces: HashSet<_> = sealed.iter().map(|it| &it[..12]).collect();
    assert_eq!(nonces.len(), sealed.len(), "a nonce was used twice");
    assert!(sealed.iter().all(|it| opener.open(b"", it).is_ok_and(|text| text == b"text")));
}

fn while_pinned_threads_work() {
    let server = Server::plain();
    let url = server.url("/bytes/100");
    let pinned = PinnedThread::spawn(|_| Easy::new()).unwrap();
    let address = url.clone();
    pinned.run(move |easy| assert!(fetched(easy, &address, 100))).unwrap();
    assert!(in_child(|| {
        let refused = forked(pinned.run(|_| ()));
        let own = PinnedThread::spawn(|_| Easy::new()).unwrap();
        refused && own.run(|easy| fetched(easy, &url, 100)).is_ok_and(|fine| fine)
    }));
    let address = url.clone();
    pinned.run(move |easy| assert!(fetched(easy, &address, 100))).unwrap();
}

/// Another program takes the child's place, and the parent's connections do not notice.
fn before_exec() {
    let server = Server::plain();
    let url = server.url("/bytes/100");
    let client = Client::new().unwrap();
    client.get(&url).send().unwrap();
    let mut easy = Easy::new().unwrap();
    assert!(fetched(&mut easy, &url, 100));
    let connections = server.connections();
    assert!(in_child(|| {
        let error = Command::new("true").exec();
        eprintln!("{error}");
        false
    }));
    assert!(fetched(&mut easy, &url, 100));
    client.get(&url).send().unwrap();
    assert_eq!(server.connections(), connections);
}
