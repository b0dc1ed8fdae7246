//! Code of the user's that panics while a request is under way: each place that runs any, in each kind
//! of body and of response. Only its own request fails, with the panic; the peer saw it begin, the
//! neighbours' bytes are whole, the client works on, and nothing is left behind.
//!
//! One test, because it counts threads.

#![cfg(all(feature = "http", target_os = "linux"))]

mod common;

use std::fmt;
use std::io::{self, Read, Write};
use std::pin::Pin;
use std::sync::{Mutex, mpsc};
use std::task::{Context, Poll};
use std::thread;

use bytes::Bytes;
use common::executor::block_on;
use common::footing::Footing;
use common::giving::{Gate, Giving, Then};
use common::neighbours::with_neighbours;
use common::phases::{Held, Until};
use common::raw::Raw;
use common::server::{Authority, Server, bytes};
use ffence::http::{Client, RequestBody, Tls};
use ffence::{Error, ErrorKind};
use http_body::{Body, Frame, SizeHint};

fn panicked(error: Error) {
    assert_eq!(error.kind(), ErrorKind::Panicked, "{error:?}");
    assert!(error.to_string().contains("as it should"), "{error}");
    let resumed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| error.resume()));
    assert!(resumed.is_err(), "the panic itself is in it");
}

/// In what gives the request's body: when it gave a part of it, or before it gave anything.
fn in_sources(client: &Client) {
    for giving in Giving::ALL.into_iter().filter(|it| it.is_given()) {
        // The peer has the first part.
        let held = Held::new(Until::Upload);
        let gate = Gate::default();
        let request = || client.post(held.url()).body(giving.body(&gate, Then::Panic));
        thread::scope(|scope| {
            let waiting = scope.spawn(|| request().send());
            held.wait_until_reached();
            gate.open();
            held.wait_until_gone();
            let error = waiting.join().unwrap().unwrap_err();
            assert!(error.transfer().is_some_and(|it| it.peer.is_some()), "{error:?}");
            panicked(error);
        });
        if giving != Giving::Form {
            let held = Held::new(Until::Upload);
            let gate = Gate::default();
            let body = giving.body(&gate, Then::Panic);
            let sending = client.post(held.url()).body(body).send_async();
            let waiting = thread::spawn(move || block_on(sending));
            held.wait_until_reached();
            gate.open();
            held.wait_until_gone();
            let error = waiting.join().unwrap().unwrap_err();
            assert!(error.transfer().is_some_and(|it| it.peer.is_some()), "{error:?}");
            panicked(error);
        }
        // Once while the peer lets nobody into its handshake: libcurl asks for no body yet, and who
        // reads it ahead or pumps it finds out first.
        if matches!(giving, Giving::Stream | Giving::StreamOfLength) {
            let held = Held::new(Until::Tls);
            let body = || giving.body(&Gate::opened(), Then::Panic);
            panicked(client.post(held.url()).body(body()).send().unwrap_err());
            panicked(block_on(client.post(held.url()).body(body()).send_async()).unwrap_err());
        }
    }
    let held = Held::new(Until::Tls);
    let body = Giving::Reader.body(&Gate::opened(), Then::Panic);
    panicked(block_on(client.post(held.url()).body(body).send_async()).unwrap_err());
}

/// Panics where its variant says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Odd {
    Length,
    Drop,
    ErrorsText,
}

struct OddBody(Odd);

impl Body for OddBody {
    type Data = Bytes;
    type Error = OddError;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, OddError>>> {
        Poll::Ready((self.0 == Odd::ErrorsText).then_some(Err(OddError)))
    }

    fn size_hint(&self) -> SizeHint {
        assert!(self.0 != Odd::Length, "as it should, in the length");
        SizeHint::default()
    }
}

impl Drop for OddBody {
    fn drop(&mut self) {
        assert!(self.0 != Odd::Drop, "as it should, in the drop");
    }
}

/// An error that cannot be printed.
#[derive(Debug)]
struct OddError;

impl fmt::Display for OddError {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("as it should, in the text of an error")
    }
}

impl std::error::Error for OddError {}

struct OddReader(Odd);

impl Read for OddReader {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        if self.0 == Odd::ErrorsText { Err(io::Error::other(OddError)) } else { Ok(0) }
    }
}

impl Drop for OddReader {
    fn drop(&mut self) {
        assert!(self.0 != Odd::Drop, "as it should, in the drop");
    }
}

