//! Requests that are given up in each phase: by dropping, by a handle, by a limit. The peer tells that
//! the phase was reached and that the client went away, and the neighbours' bytes are whole.
//!
//! A process of its own, because of `names`.

#![cfg(all(feature = "http", target_os = "linux"))]

mod common;
#[path = "common/names.rs"]
mod names;

use std::pin::Pin;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use common::executor::{block_on, poll_once};
use common::neighbours::with_neighbours;
use common::phases::{Held, PART, Until};
use common::server::{Authority, Server, bytes};
use ffence::error::Phase;
use ffence::http::{
    CancelHandle, Client, ClientBuilder, RequestBody, RequestBuilder, TimeLimit, Timeouts, Tls,
};
use ffence::{Error, ErrorKind};
use http_body::{Body as HttpBody, Frame};
use names::{let_go, wait_until};

/// One test at a time holds names up.
static ALONE: Mutex<()> = Mutex::new(());

/// A client that trusts one authority: to read the system's many takes minutes under AddressSanitizer.
fn builder() -> ClientBuilder {
    static PEM: OnceLock<String> = OnceLock::new();
    let pem = PEM.get_or_init(|| Authority::new().pem().to_owned());
    Client::builder().tls(Tls::new().ca_pem(pem))
}

/// Five bytes, and then nothing for ever.
struct Endless(Option<Bytes>);

impl HttpBody for Endless {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        match self.0.take() {
            Some(first) => Poll::Ready(Some(Ok(Frame::data(first)))),
            None => Poll::Pending,
        }
    }
}

fn request<'a>(client: &'a Client, held: &Held, until: Until) -> RequestBuilder<'a> {
    let request = client.post(held.url());
    match until {
        Until::Upload => {
            request.body(RequestBody::stream(Endless(Some(Bytes::from_static(b"first")))))
        }
        _ => request.body("text"),
    }
}

#[test]
fn a_future_that_is_dropped_takes_its_transfer_along() {
    let client = builder().build().unwrap();
    with_neighbours(&client, || {
        for until in Until::ALL {
            let held = Held::new(until);
            let mut sending = request(&client, &held, until).send_async();
            assert!(poll_once(&mut sending).is_pending());
            held.wait_until_reached();
            assert!(!held.is_gone(), "{until:?}");
            drop(sending);
            held.wait_until_gone();
        }
    });
}

#[test]
fn a_body_that_is_dropped_takes_its_transfer_along() {
    let client = builder().build().unwrap();
    with_neighbours(&client, || {
        for read in [0, 1, PART] {
            let held = Held::new(Until::Body);
            let mut body = block_on(request(&client, &held, Until::Body).open_async()).unwrap();
            let mut got = Vec::new();
            while got.len() < read {
                got.extend(block_on(body.body_mut().chunk()).unwrap().unwrap());
            }
            assert!(bytes(PART).starts_with(&got));
            assert!(!held.is_gone());
            drop(body);
            held.wait_until_gone();

            let held = Held::new(Until::Body);
            let mut body = request(&client, &held, Until::Body).open().unwrap();
            std::io::Read::read_exact(body.body_mut(), &mut vec![0; read]).unwrap();
            assert!(!held.is_gone());
            drop(body);
            held.wait_until_gone();
        }
    });
}

#[test]
fn a_handle_gives_up_what_a_task_waits_for() {
    let client = builder().build().unwrap();
    with_neighbours(&client, || {
        for until in Until::ALL {
            let held = Held::new(until);
            let cancel = CancelHandle::new();
            let mut sending = request(&client, &held, until).cancel_with(&cancel).send_async();
            assert!(poll_once(&mut sending).is_pending());
            held.wait_until_reached();
            assert!(!held.is_gone(), "{until:?}");
            cancel.cancel();
            // The transfer ends although nobody polls.
            held.wait_until_gone();
            assert_eq!(block_on(sending).unwrap_err().kind(), ErrorKind::Cancelled);
            let late = request(&client, &held, until).cancel_with(&cancel);
            assert_eq!(block_on(late.send_async()).unwrap_err().kind(), ErrorKind::Cancelled);
        }
    });
}

