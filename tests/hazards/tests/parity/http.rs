//! The same HTTP requests through ffence (`curl::Easy`, and `http::Client` where it can), through
//! Go's cgo on the same libcurl, and through Go's own net/http where it can: the server saw the same,
//! and the same came back.
//!
//! The two on libcurl are compared byte for byte; with the others, what each adds of its own (such as
//! `User-Agent`) is left out.

mod answers;
mod encodings;
mod errors;
mod secrets;
mod server;
mod shares;
mod sides;
mod stories;

use ffence_hazards::call::{Call, Fetched};
use ffence_hazards::parity::{Octets, Request};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use self::server::{Seen, Watched};
use super::Test;
use super::random::Random;
use super::session::{Failure, Session};

pub const TESTS: &[Test] = &[
    ("http::in_the_clear", answers::in_the_clear),
    ("http::over_tls", answers::over_tls),
    ("http::http2", answers::http2),
    ("http::redirects", stories::redirects),
    ("http::cookies", stories::cookies),
    ("http::forms", stories::forms),
    ("http::authentication", secrets::authentication),
    ("http::compression", encodings::compression),
    ("http::errors", errors::errors),
    ("http::truncated", errors::truncated),
    ("http::share", shares::share),
];

/// How many requests a test makes up: `PROPTEST_CASES`, or this.
fn count() -> u32 {
    let given = std::env::var("PROPTEST_CASES").ok();
    given.and_then(|it| it.parse().ok()).unwrap_or(120)
}

/// Bytes that shrink by their length.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Bytes {
    length: usize,
    seed: u64,
}

impl Bytes {
    /// Of the lengths at which something ends in a buffer, and others.
    fn any() -> impl Strategy<Value = Self> {
        let edges =
            [0, 1, 1023, 1024, 1025, 16_383, 16_384, 16_385, 65_535, 65_536, 65_537, 1_048_576];
        let lengths = prop_oneof![2 => prop::sample::select(edges.to_vec()), 3 => 0_usize..5000];
        (lengths, any::<u64>()).prop_map(|(length, seed)| Self { length, seed })
    }

    fn make(self) -> Vec<u8> {
        Random::new(self.seed).bytes(self.length)
    }
}

/// Who takes part beside the two on libcurl.
#[derive(Clone, Copy, Debug)]
struct Others {
    /// Go's own net/http.
    own: bool,
    /// `ffence::http::Client`.
    client: bool,
}

/// Has each side do the calls, and compares.
fn compare(
    session: &mut Session,
    server: &Watched,
    calls: &[Call],
    others: Others,
) -> Result<(), Failure> {
    let here = sides::easy(calls);
    let seen = server.seen();
    let there = fetch(session, "http", calls)?;
    let seen_there = server.seen();
    for (index, (here, there)) in here.iter().zip(&there).enumerate() {
        session.same(&format!("cgo, call {index}"), &exact(here), &exact(there))?;
    }
    session.same("what the server saw of cgo", &seen, &seen_there)?;

    let common_here: Vec<_> = here.iter().map(common).collect();
    let asked_here: Vec<_> = seen.iter().map(Seen::common).collect();
    let with = |session: &mut Session, name: &str, there: &[Fetched]| {
        let asked: Vec<_> = server.seen().iter().map(Seen::common).collect();
        for (index, (here, there)) in common_here.iter().zip(there).enumerate() {
            let mut there = common(there);
            // The client does not tell it.
            if there.url.is_empty() {
                (there.url, there.redirects) = (here.url.clone(), here.redirects);
            }
            session.same(&format!("{name}, call {index}"), here, &there)?;
        }
        session.same(&format!("what the server saw of {name}"), &asked_here, &asked)
    };
    if others.own {
        let there = fetch(session, "go-http", calls)?;
        with(session, "net/http", &there)?;
    }
    if others.client {
        let there = sides::client(calls)?;
        with(session, "http::Client", &there)?;
    }
    Ok(())
}

/// What came of the calls on Go's side.
fn fetch(session: &mut Session, op: &'static str, calls: &[Call]) -> Result<Vec<Fetched>, Failure> {
    let reply = session.reply(&Request { op, calls: calls.to_vec(), ..Request::default() })?;
    match reply.error {
        Some(error) => Err(format!("{op}: {error:?}").into()),
        None if reply.results.len() == calls.len() => Ok(reply.results),
        None => Err(format!("{op}: {} of {} calls", reply.results.len(), calls.len()).into()),
    }
}

/// As libcurl told it, but for the time of day and its words.
fn exact(it: &Fetched) -> Fetched {
    let lines = it.head.0.split_inclusive(|byte| *byte == b'\n');
    let lines = lines.filter(|line| !line.to_ascii_lowercase().starts_with(b"date:"));
    let mut it = Fetched { head: Octets(lines.collect::<Vec<_>>().concat()), ..it.clone() };
    if let Some(error) = &mut it.error {
        error.text.clear();
    }
    it
}

/// What does not depend on who asked.
fn common(it: &Fetched) -> Fetched {
    // How a body travelled, and what each library makes of that, is its own.
    const FRAMING: [&str; 5] =
        ["date", "content-length", "transfer-encoding", "content-encoding", "connection"];
    let mut headers =
        if it.headers.is_empty() { server::last_head(&it.head.0) } else { it.headers.clone() };
    for it in &mut headers {
        it.name.make_ascii_lowercase();
    }
    headers.retain(|it| !FRAMING.contains(&it.name.as_str()));
    headers.sort_by(|one, other| one.name.cmp(&other.name));
    let mut it = Fetched { headers, head: Octets::default(), ..it.clone() };
    if let Some(error) = &mut it.error {
        (error.code, error.text) = (0, String::new());
    }
    it
}
