//! Who is told of requests: observers, and the spans of the crate tracing.
#![cfg(feature = "http")]

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::executor::{block_on, poll_once};
use common::raw::Raw;
use common::server::Server;
use ffence::ErrorKind;
use ffence::http::{Attempt, Client, ClientBuilder, Observed, Observer, Proxy, Retry};

/// Writes down what it is told.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn add(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Observer for Log {
    fn request_started(&self, request: &Observed<'_>) {
        let path = request.url.rsplit_once('/').unwrap().1;
        self.add(format!("{} {path}", request.method));
    }

    fn attempt_started(&self, _: &Observed<'_>, number: u32) {
        self.add(format!("begin {number}"));
    }

    fn attempt_finished(&self, _: &Observed<'_>, attempt: &Attempt<'_>) {
        let status = attempt.status.map_or(0, |status| status.as_u16());
        let how = match (attempt.error, attempt.whole) {
            (Some(error), false) => format!("{:?}", error.kind()),
            (None, true) => "whole".to_owned(),
            (None, false) => "given up".to_owned(),
            (Some(_), true) => unreachable!("a failure is not whole"),
        };
        assert!(!attempt.timings.total.is_zero());
        let reused = attempt.reused.map_or("-", |reused| if reused { "reused" } else { "new" });
        let sent = attempt.sent.map_or("?".to_owned(), |sent| sent.to_string());
        let Attempt { number, received, .. } = attempt;
        self.add(format!("end {number}: {status} {how} {reused} {sent} {received}"));
    }

    fn request_finished(&self, _: &Observed<'_>, attempts: u32, elapsed: Duration) {
        assert!(!elapsed.is_zero());
        self.add(format!("done {attempts}"));
    }
}

fn builder() -> ClientBuilder {
    Client::builder().proxy(Proxy::none())
}

#[test]
fn each_request_and_attempt_is_told_with_its_bytes_and_connection() {
    let (server, log) = (Server::plain(), Log::default());
    let client = builder().observer(log.clone()).build().unwrap();

    client.get(server.url("/bytes/1000?secret")).send().unwrap();
    assert_eq!(log.take(), ["GET 1000", "begin 1", "end 1: 200 whole new 0 1000", "done 1"]);
    client.post(server.url("/length")).body("four").send().unwrap();
    assert_eq!(log.take(), ["POST length", "begin 1", "end 1: 200 whole reused 4 1", "done 1"]);
    client.get(server.url("/status/404")).send_to(&mut Vec::new()).unwrap();
    let lines = log.take();
    assert!(lines[2].starts_with("end 1: 404 whole reused 0 "), "{lines:?}");

    block_on(client.get(server.url("/bytes/1000")).send_async()).unwrap();
    assert_eq!(log.take(), ["GET 1000", "begin 1", "end 1: 200 whole new 0 1000", "done 1"]);
    block_on(client.get(server.url("/bytes/70000")).send_async_to(|_| Ok(()))).unwrap();
    assert_eq!(log.take(), ["GET 70000", "begin 1", "end 1: 200 whole reused 0 70000", "done 1"]);
}

#[test]
fn a_body_that_is_read_as_it_arrives_is_told_of_at_its_end() {
    let (server, log) = (Server::plain(), Log::default());
    let client = builder().observer(log.clone()).build().unwrap();

    let mut response = client.get(server.url("/bytes/70000")).open().unwrap();
    assert_eq!(log.take(), ["GET 70000", "begin 1"]);
    while response.body_mut().chunk().unwrap().is_some() {}
    assert_eq!(log.take(), ["end 1: 200 whole new 0 70000", "done 1"]);

    let mut response = block_on(client.get(server.url("/bytes/70000")).open_async()).unwrap();
    assert_eq!(log.take(), ["GET 70000", "begin 1"]);
    while block_on(response.body_mut().chunk()).unwrap().is_some() {}
    assert_eq!(log.take(), ["end 1: 200 whole new 0 70000", "done 1"]);

    // Dropped before, and broken off.
    drop(client.get(server.url("/stall/5")).open().unwrap());
    let lines = log.take();
    assert_eq!(lines[2], "end 1: 200 given up reused ? 0", "{lines:?}");
    let mut response = block_on(client.get(server.url("/break/5")).open_async()).unwrap();
    let broken = loop {
        match block_on(response.body_mut().chunk()) {
            Ok(piece) => assert!(piece.is_some(), "it is shorter than announced"),
            Err(error) => break error,
        }
    };
    let lines = log.take();
    assert!(lines[2].contains(&format!("200 {:?}", broken.kind())), "{lines:?}");
}

