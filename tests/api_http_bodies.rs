//! Bodies that arrive and leave piece by piece: in order and whole.

#![cfg(feature = "http")]

mod common;

use std::io::{self, Read as _};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use common::executor::block_on;
use common::raw::Raw;
use common::server::{Authority, Frames, Server, bytes};
use ffence::ErrorKind;
use ffence::http::{Client, RequestBody, Tls};
use http::{HeaderMap, Method, StatusCode};
use http_body::{Body as _, Frame, SizeHint};

/// A server for each version of HTTP, and a client that trusts it.
fn both_versions() -> [(Server, Client); 2] {
    let authority = Authority::new();
    let trusting = Client::builder().tls(Tls::new().ca_pem(authority.pem()));
    [
        (Server::plain(), Client::new().unwrap()),
        (Server::tls(&authority), trusting.build().unwrap()),
    ]
}

/// Pieces of a body, with or without a length, perhaps with an end that fails.
#[derive(Default)]
struct Pieces {
    rest: Vec<Bytes>,
    known: Option<u64>,
    failure: bool,
    trailers: bool,
}

impl Pieces {
    fn of(body: &[u8], size: usize) -> Self {
        let mut rest: Vec<_> = body.chunks(size).map(Bytes::copy_from_slice).collect();
        rest.reverse();
        Self { rest, ..Self::default() }
    }

    fn stream(mut self) -> RequestBody {
        let hint = self.known.map_or_else(SizeHint::default, SizeHint::with_exact);
        let mut waits = false;
        RequestBody::stream(Frames::new(hint, move |context| {
            // Every other time it is not ready, and wakes.
            waits = !waits;
            if !waits {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(match self.rest.pop() {
                Some(piece) => Some(Ok(Frame::data(piece))),
                None if self.failure => Some(Err(io::Error::other("the source is dry"))),
                None if std::mem::take(&mut self.trailers) => {
                    Some(Ok(Frame::trailers(HeaderMap::new())))
                }
                None => None,
            })
        }))
    }
}

#[test]
fn every_kind_of_body_is_sent_whole_in_both_ways() {
    let file = tempfile::NamedTempFile::new().unwrap();
    for (server, client) in both_versions() {
        for len in [0, 1, 70_000, 1_000_000] {
            let body = bytes(len);
            std::fs::write(&file, &body).unwrap();
            let size = u64::try_from(len).unwrap();
            let kinds = || {
                let reader = io::Cursor::new(body.clone());
                let known = Pieces { known: Some(size), ..Pieces::of(&body, 10_000) };
                let again = body.clone();
                [
                    RequestBody::from(body.clone()),
                    RequestBody::reader(reader.clone(), size),
                    RequestBody::reader(reader, None),
                    RequestBody::open(move || Ok(io::Cursor::new(again.clone())), None),
                    RequestBody::file(&file).unwrap(),
                    Pieces::of(&body, 10_000).stream(),
                    known.stream(),
                ]
            };
            for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
                if method != Method::POST && len != 70_000 {
                    continue;
                }
                for kind in kinds() {
                    let what = format!("{method} {kind:?} of {len}");
                    let request = client.request(method.clone(), server.url("/echo")).body(kind);
                    let answer = request.send().unwrap().into_body();
                    assert!(answer.starts_with(format!("{method}\n").as_bytes()), "{what}");
                    assert!(answer.ends_with(&[b"\n\n", &*body].concat()), "{what}");
                }
                for kind in kinds() {
                    let what = format!("{method} {kind:?} of {len}");
                    let request = client.request(method.clone(), server.url("/echo")).body(kind);
                    let answer = block_on(request.send_async()).unwrap().into_body();
                    assert!(answer.starts_with(format!("{method}\n").as_bytes()), "{what}");
                    assert!(answer.ends_with(&[b"\n\n", &*body].concat()), "{what}");
                }
            }
        }
    }
}

#[test]
fn a_length_is_announced_where_it_is_known() {
    // A kept connection that was closed meanwhile would have to be replaced, and a reader read again.
    let server =
        Raw::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let client = Client::new().unwrap();
    client.post(server.url("/")).body(RequestBody::reader(&b"text"[..], 4)).send().unwrap();
    client.post(server.url("/")).body(RequestBody::reader(&b"text"[..], None)).send().unwrap();
    let requests = server.requests();
    assert!(requests[0].contains("\r\nContent-Length: 4\r\n"), "{requests:?}");
    assert!(requests[0].ends_with("\r\n\r\ntext"), "{requests:?}");
    assert!(requests[1].contains("\r\nTransfer-Encoding: chunked\r\n"), "{requests:?}");
    assert!(requests[1].ends_with("\r\n\r\n4\r\ntext\r\n0\r\n\r\n"), "{requests:?}");
    for request in &requests {
        assert!(!request.contains("Expect") && !request.contains("Content-Type"), "{request}");
    }
}

