//! Requests that come to nothing do so in the same way.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ffence_hazards::call::Call;

use super::super::session::{Failure, MOST, Session};
use super::server::{Answer, Watched};
use super::{Others, compare, fetch, sides};

/// Everyone.
const ALL: Others = Others { own: true, client: true };

pub fn errors(session: &mut Session) -> Result<(), Failure> {
    let (plain, tls) = (Watched::plain(), Watched::tls()?);
    let hangs = Answer { hangs: true, ..Answer::default() };
    plain.answer([("/hangs".to_owned(), hangs)]);
    let at = |url: &str| Call {
        method: "GET".to_owned(),
        url: url.to_owned(),
        version: "1.1",
        ..Call::default()
    };
    let untrusted = Call { ca_file: String::new(), ..tls.call("GET", "/") };
    let misnamed = Watched::tls_as(&["other.example"])?;
    let as_tls = plain.call("GET", "/").url.replace("http://", "https://");
    let silent = Silent::start()?;
    let cases = [
        ("no one listens", at("http://127.0.0.1:1/"), "connect"),
        ("no such name", at("http://nobody.invalid/"), "resolve"),
        ("no TLS", at(&as_tls), "tls"),
        ("an authority that nobody knows", untrusted, "tls"),
        ("a certificate of another name", misnamed.call("GET", "/"), "tls"),
        ("no such port", at("http://127.0.0.1:99999/"), "url"),
        ("no host", at("http://"), "url"),
        ("another scheme", at("file:///dev/null"), "url"),
        ("a NUL", at("http://127.0.0.1/\0/"), "url"),
        ("too late", Call { timeout_ms: 250, ..plain.call("GET", "/hangs") }, "timeout"),
        ("no answer", at(&silent.url), "transport"),
    ];
    for (what, call, expected) in cases {
        let calls = [call];
        let here = sides::easy(&calls);
        let there = fetch(session, "http", &calls)?;
        let error = |it: &[super::Fetched]| it[0].error.clone().map(|it| (it.class, it.code));
        session.same(what, &error(&here), &error(&there))?;
        let class = |it: &[super::Fetched]| it[0].error.clone().map(|it| it.class);
        let expected = Some(expected.to_owned());
        session.same(what, &expected, &class(&here))?;
        let own = fetch(session, "go-http", &calls)?;
        session.same(&format!("net/http, {what}"), &expected, &class(&own))?;
        let client = sides::client(&calls)?;
        session.same(&format!("http::Client, {what}"), &expected, &class(&client))?;
    }
    Ok(())
}

/// A connection that ends before the body does.
pub fn truncated(session: &mut Session) -> Result<(), Failure> {
    let server = Watched::plain();
    let lengths = session.lengths(MOST, 20);
    session.each("truncated", lengths, |session, length| {
        let body = session.random.bytes(length);
        let answer = Answer { body, is_broken: true, ..Answer::default() };
        server.answer([("/broken".to_owned(), answer)]);
        let call = server.call("GET", "/broken");
        let class = sides::easy(std::slice::from_ref(&call))[0].error.clone().map(|it| it.class);
        session.same("the class", &Some("truncated".to_owned()), &class)?;
        server.seen();
        compare(session, &server, &[call], ALL)
    })
}

/// Reads a request, and closes the connection.
struct Silent {
    url: String,
    ends: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Silent {
    fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let ends = Arc::new(AtomicBool::new(false));
        let ending = Arc::clone(&ends);
        let thread = thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                if ending.load(Ordering::Acquire) {
                    return;
                }
                // To the end of the head: what is left unread would make a reset of the close.
                BufReader::new(connection)
                    .lines()
                    .map_while(Result::ok)
                    .take_while(|line| !line.is_empty())
                    .for_each(drop);
            }
        });
        Ok(Self { url: format!("http://{address}/"), ends, thread: Some(thread) })
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Release);
        let address = self.url.trim_start_matches("http://").trim_end_matches('/');
        if std::net::TcpStream::connect(address).is_ok() {
            let _ = self.thread.take().map(thread::JoinHandle::join);
        }
    }
}
