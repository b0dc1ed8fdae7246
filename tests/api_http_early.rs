//! Servers that answer before they have read the request, and go.

#![cfg(feature = "http")]

mod common;

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::executor::block_on;
use common::raw::{Raw, read_request};
use ffence::http::{Client, Proxy, Redirect, RequestBody, RequestBuilder, Response};
use ffence::{Error, ErrorKind};

const LONG: Duration = Duration::from_secs(300);

/// Answers the first request of a connection once it has a part of its body, waits until the client has
/// seen that, and goes without reading the rest; a request with no body is answered with `next`.
fn hasty(answer: &'static str, seen: Receiver<()>) -> (Raw, Receiver<usize>) {
    let (tell, told) = channel();
    let seen = Arc::new(Mutex::new(seen));
    let server = Raw::with(move |mut stream| {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0; 1];
            match stream.read(&mut byte) {
                Ok(1) => head.push(byte[0]),
                _ => return,
            }
        }
        if head.starts_with(b"GET") {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext");
            let _ = read_request(&mut stream);
            return;
        }
        let _ = stream.read_exact(&mut [0; 1000]);
        let _ = stream.write_all(answer.as_bytes());
        seen.lock().unwrap().recv_timeout(LONG).expect("the client sees the response");
        let _ = tell.send(unread(&stream));
        // What arrives from now on is answered by a reset. Something does: room is made for it.
        let _ = stream.shutdown(Shutdown::Both);
        let _ = io::copy(&mut stream, &mut io::sink());
    });
    (server, told)
}

fn unread(stream: &TcpStream) -> usize {
    stream.peek(&mut [0; 64]).unwrap_or_default()
}

/// A body without an end, until nobody takes it.
struct Zeros;

impl io::Read for Zeros {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        buffer.fill(0);
        Ok(buffer.len())
    }
}

/// Sends, tells when the response is there, and answers its status and its text.
type Way = fn(RequestBuilder<'_>, Sender<()>) -> Result<(u16, Vec<u8>), Error>;

fn seen<T>(response: &Response<T>, body: &[u8]) -> (u16, Vec<u8>) {
    (response.status().as_u16(), body.to_vec())
}

const WAYS: [(&str, Way); 4] = [
    ("send", |request, tell| {
        let response = request.on_progress(telling(tell)).send()?;
        Ok(seen(&response, response.body()))
    }),
    ("open", |request, tell| {
        let (mut response, mut body) = (request.on_progress(telling(tell)).open()?, Vec::new());
        while let Some(piece) = response.body_mut().chunk()? {
            body.extend_from_slice(&piece);
        }
        Ok(seen(&response, &body))
    }),
    ("send_async", |request, tell| {
        let response = block_on(request.on_progress(telling(tell)).send_async())?;
        Ok(seen(&response, response.body()))
    }),
    ("open_async", |request, tell| {
        let request = request.on_progress(telling(tell));
        let (mut response, mut body) = (block_on(request.open_async())?, Vec::new());
        while let Some(piece) = block_on(response.body_mut().chunk())? {
            body.extend_from_slice(&piece);
        }
        Ok(seen(&response, &body))
    }),
];

/// The body came, to its last byte.
fn telling(tell: Sender<()>) -> impl FnMut(ffence::http::Progress) + Send + 'static {
    move |progress| {
        if progress.downloaded == 4 {
            let _ = tell.send(());
        }
    }
}

fn client() -> Client {
    Client::builder().proxy(Proxy::none()).build().unwrap()
}

#[test]
fn a_whole_response_counts_though_the_request_was_not_read() {
    for answer in [
        "HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nfull",
        "HTTP/1.1 200 Enough\r\nContent-Length: 4\r\n\r\nfull",
        "HTTP/1.1 401 Who\r\nContent-Length: 4\r\nConnection: close\r\n\r\nfull",
    ] {
        for (name, send) in WAYS {
            for length in [None, Some(1 << 40)] {
                let client = client();
                let (tell, told) = channel();
                let (server, gone) = hasty(answer, told);
                let request = client.post(server.url("/")).body(RequestBody::reader(Zeros, length));
                let (status, body) = send(request, tell).unwrap();
                assert_eq!(status.to_string(), answer[9..12], "{name} {length:?}");
                assert_eq!(body, b"full", "{name} {length:?}");
                assert!(gone.recv_timeout(LONG).unwrap() > 0, "{name}: there was more to read");
                // Nothing else is sent behind what was given up.
                let next = client.get(server.url("/next"));
                let response =
                    if name.contains("async") { block_on(next.send_async()) } else { next.send() };
                assert_eq!(response.unwrap().body(), b"next", "{name}");
            }
        }
    }
}

/// A whole body in memory is no other case.
#[test]
fn a_body_in_memory_is_no_other_case() {
    for (name, send) in WAYS {
        let client = client();
        let (tell, told) = channel();
        let answer = "HTTP/1.1 200 Enough\r\nContent-Length: 4\r\n\r\nfull";
        let (server, gone) = hasty(answer, told);
        let request = client.post(server.url("/")).body(vec![0; 64 << 20]);
        assert_eq!(send(request, tell).unwrap(), (200, b"full".to_vec()), "{name}");
        assert!(gone.recv_timeout(LONG).unwrap() > 0, "{name}");
    }
}

/// It leads on, whatever became of the body that it does not want.
#[test]
fn a_redirect_that_does_not_want_the_body_is_followed() {
    let (tell, told) = channel();
    let answer = "HTTP/1.1 303 There\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n";
    // Its body is nobody's to see: the closure that decides has.
    let redirect = Redirect::custom(move |_| {
        let _ = tell.send(());
        ffence::http::RedirectAction::Follow
    });
    let (server, gone) = hasty(answer, told);
    let client = Client::builder().redirect(redirect).proxy(Proxy::none()).build().unwrap();
    for way in [0, 1] {
        let body = RequestBody::reader(Zeros, None);
        let request = client.post(server.url("/")).body(body);
        let response = if way == 0 { request.send() } else { block_on(request.send_async()) };
        let response = response.unwrap();
        assert_eq!((response.body().as_slice(), response.history().len()), (&b"next"[..], 1));
        assert!(gone.recv_timeout(LONG).unwrap() > 0);
    }
}

/// Where nobody knows whether that was all of it, the error says that there was a response.
#[test]
fn a_response_that_may_not_be_whole_is_named_by_the_error() {
    for answer in [
        "HTTP/1.1 200 Enough\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfull\r\n",
        "HTTP/1.1 200 Enough\r\nContent-Length: 5\r\n\r\nfull",
    ] {
        for (name, send) in WAYS {
            let (client, (tell, told)) = (client(), channel());
            let (server, _gone) = hasty(answer, told);
            let request = client.post(server.url("/")).body(RequestBody::reader(Zeros, None));
            let error = send(request, tell).unwrap_err();
            // The end of the connection may be noticed by receiving, which tells of a body cut short.
            let (kind, text) = (error.kind(), error.to_string());
            match kind {
                ErrorKind::TruncatedBody => {}
                ErrorKind::Transport => {
                    assert!(text.contains("a response with status 200"), "{name}: {text}");
                }
                _ => panic!("{name}: {text}"),
            }
            assert_eq!(error.transfer().unwrap().status, Some(200), "{name}: {error:?}");
        }
    }
}
