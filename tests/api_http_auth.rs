//! Log-ins of every kind, on the way of redirects and of further attempts. What is sent is seen at the
//! servers.

#![cfg(feature = "http")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use common::executor::block_on;
use common::guarded::{Asked, Guarded, Scheme};
use ffence::curl::{Easy, option};
use ffence::http::{Auth, Client, Proxy, Redirect, RequestBody, RequestBuilder, Response, Retry};
use ffence::{Error, ErrorKind};

/// Those that need an exchange of messages with the server.
const EXCHANGED: [(Scheme, Auth); 2] = [(Scheme::Digest, Auth::DIGEST), (Scheme::Ntlm, Auth::NTLM)];

type Way = fn(RequestBuilder<'_>) -> Result<Response<Vec<u8>>, Error>;

const WAYS: [(&str, Way); 2] =
    [("send", |request| request.send()), ("send_async", |request| block_on(request.send_async()))];

fn client() -> Client {
    let builder = Client::builder().redirect(Redirect::limited(5)).proxy(Proxy::none());
    builder.build().unwrap()
}

/// Whether the linked libcurl can do it.
fn is_known(how: Auth) -> bool {
    match Easy::new().unwrap().set(option::HttpAuth(how)) {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
            eprintln!("skipped: {how:?}, which this libcurl was built without");
            false
        }
    }
}

/// Leads from `/from` to `/to` with this status, and nowhere else.
fn leading(scheme: Scheme, status: u16) -> Guarded {
    Guarded::start(scheme, move |asked| match &*asked.path {
        "/from" => (status, "/to".to_owned()),
        _ => (200, "/".to_owned()),
    })
}

fn let_in(asked: &[Asked]) -> Vec<&str> {
    asked.iter().filter(|it| it.let_in).map(|it| &*it.path).collect()
}

/// The way to log in that this asks for.
fn scheme_alone(scheme: Scheme) -> Auth {
    match scheme {
        Scheme::Digest => Auth::DIGEST,
        Scheme::Ntlm => Auth::NTLM,
        _ => Auth::BASIC,
    }
}

/// What says who somebody is.
fn has_credentials(asked: &Asked) -> bool {
    let names = ["authorization", "proxy-authorization", "cookie"];
    names.iter().any(|name| asked.header(name).is_some()) || asked.text.contains("user")
}

/// A body that can be sent twice, in both forms; and none.
const REPEATABLE: [fn() -> Option<RequestBody>; 3] =
    [|| None, || Some("text".into()), || Some(RequestBody::open(|| Ok(&b"text"[..]), 4))];

#[test]
fn a_log_in_works_again_after_a_hop_within_its_origin() {
    let client = client();
    for (scheme, how) in EXCHANGED {
        if !is_known(how) {
            continue;
        }
        let server = leading(scheme, 307);
        for (name, send) in WAYS {
            for body in REPEATABLE {
                let request = match body() {
                    None => client.get(server.url("/from")),
                    Some(body) => client.post(server.url("/from")).body(body),
                };
                let response = send(request.login("user", "open sesame", how)).unwrap();
                assert_eq!((response.status().as_u16(), &**response.body()), (200, &b"/to"[..]));
                assert_eq!(response.history().len(), 1, "{scheme:?} {name}");
                let asked = server.asked();
                assert_eq!(let_in(&asked), ["/from", "/to"], "{scheme:?} {name}: {asked:?}");
                let text = if asked[0].method == "POST" { "text" } else { "" };
                let granted = asked.iter().filter(|it| it.let_in);
                assert!(
                    granted.into_iter().all(|it| it.body == text),
                    "{scheme:?} {name}: {asked:?}"
                );
            }
        }
    }
}

#[test]
fn a_log_in_is_good_for_one_server_after_the_other_and_for_the_same_again() {
    let client = client();
    for (scheme, how) in EXCHANGED {
        if !is_known(how) {
            continue;
        }
        let servers = [leading(scheme, 302), leading(scheme, 302)];
        for _ in 0..2 {
            for server in &servers {
                for (name, send) in WAYS {
                    let request = client.get(server.url("/plain"));
                    let response = send(request.login("user", "open sesame", how)).unwrap();
                    assert_eq!(response.status(), 200, "{scheme:?} {name}");
                    // Nobody else, and nobody without it, comes in on the same connection.
                    let request = client.get(server.url("/plain"));
                    let response = send(request.login("somebody", "wrong", how)).unwrap();
                    assert_eq!(response.status(), 401, "{scheme:?} {name}");
                    let response = send(client.get(server.url("/plain"))).unwrap();
                    assert_eq!(response.status(), 401, "{scheme:?} {name}");
                }
            }
        }
    }
}

