//! Several threads on one share, and around one multi. `make tsan` runs it with libcurl and this crate instrumented, where
//! it must be silent, and once more with the locks left out (`--cfg ffence_without_share_locks`),
//! where it must not be.
//!
//! Only what the sanitizer understands without an instrumented standard library is used here:
//! threads that are spawned and joined, and `parking_lot`. The server is a process of its own.
#![cfg(all(feature = "http", unix))]

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use ffence::ErrorKind;
use ffence::curl::{Callbacks, Easy, Handler, Multi, Share, Write, option};

mod common;

/// The TLS server of `tests/common`, in a process of its own.
struct Server {
    child: Child,
    _output: BufReader<ChildStdout>,
    url: String,
    authority: String,
}

const SERVE: &str = "FFENCE_SHARE_SERVER";

impl Server {
    fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .env(SERVE, "1")
            // What is to be watched are the clients.
            .env("TSAN_OPTIONS", "report_bugs=0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut lines = output.by_ref().lines().map(Result::unwrap);
        let url = lines.next().unwrap();
        let authority: Vec<_> = lines.take_while(|line| line != "end").collect();
        Self { child, _output: output, url, authority: authority.join("\n") }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its standard input ends, and so does it.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// What the child does.
fn serve() {
    let authority = common::server::Authority::new();
    let names = ["localhost", "127.0.0.1", "one.test", "two.test"];
    let server = common::server::Server::tls_as(&authority, &names);
    println!("{}\n{}\nend", server.url(""), authority.pem().trim());
    let _ = std::io::read_to_string(std::io::stdin());
}

#[derive(Default)]
struct Count(usize);

impl Handler for Count {
    const CALLBACKS: Callbacks = Callbacks::WRITE;

    fn write(&mut self, bytes: &[u8]) -> Write {
        self.0 += bytes.len();
        Write::Taken
    }
}

/// What each thread does: new handles, and so new connections, look-ups and handshakes.
fn work(share: &Share, server: &Server, seed: usize) {
    let port = server.url.rsplit(':').next().unwrap();
    for round in 0..ROUNDS {
        let mut easy = Easy::with(Count::default()).unwrap();
        easy.share(share).unwrap();
        easy.set(option::CaInfoBlob(server.authority.as_bytes())).unwrap();
        // Its own cookies, so that the suffix list is asked.
        easy.set(option::CookieFile("")).unwrap();
        for step in 0..STEPS {
            let host = ["localhost", "one.test", "two.test"][(seed + round + step) % 3];
            let mut addresses = ffence::curl::List::new();
            for host in ["one.test", "two.test"] {
                addresses.push(&format!("{host}:{port}:127.0.0.1")).unwrap();
            }
            easy.set(option::Resolve(addresses)).unwrap();
            easy.set(option::Url(&format!("https://{host}:{port}/cookie/1000"))).unwrap();
            easy.perform().unwrap();
        }
        assert_eq!(easy.handler().0, STEPS * 1_000);
        // While the others add theirs.
        match share.export_sessions() {
            Ok(sessions) => drop(sessions),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}"),
        }
    }
}

const THREADS: usize = 4;
const ROUNDS: usize = 5;
const STEPS: usize = 4;

fn main() {
    if std::env::var_os(SERVE).is_some() {
        return serve();
    }
    let server = Arc::new(Server::start());
    let share = as_much_as_possible();
    println!("{share:?}");
    let threads: Vec<_> = (0..THREADS)
        .map(|seed| {
            let (share, server) = (share.clone(), Arc::clone(&server));
            thread::spawn(move || {
                work(&share, &server, seed);
                // Kept until all are done: how std's counter orders them, the sanitizer does not see.
                (share, server)
            })
        })
        .collect();
    let kept: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    drop(kept);
    wake_from_everywhere();
}

/// A multi is woken by all threads while it is polled, and while and after it is dropped.
fn wake_from_everywhere() {
    let mut multi: Multi = Multi::new().unwrap();
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let waker = multi.waker();
            thread::spawn(move || {
                for _ in 0..500 {
                    waker.wake().unwrap();
                }
                waker
            })
        })
        .collect();
    for _ in 0..200 {
        multi.poll(Duration::from_millis(1)).unwrap();
        multi.perform().unwrap();
    }
    drop(multi);
    for thread in threads {
        thread.join().unwrap().wake().unwrap();
    }
}

/// What this libcurl may share across threads.
fn as_much_as_possible() -> Share {
    let names = || Share::builder().names();
    let choices = [
        names().public_suffixes().tls_sessions(),
        names().tls_sessions(),
        names().public_suffixes(),
        names(),
    ];
    let share = choices.into_iter().find_map(|choice| match choice.build() {
        Ok(share) => Some(share),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
            println!("not shared: {error}");
            None
        }
    });
    share.unwrap()
}
