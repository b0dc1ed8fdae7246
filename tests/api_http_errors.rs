//! Each way to fail has its kind, libcurl's own text, and how far the transfer came; and after each
//! of them the client works as before.

mod common;

use std::error::Error as _;
use std::io::{self, Write};
use std::net::TcpListener;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use common::raw::Raw;
use common::server::{Authority, Server, bytes};
use ffence::error::{Library, Phase};
use ffence::http::{Client, Timeouts, Tls};
use ffence::{Error, ErrorKind};

/// A server for each version of HTTP, and a client that trusts it.
fn both_versions() -> [(Server, Client); 2] {
    let authority = Authority::new();
    let trusting = Client::builder().tls(Tls::new().ca_pem(authority.pem()));
    [
        (Server::plain(), Client::new().unwrap()),
        (Server::tls(&authority), trusting.build().unwrap()),
    ]
}

/// What every error of libcurl tells. Its words change with its version: `text` is what they share.
fn is_libcurls(error: &Error, kind: ErrorKind, code: i64, text: &str) {
    assert_eq!(error.kind(), kind, "{error:?}");
    assert_eq!(error.library(), Library::Libcurl);
    assert_eq!(error.function(), Some("curl_easy_perform"));
    assert_eq!(error.code(), Some(code), "{error:?}");
    assert!(error.to_string().contains(text), "{error}");
    assert!(error.transfer().is_some());
}

fn works(client: &Client, server: &Server) {
    let response = client.get(server.url("/bytes/10")).send().unwrap();
    assert_eq!(*response.body(), bytes(10));
}

#[test]
fn a_name_that_cannot_be_resolved() {
    // Longer than a name may be: no resolver is asked.
    let host = "a".repeat(64);
    let error = Client::new().unwrap().get(format!("http://{host}.test/")).send().unwrap_err();
    is_libcurls(&error, ErrorKind::ResolveName, 6, &format!("Could not resolve host: {host}"));
    assert_eq!(error.transfer().unwrap().phase, Phase::Name);
    assert_eq!(error.transfer().unwrap().status, None);
}

#[test]
fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let client = Client::new().unwrap();
    let error = client.get(format!("http://127.0.0.1:{port}/")).send().unwrap_err();
    is_libcurls(&error, ErrorKind::Connect, 7, &port.to_string());
    let transfer = error.transfer().unwrap();
    assert_eq!(transfer.os_errno, libc::ECONNREFUSED);
    assert_eq!(transfer.phase, Phase::Connect);

    // The number belongs to that failure, not to the handle.
    let raw = Raw::answering("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort");
    let error = client.get(raw.url("/")).send().unwrap_err();
    assert_eq!(error.transfer().unwrap().os_errno, 0);
}

#[test]
fn a_handshake_that_takes_too_long() {
    let silent = Raw::silent();
    let limit = Duration::from_millis(150);
    let timeouts = Timeouts::new().connect(limit);
    let client = Client::builder().timeouts(timeouts).build().unwrap();
    let start = Instant::now();
    let error = client.get(format!("https://{}/", silent.address())).send().unwrap_err();
    is_libcurls(&error, ErrorKind::Timeout, 28, "time");
    let transfer = error.transfer().unwrap();
    assert_eq!(transfer.phase, Phase::Tls, "{transfer:?}");
    assert!(transfer.elapsed >= limit && start.elapsed() >= limit, "{transfer:?}");
}

#[test]
fn a_response_that_does_not_come() {
    for (server, client) in both_versions() {
        works(&client, &server); // the connection stands: only the response is waited for
        let limit = Duration::from_millis(400);
        let request = client.post(server.url("/hang")).body("question").timeout(limit);
        let error = request.send().unwrap_err();
        is_libcurls(&error, ErrorKind::Timeout, 28, "Operation timed out after");
        let transfer = error.transfer().unwrap();
        assert_eq!(transfer.phase, Phase::FirstByte, "{transfer:?}");
        assert_eq!((transfer.sent, transfer.received), (8, 0));
        assert!(transfer.elapsed >= limit, "{transfer:?}");
        works(&client, &server);
    }
}

#[test]
fn a_body_that_stops() {
    for (server, client) in both_versions() {
        works(&client, &server); // the connection stands: only the body is waited for
        let request = client.get(server.url("/stall/1000"));
        let error = request.timeout(Duration::from_millis(400)).send().unwrap_err();
        is_libcurls(&error, ErrorKind::Timeout, 28, "with 1000 out of 1001 bytes received");
        let transfer = error.transfer().unwrap();
        assert_eq!((transfer.phase, transfer.status), (Phase::Body, Some(200)));
        assert_eq!(transfer.received, 1000);
        works(&client, &server);
    }
}