#[test]
fn failures_retries_and_what_is_given_up_are_told() {
    let log = Log::default();
    let busy =
        Raw::answering("HTTP/1.1 503 Busy\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
    let retry = Retry::new(1).back_off(Duration::ZERO, Duration::ZERO);
    let client = builder().retry(retry).observer(log.clone()).build().unwrap();
    let expected = [
        "GET x",
        "begin 1",
        "end 1: 503 whole new 0 2",
        "begin 2",
        "end 2: 503 whole new 0 2",
        "done 2",
    ];
    client.get(busy.url("/x")).send().unwrap();
    assert_eq!(log.take(), expected);
    block_on(client.get(busy.url("/x")).send_async()).unwrap();
    assert_eq!(log.take(), expected);

    let client = builder().observer(log.clone()).build().unwrap();
    assert_eq!(client.get("http://127.0.0.1:1/x").send().unwrap_err().kind(), ErrorKind::Connect);
    assert_eq!(log.take()[2], "end 1: 0 Connect - 0 0");
    // What is not in order is not sent, and nobody is told.
    client.get("127.0.0.1").send().unwrap_err();
    assert!(log.take().is_empty());

    let silent = Raw::silent();
    let mut sending = client.get(silent.url("/x")).send_async();
    assert!(poll_once(&mut sending).is_pending());
    drop(sending);
    assert_eq!(log.take()[2..], ["end 1: 0 given up - ? 0", "done 1"]);
}

#[test]
fn a_panic_of_an_observer_changes_nothing() {
    struct Panics;
    impl Observer for Panics {
        fn request_started(&self, _: &Observed<'_>) {
            panic!("started")
        }
        fn attempt_started(&self, _: &Observed<'_>, _: u32) {
            panic!("begun")
        }
        fn attempt_finished(&self, _: &Observed<'_>, _: &Attempt<'_>) {
            panic!("ended")
        }
        fn request_finished(&self, _: &Observed<'_>, _: u32, _: Duration) {
            panic!("finished")
        }
    }
    let server = Server::plain();
    let client = builder().observer(Panics).build().unwrap();
    for _ in 0..2 {
        assert_eq!(client.get(server.url("/bytes/10")).send().unwrap().body().len(), 10);
        let response = block_on(client.get(server.url("/bytes/10")).send_async()).unwrap();
        assert_eq!(response.body().len(), 10);
    }
}

#[cfg(feature = "tracing")]
mod spans {
    use std::collections::BTreeMap;
    use std::fmt::Debug;
    use std::sync::atomic::{AtomicU64, Ordering};

    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::*;

    type Fields = BTreeMap<&'static str, String>;
    type Span = (&'static str, Option<u64>, Fields);

    /// Keeps each span's name, parent and fields.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<BTreeMap<u64, Span>>>, Arc<AtomicU64>);

    struct Into<'a>(&'a mut Fields);

    impl Visit for Into<'_> {
        fn record_str(&mut self, field: &Field, value: &str) {
            self.0.insert(field.name(), value.to_owned());
        }

        fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
            self.0.insert(field.name(), format!("{value:?}"));
        }
    }

    impl Subscriber for Kept {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            metadata.target() == "ffence::http"
        }

        fn new_span(&self, attributes: &Attributes<'_>) -> Id {
            let id = self.1.fetch_add(1, Ordering::SeqCst) + 1;
            let mut fields = Fields::new();
            attributes.record(&mut Into(&mut fields));
            let parent = attributes.parent().map(Id::into_u64);
            let span = (attributes.metadata().name(), parent, fields);
            self.0.lock().unwrap().insert(id, span);
            Id::from_u64(id)
        }

        fn record(&self, span: &Id, values: &Record<'_>) {
            let mut spans = self.0.lock().unwrap();
            values.record(&mut Into(&mut spans.get_mut(&span.into_u64()).unwrap().2));
        }

        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn event(&self, _: &Event<'_>) {}
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn a_span_for_each_request_and_attempt_without_what_may_be_secret() {
        let (server, kept) = (Server::plain(), Kept::default());
        let client = builder().build().unwrap();
        let url = server.url("/bytes/1000");
        tracing::subscriber::with_default(kept.clone(), || {
            let secret = format!("{}?token=hidden", url.replace("//", "//me:hidden@"));
            client.get(secret).send().unwrap();
            block_on(client.get("http://127.0.0.1:1/x").send_async()).unwrap_err();
        });
        let spans = kept.0.lock().unwrap();
        assert_eq!(spans.len(), 4, "{spans:?}");
        let (name, _, request) = &spans[&1];
        assert_eq!((*name, &*request["method"], &request["url"]), ("request", "GET", &url));
        assert_eq!((&*request["status"], &*request["attempts"]), ("200", "1"));
        assert!(!request.contains_key("error"));
        let (name, parent, attempt) = &spans[&2];
        assert_eq!((*name, *parent), ("attempt", Some(1)));
        assert_eq!(
            ["number", "status", "reused", "received"].map(|field| &*attempt[field]),
            ["1", "200", "false", "1000"]
        );
        assert!(attempt["total_us"].parse::<u64>().unwrap() > 0);
        assert_eq!(spans[&3].2["error"], "Connect");
        assert_eq!(spans[&4].2["error"], "Connect");
        assert!(!format!("{spans:?}").contains("hidden"));
    }
}
