//! Closing a client ends what other threads wait for, in whichever phase that is, and waits for them.

#![cfg(feature = "http")]

mod common;

use std::io::{self, Read as _, Write};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use common::executor::block_on;
use common::phases::{Held, PART, Until};
use common::raw::{Raw, read_request};
use common::server::{Authority, Server};
use ffence::http::{
    Attempt, Client, ClientBuilder, Limits, Observed, Observer, Proxy, RequestBody, Retry, Tls,
};
use ffence::{Error, ErrorKind};

/// Longer than anything takes that a test waits for.
const LONG: Duration = Duration::from_secs(300);

/// A client that trusts one authority: to read the system's many takes minutes under AddressSanitizer.
fn builder() -> ClientBuilder {
    static PEM: OnceLock<String> = OnceLock::new();
    let pem = PEM.get_or_init(|| Authority::new().pem().to_owned());
    Client::builder().tls(Tls::new().ca_pem(pem)).proxy(Proxy::none())
}

/// Five bytes, and then nothing more until the other end is dropped.
struct Waiting(&'static [u8], std::sync::mpsc::Receiver<()>);

impl io::Read for Waiting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            let _ = self.1.recv();
        }
        self.0.read(buffer)
    }
}

fn close(client: &Client, way: usize) {
    match way {
        0 => client.close_blocking().unwrap(),
        _ => block_on(client.close()).unwrap(),
    }
}

fn is_closed(error: &Error) {
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
    assert!(error.to_string().contains("the client was closed"), "{error}");
}

/// What a thread waits for in `send` and its like.
type Call = fn(&Client, &Held) -> Result<(), Error>;

const CALLS: [Call; 3] = [
    |client, held| client.post(held.url()).body("text").send().map(drop),
    |client, held| client.post(held.url()).body("text").send_to(&mut io::sink()).map(drop),
    |client, held| {
        let mut body = client.post(held.url()).body("text").open()?.into_body();
        match io::copy(&mut body, &mut io::sink()) {
            Ok(_) => Ok(()),
            Err(error) => Err(*error.into_inner().unwrap().downcast::<Error>().unwrap()),
        }
    },
];

#[test]
fn calls_of_other_threads_end_in_every_phase() {
    for until in [Until::Tls, Until::FirstByte, Until::Head, Until::Body, Until::Trailers] {
        for way in [0, 1] {
            for call in CALLS {
                let (client, held) = (builder().build().unwrap(), Held::new(until));
                thread::scope(|scope| {
                    let waiting = scope.spawn(|| call(&client, &held));
                    held.wait_until_reached();
                    assert!(!waiting.is_finished() && !held.is_gone(), "{until:?}");
                    close(&client, way);
                    // It was waited for: the peer's connection is closed already.
                    held.wait_until_gone();
                    is_closed(&waiting.join().unwrap().unwrap_err());
                });
                let error = client.get(held.url()).send().unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Closed);
                let error = client.get(held.url()).open().unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Closed);
                assert_eq!(client.warm_up(&held.url(), 1).unwrap_err().kind(), ErrorKind::Closed);
                close(&client, way);
            }
        }
    }
}

/// A reader that waits is the program's own: its call ends when it does.
#[test]
fn a_call_that_runs_code_of_the_programs_ends_with_it() {
    let (client, held) = (builder().build().unwrap(), Held::new(Until::Upload));
    let (go_on, wait) = channel::<()>();
    thread::scope(|scope| {
        let body = RequestBody::reader(Waiting(b"first", wait), None);
        let calling = scope.spawn(|| client.post(held.url()).body(body).send());
        held.wait_until_reached();
        let closing = scope.spawn(|| client.close_blocking());
        // Closed at once, whoever still has to be waited for.
        while client.get(held.url()).timeout(LONG).send().unwrap_err().kind() != ErrorKind::Closed {
            thread::yield_now();
        }
        assert!(!calling.is_finished() && !closing.is_finished() && !held.is_gone());
        drop(go_on);
        closing.join().unwrap().unwrap();
        held.wait_until_gone();
        // The end of the body may have been sent first; then it waited for the response.
        is_closed(&calling.join().unwrap().unwrap_err());
    });
}

