//! A panic in a callback ends its own transfer and nothing else: each kind of callback, on its first
//! call and on a later one.
#![cfg(all(feature = "http", unix))]

mod common;

use std::io::SeekFrom;
use std::os::fd::{BorrowedFd, FromRawFd as _, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};

use common::raw::Raw;
use common::server::{Authority, Server, bytes};
use common::transfers::{Body, LONG, engines, get};
use ffence::capabilities::Version;
use ffence::curl::option::value::Follow;
use ffence::curl::{
    Address, Callbacks, Done, Easy, Ends, Flow, Handler, List, Pauses, Progress, Purpose, Read,
    Seek, Socket, Trace, Upload, Write, option,
};
use ffence::{Error, ErrorKind};

/// What a panic carries; its address would do, but a value can be compared.
#[derive(Debug, PartialEq)]
struct Payload(Callbacks, u32);

/// Does what each callback should, and panics in one of them on its `at`th call; with `T`, it has
/// trailers.
struct Panics<const T: bool = false> {
    inside: Callbacks,
    at: u32,
    calls: u32,
    armed: bool,
    sent: usize,
}

const LENGTH: usize = 50_000;

impl<const T: bool> Panics<T> {
    fn of(inside: Callbacks, at: u32) -> Self {
        Self { inside, at, calls: 0, armed: true, sent: 0 }
    }

    fn called(&mut self, callback: Callbacks) {
        if callback != self.inside {
            return;
        }
        self.calls += 1;
        assert!(self.calls <= self.at || !self.armed, "called again after its panic");
        if self.armed && self.calls == self.at {
            std::panic::panic_any(Payload(callback, self.at));
        }
    }
}

impl<const T: bool> Handler for Panics<T> {
    const CALLBACKS: Callbacks = {
        let all = Callbacks::WRITE
            .and(Callbacks::HEADER)
            .and(Callbacks::READ)
            .and(Callbacks::SEEK)
            .and(Callbacks::PROGRESS)
            .and(Callbacks::TRACE)
            .and(Callbacks::SOCKET)
            .and(Callbacks::OPEN_SOCKET)
            .and(Callbacks::RESOLVER_START)
            .and(Callbacks::BEFORE_REQUEST);
        if T { all.and(Callbacks::TRAILERS) } else { all }
    };

    fn write(&mut self, _: &[u8]) -> Write {
        self.called(Callbacks::WRITE);
        Write::Taken
    }

    fn header(&mut self, _: &[u8]) -> Flow {
        self.called(Callbacks::HEADER);
        Flow::Continue
    }

    fn read(&mut self, out: &mut Upload<'_>) -> Read {
        self.called(Callbacks::READ);
        let left = LENGTH - self.sent;
        self.sent += out.append(&vec![b'x'; left.min(7000)]);
        Read::Sent
    }

    fn seek(&mut self, to: SeekFrom) -> Seek {
        self.called(Callbacks::SEEK);
        assert_eq!(to, SeekFrom::Start(0));
        self.sent = 0;
        Seek::Done
    }

    fn progress(&mut self, _: Progress, _: &mut Pauses) -> Flow {
        self.called(Callbacks::PROGRESS);
        Flow::Continue
    }

    fn trace(&mut self, _: Trace, _: &[u8]) {
        self.called(Callbacks::TRACE);
    }

    fn socket(&mut self, _: BorrowedFd<'_>, _: Purpose) -> Socket {
        self.called(Callbacks::SOCKET);
        Socket::Connect
    }

    fn open_socket(&mut self, address: &Address<'_>) -> Option<OwnedFd> {
        self.called(Callbacks::OPEN_SOCKET);
        // SAFETY: makes a descriptor, which is checked.
        let fd = unsafe { libc::socket(address.family, address.kind, address.protocol) };
        assert!(fd >= 0);
        // SAFETY: it was just made and is nobody else's.
        Some(unsafe { OwnedFd::from_raw_fd(fd) })
    }