#[test]
fn no_log_in_goes_to_another_origin_or_comes_back() {
    let kinds = [
        (Scheme::Basic, Auth::BASIC),
        (Scheme::Digest, Auth::DIGEST),
        (Scheme::Ntlm, Auth::NTLM),
        (Scheme::Basic, Auth::ANY),
        (Scheme::Digest, Auth::ANY),
        (Scheme::Digest, Auth::ANY_SAFE),
    ];
    for (scheme, how) in kinds {
        if !is_known(how) {
            continue;
        }
        // The other origin asks for the same kind of log-in, and so does the first one again.
        let (back, leads_back) = (leading(scheme, 302), Arc::new(AtomicU32::new(0)));
        let home = back.url("/back");
        let turns = Arc::clone(&leads_back);
        let other = Guarded::start(Scheme::Open, move |_| {
            turns.fetch_add(1, Ordering::SeqCst);
            (307, home.clone())
        });
        let there = other.url("/there");
        let first = Guarded::start(scheme, move |_| (307, there.clone()));
        let strict = leading(scheme, 302);
        let closed = strict.url("/closed");
        let to_strict = Guarded::start(scheme, move |_| (307, closed.clone()));
        let client = client();
        for (name, send) in WAYS {
            // Where the server is to choose, a body is sent before it has: a driver cannot read again.
            let bodies = if how == scheme_alone(scheme) { 3 } else { 2 };
            let name = format!("{scheme:?} {how:?} {name}");
            for body in &REPEATABLE[..bodies] {
                let post = |url: String| match body() {
                    None => client.get(url),
                    Some(body) => client.post(url).body(body),
                };
                let login = |url| send(post(url).login("user", "open sesame", how)).unwrap();
                assert_eq!(login(first.url("/from")).status(), 401, "{name}");
                assert_eq!(let_in(&first.asked()), ["/from"], "{name}");
                for asked in other.asked().iter().chain(&back.asked()) {
                    assert!(!has_credentials(asked), "{name}: {asked:?}");
                }
                assert_eq!(login(to_strict.url("/from")).status(), 401, "{name}");
                assert_eq!(let_in(&to_strict.asked()), ["/from"], "{name}");
                let asked = strict.asked();
                assert_eq!(asked.len(), 1, "{name}: {asked:?}");
                assert!(!has_credentials(&asked[0]), "{name}: {asked:?}");
            }
        }
        assert!(leads_back.load(Ordering::SeqCst) > 0);
    }
}

/// There is no ticket here; were there one, it would be for the first server alone.
#[test]
fn negotiate_sends_nothing_to_another_origin() {
    if !is_known(Auth::NEGOTIATE) {
        return;
    }
    let other = Guarded::start(Scheme::Negotiate, |_| (200, "/".to_owned()));
    let there = other.url("/there");
    let first = Guarded::start(Scheme::Open, move |_| (307, there.clone()));
    let client = client();
    for (name, send) in WAYS {
        let request = client.get(first.url("/from")).login("user", "open sesame", Auth::NEGOTIATE);
        assert_eq!(send(request).unwrap().status(), 401, "{name}");
        let asked = other.asked();
        assert_eq!(asked.len(), 1, "{name}: {asked:?}");
        assert!(!has_credentials(&asked[0]), "{name}: {asked:?}");
    }
}

#[test]
fn a_body_that_is_there_once_is_sent_once_the_server_lets_in() {
    let client = client();
    for (scheme, how) in EXCHANGED {
        if !is_known(how) {
            continue;
        }
        let (keeps, drops) = (leading(scheme, 307), leading(scheme, 303));
        for (name, send) in WAYS {
            let post = |url: String| {
                let request = client.post(url).body(RequestBody::reader(&b"text"[..], 4));
                send(request.login("user", "open sesame", how))
            };
            // The challenge is answered without it.
            assert_eq!(post(keeps.url("/to")).unwrap().status(), 200, "{scheme:?} {name}");
            let asked = keeps.asked();
            let sent: Vec<_> = asked.iter().map(|it| (it.let_in, &*it.body)).collect();
            assert_eq!(sent.last(), Some(&(true, "text")), "{scheme:?} {name}: {asked:?}");
            assert!(sent[..sent.len() - 1].iter().all(|it| *it == (false, "")), "{asked:?}");
            // A redirect that wants it again is refused, and nothing of it was sent there.
            let error = post(keeps.url("/from")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Redirect, "{scheme:?} {name}: {error}");
            assert!(keeps.asked().iter().all(|it| it.path == "/from"), "{scheme:?} {name}");
            // One that does not goes on, logged in.
            assert_eq!(post(drops.url("/from")).unwrap().body(), b"/to", "{scheme:?} {name}");
            let asked = drops.asked();
            assert_eq!(let_in(&asked), ["/from", "/to"], "{scheme:?} {name}: {asked:?}");
            let last = asked.last().unwrap();
            assert_eq!((&*last.method, &*last.body), ("GET", ""), "{scheme:?} {name}");
        }
    }
}

#[test]
fn a_log_in_works_again_in_another_attempt() {
    let retry = Retry::new(2).back_off(Duration::from_millis(1), Duration::from_millis(2));
    let builder =
        Client::builder().redirect(Redirect::limited(5)).retry(retry).proxy(Proxy::none());
    let client = builder.build().unwrap();
    for (scheme, how) in EXCHANGED {
        if !is_known(how) {
            continue;
        }
        // Busy once before it leads on, and once at the end.
        let times = AtomicU32::new(0);
        let server = Guarded::start(scheme, move |asked| {
            let is_busy = times.fetch_add(1, Ordering::SeqCst).is_multiple_of(2);
            match &*asked.path {
                _ if is_busy => (503, "/".to_owned()),
                "/from" => (307, "/to".to_owned()),
                _ => (200, "/".to_owned()),
            }
        });
        for (name, send) in WAYS {
            let request = client.put(&server.url("/from"));
            let response = send(request.login("user", "open sesame", how)).unwrap();
            assert_eq!(response.body(), b"/to", "{scheme:?} {name}");
            let asked = server.asked();
            let granted = let_in(&asked);
            assert_eq!(granted, ["/from", "/from", "/to", "/to"], "{scheme:?} {name}: {asked:?}");
            let bodies = asked.iter().filter(|it| it.let_in).map(|it| &*it.body);
            assert_eq!(bodies.collect::<Vec<_>>(), ["text"; 4], "{scheme:?} {name}");
        }
    }
}

trait Put {
    fn put(&self, url: &str) -> RequestBuilder<'_>;
}

impl Put for Client {
    fn put(&self, url: &str) -> RequestBuilder<'_> {
        let body = RequestBody::open(|| Ok(&b"text"[..]), 4);
        self.request(http::Method::PUT, url.to_owned()).body(body)
    }
}