/// What fails, in a thread or in a task, is told as what it is; the request is not taken for whole.
#[test]
fn a_body_that_fails_is_its_requests_error() {
    struct Fails(usize, bool);
    impl io::Read for Fails {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0 == 0 {
                assert!(!self.1, "in the reader");
                return Err(io::Error::other("the source is dry"));
            }
            let len = self.0.min(buffer.len());
            self.0 -= len;
            buffer[..len].fill(7);
            Ok(len)
        }
    }
    for (server, client) in both_versions() {
        let kinds = || {
            let failing = Pieces { failure: true, ..Pieces::of(&bytes(5000), 1000) };
            let short = Pieces { known: Some(6000), ..Pieces::of(&bytes(5000), 1000) };
            let long = Pieces { known: Some(4500), ..Pieces::of(&bytes(5000), 1000) };
            let trailing = Pieces { trailers: true, ..Pieces::of(&bytes(5000), 1000) };
            [
                (RequestBody::reader(Fails(5000, false), None), "the source is dry"),
                (RequestBody::reader(Fails(5000, false), 6000), "the source is dry"),
                (RequestBody::reader(&[7; 5000][..], 6000), "1000 bytes before"),
                (
                    RequestBody::open(|| Err::<io::Empty, _>(io::Error::other("not there")), None),
                    "not there",
                ),
                (failing.stream(), "the source is dry"),
                (short.stream(), "1000 bytes before"),
                (long.stream(), "longer than"),
                (trailing.stream(), "trailers"),
            ]
        };
        let check = |error: ffence::Error, text: &str| {
            assert_eq!(error.kind(), ErrorKind::Source, "{error:?}");
            assert!(error.to_string().contains(text), "{error}");
        };
        for (body, text) in kinds() {
            check(client.post(server.url("/echo")).body(body).send().unwrap_err(), text);
        }
        for (body, text) in kinds() {
            let request = client.post(server.url("/echo")).body(body);
            check(block_on(request.send_async()).unwrap_err(), text);
        }
        let panics = || RequestBody::reader(Fails(5000, true), None);
        let error = client.post(server.url("/echo")).body(panics()).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked, "{error:?}");
        let request = client.post(server.url("/echo")).body(panics());
        let error = block_on(request.send_async()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked, "{error:?}");
        client.get(server.url("/bytes/1")).send().unwrap();
        block_on(client.get(server.url("/bytes/1")).send_async()).unwrap();
    }
}

#[test]
fn a_body_is_read_as_it_arrives() {
    for (server, client) in both_versions() {
        for len in [0_u64, 1, 3_000_000] {
            let url = server.url(&format!("/bytes/{len}"));
            let mut response = client.get(&url).open().unwrap();
            assert_eq!(response.status(), StatusCode::OK);
            let mut body = Vec::new();
            response.body_mut().read_to_end(&mut body).unwrap();
            assert!(body == bytes(usize::try_from(len).unwrap()));
            assert!(response.body().timings().unwrap().total > Duration::ZERO);
            assert_eq!(response.body_mut().read(&mut [0; 10]).unwrap(), 0, "and nothing more");

            let response = block_on(client.get(&url).open_async()).unwrap();
            assert_eq!(response.status(), StatusCode::OK);
            if len > 0 {
                assert_eq!(response.body().size_hint().exact(), Some(len));
            }
            let len = usize::try_from(len).unwrap();
            assert!(block_on(response.into_body().bytes()).unwrap() == bytes(len));
        }
        // The connection of each way served all of it.
        assert_eq!(server.connections(), 2);
    }
}

