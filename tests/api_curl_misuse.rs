//! What the peers get wrong, each in our own words: it does not compile, or it is clean (this runs
//! under AddressSanitizer as well). The shapes that need a multi are in its own tests.
//!
//! | shape | what keeps it away |
//! |---|---|
//! | the handler is read while a transfer changes it | `perform` takes `&mut self`: a doctest of [`Easy::perform`] |
//! | what was told of a transfer is read after the next one | it borrows the handle: a doctest of [`Easy::perform`] |
//! | an upload callback claims bytes that it did not write | the buffer can only be appended to |
//! | a panic is swallowed and fires in another handle | it is kept in its own |
//! | a socket callback makes libcurl close somebody's file | it is asked for an `OwnedFd` |
//! | a length of time overflows libcurl's | it is an error |
//! | a list is dropped before the handle is told of another | the handle owns it |
//! | a body's size is not its own | it cannot be set |
#![cfg(feature = "http")]

mod common;

use std::time::Duration;

use common::server::Server;
use ffence::ErrorKind;
use ffence::curl::{Callbacks, Easy, Flow, Handler, List, Read, Upload, Write, option};

#[test]
fn text_that_was_told_is_read_before_the_next_transfer_and_not_after() {
    let server = Server::plain();
    let mut easy = Easy::new().unwrap();
    let mut urls = Vec::new();
    for path in ["/bytes/1", "/bytes/2", "/a/much/longer/path/than/the/others/had/before/it"] {
        let url = server.url(path);
        easy.set(option::Url(&url)).unwrap();
        let done = easy.perform().unwrap();
        let told = done.effective_url().unwrap();
        assert_eq!(told.to_str().unwrap(), url);
        urls.push(told.to_owned()); // the borrow ends here, or `set` would not compile
    }
    assert_eq!(urls.len(), 3);
}

/// Counts what it sees; its state is a vector that moves while it grows.
#[derive(Default)]
struct Growing(Vec<Vec<u8>>);

impl Handler for Growing {
    const CALLBACKS: Callbacks = Callbacks::WRITE.and(Callbacks::HEADER);

    fn write(&mut self, bytes: &[u8]) -> Write {
        self.0.push(bytes.to_vec());
        Write::Taken
    }

    fn header(&mut self, line: &[u8]) -> Flow {
        self.0.push(line.to_vec());
        Flow::Continue
    }
}

#[test]
fn a_handler_is_read_between_transfers() {
    let server = Server::plain();
    let mut easy = Easy::with(Growing::default()).unwrap();
    easy.set(option::Url(server.url("/bytes/100000"))).unwrap();
    let mut seen = 0;
    for _ in 0..5 {
        easy.perform().unwrap();
        let now = easy.handler().0.len();
        assert!(now > seen);
        seen = now;
    }
    let moved = std::mem::replace(&mut easy, Easy::with(Growing::default()).unwrap());
    assert_eq!(moved.into_handler().0.len(), seen);
}

/// Says that it sent something, and wrote nothing.
struct Idle;

impl Handler for Idle {
    const CALLBACKS: Callbacks = Callbacks::READ;

    fn read(&mut self, out: &mut Upload<'_>) -> Read {
        assert!(out.is_empty() && out.room() > 0);
        Read::Sent
    }
}

#[test]
fn an_upload_that_writes_nothing_sends_nothing() {
    let server = Server::plain();
    let mut easy = Easy::with(Idle).unwrap();
    easy.set(option::Url(server.url("/length"))).unwrap();
    easy.set(option::Upload(true)).unwrap();
    let mut answer = Vec::new();
    easy.perform_into(&mut answer).unwrap();
    assert_eq!(answer, b"0");

    // Less than was announced is a failure (the server waits for the rest), not a piece of the heap.
    easy.set(option::InFileSizeLarge(Some(4096))).unwrap();
    easy.set(option::TimeoutMs(Duration::from_millis(100))).unwrap();
    let error = easy.perform().unwrap_err();
    assert_eq!(error.transfer().map(|it| it.sent), Some(0), "{error}");
}

