//! A limit of the whole call that ends between two of its requests, or in a later one: the error says
//! where, and which request it was.

#![cfg(feature = "http")]

mod common;

use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use common::executor::block_on;
use common::phases::{Held, Until};
use common::raw::Raw;
use common::server::Server;
use ffence::error::Phase;
use ffence::http::{
    Client, Proxy, Redirect, RedirectAction, RequestBuilder, Response, Retry, TimeLimit,
};
use ffence::{Error, ErrorKind};

type Way = fn(RequestBuilder<'_>) -> Result<Response<Vec<u8>>, Error>;

const WAYS: [(&str, Way); 2] =
    [("send", |request| request.send()), ("send_async", |request| block_on(request.send_async()))];

/// Long enough for all that comes before what is waited for.
const LIMIT: Duration = Duration::from_secs(4);

fn is(error: &Error, phase: Phase, text: &str) {
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert_eq!(error.time_limit(), Some(TimeLimit::Total), "{error:?}");
    let transfer = error.transfer().unwrap();
    assert_eq!(transfer.phase, phase, "{error:?}");
    assert!(error.to_string().ends_with(text), "{error}");
    assert!(error.diagnose().contains(&phase.to_string()), "{}", error.diagnose());
    assert!(transfer.elapsed > Duration::ZERO && transfer.elapsed <= transfer.timings.total);
}

#[test]
fn a_limit_that_ends_between_two_hops() {
    let server = Server::plain();
    for (name, send) in WAYS {
        // The second redirect is decided upon when the time is over.
        let until = Instant::now() + LIMIT;
        let redirect = Redirect::custom(move |attempt| {
            if attempt.previous().len() == 1 {
                std::thread::sleep(until.saturating_duration_since(Instant::now()));
            }
            RedirectAction::Follow
        });
        let client = Client::builder().redirect(redirect).proxy(Proxy::none()).build().unwrap();
        let url = server.url("/redirect/302/redirect/302/bytes/10");
        match send(client.get(url).deadline(until)) {
            // Where libcurl noticed it first, it was still receiving the redirect.
            Err(error) if error.transfer().unwrap().phase == Phase::Body => {
                let text = "; request 2 of the call, after 1 redirect and 0 retries";
                is(&error, Phase::Body, text);
            }
            Err(error) => {
                let text = "before the request was sent; request 3 of the call, after 2 redirects and 0 retries";
                is(&error, Phase::Name, text);
                assert!(!error.transfer().unwrap().timings.redirect.is_zero(), "{name}: {error:?}");
            }
            Ok(response) => panic!("{name}: {response:?}"),
        }
    }
}

#[test]
fn a_limit_that_ends_after_a_redirect() {
    for (name, send) in WAYS {
        let held = Held::new(Until::FirstByte);
        let to = held.url();
        let head = format!(
            "HTTP/1.1 302 There\r\nLocation: {to}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        );
        let first = Raw::answering(head);
        let builder = Client::builder().redirect(Redirect::limited(2)).proxy(Proxy::none());
        let client = builder.build().unwrap();
        let request = client.get(first.url("/")).timeout(LIMIT);
        let error = send(request).unwrap_err();
        held.wait_until_reached();
        is(&error, Phase::FirstByte, "; request 2 of the call, after 1 redirect and 0 retries");
        held.wait_until_gone();
        assert_eq!(first.requests().len(), 1, "{name}");
    }
}

#[test]
fn a_limit_that_ends_in_a_further_attempt() {
    for (_, send) in WAYS {
        let (reach, reached) = channel();
        let times = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
        let server = Raw::with(move |mut stream| {
            let _ = common::raw::read_request(&mut stream);
            let time = times.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            if time < 2 {
                let busy = b"HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
                let _ = std::io::Write::write_all(&mut stream, busy);
            } else {
                let _ = reach.send(());
            }
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        });
        let retry = Retry::new(3).back_off(Duration::from_millis(1), Duration::from_millis(1));
        let client = Client::builder().retry(retry).proxy(Proxy::none()).build().unwrap();
        let error = send(client.get(server.url("/")).timeout(LIMIT)).unwrap_err();
        reached.recv_timeout(Duration::from_secs(300)).unwrap();
        is(&error, Phase::FirstByte, "; request 3 of the call, after 0 redirects and 2 retries");
    }
}

/// A call of one request has nothing to count, and one that is too late from the start sends none.
#[test]
fn a_single_request_is_not_counted() {
    let server = Server::plain();
    for redirects in [0, 3] {
        let client = Client::builder().redirects(redirects).proxy(Proxy::none()).build().unwrap();
        for (name, send) in WAYS {
            let error = send(client.get(server.url("/hang")).deadline(Instant::now())).unwrap_err();
            assert_eq!(error.time_limit(), Some(TimeLimit::Total), "{name}: {error:?}");
            let text = error.to_string();
            assert!(text.ends_with("before the request was sent"), "{name}: {text}");
        }
    }
    assert_eq!(server.connections(), 0);
}