/// In what a body is asked beside its bytes, in its end, and in its error.
fn in_odd_places(client: &Client, server: &Server) {
    let post = |body: RequestBody| client.post(server.url("/length")).body(body);
    let bodies =
        |odd| [RequestBody::stream(OddBody(odd)), RequestBody::reader(OddReader(odd), None)];
    panicked(post(RequestBody::stream(OddBody(Odd::Length))).send().unwrap_err());
    let length = post(RequestBody::stream(OddBody(Odd::Length)));
    panicked(block_on(length.send_async()).unwrap_err());
    for body in bodies(Odd::Drop) {
        assert_eq!(post(body).send().unwrap().text().unwrap(), "0");
    }
    for body in bodies(Odd::Drop) {
        assert_eq!(block_on(post(body).send_async()).unwrap().text().unwrap(), "0");
    }
    for body in bodies(Odd::ErrorsText) {
        assert_eq!(post(body).send().unwrap_err().kind(), ErrorKind::Source);
    }
    for body in bodies(Odd::ErrorsText) {
        let outcome = block_on(post(body).send_async());
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Source);
    }
    let opened = || {
        RequestBody::open(|| -> io::Result<io::Empty> { panic!("as it should, in opening") }, None)
    };
    panicked(post(opened()).send().unwrap_err());
    panicked(block_on(post(opened()).send_async()).unwrap_err());
}

/// Writes until its `at`th call.
struct Bomb(u32);

impl Write for Bomb {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 -= 1;
        assert!(self.0 > 0, "as it should, in the writer");
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// In what takes the response, at its first call and at a later one, and in what is told of it.
fn in_sinks(client: &Client, server: &Server) {
    let get = || client.get(server.url("/bytes/300000"));
    for at in [1, 3] {
        panicked(get().send_to(&mut Bomb(at)).unwrap_err());
        let mut bomb = Bomb(at);
        let take = move |piece: &[u8]| bomb.write_all(piece);
        panicked(block_on(get().send_async_to(take)).unwrap_err());

        let told = || {
            let mut left = at;
            get().on_progress(move |_| {
                left -= 1;
                assert!(left > 0, "as it should, in progress");
            })
        };
        panicked(told().send().unwrap_err());
        // A writer's is told when some was written, however many pieces that were.
        if at == 1 {
            panicked(told().send_to(&mut Vec::new()).unwrap_err());
        }
        panicked(block_on(told().send_async()).unwrap_err());
        panicked(block_on(told().send_async_to(|_| Ok(()))).unwrap_err());
        // With the head, or afterwards.
        let outcome = told().open().and_then(|it| {
            let mut body = it.into_body();
            while body.chunk()?.is_some() {}
            Ok(())
        });
        panicked(outcome.unwrap_err());
        let outcome = block_on(async {
            let mut body = told().open_async().await?.into_body();
            while body.chunk().await?.is_some() {}
            Ok(())
        });
        panicked(outcome.unwrap_err());
    }
    // Of an upload.
    let up = || {
        let body = RequestBody::reader(&[7; 5000][..], None);
        client.post(server.url("/length")).body(body).on_progress(|it| {
            assert!(it.uploaded == 0, "as it should, in progress");
        })
    };
    panicked(up().send().unwrap_err());
    panicked(block_on(up().send_async()).unwrap_err());

    // A closure that is dropped with a panic, when all went well.
    let (send, dropped) = mpsc::channel();
    let dropping = Mutex::new(OnDrop(send));
    let take = move |_: &[u8]| {
        let _alive = dropping.lock();
        Ok(())
    };
    block_on(get().send_async_to(take)).unwrap();
    dropped.recv().unwrap();
}

fn in_interim_answers(client: &Client) {
    let server = Raw::answering(
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </b>\r\n\r\n\
         HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    );
    for at in [1, 2] {
        let get = || {
            let mut left = at;
            client.get(server.url("/")).on_interim(move |_, _| {
                left -= 1;
                assert!(left > 0, "as it should, in a hint");
            })
        };
        panicked(get().send().unwrap_err());
        panicked(get().open().unwrap_err());
        panicked(block_on(get().send_async()).unwrap_err());
        panicked(block_on(get().open_async()).unwrap_err());
    }
}

#[test]
fn a_panic_of_the_users_is_its_own_requests() {
    let authority = Authority::new();
    let builder = || Client::builder().tls(Tls::new().ca_pem(authority.pem()));
    let warm = builder().build().unwrap();
    with_neighbours(&warm, || {});
    warm.close_blocking().unwrap();
    drop(warm);
    let footing = Footing::now();

    let client = builder().build().unwrap();
    with_neighbours(&client, || {
        in_sources(&client);
        in_interim_answers(&client);
        // HTTP/1.1, and streams of one connection of HTTP/2.
        for server in [Server::plain(), Server::tls(&authority)] {
            in_odd_places(&client, &server);
            in_sinks(&client, &server);
            let again = client.get(server.url("/bytes/5000")).send().unwrap();
            assert!(again.into_body() == bytes(5000));
        }
    });
    client.close_blocking().unwrap();
    drop(client);
    footing.comes_back();
}

/// Tells that it is dropped, and panics.
struct OnDrop(mpsc::Sender<()>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        let _ = self.0.send(());
        panic!("as it should, in the drop of a closure");
    }
}