#[test]
fn who_waits_for_a_turn_or_for_another_attempt_is_let_go() {
    for way in [0, 1] {
        let held = Held::new(Until::FirstByte);
        let client = builder().limits(Limits::new().total(1)).build().unwrap();
        thread::scope(|scope| {
            let first = scope.spawn(|| client.get(held.url()).send());
            held.wait_until_reached();
            let queued = [
                scope.spawn(|| client.get(held.url()).send().map(drop)),
                scope.spawn(|| client.get(held.url()).open().map(drop)),
            ];
            close(&client, way);
            is_closed(&first.join().unwrap().unwrap_err());
            for queued in queued {
                let error = queued.join().unwrap().unwrap_err();
                // It may not have come so far.
                assert!(
                    matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::Closed),
                    "{error}"
                );
            }
            held.wait_until_gone();
            assert!(!held.is_reached(), "no other one was sent");
        });

        let busy = "HTTP/1.1 503 Busy\r\nRetry-After: 3000\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
        let server = Raw::answering(busy);
        let retry = Retry::new(3).back_off(LONG, LONG * 20);
        let (observer, finished) = Telling::new();
        let client = builder().retry(retry).observer(observer).build().unwrap();
        thread::scope(|scope| {
            let calls = [
                scope.spawn(|| client.get(server.url("/")).send().map(drop)),
                scope.spawn(|| client.get(server.url("/")).open().map(drop)),
            ];
            for _ in &calls {
                finished.recv_timeout(LONG).unwrap();
            }
            close(&client, way);
            for call in calls {
                is_closed(&call.join().unwrap().unwrap_err());
            }
        });
        assert_eq!(server.requests().len(), 2);
    }
}

/// Tells that an attempt is over.
struct Telling(Mutex<Sender<()>>);

impl Telling {
    fn new() -> (Self, std::sync::mpsc::Receiver<()>) {
        let (tell, told) = channel();
        (Self(tell.into()), told)
    }
}

impl Observer for Telling {
    fn attempt_finished(&self, _: &Observed<'_>, _: &Attempt<'_>) {
        let _ = self.0.lock().unwrap().send(());
    }
}

/// Closes the client from within.
struct Closing {
    client: Client,
    said: Arc<Mutex<Vec<ErrorKind>>>,
}

impl Closing {
    fn close(&self) {
        let error = self.client.close_blocking().unwrap_err();
        self.said.lock().unwrap().push(error.kind());
        block_on(self.client.close()).unwrap();
    }
}

impl Write for Closing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.close();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An observer has no client of its own before there is one.
#[derive(Default)]
struct Late(Mutex<Option<Closing>>);

impl Observer for Late {
    fn attempt_finished(&self, _: &Observed<'_>, _: &Attempt<'_>) {
        self.0.lock().unwrap().as_ref().unwrap().close();
    }
}

#[test]
fn closing_from_within_a_call_waits_for_nobody() {
    let server = Server::plain();
    let said: Arc<Mutex<Vec<ErrorKind>>> = Arc::default();
    let closing = |client: &Client| Closing { client: client.clone(), said: Arc::clone(&said) };
    let check = |outcome: Result<(), Error>| {
        // The end of the call may have been there already.
        if let Err(error) = outcome {
            is_closed(&error);
        }
        let said = std::mem::take(&mut *said.lock().unwrap());
        assert!(!said.is_empty() && said.iter().all(|it| *it == ErrorKind::Reentrant), "{said:?}");
    };
    let url = server.url("/bytes/100000");

    let client = builder().build().unwrap();
    check(client.get(&url).send_to(&mut closing(&client)).map(drop));
    assert_eq!(client.get(&url).send().unwrap_err().kind(), ErrorKind::Closed);

    let client = builder().build().unwrap();
    let within = closing(&client);
    check(client.get(&url).on_progress(move |_| within.close()).send().map(drop));

    let client = builder().build().unwrap();
    let within = closing(&client);
    let body = move || {
        within.close();
        Ok(&b"text"[..])
    };
    check(client.post(&url).body(RequestBody::open(body, 4)).send().map(drop));

    let late = Arc::new(Late::default());
    let client = builder().observer(Arc::clone(&late)).build().unwrap();
    *late.0.lock().unwrap() = Some(closing(&client));
    check(client.get(&url).send().map(drop));
    assert_eq!(client.get(&url).send().unwrap_err().kind(), ErrorKind::Closed);
    // The two hold each other.
    *late.0.lock().unwrap() = None;
}