#[test]
fn a_handle_gives_up_what_a_thread_waits_for() {
    let client = builder().build().unwrap();
    with_neighbours(&client, || {
        for until in Until::ALL {
            let held = Held::new(until);
            let cancel = CancelHandle::new();
            thread::scope(|scope| {
                let waiting =
                    scope.spawn(|| request(&client, &held, until).cancel_with(&cancel).send());
                held.wait_until_reached();
                assert!(!waiting.is_finished() && !held.is_gone(), "{until:?}");
                cancel.cancel();
                held.wait_until_gone();
                let error = waiting.join().unwrap().unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Cancelled, "{until:?}");
                if matches!(until, Until::Body | Until::Trailers) {
                    // Whatever of it had been read by then.
                    let transfer = error.transfer().unwrap();
                    assert!(transfer.received <= PART as u64, "{transfer:?}");
                }
            });
        }
    });
}

#[test]
fn a_handle_ends_a_body_that_is_read() {
    let client = builder().build().unwrap();
    with_neighbours(&client, || {
        let (held, cancel) = (Held::new(Until::Body), CancelHandle::new());
        thread::scope(|scope| {
            let request = request(&client, &held, Until::Body).cancel_with(&cancel);
            let mut body = block_on(request.open_async()).unwrap().into_body();
            let reading = scope.spawn(move || {
                let mut len = 0;
                loop {
                    match block_on(body.chunk()) {
                        Ok(Some(piece)) => len += piece.len(),
                        end => return (len, end.unwrap_err()),
                    }
                }
            });
            held.wait_until_reached();
            cancel.cancel();
            held.wait_until_gone();
            let (len, error) = reading.join().unwrap();
            assert!(len <= PART);
            assert_eq!(error.kind(), ErrorKind::Cancelled);
        });

        let (held, cancel) = (Held::new(Until::Body), CancelHandle::new());
        thread::scope(|scope| {
            let request = request(&client, &held, Until::Body).cancel_with(&cancel);
            let mut body = request.open().unwrap().into_body();
            let reading =
                scope.spawn(move || std::io::copy(&mut body, &mut std::io::sink()).unwrap_err());
            held.wait_until_reached();
            cancel.cancel();
            held.wait_until_gone();
            let error = reading.join().unwrap();
            let inner = error.get_ref().unwrap().downcast_ref::<Error>().unwrap();
            assert_eq!(inner.kind(), ErrorKind::Cancelled);
        });
    });
}

/// A limit that is too short for a peer that holds a transfer for ever, and long enough to come so
/// far; where it was not, the phase before it is what the error names.
const LIMIT: Duration = Duration::from_secs(1);

fn limited(limits: impl Fn(Timeouts) -> Timeouts) -> Client {
    builder().timeouts(limits(Timeouts::new())).build().unwrap()
}

/// Sends in both ways, and hands the errors to `check`.
fn both(client: &Client, until: Until, check: impl Fn(&Error)) {
    let held = Held::new(until);
    check(&request(client, &held, until).send().unwrap_err());
    held.wait_until_reached();
    held.wait_until_gone();
    let held = Held::new(until);
    check(&block_on(request(client, &held, until).send_async()).unwrap_err());
    held.wait_until_reached();
    held.wait_until_gone();
}

fn is(error: &Error, limit: TimeLimit, phase: Phase) {
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
    assert_eq!(error.time_limit(), Some(limit), "{error:?}");
    let transfer = error.transfer().unwrap();
    assert_eq!(transfer.phase, phase, "{transfer:?}");
    assert!(transfer.elapsed >= LIMIT, "{transfer:?}");
    assert!(transfer.peer.is_some_and(|peer| peer.ip().is_loopback()), "{transfer:?}");
    assert_eq!(error.is_connect(), phase <= Phase::Tls);
    assert!(error.diagnose().contains(&phase.to_string()), "{}", error.diagnose());
}

#[test]
fn the_handshakes_limit() {
    both(&limited(|it| it.tls(LIMIT)), Until::Tls, |error| is(error, TimeLimit::Tls, Phase::Tls));
}

/// The handshake's time begins with it, however long it took to find the name.
#[test]
fn the_handshakes_limit_begins_with_the_handshake() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let number = ffence::capabilities().unwrap().libcurl().number();
    if (number.major, number.minor) < (7, 87) {
        return;
    }
    let held = Held::new(Until::Tls);
    let slow = held.url().replace("127.0.0.1", "slow.test");
    let client = limited(|it| it.tls(LIMIT));
    let_go(false);
    let mut sending = client.get(&slow).send_async();
    assert!(poll_once(&mut sending).is_pending());
    wait_until(|slow| slow.0 >= 1);
    thread::sleep(LIMIT / 2); // the name takes that long
    let found = Instant::now();
    let_go(true);
    let error = block_on(sending).unwrap_err();
    is(&error, TimeLimit::Tls, Phase::Tls);
    // Older ones tell when TCP was connected by a clock of their own.
    if number.major >= 8 {
        assert!(found.elapsed() >= LIMIT, "{error:?}");
    }
    held.wait_until_reached();
    held.wait_until_gone();
    wait_until(|slow| slow.0 == 0);
}