    fn resolver_start(&mut self) -> Flow {
        self.called(Callbacks::RESOLVER_START);
        Flow::Continue
    }

    fn before_request(&mut self, _: &Ends<'_>) -> Flow {
        self.called(Callbacks::BEFORE_REQUEST);
        Flow::Continue
    }

    fn trailers(&mut self, trailers: &mut List) -> Flow {
        self.called(Callbacks::TRAILERS);
        trailers.push("X-Trailer: 1").unwrap();
        Flow::Continue
    }
}

/// An upload that is redirected once, over new connections: every callback is called, most of them
/// more than once.
fn prepare<const T: bool>(easy: &mut Easy<Panics<T>>, server: &Raw) {
    let mut headers = List::new();
    headers.push("Transfer-Encoding: chunked").unwrap();
    headers.push("Expect:").unwrap();
    easy.set(option::Url(server.url("/"))).unwrap();
    easy.set(option::HttpHeader(headers)).unwrap();
    easy.set(option::Upload(true)).unwrap();
    easy.set(option::FollowLocation(Follow::All)).unwrap();
    easy.set(option::FreshConnect(true)).unwrap();
    easy.set(option::ForbidReuse(true)).unwrap();
    easy.set(option::Verbose(true)).unwrap();
}

fn payload(error: Error) -> Payload {
    assert_eq!(error.kind(), ErrorKind::Panicked, "{error}");
    let resumed = catch_unwind(AssertUnwindSafe(|| error.resume()));
    match resumed {
        Err(payload) => *payload.downcast().expect("the callback's own payload"),
        Ok(other) => panic!("no panic: {other:?}"),
    }
}

#[test]
fn a_panic_in_any_callback_is_its_own_transfers_error() {
    let server = Raw::answering_by(|request| {
        let text = if request.starts_with("PUT / ") {
            "HTTP/1.1 307 There\r\nLocation: /there\r\nX-1: 1\r\nContent-Length: 0\r\n\r\n"
                .to_owned()
        } else {
            format!("HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n{}", "y".repeat(40_000))
        };
        text.into_bytes()
    });
    let kinds = [
        (Callbacks::WRITE, &[1, 2][..]),
        (Callbacks::HEADER, &[1, 5]),
        (Callbacks::READ, &[1, 3]),
        (Callbacks::SEEK, &[1]),
        (Callbacks::PROGRESS, &[1, 6]),
        (Callbacks::TRACE, &[1, 9]),
        (Callbacks::SOCKET, &[1, 2]),
        (Callbacks::OPEN_SOCKET, &[1, 2]),
        (Callbacks::RESOLVER_START, &[1]),
        (Callbacks::BEFORE_REQUEST, &[1, 2]),
    ];
    each_panics::<false>(&server, &kinds);
    if has_trailers() {
        // Twice: the redirect sends them again.
        each_panics::<true>(&server, &[(Callbacks::TRAILERS, &[1, 2])]);
    }
}

/// Before 8.8 libcurl corrupts memory when it sends trailers twice, and a handle that would is refused.
fn has_trailers() -> bool {
    let since = Version::new(8, 8, 0);
    let offered = ffence::capabilities().unwrap().libcurl().number() >= since;
    match Easy::with(Panics::<true>::of(Callbacks::TRAILERS, 1)) {
        Ok(_) => assert!(offered),
        Err(error) => assert_eq!((offered, error.since()), (false, Some(since)), "{error}"),
    }
    offered
}