#[test]
fn the_clients_own_limit() {
    let server = Server::plain();
    let timeouts = Timeouts::new().total(Duration::from_millis(150));
    let client = Client::builder().timeouts(timeouts).build().unwrap();
    let error = client.get(server.url("/hang")).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    works(&client, &server);
}

#[test]
fn a_truncated_body_tells_what_came() {
    for (length, body) in
        [("Content-Length: 100", "half"), ("Transfer-Encoding: chunked", "9\r\nhalf")]
    {
        let server = Raw::answering(format!("HTTP/1.1 200 OK\r\n{length}\r\n\r\n{body}"));
        let mut written = Vec::new();
        let client = Client::new().unwrap();
        let error = client.get(server.url("/")).send_to(&mut written).unwrap_err();
        is_libcurls(&error, ErrorKind::TruncatedBody, 18, " with ");
        let transfer = error.transfer().unwrap();
        assert_eq!((transfer.status, transfer.received), (Some(200), 4));
        assert_eq!(transfer.phase, Phase::Body);
        assert_eq!(written, b"half", "the writer has what came");
    }
}

#[test]
fn a_truncated_body_is_one_over_tls_and_http2_as_well() {
    for (server, client) in both_versions() {
        let error = client.get(server.url("/break/5000")).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TruncatedBody, "{error}");
        assert_eq!(error.transfer().unwrap().received, 5000);
        works(&client, &server);
    }
}

#[test]
fn a_connection_that_ends_before_the_response() {
    let server = Raw::answering("");
    let error = Client::new().unwrap().get(server.url("/")).send().unwrap_err();
    is_libcurls(&error, ErrorKind::Transport, 52, "Empty reply from server");
}

/// Takes `left` bytes, then does as told.
struct Until<F: FnMut() -> io::Result<usize>> {
    left: usize,
    then: F,
}

impl<F: FnMut() -> io::Result<usize>> Write for Until<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.left {
            0 => (self.then)(),
            left => {
                let taken = left.min(bytes.len());
                self.left -= taken;
                Ok(taken)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_writer_that_fails() {
    for (server, client) in both_versions() {
        for left in [0, 5000] {
            let full = || Err(io::Error::new(io::ErrorKind::StorageFull, "the disk is full"));
            let mut writer = Until { left, then: full };
            let request = client.get(server.url("/bytes/300000"));
            let error = request.send_to(&mut writer).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Sink);
            assert_eq!(error.code(), Some(23)); // CURLE_WRITE_ERROR
            assert_eq!(error.transfer().unwrap().status, Some(200));
            let source = error.source().unwrap().downcast_ref::<io::Error>().unwrap();
            assert_eq!(source.kind(), io::ErrorKind::StorageFull);
            works(&client, &server);
        }
        // One that takes nothing more fails as well.
        let mut writer = Until { left: 10, then: || Ok(0) };
        let error = client.get(server.url("/bytes/20")).send_to(&mut writer).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Sink);
        // One that was only interrupted is asked again.
        let mut calls = 0;
        let mut writer = Until {
            left: 0,
            then: || {
                calls += 1;
                if calls % 2 == 1 { Err(io::ErrorKind::Interrupted.into()) } else { Ok(1) }
            },
        };
        client.get(server.url("/bytes/20")).send_to(&mut writer).unwrap();
        assert_eq!(calls, 40);
    }
}

#[test]
fn a_writer_that_panics() {
    for (server, client) in both_versions() {
        let mut writer = Until { left: 5000, then: || panic!("in the writer") };
        let error = client.get(server.url("/bytes/300000")).send_to(&mut writer).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked);
        assert!(error.to_string().contains("a callback panicked: in the writer"), "{error}");
        works(&client, &server);

        let payload = catch_unwind(AssertUnwindSafe(|| error.resume())).unwrap_err();
        assert_eq!(payload.downcast_ref(), Some(&"in the writer"));
        works(&client, &server);
    }
}

#[test]
fn a_writer_may_use_the_client_that_calls_it() {
    struct Nested<'a>(&'a Client, String, usize);
    impl Write for Nested<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let response = self.0.get(&self.1).send()?;
            self.2 += response.body().len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    for (server, client) in both_versions() {
        let mut writer = Nested(&client, server.url("/bytes/10"), 0);
        client.get(server.url("/bytes/10")).send_to(&mut writer).unwrap();
        assert_eq!(writer.2, 10);
    }
}

#[test]
fn an_error_becomes_one_of_std() {
    let server = Raw::answering("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort");
    let error = Client::new().unwrap().get(server.url("/")).send().unwrap_err();
    assert_eq!(io::Error::from(error).kind(), io::ErrorKind::UnexpectedEof);
}
