//! Requests that are sent again: which are, which are not, and how often.

#![cfg(feature = "http")]

mod common;

use std::io::Write as _;
use std::net::{Shutdown, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use common::executor::block_on;
use common::raw::{Raw, read_request};
use ffence::ErrorKind;
use ffence::http::{CancelHandle, Client, RequestBody, Retry};
use http::Method;

/// Answers the first requests in one way, and all later ones well; counts them.
fn at_last(failures: usize, failure: &'static str) -> (Raw, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let server = Raw::with(move |mut stream| {
        let request = read_request(&mut stream);
        if request.is_empty() {
            return;
        }
        let answer = if counter.fetch_add(1, Ordering::SeqCst) < failures {
            failure.to_owned()
        } else {
            let body = request.rsplit("\r\n\r\n").next().unwrap_or_default();
            format!(
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
        };
        let _ = stream.write_all(answer.as_bytes());
        let _ = stream.shutdown(Shutdown::Write);
        let _ = std::io::Read::read(&mut stream, &mut [0; 64]);
    });
    (server, count)
}

const BUSY: &str =
    "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbusy";
const HALF: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 8\r\n\r\nhalf";

fn client(most: u32) -> Client {
    let short = Duration::from_millis(5);
    let retry = Retry::new(most).back_off(short, short).budget(1000);
    Client::builder().retry(retry).build().unwrap()
}

#[test]
fn what_may_be_repeated_is_until_it_is_answered() {
    for failure in [BUSY, HALF] {
        for _ in 0..2 {
            let client = client(3);
            let (server, count) = at_last(2, failure);
            let put = || client.request(Method::PUT, server.url("/")).body("text");
            assert_eq!(put().send().unwrap().text().unwrap(), "text");
            assert_eq!(count.load(Ordering::SeqCst), 3);

            let (server, count) = at_last(2, failure);
            let put = || client.request(Method::PUT, server.url("/")).body("text");
            assert_eq!(block_on(put().send_async()).unwrap().text().unwrap(), "text");
            assert_eq!(count.load(Ordering::SeqCst), 3);

            let (server, count) = at_last(2, failure);
            let body = RequestBody::open(|| Ok(&b"text"[..]), 4);
            let put = client.request(Method::PUT, server.url("/")).body(body);
            assert_eq!(block_on(put.send_async()).unwrap().text().unwrap(), "text");
            assert_eq!(count.load(Ordering::SeqCst), 3);
        }
    }
    // Of one whose body is read as it arrives, only what its head says counts.
    let client = client(3);
    let (server, count) = at_last(2, BUSY);
    assert_eq!(client.get(server.url("/")).open().unwrap().status(), 200);
    assert_eq!(block_on(client.get(server.url("/")).open_async()).unwrap().status(), 200);
    assert_eq!(count.load(Ordering::SeqCst), 4);
}

#[test]
fn what_may_not_is_not() {
    let client = client(3);
    let once = || {
        let (server, count) = at_last(9, BUSY);
        (server.url("/"), server, count)
    };
    // It may have been carried out.
    let (url, _server, count) = once();
    assert_eq!(client.post(&url).body("text").send().unwrap().status(), 503);
    assert_eq!(block_on(client.post(&url).body("text").send_async()).unwrap().status(), 503);
    assert_eq!(count.load(Ordering::SeqCst), 2);
    // Its body is gone.
    let (url, _server, count) = once();
    let body = RequestBody::reader(&b"text"[..], 4);
    let put = client.request(Method::PUT, &url).body(body);
    assert_eq!(put.send().unwrap().status(), 503);
    assert_eq!(count.load(Ordering::SeqCst), 1);
    // Somebody saw a part of it.
    let (url, _server, count) = once();
    assert_eq!(client.get(&url).on_progress(|_| ()).send().unwrap().status(), 503);
    let mut written = Vec::new();
    assert_eq!(client.get(&url).send_to(&mut written).unwrap().status(), 503);
    assert_eq!(written, b"busy");
    assert_eq!(count.load(Ordering::SeqCst), 2);
    // The server asks for more patience than there is.
    let (server, count) = at_last(
        9,
        "HTTP/1.1 429 Too Many\r\nRetry-After: 3600\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    );
    assert_eq!(client.get(server.url("/")).send().unwrap().status(), 429);
    assert_eq!(count.load(Ordering::SeqCst), 1);
    // Nobody asked for it.
    let plain = Client::new().unwrap();
    let (url, _server, count) = once();
    assert_eq!(plain.get(&url).send().unwrap().status(), 503);
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[test]
fn attempts_are_counted_and_so_are_those_of_all() {
    let (server, count) = at_last(99, BUSY);
    assert_eq!(client(2).get(server.url("/")).send().unwrap().status(), 503);
    assert_eq!(count.load(Ordering::SeqCst), 3);

    let short = Duration::from_millis(1);
    let retry = Retry::new(100).back_off(short, short).budget(0);
    let client = Client::builder().retry(retry).build().unwrap();
    let (server, count) = at_last(999, BUSY);
    for _ in 0..3 {
        assert_eq!(client.get(server.url("/")).send().unwrap().status(), 503);
    }
    assert_eq!(count.load(Ordering::SeqCst), 3 + 10, "ten retries for all of them");
}

#[test]
fn a_connection_that_nobody_takes_is_tried_again_whatever_the_method() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let client = client(2);
    let error = client.post(&url).body("text").send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert_eq!(
        block_on(client.post(&url).body("text").send_async()).unwrap_err().kind(),
        ErrorKind::Connect
    );
}

#[test]
fn waiting_for_another_attempt_can_be_given_up_and_ends_in_time() {
    let long = Duration::from_secs(3600);
    let retry = Retry::new(9).back_off(long, long);
    let client = Client::builder().retry(retry).build().unwrap();
    let asks =
        "HTTP/1.1 503 Busy\r\nRetry-After: 3000\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    let (server, count) = at_last(9, asks);
    // With a limit, what is known is the answer.
    let limited = || client.get(server.url("/")).timeout(Duration::from_secs(60));
    assert_eq!(limited().send().unwrap().status(), 503);
    assert_eq!(block_on(limited().send_async()).unwrap().status(), 503);
    assert_eq!(count.load(Ordering::SeqCst), 2);
    let cancel = CancelHandle::new();
    std::thread::scope(|scope| {
        let request = || client.get(server.url("/")).cancel_with(&cancel);
        let blocking = scope.spawn(move || request().send().unwrap_err().kind());
        let sending = request().send_async();
        let waiting = scope.spawn(move || block_on(sending).unwrap_err().kind());
        while count.load(Ordering::SeqCst) < 4 {
            std::thread::yield_now();
        }
        cancel.cancel();
        assert_eq!(blocking.join().unwrap(), ErrorKind::Cancelled);
        assert_eq!(waiting.join().unwrap(), ErrorKind::Cancelled);
    });
}