#[test]
fn a_panic_stays_with_its_handle() {
    struct Panics;
    impl Handler for Panics {
        const CALLBACKS: Callbacks = Callbacks::WRITE;
        fn write(&mut self, _: &[u8]) -> Write {
            panic!("of this handle")
        }
    }
    let server = Server::plain();
    let mut panics = Easy::with(Panics).unwrap();
    let mut other = Easy::new().unwrap();
    panics.set(option::Url(server.url("/bytes/10"))).unwrap();
    other.set(option::Url(server.url("/bytes/10"))).unwrap();
    let error = panics.perform().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
    let mut body = Vec::new();
    other.perform_into(&mut body).unwrap();
    assert_eq!(body.len(), 10, "called back as ever, and no panic");
    let moved = std::thread::spawn(move || panics.perform().unwrap_err().kind());
    assert_eq!(moved.join().unwrap(), ErrorKind::Panicked, "on any thread");
}

#[test]
fn a_time_that_libcurl_cannot_count_is_an_error() {
    let mut easy = Easy::new().unwrap();
    for time in [Duration::from_millis(2_147_483_648), Duration::MAX] {
        let error = easy.set(option::TimeoutMs(time)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Parameter);
        assert!(error.to_string().starts_with("CURLOPT_TIMEOUT_MS cannot be "), "{error}");
    }
    easy.set(option::TimeoutMs(Duration::from_millis(2_147_483_647))).unwrap();
    // The shortest time is not "no limit".
    let server = Server::plain();
    easy.set(option::Url(server.url("/hang"))).unwrap();
    easy.set(option::TimeoutMs(Duration::from_nanos(1))).unwrap();
    assert_eq!(easy.perform().unwrap_err().kind(), ErrorKind::Timeout);
}

#[test]
fn lists_and_bodies_live_as_long_as_libcurl_points_to_them() {
    let server = Server::plain();
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(server.url("/echo"))).unwrap();
    for round in 0..3 {
        // Each was moved into the handle; the last ones of the round are gone when it is over.
        let mut headers = List::new();
        headers.push(&format!("x-{round}: {}", "v".repeat(1000))).unwrap();
        easy.set(option::HttpHeader(headers)).unwrap();
        easy.set(option::PostFields(vec![b'a' + round; 5000])).unwrap();
    }
    let mut echo = Vec::new();
    easy.perform_into(&mut echo).unwrap();
    assert!(echo.ends_with(&[b'c'; 5000]));
    // A setter that fails leaves the one before in place.
    easy.set(option::UserAgent("a\0b")).unwrap_err();
    let mut again = Vec::new();
    easy.perform_into(&mut again).unwrap();
    assert_eq!(again, echo);
}

#[test]
fn a_list_that_waited_for_a_transfer_is_forgotten_with_the_other_options() {
    let server = Server::plain();
    let url = server.url("/bytes/1").replace("127.0.0.1", "name.invalid");
    let port = url.rsplit(':').next().unwrap().split('/').next().unwrap().to_owned();
    let pair = || {
        let mut pair = List::new();
        pair.push(&format!("name.invalid:{port}:127.0.0.1")).unwrap();
        pair
    };
    let mut easy = Easy::new().unwrap();
    easy.set(option::Resolve(pair())).unwrap();
    easy.reset().unwrap(); // frees the list, which no transfer has looked at
    easy.set(option::Url(&url)).unwrap();
    assert_eq!(easy.perform().unwrap_err().kind(), ErrorKind::ResolveName);
    easy.set(option::Resolve(pair())).unwrap();
    easy.perform().unwrap();
}

#[test]
fn no_size_of_a_body_can_be_set_but_its_own() {
    use ffence::curl::option::Policy;

    let policy = |name| option::all().find(|row| row.name == name).unwrap().policy;
    for name in ["CURLOPT_POSTFIELDSIZE", "CURLOPT_POSTFIELDSIZE_LARGE", "CURLOPT_COPYPOSTFIELDS"] {
        assert_eq!(policy(name), Policy::Derived, "{name}");
    }
    // Nor what libcurl would keep a pointer to, or do with the process behind our back.
    for name in ["CURLOPT_NOSIGNAL", "CURLOPT_ERRORBUFFER", "CURLOPT_SHARE"] {
        assert_eq!(policy(name), Policy::Derived, "{name}");
    }
    for name in ["CURLOPT_STDERR", "CURLOPT_STREAM_DEPENDS", "CURLOPT_CURLU", "CURLOPT_PRIVATE"] {
        assert_eq!(policy(name), Policy::Refused, "{name}");
    }
    let of_callbacks = option::all()
        .filter(|row| row.kind == option::Kind::Data || row.kind == option::Kind::Function);
    for row in of_callbacks {
        assert_ne!(row.policy, Policy::Safe, "{}", row.name);
        assert_ne!(row.policy, Policy::Unsafe, "{}", row.name);
    }
}