/// It was read on another thread than it was asked for.
#[test]
fn a_body_may_go_to_another_thread() {
    let server = Server::plain();
    let client = Client::new().unwrap();
    let mut body = client.get(server.url("/bytes/3000000")).open().unwrap().into_body();
    body.read_exact(&mut [0; 10]).unwrap();
    let rest = std::thread::spawn(move || {
        let mut rest = Vec::new();
        body.read_to_end(&mut rest).map(|_| rest)
    });
    assert!(rest.join().unwrap().unwrap() == bytes(3_000_000)[10..]);
    // Its connection came back.
    client.get(server.url("/bytes/1")).send().unwrap();
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_body_that_breaks_off_tells_so_after_what_came() {
    for (server, client) in both_versions() {
        let mut body = client.get(server.url("/break/5000")).open().unwrap().into_body();
        let mut got = Vec::new();
        let error = body.read_to_end(&mut got).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert!(got == bytes(5000));
        let mut body =
            block_on(client.get(server.url("/break/5000")).open_async()).unwrap().into_body();
        let mut got = Vec::new();
        let error = loop {
            match block_on(body.chunk()) {
                Ok(Some(piece)) => got.extend_from_slice(&piece),
                end => break end.unwrap_err(),
            }
        };
        assert_eq!(error.kind(), ErrorKind::TruncatedBody);
        assert!(got == bytes(5000));
        assert!(block_on(body.chunk()).unwrap().is_none(), "it is told once");
    }
}

#[test]
fn interim_responses_and_trailers_are_there_for_who_wants_them() {
    let answer = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n\
         HTTP/1.1 103 Early Hints\r\nLink: </b.css>\r\n\r\n\
         HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
         5\r\nhello\r\n0\r\nX-Sum: 1\r\nX-Sum: 2\r\n\r\n";
    let server = Raw::answering(answer);
    let client = Client::new().unwrap();
    let hints = Arc::new(Mutex::new(Vec::new()));
    let get = || {
        hints.lock().unwrap().clear();
        let hints = Arc::clone(&hints);
        client.get(server.url("/")).on_interim(move |status, headers| {
            let link = headers["link"].to_str().unwrap().to_owned();
            hints.lock().unwrap().push((status.as_u16(), link));
        })
    };
    let check = |trailers: Option<&HeaderMap>| {
        let sums: Vec<_> = trailers.unwrap().get_all("x-sum").iter().collect();
        assert_eq!(sums, ["1", "2"]);
        let hints = hints.lock().unwrap();
        assert_eq!(*hints, [(103, "</a.css>".to_owned()), (103, "</b.css>".to_owned())]);
    };
    let response = get().send().unwrap();
    assert_eq!(response.text().unwrap(), "hello");
    check(response.trailers());
    let response = block_on(get().send_async()).unwrap();
    assert_eq!(response.text().unwrap(), "hello");
    check(response.trailers());
    let mut body = get().open().unwrap().into_body();
    let mut text = String::new();
    body.read_to_string(&mut text).unwrap();
    assert_eq!(text, "hello");
    check(body.trailers());
    let mut body = block_on(get().open_async()).unwrap().into_body();
    let mut frames = Vec::new();
    while let Some(frame) =
        block_on(std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)))
    {
        frames.push(frame.unwrap());
    }
    assert_eq!(frames[0].data_ref().unwrap(), "hello");
    check(frames[1].trailers_ref());
    assert_eq!(frames.len(), 2);

    let panics = client.get(server.url("/")).on_interim(|_, _| panic!("in the hint"));
    assert_eq!(panics.send().unwrap_err().kind(), ErrorKind::Panicked);
}

#[cfg(feature = "tokio")]
#[test]
fn tokio_reads_it() {
    use tokio::io::AsyncReadExt as _;
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for (server, client) in both_versions() {
        runtime.block_on(async {
            let response = client.get(server.url("/bytes/300000")).open_async().await.unwrap();
            let mut body = Vec::new();
            response.into_body().read_to_end(&mut body).await.unwrap();
            assert!(body == bytes(300_000));
        });
    }
}

#[cfg(feature = "futures-io")]
#[test]
fn futures_read_it() {
    use futures_io::AsyncRead as _;
    let server = Server::plain();
    let client = Client::new().unwrap();
    let mut body =
        block_on(client.get(server.url("/bytes/300000")).open_async()).unwrap().into_body();
    let mut all = Vec::new();
    loop {
        let mut buffer = [0; 999];
        let read = block_on(std::future::poll_fn(|context| {
            Pin::new(&mut body).poll_read(context, &mut buffer)
        }));
        match read.unwrap() {
            0 => break,
            read => all.extend_from_slice(&buffer[..read]),
        }
    }
    assert!(all == bytes(300_000));
}