fn each_panics<const T: bool>(server: &Raw, kinds: &[(Callbacks, &[u32])]) {
    let other_server = Server::plain();
    let mut bystander = Easy::new().unwrap();
    bystander.set(option::Url(other_server.url("/bytes/3000"))).unwrap();
    for (kind, times) in kinds {
        for at in *times {
            let mut easy = Easy::with(Panics::<T>::of(*kind, *at)).unwrap();
            prepare(&mut easy, server);
            let error = easy.perform().map(|_| ()).expect_err(&format!("{kind:?} at {at}"));
            assert_eq!(payload(error), Payload(*kind, *at));

            // Nobody else notices, on the same thread and at once.
            let mut body = Vec::new();
            bystander.perform_into(&mut body).unwrap();
            assert_eq!(body, bytes(3000));

            // And the handle itself works on.
            let handler = easy.handler_mut();
            (handler.armed, handler.sent) = (false, 0);
            let done = easy.perform().unwrap();
            assert_eq!(done.response_code(), Some(200), "{kind:?} at {at}");
        }
    }
}

#[test]
fn a_panic_in_a_lent_closure_is_its_own_transfers_error() {
    let server = Server::plain();
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(server.url("/bytes/100000"))).unwrap();
    for at in [1, 3] {
        let mut calls = 0;
        let outcome = easy.perform_with(|_| {
            calls += 1;
            assert_ne!(calls, at, "as it should");
            Write::Taken
        });
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Panicked);
        assert_eq!(calls, at);
        let mut body = Vec::new();
        easy.perform_into(&mut body).unwrap();
        assert_eq!(body.len(), 100_000);
    }
}

#[test]
fn a_panic_while_a_socket_is_closed_is_told_and_the_socket_closed() {
    let server = Server::plain();
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(server.url("/bytes/10"))).unwrap();
    easy.set(option::ForbidReuse(true)).unwrap();
    easy.on_close_socket(|_| panic!("while closing")).unwrap();
    let error = easy.perform().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
    assert!(error.to_string().contains("while closing"), "{error}");
    easy.on_close_socket(drop).unwrap();
    easy.perform().unwrap();

    // Where nobody can be told, it ends here.
    easy.set(option::ForbidReuse(false)).unwrap();
    easy.perform().unwrap();
    easy.on_close_socket(|_| panic!("while dropping")).unwrap();
    drop(easy);
}

#[test]
fn a_panic_while_a_multi_closes_a_socket_is_told_and_harms_no_transfer() {
    let server = Server::plain();
    for mut multi in engines() {
        let mut closings = 0;
        multi
            .on_close_socket(move |_| {
                closings += 1;
                assert!(closings == 1 || closings == 3, "while closing");
            })
            .unwrap();
        let ids = [(); 5].map(|()| {
            let mut easy = get(&server.url("/bytes/100000"), Body::default());
            easy.set(option::ForbidReuse(true)).unwrap();
            multi.add(easy).unwrap()
        });
        let (mut panics, mut done) = (0, 0);
        while done < ids.len() {
            match multi.perform() {
                Ok(_) => multi.poll(LONG).unwrap(),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Panicked, "{error}");
                    panics += 1;
                }
            }
            while let Some(Done { id, result }) = multi.next_done() {
                result.unwrap();
                assert!(multi.remove(id).unwrap().into_handler().0 == bytes(100_000));
                done += 1;
            }
        }
        assert!((1..=3).contains(&panics), "{panics} of 5 sockets, one or several at a time");
    }
}

#[test]
fn a_panic_outside_of_a_transfer_is_the_error_of_the_call_that_led_to_it() {
    /// libcurl traces while it resets and closes, too.
    struct Traces(bool);
    impl Handler for Traces {
        const CALLBACKS: Callbacks = Callbacks::TRACE;
        fn trace(&mut self, _: Trace, _: &[u8]) {
            assert!(!self.0, "while closing");
        }
    }
    let authority = Authority::new();
    let server = Server::tls(&authority);
    let mut easy = Easy::with(Traces(false)).unwrap();
    easy.set(option::Url(server.url("/bytes/10"))).unwrap();
    easy.set(option::CaInfoBlob(authority.pem().as_bytes())).unwrap();
    easy.set(option::Verbose(true)).unwrap();
    easy.perform().unwrap();
    easy.handler_mut().0 = true;
    drop(easy); // closes the connection, and says so
}
