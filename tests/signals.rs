//! A process of its own, because signals are the process's: no transfer changes what they do, and
//! none raises one.

#![cfg(all(unix, feature = "http"))]
#![allow(unsafe_code)] // sigaction(2)

mod common;

use std::ffi::c_int;
use std::io::{self, Read as _, Write};
use std::mem::MaybeUninit;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use common::server::{Authority, Server};
use ffence::ErrorKind;
use ffence::http::{Client, Timeouts, Tls};
use parking_lot::{Mutex, MutexGuard};

/// One at a time: what they look at is the process's.
fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock()
}

/// What becomes of each signal: its handler, its flags and its mask's first word.
fn dispositions() -> Vec<(usize, c_int)> {
    (1..32)
        .map(|signal| {
            let mut found = MaybeUninit::<libc::sigaction>::zeroed();
            // SAFETY: NULL leaves the signal as it is; what it is now is written to `found`.
            unsafe { libc::sigaction(signal, std::ptr::null(), found.as_mut_ptr()) };
            // SAFETY: zeroes, or what the kernel wrote: both are a `sigaction`.
            let found = unsafe { found.assume_init() };
            (found.sa_sigaction, found.sa_flags)
        })
        .collect()
}

/// Signals that were delivered since [`count_signals`].
static DELIVERED: AtomicUsize = AtomicUsize::new(0);

extern "C" fn count(_: c_int) {
    DELIVERED.fetch_add(1, Ordering::SeqCst);
}

/// Counts SIGPIPE and SIGALRM, which Rust's runtime ignores or leaves deadly.
fn count_signals() {
    for signal in [libc::SIGPIPE, libc::SIGALRM] {
        let handler: extern "C" fn(c_int) = count;
        // SAFETY: the handler only counts, which is safe wherever a signal comes.
        let before = unsafe { libc::signal(signal, handler as libc::sighandler_t) };
        assert_ne!(before, libc::SIG_ERR);
    }
}

/// Looks at the signals whenever a piece of the body comes: inside libcurl's callback.
struct Watch {
    before: Vec<(usize, c_int)>,
    pieces: usize,
}

impl Write for Watch {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        assert_eq!(dispositions(), self.before, "during the transfer");
        self.pieces += 1;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Passes bytes on between a client and `server`, and resets the client once it sent `most` of them.
fn relay(server: SocketAddr, most: usize) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let thread = thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let mut server = TcpStream::connect(server).unwrap();
        let mut answers = (server.try_clone().unwrap(), client.try_clone().unwrap());
        let back = thread::spawn(move || {
            let _ = io::copy(&mut answers.0, &mut answers.1);
        });
        let _ = io::copy(&mut (&mut client).take(most as u64), &mut server);
        reset(&client);
        let _ = server.shutdown(Shutdown::Both);
        back.join().unwrap();
    });
    (address, thread)
}

/// Closing sends a reset from now on, and nothing that waits in the socket is read.
fn reset(stream: &TcpStream) {
    let linger = libc::linger { l_onoff: 1, l_linger: 0 };
    // SAFETY: the descriptor is open, and the option takes a `linger`.
    let set = unsafe {
        libc::setsockopt(
            stream.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_LINGER,
            (&raw const linger).cast(),
            libc::socklen_t::try_from(size_of::<libc::linger>()).unwrap(),
        )
    };
    assert_eq!(set, 0);
    let _ = stream.shutdown(Shutdown::Both);
}

#[test]
fn a_transfer_changes_no_disposition() {
    let _alone = alone();
    count_signals();
    let authority = Authority::new();
    let servers = [Server::plain(), Server::tls(&authority)];
    let before = dispositions();

    // A limit, which old resolvers kept by SIGALRM, and a name to resolve.
    let limits = Timeouts::new().connect(Duration::from_secs(20)).total(Duration::from_secs(60));
    let client =
        Client::builder().timeouts(limits).tls(Tls::new().ca_pem(authority.pem())).build().unwrap();
    for server in &servers {
        let url = server.url("/bytes/1000000").replace("127.0.0.1", "localhost");
        let mut watch = Watch { before: before.clone(), pieces: 0 };
        client.get(url).send_to(&mut watch).unwrap();
        assert!(watch.pieces > 1);
        assert_eq!(dispositions(), before, "after the transfer");
    }
    let error = client.get(servers[0].url("/hang")).timeout(Duration::from_millis(50)).send();
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(dispositions(), before, "after a limit was reached");
    drop(client);
    assert_eq!(dispositions(), before, "after the last handle");
}

#[test]
fn a_peer_that_is_gone_raises_no_signal() {
    let _alone = alone();
    count_signals();
    DELIVERED.store(0, Ordering::SeqCst);
    let authority = Authority::new();
    let servers = [Server::plain(), Server::tls(&authority)];
    let client = Client::builder().tls(Tls::new().ca_pem(authority.pem())).build().unwrap();
    for server in &servers {
        let url = server.url("/length");
        let address = url.split('/').nth(2).unwrap();
        let (relay, thread) = relay(address.parse().unwrap(), 100_000);
        let url = url.replace(address, &relay.to_string());
        let error = client.post(url).body(vec![b'x'; 32 << 20]).send().unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Transport | ErrorKind::TruncatedBody),
            "{error:?}"
        );
        thread.join().unwrap();
    }
    assert_eq!(DELIVERED.load(Ordering::SeqCst), 0, "signals were raised");
}

#[test]
fn the_counter_would_see_a_signal() {
    let _alone = alone();
    count_signals();
    let before = DELIVERED.load(Ordering::SeqCst);
    let (one, other) = std::os::unix::net::UnixStream::pair().unwrap();
    drop(other);
    // SAFETY: the descriptor is open, and one byte is read.
    let written = unsafe { libc::write(one.as_raw_fd(), c"x".as_ptr().cast(), 1) };
    assert_eq!(written, -1);
    assert_eq!(DELIVERED.load(Ordering::SeqCst), before + 1);
}
