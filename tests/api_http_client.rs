//! One client for many calls and many threads.

mod common;

use std::sync::Barrier;
use std::thread;

use common::server::{Authority, Server, bytes};
use ffence::http::{Client, ClientBuilder, RequestBuilder, Response, Tls};

#[test]
fn a_client_goes_everywhere() {
    fn everywhere<T: Clone + Send + Sync + 'static>() {}
    fn to_another_thread<T: Send>() {}
    everywhere::<Client>();
    everywhere::<ClientBuilder>();
    everywhere::<Response<Vec<u8>>>();
    to_another_thread::<RequestBuilder<'static>>();
}

#[test]
fn calls_in_turn_share_a_connection_and_clones_do_too() {
    let authority = Authority::new();
    for server in [Server::plain(), Server::tls(&authority)] {
        let client = Client::builder().tls(Tls::new().ca_pem(authority.pem())).build().unwrap();
        for _ in 0..3 {
            client.get(server.url("/bytes/10")).send().unwrap();
            client.clone().post(server.url("/echo")).body("text").send().unwrap();
        }
        // A handle may move from thread to thread, one at a time.
        thread::scope(|scope| {
            let url = server.url("/bytes/10");
            scope.spawn(|| client.get(url).send().map(Response::into_body).unwrap());
        });
        assert_eq!(server.connections(), 1);
    }
}

#[test]
fn threads_work_at_once_each_on_a_connection_of_its_own() {
    const THREADS: usize = 8;
    let authority = Authority::new();
    for server in [Server::plain(), Server::tls(&authority)] {
        let client = Client::builder().tls(Tls::new().ca_pem(authority.pem())).build().unwrap();
        let start = Barrier::new(THREADS);
        thread::scope(|scope| {
            for id in 0..THREADS {
                let (client, server, start) = (&client, &server, &start);
                scope.spawn(move || {
                    start.wait();
                    for round in 0..20 {
                        let len = id * 1000 + round;
                        let response = client.get(server.url(&format!("/bytes/{len}")));
                        assert!(response.send().unwrap().into_body() == bytes(len));
                        let text = format!("{id} {round}");
                        let response = client.post(server.url("/echo")).body(text.clone());
                        assert!(response.send().unwrap().text().unwrap().ends_with(&text));
                    }
                });
            }
        });
        assert!(server.connections() <= THREADS, "{} connections", server.connections());
    }
}

#[test]
fn more_calls_than_are_kept_still_work() {
    const THREADS: usize = 40;
    let server = Server::plain();
    let client = Client::new().unwrap();
    for _ in 0..2 {
        let start = Barrier::new(THREADS);
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    start.wait();
                    client.get(server.url("/bytes/100000")).send().unwrap();
                });
            }
        });
    }
}

#[test]
fn a_dead_connection_is_replaced() {
    let client = Client::new().unwrap();
    let server = Server::plain();
    client.get(server.url("/bytes/10")).send().unwrap();
    drop(server); // closes the connection that the client keeps
    let server = Server::plain();
    client.get(server.url("/bytes/10")).send().unwrap();
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_request_can_be_made_on_one_thread_and_sent_on_another() {
    let server = Server::plain();
    let client = Client::new().unwrap();
    let request = client.post(server.url("/echo")).body("text");
    thread::scope(|scope| {
        let response = scope.spawn(move || request.send()).join().unwrap().unwrap();
        assert!(response.text().unwrap().ends_with("text"));
    });
}
