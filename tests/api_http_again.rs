//! The same URL again: a handle parses it once, and the server sees no difference.

#![cfg(feature = "http")]

mod common;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::thread;

use common::server::{Server, bytes};
use ffence::ErrorKind;
use ffence::http::Client;

/// Answers each request with its first line; ends when the client's connections do.
fn mirror() -> (String, thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let mirror = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut answers = stream.try_clone().unwrap();
        let mut lines = BufReader::new(stream).lines();
        while let Some(Ok(first)) = lines.next() {
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", first.len());
            answers.write_all(format!("{head}{first}").as_bytes()).unwrap();
        }
    });
    (base, mirror)
}

#[test]
fn each_url_is_asked_for_as_at_the_first_time() {
    let (base, mirror) = mirror();
    let client = Client::new().unwrap();
    let targets = [
        ("/a", "/a"),
        ("/b?c=%20d&e", "/b?c=%20d&e"),
        ("", "/"),
        ("?q", "/?q"),
        ("/a/../c/./d", "/c/d"),
        ("/e?", "/e?"),
        ("/f#g", "/f"),
        ("/a", "/a"),
    ];
    for (target, asked) in targets {
        for time in 0..4 {
            let response = client.get(format!("{base}{target}")).send().unwrap();
            let first = response.text().unwrap().to_owned();
            // What libcurl makes of an empty query is its version's affair, the first time as well.
            let expected = [format!("GET {asked} HTTP/1.1")];
            let also = asked.strip_suffix('?').map(|asked| format!("GET {asked} HTTP/1.1"));
            assert!(expected.contains(&first) || also == Some(first.clone()), "{time}: {first}");
        }
    }
    drop(client);
    mirror.join().unwrap();
}

#[test]
fn methods_and_bodies_change_while_the_url_stays() {
    let server = Server::plain();
    let client = Client::new().unwrap();
    let url = server.url("/echo");
    for _ in 0..3 {
        let got = client.get(&*url).send().unwrap();
        assert!(got.body().starts_with(b"GET\n"));
        let posted = client.post(&*url).body("text").send().unwrap();
        assert!(posted.body().starts_with(b"POST\n") && posted.body().ends_with(b"\n\ntext"));
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_redirect_leads_on_every_time() {
    let server = Server::plain();
    let client = Client::builder().redirects(1).build().unwrap();
    for time in 0..4 {
        let response = client.get(server.url("/redirect/302/bytes/10")).send().unwrap();
        assert_eq!(*response.body(), bytes(10), "{time}");
        let response = client.get(server.url("/redirect/302/redirect/302/echo")).send();
        assert!(response.is_err(), "two redirects, one too many");
    }
}

#[test]
fn a_url_that_is_refused_is_refused_again() {
    let client = Client::new().unwrap();
    let messages: Vec<_> = (0..3)
        .map(|_| {
            let error = client.get("http://127.0.0.1:99999/").send().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            error.to_string()
        })
        .collect();
    assert!(messages.iter().all(|message| *message == messages[0]), "{messages:?}");
}

/// The names of one response's headers are kept for the next, the values are not.
#[test]
fn headers_are_the_responses_own() {
    let server = Server::plain();
    let client = Client::new().unwrap();
    for len in [1, 22, 333, 1, 333] {
        let response = client.get(server.url(&format!("/bytes/{len}"))).send().unwrap();
        assert_eq!(response.headers()["content-length"], len.to_string());
        assert_eq!(response.headers().len(), response.headers().keys_len());
        assert!(client.get(server.url("/redirect/302/echo")).send().unwrap().status() == 302);
    }
}
