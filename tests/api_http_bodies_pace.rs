//! Bodies go at the pace of the slower side, and make nobody else wait.

#![cfg(feature = "http")]

mod common;

use std::io::{self, Read as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use common::executor::block_on;
use common::raw::{Raw, read_request};
use common::server::{Authority, Frames, Server, bytes};
use ffence::http::{Client, RequestBody, Tls};
use http_body::{Frame, SizeHint};

/// Longer than anything takes that a test waits for, on a machine that has much else to do.
const LONG: Duration = Duration::from_secs(300);

/// Writes a body of `len` bytes until the client takes no more for a while; tells how much that was,
/// and then writes the rest.
fn patient(len: usize) -> (Raw, Receiver<usize>) {
    let (send, receive) = channel();
    let server = Raw::with(move |mut stream| {
        let _ = read_request(&mut stream);
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {len}\r\n\r\n");
        let _ = stream.write_all(head.as_bytes());
        stream.set_write_timeout(Some(Duration::from_millis(200))).unwrap();
        let pattern = bytes(PATTERN);
        let mut sent = 0;
        let mut told = false;
        while sent < len {
            match stream.write(part(&pattern, sent, len.min(sent + 16 * 1024))) {
                Ok(written) => sent += written,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if !std::mem::replace(&mut told, true) {
                        let _ = send.send(sent);
                    }
                }
                Err(_) => return,
            }
        }
        if !told {
            let _ = send.send(sent);
        }
    });
    (server, receive)
}

/// Far more than both sides' sockets and the client hold.
const MUCH: usize = 32 << 20;

/// How much of a body is compared at once: a multiple of what [`bytes`] repeats, and more than anybody
/// reads or writes at once.
const PATTERN: usize = 251 * 2000;

/// What stands from one place to another in a body of [`bytes`].
fn part(pattern: &[u8], from: usize, to: usize) -> &[u8] {
    &pattern[from % 251..][..to - from]
}

#[test]
fn who_reads_slowly_makes_its_own_server_wait_and_no_other() {
    let client = Client::new().unwrap();
    let neighbour = Server::plain();
    let (server, stalled) = patient(MUCH);
    let mut body = block_on(client.get(server.url("/")).open_async()).unwrap().into_body();
    let sent = stalled.recv_timeout(LONG).unwrap();
    assert!(sent < MUCH, "{sent} bytes went out although nobody read");
    for _ in 0..10 {
        let response = block_on(client.get(neighbour.url("/bytes/300000")).send_async()).unwrap();
        assert!(response.into_body() == bytes(300_000));
    }
    let mut got = 0;
    let pattern = bytes(PATTERN);
    while let Some(piece) = block_on(body.chunk()).unwrap() {
        assert!(piece == part(&pattern, got, got + piece.len()), "at {got}");
        got += piece.len();
    }
    assert_eq!(got, MUCH);

    let (server, stalled) = patient(MUCH);
    let mut body = client.get(server.url("/")).open().unwrap().into_body();
    let sent = stalled.recv_timeout(LONG).unwrap();
    assert!(sent < MUCH, "{sent} bytes went out although nobody read");
    assert_eq!(checked(&mut body), MUCH.to_string());
}

/// Streams of one connection, of which one is not read.
#[test]
fn a_stream_that_is_not_read_leaves_the_others_of_its_connection_alone() {
    let authority = Authority::new();
    let server = Server::tls(&authority);
    let client = Client::builder().tls(Tls::new().ca_pem(authority.pem())).build().unwrap();
    let slow = client.get(server.url("/bytes/8000000")).open_async();
    let mut slow = block_on(slow).unwrap().into_body();
    for _ in 0..10 {
        let response = block_on(client.get(server.url("/bytes/300000")).send_async()).unwrap();
        assert!(response.into_body() == bytes(300_000));
    }
    assert_eq!(server.connections(), 1, "all went over the one connection");
    let mut all = Vec::new();
    while let Some(piece) = block_on(slow.chunk()).unwrap() {
        all.extend_from_slice(&piece);
    }
    assert!(all == bytes(8_000_000));
}

/// Reads the head of a request, then nothing until it is told to; then all the rest.
fn reluctant() -> (Raw, std::sync::mpsc::Sender<()>) {
    let (go, wait) = channel::<()>();
    let wait = Arc::new(Mutex::new(wait));
    let server = Raw::with(move |mut stream| {
        let mut text = Vec::new();
        let mut byte = [0; 1];
        while !text.ends_with(b"\r\n\r\n") {
            match stream.read(&mut byte) {
                Ok(1) => text.push(byte[0]),
                _ => return,
            }
        }
        let _ = wait.lock().unwrap().recv_timeout(LONG);
        let sum = checked(&mut (&mut stream).take(MUCH as u64));
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{sum}", sum.len());
        let _ = stream.write_all(answer.as_bytes());
        let _ = stream.read(&mut byte);
    });
    (server, go)
}

/// How many bytes came, up to the first that is not where it should be.
fn checked(reader: &mut impl io::Read) -> String {
    let pattern = bytes(PATTERN);
    let mut len = 0;
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read) = reader.read(&mut buffer) {
        if read == 0 {
            break;
        }
        if buffer[..read] != *part(&pattern, len, len + read) {
            return format!("wrong at {len}");
        }
        len += read;
    }
    len.to_string()
}

/// A long body of [`bytes`] that counts what is read of it.
struct Counted {
    pattern: Vec<u8>,
    read: Arc<AtomicUsize>,
}

impl io::Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let at = self.read.load(Ordering::SeqCst);
        let len = buffer.len().min(64 * 1024).min(MUCH - at);
        buffer[..len].copy_from_slice(part(&self.pattern, at, at + len));
        self.read.store(at + len, Ordering::SeqCst);
        Ok(len)
    }
}

#[test]
fn a_server_that_reads_slowly_makes_only_its_own_body_wait() {
    let client = Client::new().unwrap();
    let neighbour = Server::plain();
    for streams in [true, false] {
        let (server, go) = reluctant();
        let read = Arc::new(AtomicUsize::new(0));
        let mut counted = Counted { pattern: bytes(PATTERN), read: Arc::clone(&read) };
        let body = if streams {
            RequestBody::stream(Frames::new(SizeHint::with_exact(MUCH as u64), move |_| {
                let mut piece = vec![0; 64 * 1024];
                let read = counted.read(&mut piece)?;
                piece.truncate(read);
                Poll::Ready((read > 0).then(|| Ok(Frame::data(piece.into()))))
            }))
        } else {
            RequestBody::reader(counted, MUCH as u64)
        };
        let request = client.post(server.url("/")).body(body).send_async();
        let sending = std::thread::spawn(move || block_on(request));
        for _ in 0..10 {
            let response = block_on(client.get(neighbour.url("/bytes/300000")).send_async());
            assert!(response.unwrap().into_body() == bytes(300_000));
        }
        // The server has read none of it: what was taken of it lies in sockets and in the pipe.
        let taken = read.load(Ordering::SeqCst);
        assert!(taken < MUCH && !sending.is_finished(), "{taken} bytes were taken");
        go.send(()).unwrap();
        assert_eq!(sending.join().unwrap().unwrap().text().unwrap(), MUCH.to_string());
        assert_eq!(read.load(Ordering::SeqCst), MUCH);
    }
}
