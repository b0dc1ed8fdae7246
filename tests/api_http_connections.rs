//! How long connections are kept: idle ones, and old ones.

#![cfg(feature = "http")]

mod common;

use std::io::{Read as _, Write as _};
use std::sync::Barrier;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use common::executor::block_on;
use common::raw::{Raw, read_request};
use common::server::Server;
use ffence::http::{Client, Timeouts};

const SECOND: Duration = Duration::from_secs(1);

/// libcurl counts whole seconds: this is more than one in every count.
const MORE: Duration = Duration::from_millis(2200);

/// Longer than anything takes that a test waits for.
const LONG: Duration = Duration::from_secs(300);

#[test]
fn a_connection_that_was_idle_or_is_old_too_long_is_not_used_again() {
    let idle = Timeouts::new().idle_connection(SECOND);
    let age = Timeouts::new().connection_age(SECOND);
    let tests = [(idle, 2), (age, 2), (Timeouts::new(), 1)];
    thread::scope(|scope| {
        for (timeouts, connections) in tests {
            scope.spawn(move || {
                let (mine, drivers) = (Server::plain(), Server::plain());
                let client = Client::builder().timeouts(timeouts).build().unwrap();
                for wait in [Duration::ZERO, MORE] {
                    thread::sleep(wait); // time has to pass: that is what is counted
                    client.get(mine.url("/bytes/10")).send().unwrap();
                    block_on(client.get(drivers.url("/bytes/10")).send_async()).unwrap();
                }
                assert_eq!(mine.connections(), connections, "{timeouts:?}");
                assert_eq!(drivers.connections(), connections, "{timeouts:?}");
            });
        }
    });
}

/// A server that waits with its answer until the other one was asked as well, and tells when its
/// connection was closed.
fn telling(meet: &'static Barrier) -> (Raw, Receiver<()>) {
    let (tell, closed) = channel();
    let server = Raw::with(move |mut stream| {
        if read_request(&mut stream).is_empty() {
            return;
        }
        meet.wait();
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        let _ = stream.read(&mut [0; 1]);
        let _ = tell.send(());
    });
    (server, closed)
}

#[test]
fn idle_connections_are_closed_when_the_client_is_used_next() {
    static MEET: Barrier = Barrier::new(2);
    let (one, one_closed) = telling(&MEET);
    let (other, other_closed) = telling(&MEET);
    let timeouts = Timeouts::new().idle_connection(SECOND);
    let client = Client::builder().timeouts(timeouts).build().unwrap();
    // Both at once, so that each has a handle of its own.
    thread::scope(|scope| {
        for url in [one.url("/"), other.url("/")] {
            let client = &client;
            scope.spawn(move || client.get(url).send().map(drop).unwrap());
        }
    });
    assert!(one_closed.try_recv().is_err() && other_closed.try_recv().is_err());
    thread::sleep(MORE); // as above
    // A third server: what is closed is not because of who is asked.
    let third = Server::plain();
    client.get(third.url("/bytes/10")).send().unwrap();
    one_closed.recv_timeout(LONG).unwrap();
    other_closed.recv_timeout(LONG).unwrap();
    drop(client);
}
