//! Many transfers at once through proxies that do harm to some of them: each one that is hit ends in
//! the right error, within its own limit, and the others are whole. For the blocking client, the
//! asynchronous one and a multi of the expert layer; in the clear, and over TLS and HTTP/2.
//!
//! One test, because it counts threads.

#![cfg(all(feature = "http", target_os = "linux"))]

mod common;

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use common::executor::block_on;
use common::faults::{Fault, Harm, Place, address, proxy};
use common::footing::Footing;
use common::raw::Raw;
use common::server::{Answer, Authority, Page, Server, bytes};
use common::transfers::{Body, drive, engines, get};
use ffence::ErrorKind::{self, Connect, Libcurl, Timeout, Tls, Transport, TruncatedBody};
use ffence::Result;
use ffence::curl::option;
use ffence::http::{Client, Response, Tls as TlsSettings};
use http_body::{Body as HttpBody, Frame};
use http_body_util::BodyExt as _;
use openssl::sha::sha256;

/// Well beyond what one read of any side takes.
const LEN: usize = 200_000;

/// For what stalls; nothing else comes near its limit.
const SHORT: Duration = Duration::from_secs(1);
const LONG: Duration = Duration::from_secs(120);

/// What of the answer is certainly within its body, over TLS and HTTP/2 too.
const WITHIN: usize = 50_000;

/// A fault, and the kinds of errors that may come of it; without any, it must do no harm.
type Case = (Fault, &'static [ErrorKind]);

/// In the clear. Where an end or a reset comes while the client still writes or has just connected, the
/// kernel decides which of its calls learns of it first: then there are two kinds.
const PLAIN: &[Case] = &[
    ((Place::Accept, Harm::Stop), &[Transport]),
    // libcurl may meet the reset when it asks whether its connection stands, or when it sends.
    ((Place::Accept, Harm::Reset), &[Transport, Connect]),
    ((Place::Accept, Harm::Stall), &[Timeout]),
    // An answer before the request: what it is taken for depends on when it is read.
    ((Place::Accept, Harm::Garbage), &[Transport]),
    ((Place::Request, Harm::Stop), &[Transport]),
    ((Place::Request, Harm::Reset), &[Transport]),
    ((Place::Request, Harm::Stall), &[Timeout]),
    ((Place::Request, Harm::Garbage), &[Transport]),
    // Ten bytes are `HTTP/1.1 2`. Whether the first of a response were read counts it as begun.
    ((Place::Answer(10), Harm::Stop), &[Transport, TruncatedBody]),
    ((Place::Answer(10), Harm::Reset), &[Transport, TruncatedBody]),
    ((Place::Answer(10), Harm::Stall), &[Timeout]),
    ((Place::Answer(10), Harm::Garbage), &[Transport, TruncatedBody]),
    ((Place::ChunkLength, Harm::Stop), &[TruncatedBody]),
    // The reset may overtake what was not read yet: then there was no response.
    ((Place::ChunkLength, Harm::Reset), &[TruncatedBody, Transport]),
    ((Place::ChunkLength, Harm::Stall), &[Timeout]),
    // Old versions tell a length that is none as a failure to receive, others as one of writing.
    ((Place::ChunkLength, Harm::Garbage), &[TruncatedBody, Transport, Libcurl]),
    ((Place::Answer(WITHIN), Harm::Stop), &[TruncatedBody]),
    ((Place::Answer(WITHIN), Harm::Reset), &[TruncatedBody, Transport]),
    ((Place::Answer(WITHIN), Harm::Stall), &[Timeout]),
    ((Place::Answer(0), Harm::Slow), &[]),
];

/// Over TLS, HTTP/2 inside.
const SECURE: &[Case] = &[
    ((Place::Accept, Harm::Stop), &[Tls]),
    ((Place::Accept, Harm::Reset), &[Tls, Connect]),
    ((Place::Accept, Harm::Stall), &[Timeout]),
    ((Place::Request, Harm::Stop), &[Tls]),
    ((Place::Request, Harm::Reset), &[Tls]),
    ((Place::Request, Harm::Stall), &[Timeout]),
    ((Place::Request, Harm::Garbage), &[Tls]),
    // Within the server's first messages.
    ((Place::Answer(100), Harm::Stop), &[Tls]),
    ((Place::Answer(100), Harm::Reset), &[Tls]),
    ((Place::Answer(100), Harm::Stall), &[Timeout]),
    ((Place::Answer(100), Harm::Garbage), &[Tls]),
    // Within frames of HTTP/2, for which the client acknowledges what it took: that it cannot may be
    // noticed before the end of the answer is.
    ((Place::Answer(WITHIN), Harm::Stop), &[TruncatedBody, Transport]),
    // The reset may overtake what was not read yet.
    ((Place::Answer(WITHIN), Harm::Reset), &[TruncatedBody, Transport]),
    ((Place::Answer(WITHIN), Harm::Stall), &[Timeout]),
    ((Place::Answer(WITHIN), Harm::Garbage), &[TruncatedBody, Transport]),
    ((Place::Answer(0), Harm::Slow), &[]),
];

/// Each fault this many times, and as many that nothing happens to.
const EACH: usize = 3;

/// One transfer to be made.
struct Transfer {
    url: String,
    limit: Duration,
    fault: Option<Case>,
}

impl Transfer {
    fn ends(&self, way: &str, outcome: Result<Vec<u8>>) {
        let kinds = self.fault.map_or(&[][..], |(_, kinds)| kinds);
        match outcome {
            Ok(body) => {
                assert!(kinds.is_empty(), "{way}: {:?} was survived", self.fault);
                assert!(sha256(&body) == sha256(&bytes(LEN)), "{way}: {:?}", self.fault);
            }
            Err(error) => {
                let kind = error.kind();
                assert!(kinds.contains(&kind), "{way}: {:?}: {kind:?}, {error:?}", self.fault);
                let transfer = error.transfer().unwrap_or_else(|| panic!("{way}: {error:?}"));
                assert!(transfer.received < LEN as u64, "{way}: {transfer:?}");
                assert!(transfer.elapsed < LONG, "{way}: {transfer:?}");
            }
        }
    }
}

/// Answers in chunks, where there are such.
fn answer() -> Answer {
    Arc::new(|_| {
        let page: Page = Unmeasured(Some(bytes(LEN).into())).boxed_unsync();
        Box::pin(std::future::ready(Ok(http::Response::new(page))))
    })
}

/// One piece of a body that does not tell its length.
struct Unmeasured(Option<Bytes>);

impl HttpBody for Unmeasured {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(self.0.take().map(|piece| Ok(Frame::data(piece))))
    }
}