/// Two threads that close the client from within their calls do not wait for each other.
#[test]
fn two_calls_that_close_their_client_do_not_wait_for_each_other() {
    let server = Server::plain();
    let client = builder().build().unwrap();
    let both = std::sync::Barrier::new(2);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let (inside, mut first) = (client.clone(), true);
                let writer = &mut Meeting(|| {
                    if std::mem::take(&mut first) {
                        both.wait();
                        let error = inside.close_blocking().unwrap_err();
                        assert_eq!(error.kind(), ErrorKind::Reentrant);
                    }
                });
                if let Err(error) = client.get(server.url("/bytes/10")).send_to(writer) {
                    is_closed(&error);
                }
            });
        }
    });
}

struct Meeting<F>(F);

impl<F: FnMut()> Write for Meeting<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (self.0)();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Nobody waits for it, and what had arrived is read first.
#[test]
fn a_body_that_nobody_reads_ends_when_it_is_read() {
    for way in [0, 1] {
        let (client, held) = (builder().build().unwrap(), Held::new(Until::Body));
        let mut body = client.post(held.url()).body("text").open().unwrap().into_body();
        let mut byte = [0; 1];
        body.read_exact(&mut byte).unwrap();
        close(&client, way);
        assert!(!held.is_gone());
        let mut rest = Vec::new();
        let error = body.read_to_end(&mut rest).unwrap_err();
        assert!(rest.len() < PART);
        is_closed(error.get_ref().unwrap().downcast_ref::<Error>().unwrap());
        held.wait_until_gone();
        drop(body);
    }
}

/// Calls begin and end while another thread closes the client: each is whole, given up or refused, and
/// none begins afterwards.
#[test]
fn closing_at_any_moment_leaves_nothing_behind() {
    let server = Raw::with(|mut stream| {
        while !read_request(&mut stream).is_empty() {
            if stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").is_err() {
                return;
            }
        }
    });
    for round in 0..20 {
        let client = builder().build().unwrap();
        thread::scope(|scope| {
            let (begun, first) = channel();
            for _ in 0..3 {
                let begun = begun.clone();
                let (client, server) = (&client, &server);
                scope.spawn(move || {
                    loop {
                        let outcome = client.get(server.url("/")).send();
                        let _ = begun.send(());
                        match outcome {
                            Ok(response) => assert_eq!(response.body(), b"ok"),
                            Err(error) if error.kind() == ErrorKind::Closed => return,
                            Err(error) => is_closed(&error),
                        }
                    }
                });
            }
            for _ in 0..=round {
                first.recv_timeout(LONG).unwrap();
            }
            close(&client, round % 2);
            assert_eq!(client.get(server.url("/")).send().unwrap_err().kind(), ErrorKind::Closed);
        });
    }
}

#[cfg(all(feature = "websocket", unix))]
#[test]
fn a_thread_that_waits_for_a_message_is_let_go() {
    use common::websocket::Echo;

    let server = Echo::start();
    for way in [0, 1] {
        let client = builder().build().unwrap();
        let mut socket = client.websocket(server.url("/echo")).connect().unwrap();
        socket.send("hello").unwrap();
        socket.recv().unwrap().unwrap();
        let mut other = client.websocket(server.url("/echo")).connect().unwrap();
        thread::scope(|scope| {
            let (about_to, waits) = channel();
            let waiting = scope.spawn(move || {
                about_to.send(()).unwrap();
                socket.recv().unwrap_err().kind()
            });
            waits.recv().unwrap();
            close(&client, way);
            assert_eq!(waiting.join().unwrap(), ErrorKind::Cancelled);
        });
        assert_eq!(other.recv().unwrap_err().kind(), ErrorKind::Cancelled);
    }
}
