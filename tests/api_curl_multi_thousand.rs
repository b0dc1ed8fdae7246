//! A thousand transfers at a time, and what a peer that dies does to the others.
//!
//! A process of its own, because it opens more descriptors than `select(2)` can wait for, and the
//! libcurl that curl-sys builds waits with that.
#![cfg(all(feature = "http", feature = "crypto", unix))]

mod common;

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;

use common::transfers::{engines, get, try_drive};
use ffence::ErrorKind;
use ffence::crypto::{Hasher, Sha256};
use ffence::curl::{Callbacks, Handler, Multi, Write};

/// Answers only once all of its clients have asked; the answer to `/N` is [`page`]`(N)`, and of every
/// tenth only a half comes.
fn gate(clients: usize) -> (String, thread::JoinHandle<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let thread = thread::spawn(move || {
        let mut waiting: Vec<(TcpStream, usize)> = Vec::new();
        while waiting.len() < clients {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut some = [0; 512];
                let len = stream.read(&mut some).unwrap();
                assert!(len > 0, "the client went away");
                request.extend_from_slice(&some[..len]);
            }
            let request = String::from_utf8(request).unwrap();
            let number = request.split(['/', ' ']).nth(2).unwrap().parse().unwrap();
            waiting.push((stream, number));
        }
        for (mut stream, number) in waiting {
            let body = page(number);
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            stream.write_all(head.as_bytes()).unwrap();
            let end = if dies(number) { body.len() / 2 } else { body.len() };
            stream.write_all(&body[..end]).unwrap();
        }
    });
    (url, thread)
}

fn page(number: usize) -> Vec<u8> {
    (0..16_384_usize)
        .map(|at| (at.wrapping_mul(31) ^ number ^ (at >> 8)).to_le_bytes()[0])
        .collect()
}

fn dies(number: usize) -> bool {
    number % 10 == 7
}

/// 1,000 sockets on each side, and what else the process has open.
fn allow_descriptors(wanted: u64) {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the place is writable.
    assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) }, 0);
    if limit.rlim_cur < wanted {
        limit.rlim_cur = wanted.min(limit.rlim_max);
        // SAFETY: the limit is readable.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }, 0);
    }
    assert!(limit.rlim_cur >= wanted, "this system allows {} descriptors", limit.rlim_cur);
}

/// The digest of a body, as it comes.
struct Digest(Hasher<Sha256>);

impl Handler for Digest {
    const CALLBACKS: Callbacks = Callbacks::WRITE;

    fn write(&mut self, bytes: &[u8]) -> Write {
        match self.0.update(bytes) {
            Ok(()) => Write::Taken,
            Err(_) => Write::Stop,
        }
    }
}

#[test]
fn a_thousand_at_a_time_and_a_peer_that_dies_fails_only_its_own() {
    allow_descriptors(2_500);
    for multi in engines() {
        match at_a_time(1_000, multi) {
            Ok(()) => {}
            Err(error) => {
                // The libcurl that curl-sys builds waits with select(2), and says so: no descriptor
                // may be above 1,023.
                assert_eq!(error.code(), Some(12), "CURLM_UNRECOVERABLE_POLL: {error}");
                at_a_time(400, Multi::new().unwrap()).unwrap();
            }
        }
    }
}

fn at_a_time(count: usize, mut multi: Multi<Digest>) -> ffence::Result<()> {
    let (url, server) = gate(count);
    let ids: Vec<_> = (0..count)
        .map(|number| {
            let hasher = Digest(Hasher::<Sha256>::new().unwrap());
            multi.add(get(&format!("{url}/{number}"), hasher)).unwrap()
        })
        .collect();
    let done = try_drive(&mut multi)?;
    server.join().unwrap();
    for (number, id) in ids.into_iter().enumerate() {
        let easy = multi.remove(id).unwrap();
        match &done[&id] {
            Ok(()) => {
                assert!(!dies(number));
                let digest = easy.into_handler().0.finish().unwrap();
                assert_eq!(digest, Sha256::digest(&page(number)).unwrap(), "{number}");
            }
            Err(error) => {
                assert!(dies(number), "{number}: {error}");
                assert_eq!(error.kind(), ErrorKind::TruncatedBody);
                assert_eq!(error.transfer().unwrap().received, 8_192);
            }
        }
    }
    Ok(())
}