/// A proxy for each fault, and the transfers that go through them, among others.
fn transfers(scheme: &str, server: &Server, cases: &[Case]) -> (Vec<Raw>, Vec<Transfer>) {
    let unharmed = proxy(address(server), None);
    let (mut proxies, mut all) = (Vec::new(), Vec::new());
    let to = |proxy: &Raw| format!("{scheme}://{}/", proxy.address());
    for case in cases {
        let harmful = proxy(address(server), Some(case.0));
        let limit = if case.1 == [Timeout] { SHORT } else { LONG };
        for _ in 0..EACH {
            all.push(Transfer { url: to(&harmful), limit, fault: Some(*case) });
            all.push(Transfer { url: to(&unharmed), limit: LONG, fault: None });
        }
        proxies.push(harmful);
    }
    proxies.push(unharmed);
    (proxies, all)
}

#[test]
fn whoever_is_hit_ends_in_its_own_error_and_the_others_are_whole() {
    let authority = Authority::new();
    let client = || {
        let tls = TlsSettings::new().ca_pem(authority.pem());
        Client::builder().tls(tls).build().unwrap()
    };
    let servers = || {
        let names = ["127.0.0.1"];
        [
            ("http", Server::answering(answer()), PLAIN),
            ("https", Server::tls_answering(&authority, &names, answer()), SECURE),
        ]
    };
    // Once, for what is made with the first transfer and stays.
    for (_, server, _) in servers() {
        client().get(server.url("/")).send().unwrap();
    }
    let footing = Footing::now();

    for (scheme, server, cases) in servers() {
        let (proxies, all) = transfers(scheme, &server, cases);

        let blocking = client();
        thread::scope(|scope| {
            for it in &all {
                let send = || blocking.get(&it.url).timeout(it.limit).send();
                scope.spawn(move || it.ends("blocking", send().map(Response::into_body)));
            }
        });
        blocking.close_blocking().unwrap();

        let tasks = client();
        let sent = all.iter().map(|it| tasks.get(&it.url).timeout(it.limit).send_async());
        let waiting = sent.map(|sending| thread::spawn(move || block_on(sending)));
        let waiting: Vec<_> = waiting.collect();
        for (it, waiting) in all.iter().zip(waiting) {
            it.ends("asynchronous", waiting.join().unwrap().map(Response::into_body));
        }
        tasks.close_blocking().unwrap();

        for mut multi in engines() {
            let ids = all.iter().map(|it| {
                let mut easy = get(&it.url, Body::default());
                easy.set(option::NoProxy("*")).unwrap();
                easy.set(option::CaInfoBlob(authority.pem().as_bytes())).unwrap();
                easy.set(option::TimeoutMs(it.limit)).unwrap();
                multi.add(easy).unwrap()
            });
            let ids: Vec<_> = ids.collect();
            let mut done = drive(&mut multi);
            for (it, id) in all.iter().zip(ids) {
                let body = multi.remove(id).unwrap().into_handler().0;
                it.ends("multi", done.remove(&id).unwrap().map(|()| body));
            }
        }
        drop(proxies);
    }
    footing.comes_back();
}