#[test]
fn the_connections_limit() {
    let client = limited(|it| it.connect(LIMIT));
    both(&client, Until::Tls, |error| is(error, TimeLimit::Connect, Phase::Tls));
}

#[test]
fn the_first_bytes_limit() {
    let client = limited(|it| it.first_byte(LIMIT));
    both(&client, Until::FirstByte, |error| {
        is(error, TimeLimit::FirstByte, Phase::FirstByte);
        let transfer = error.transfer().unwrap();
        assert_eq!((transfer.sent, transfer.received), (4, 0));
    });
}

#[test]
fn the_limit_between_bytes() {
    let client = limited(|it| it.between_bytes(LIMIT));
    both(&client, Until::Body, |error| {
        is(error, TimeLimit::BetweenBytes, Phase::Body);
        assert_eq!(error.transfer().unwrap().received, PART as u64);
        assert!(error.transfer().unwrap().timings.first_byte > Duration::ZERO);
    });
}

#[test]
fn the_whole_calls_limit() {
    let client = limited(|it| it.total(LIMIT));
    for (until, phase) in [
        (Until::Tls, Phase::Tls),
        (Until::FirstByte, Phase::FirstByte),
        (Until::Upload, Phase::FirstByte),
        (Until::Body, Phase::Body),
    ] {
        both(&client, until, |error| is(error, TimeLimit::Total, phase));
    }
    let client = builder().build().unwrap();
    let held = Held::new(Until::FirstByte);
    let deadline = || Instant::now() + LIMIT;
    let error = client.get(held.url()).deadline(deadline()).send().unwrap_err();
    assert_eq!(error.time_limit(), Some(TimeLimit::Total));
    held.wait_until_gone();
    let request = client.get(held.url()).deadline(deadline());
    let error = block_on(request.send_async()).unwrap_err();
    assert_eq!(error.time_limit(), Some(TimeLimit::Total));
    held.wait_until_gone();
}

/// The limits of other phases do not end a response that takes longer than they are.
#[test]
fn a_limit_is_for_its_own_phase() {
    let client = limited(|it| it.name(LIMIT).tls(LIMIT).first_byte(LIMIT));
    let held = Held::new(Until::Body);
    let client_total = client.post(held.url()).body("text").timeout(LIMIT * 3);
    let error = block_on(client_total.send_async()).unwrap_err();
    assert_eq!(error.time_limit(), Some(TimeLimit::Total), "{error:?}");
}

/// A name server that does not answer: libcurl 7.87 and newer wait for nobody.
#[test]
fn a_name_that_is_slow_can_be_given_up() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let number = ffence::capabilities().unwrap().libcurl().number();
    if (number.major, number.minor) < (7, 87) {
        return;
    }
    let server = Server::plain();
    let slow = server.url("/bytes/10").replace("127.0.0.1", "slow.test");
    let client = builder().build().unwrap();
    let_go(false);
    with_neighbours(&client, || {
        // libcurl may ask twice for one name: for both kinds of address.
        let mut sending = client.get(&slow).send_async();
        assert!(poll_once(&mut sending).is_pending());
        wait_until(|slow| slow.0 >= 1);
        drop(sending);

        let cancel = CancelHandle::new();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| client.get(&slow).cancel_with(&cancel).send());
            wait_until(|slow| slow.0 >= 2);
            cancel.cancel();
            let error = waiting.join().unwrap().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Cancelled);
        });

        let limited = limited(|it| it.name(LIMIT));
        for error in [
            limited.get(&slow).send().unwrap_err(),
            block_on(limited.get(&slow).send_async()).unwrap_err(),
        ] {
            assert_eq!(error.time_limit(), Some(TimeLimit::Name), "{error:?}");
            assert_eq!(error.transfer().unwrap().phase, Phase::Name);
            assert!(error.is_connect());
        }
    });
    let_go(true);
    wait_until(|slow| slow.0 == 0);
}
