//! Redirects: which are followed, as what, with which secrets, and who decides.

#![cfg(feature = "http")]

mod common;

use std::io::Read as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::executor::block_on;
use common::raw::Raw;
use common::server::{Authority, Server};
use common::site::{Site, names, statuses};
use ffence::http::{
    Auth, CancelHandle, Client, Redirect, RedirectAction, RequestBody, RequestBuilder, Response,
    Retry, TimeLimit, Timeouts, Tls,
};
use ffence::{Error, ErrorKind};
use http::Method;

fn follow(limit: u32) -> Client {
    Client::builder().redirect(Redirect::limited(limit)).build().unwrap()
}

/// What a call came to.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    status: u16,
    url: String,
    hops: Vec<u16>,
    text: String,
}

impl Seen {
    fn of<B>(response: &Response<B>, body: Vec<u8>) -> Self {
        Self {
            status: response.status().as_u16(),
            url: response.url().to_owned(),
            hops: statuses(response),
            text: String::from_utf8(body).unwrap(),
        }
    }
}

type Way = fn(RequestBuilder<'_>) -> Result<Seen, Error>;

/// All the ways to send a request.
const WAYS: [(&str, Way); 6] = [
    ("send", |request| {
        let response = request.send()?;
        Ok(Seen::of(&response, response.body().clone()))
    }),
    ("send_to", |request| {
        let mut body = Vec::new();
        let response = request.send_to(&mut body)?;
        assert_eq!(*response.body(), body.len() as u64);
        Ok(Seen::of(&response, body))
    }),
    ("open", |request| {
        let (mut response, mut body) = (request.open()?, Vec::new());
        response.body_mut().read_to_end(&mut body).unwrap();
        Ok(Seen::of(&response, body))
    }),
    ("send_async", |request| {
        let response = block_on(request.send_async())?;
        Ok(Seen::of(&response, response.body().clone()))
    }),
    ("open_async", |request| {
        let (mut response, mut body) = (block_on(request.open_async())?, Vec::new());
        while let Some(piece) = block_on(response.body_mut().chunk())? {
            body.extend_from_slice(&piece);
        }
        Ok(Seen::of(&response, body))
    }),
    ("send_async_to", |request| {
        let body = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&body);
        let response = block_on(request.send_async_to(move |piece| {
            sink.lock().unwrap().extend_from_slice(piece);
            Ok(())
        }))?;
        let body = body.lock().unwrap().clone();
        assert_eq!(*response.body(), body.len() as u64);
        Ok(Seen::of(&response, body))
    }),
];

#[test]
fn every_way_to_send_follows_and_tells_the_way() {
    let site = Site::plain();
    site.redirect("/a/first", 301, "second one?x=a#there");
    site.redirect("/a/second%20one?x=a", 302, "/third");
    site.redirect("/third", 308, &site.url("/a/../last"));
    let client = follow(3);
    for (name, send) in WAYS {
        let seen = send(client.get(site.url("/a/first"))).unwrap();
        let expected = Seen {
            status: 200,
            // RFC 9110 section 10.2.2: the fragment goes along.
            url: site.url("/last#there"),
            hops: vec![301, 302, 308],
            text: "/last".to_owned(),
        };
        assert_eq!(seen, expected, "{name}");
    }
    // Small bodies of redirects do not cost their connections: one of the callers', one of the driver's.
    assert_eq!(site.connections(), 2);
    let response = client.get(site.url("/a/first")).send().unwrap();
    assert_eq!(response.history()[1].url, site.url("/a/second%20one?x=a#there"));
    let timings = response.timings();
    assert!(!timings.redirect.is_zero() && timings.total > timings.redirect, "{timings:?}");
    assert!(timings.first_byte > timings.redirect, "{timings:?}");
}

#[test]
fn what_leads_nowhere_is_the_response() {
    let site = Site::plain();
    site.page("/without", 302, &[]);
    site.page("/empty", 302, &[("location", "")]);
    site.redirect("/choices", 300, "/last");
    site.redirect("/unchanged", 304, "/last");
    site.redirect("/created", 201, "/last");
    for (path, status) in [
        ("/without", 302),
        ("/empty", 302),
        ("/choices", 300),
        ("/unchanged", 304),
        ("/created", 201),
    ] {
        let response = follow(3).get(site.url(path)).send().unwrap();
        assert_eq!((response.status().as_u16(), response.url()), (status, &*site.url(path)));
        assert!(response.history().is_empty());
    }
    // And without a policy, everything is.
    site.redirect("/away", 302, "/last");
    let response = Client::new().unwrap().get(site.url("/away")).send().unwrap();
    assert_eq!((response.status().as_u16(), response.url()), (302, &*site.url("/away")));
}

#[test]
fn methods_and_bodies_change_as_http_says() {
    let site = Site::plain();
    let client = follow(1);
    for (method, status, expected) in [
        ("GET", 301, "GET "),
        ("GET", 303, "GET "),
        ("GET", 307, "GET "),
        ("HEAD", 302, "HEAD "),
        ("HEAD", 303, "HEAD "),
        ("HEAD", 308, "HEAD "),
        ("POST", 301, "GET "),
        ("POST", 302, "GET "),
        ("POST", 303, "GET "),
        ("POST", 307, "POST text"),
        ("POST", 308, "POST text"),
        ("PUT", 301, "PUT text"),
        ("PUT", 302, "PUT text"),
        ("PUT", 303, "GET "),
        ("PUT", 308, "PUT text"),
        ("PATCH", 307, "PATCH text"),
        ("DELETE", 302, "DELETE "),
        ("DELETE", 303, "GET "),
        ("OPTIONS", 301, "OPTIONS "),
        ("PROPFIND", 302, "PROPFIND text"),
    ] {
        site.redirect("/from", status, "/to");
        let has_body = matches!(method, "POST" | "PUT" | "PATCH" | "PROPFIND");
        let bodies: [fn() -> RequestBody; 2] =
            [|| "text".into(), || RequestBody::open(|| Ok(&b"text"[..]), 4)];
        for body in bodies.into_iter().take(if has_body { 2 } else { 1 }) {
            for (name, send) in WAYS {
                let name = format!("{method} {status} {name}");
                let request = client
                    .request(Method::from_bytes(method.as_bytes()).unwrap(), site.url("/from"))
                    .header("x-mine", "1");
                let request = if has_body {
                    request.header("content-type", "text/plain").body(body())
                } else {
                    request
                };
                assert_eq!(send(request).unwrap().hops, [status], "{name}");
                let asked = site.asked();
                let last = asked.last().unwrap();
                let text = String::from_utf8_lossy(&last.body);
                assert_eq!(format!("{} {text}", last.method), expected, "{name}");
                assert_eq!(last.header("x-mine"), Some("1"), "{name}");
                let keeps_body = !text.is_empty();
                assert_eq!(last.header("content-type").is_some(), keeps_body, "{name}");
                let length = last.header("content-length").unwrap_or("0");
                assert_eq!(length, last.body.len().to_string(), "{name}");
            }
        }
    }
}

#[test]
fn a_body_that_cannot_be_sent_again_fails_only_where_it_must_be() {
    let site = Site::plain();
    site.redirect("/keep", 307, "/to");
    site.redirect("/drop", 303, "/to");
    let client = follow(1);
    for (name, send) in WAYS {
        let post = |path| client.post(site.url(path)).body(RequestBody::reader(&b"text"[..], 4));
        let error = send(post("/keep")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Redirect, "{name}: {error}");
        assert!(error.to_string().contains("cannot be sent again"), "{name}: {error}");
        assert_eq!(error.transfer().unwrap().status, Some(307), "{name}");
        assert_eq!(send(post("/drop")).unwrap().text, "/to", "{name}");
    }
}

#[test]
fn secrets_stay_with_their_origin() {
    let (first, second) = (Site::plain(), Site::plain());
    first.redirect("/here", 302, "/still");
    first.redirect("/still", 302, &second.url("/there"));
    second.redirect("/there", 302, &first.url("/back"));
    let client = follow(5);
    for (name, send) in WAYS {
        let request = client
            .get(first.url("/here"))
            .bearer_auth("secret")
            .header("cookie", "id=secret")
            .header("proxy-authorization", "Basic secret")
            .header("referer", "http://a.test/secret")
            .header("x-mine", "open");
        assert_eq!(send(request).unwrap().text, "/back", "{name}");
        let is_secret = |it: &common::site::Asked| format!("{:?}", it.headers).contains("secret");
        let (at_first, at_second) = (first.asked(), second.asked());
        let secrets: Vec<_> = at_first.iter().map(is_secret).collect();
        assert_eq!(secrets, [true, true, false], "{name}: {at_first:?}");
        assert!(!is_secret(&at_second[0]), "{name}: {at_second:?}");
        let all = at_first.iter().chain(&at_second);
        assert!(all.into_iter().all(|it| it.header("x-mine") == Some("open")), "{name}");
    }
    // A log-in, and one in the URL, which libcurl sends.
    let login = client.get(first.url("/here")).login("me", "secret", Auth::BASIC);
    let in_url = client.get(first.url_as("me:secret@127.0.0.1", "/here"));
    for request in [login, in_url] {
        assert_eq!(request.send().unwrap().text().unwrap(), "/back");
        let has_login = |it: &common::site::Asked| it.header("authorization").is_some();
        let at_first: Vec<_> = first.asked().iter().map(has_login).collect();
        assert_eq!(at_first, [true, true, false]);
        assert!(!has_login(&second.asked()[0]));
    }
}

#[test]
fn another_name_is_another_origin() {
    let site = Site::plain();
    let builder = Client::builder().redirect(Redirect::limited(3));
    let client = names(builder, &["a.test", "b.a.test"], &[site.port()]).build().unwrap();
    site.redirect("/from", 307, &site.url_as("b.a.test", "/to"));
    client.get(site.url_as("a.test", "/from")).bearer_auth("secret").send().unwrap();
    let asked = site.asked();
    assert!(
        asked[0].header("authorization").is_some() && asked[1].header("authorization").is_none()
    );
    // The case of a name is no difference, and neither is the usual port.
    site.redirect("/from", 307, &site.url_as("A.Test", "/to"));
    client.get(site.url_as("a.test", "/from")).bearer_auth("secret").send().unwrap();
    assert!(site.asked().iter().all(|it| it.header("authorization").is_some()));
}

#[test]
fn one_too_many_is_an_error() {
    let site = Site::plain();
    for hop in 0..9 {
        site.redirect(&format!("/{hop}"), 302, &format!("/{}", hop + 1));
    }
    for (name, send) in WAYS {
        assert_eq!(send(follow(9).get(site.url("/0"))).unwrap().text, "/9", "{name}");
        let error = send(follow(8).get(site.url("/0"))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Redirect, "{name}: {error}");
        assert!(error.to_string().contains("after 8 that were followed"), "{name}: {error}");
        assert!(!error.transfer().unwrap().timings.redirect.is_zero(), "{name}");
    }
    // A closure that never has enough.
    site.redirect("/round", 302, "/round");
    let client = Client::builder().redirect(Redirect::custom(|_| RedirectAction::Follow));
    let error = client.build().unwrap().get(site.url("/round")).send().unwrap_err();
    assert!(error.to_string().contains("after 50 that were followed"), "{error}");
}

#[test]
fn a_closure_decides() {
    let site = Site::plain();
    site.redirect("/one", 301, "/two");
    site.redirect("/two", 303, "/three");
    site.redirect("/three", 307, "/four");
    let decide = |action: RedirectAction| {
        Redirect::custom(move |attempt| match attempt.status().as_u16() {
            301 | 303 => RedirectAction::Follow,
            _ => {
                let urls = [attempt.from(), attempt.to()].map(|url| url.path().unwrap());
                assert_eq!(urls, ["/three", "/four"]);
                assert_eq!(*attempt.method(), Method::GET);
                let before: Vec<_> =
                    attempt.previous().iter().map(|it| it.status.as_u16()).collect();
                assert_eq!(before, [301, 303]);
                action.clone()
            }
        })
    };
    let client = |action| Client::builder().redirect(decide(action)).build().unwrap();
    let follow = client(RedirectAction::Follow);
    let stop = client(RedirectAction::Stop);
    let refuse = client(RedirectAction::Refuse("not there".to_owned()));
    for (name, send) in WAYS {
        let post = |client: &Client| {
            let url = site.url("/one");
            send(client.post(url).body("text"))
        };
        assert_eq!(post(&follow).unwrap().text, "/four", "{name}");
        // The redirect itself, body and all.
        let seen = post(&stop).unwrap();
        assert_eq!(
            (seen.status, &*seen.text, seen.hops),
            (307, "/three", vec![301, 303]),
            "{name}"
        );
        let error = post(&refuse).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Redirect, "{name}");
        assert!(error.to_string().ends_with("the redirect to /four: not there"), "{name}: {error}");
    }
}

#[test]
fn a_closure_that_panics_fails_its_request_alone() {
    let site = Site::plain();
    site.redirect("/from", 302, "/to");
    let client = Client::builder().redirect(Redirect::custom(|_| panic!("in the closure")));
    let client = client.build().unwrap();
    for (name, send) in WAYS {
        let error = send(client.get(site.url("/from"))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked, "{name}: {error}");
        assert_eq!(send(client.get(site.url("/other"))).unwrap().text, "/other", "{name}");
    }
}

#[test]
fn limits_and_cancelling_are_the_whole_calls() {
    let server = Server::plain();
    let limits = Timeouts::new().total(Duration::from_millis(300));
    let client = Client::builder().redirects(3).timeouts(limits).build().unwrap();
    for (name, send) in WAYS {
        let error = send(client.get(server.url("/redirect/302/redirect/302/hang"))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{name}: {error}");
        assert_eq!(error.time_limit(), Some(TimeLimit::Total), "{name}");
    }
    // Cancelled on the way: the next request is never sent.
    let site = Site::plain();
    site.redirect("/from", 302, "/to");
    for (name, send) in WAYS {
        let cancel = CancelHandle::new();
        let used = cancel.clone();
        let redirect = Redirect::custom(move |_| {
            used.cancel();
            RedirectAction::Follow
        });
        let client = Client::builder().redirect(redirect).build().unwrap();
        let error = send(client.get(site.url("/from")).cancel_with(&cancel)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{name}: {error}");
        assert!(site.asked().iter().all(|it| it.path == "/from"), "{name}");
    }
}

#[test]
fn only_http_is_followed_and_not_out_of_tls() {
    let client = follow(3);
    for target in
        ["file:///etc/hostname", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "http://[::1/"]
    {
        let server = Raw::answering(format!(
            "HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n"
        ));
        let error = client.get(server.url("/")).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Redirect, "{target}: {error}");
        assert!(error.to_string().contains(target), "{error}");
    }
    let (authority, plain) = (Authority::new(), Site::plain());
    let secure = Site::tls(&authority, &["127.0.0.1"]);
    secure.redirect("/down", 302, &plain.url("/plain"));
    plain.redirect("/up", 302, &secure.url("/secure"));
    let client = |redirect| {
        let tls = Tls::new().ca_pem(authority.pem());
        Client::builder().tls(tls).redirect(redirect).build().unwrap()
    };
    let careful = client(Redirect::limited(3));
    let careless = client(Redirect::limited(3).allow_downgrade());
    for (name, send) in WAYS {
        let error = send(careful.get(secure.url("/down"))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Redirect, "{name}");
        assert!(error.to_string().contains("from https to http"), "{name}: {error}");
        assert!(plain.asked().is_empty(), "{name}");
        assert_eq!(send(careful.get(plain.url("/up"))).unwrap().text, "/secure", "{name}");
        plain.asked();
        assert_eq!(send(careless.get(secure.url("/down"))).unwrap().text, "/plain", "{name}");
        plain.asked();
    }
}

/// The body of a redirect is nobody's, however long it is.
#[test]
fn a_long_body_of_a_redirect_is_given_up() {
    let to = Site::plain();
    let target = to.url("/to");
    let from = Raw::answering_by(move |_| {
        let mut answer = format!(
            "HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 900000000\r\n\r\n"
        )
        .into_bytes();
        answer.resize(answer.len() + 1_000_000, b'x');
        answer
    });
    for (name, send) in WAYS {
        let seen = send(follow(1).get(from.url("/"))).unwrap();
        assert_eq!((seen.status, &*seen.text, seen.hops), (200, "/to", vec![302]), "{name}");
    }
}

#[test]
fn progress_is_that_of_the_response_and_retries_go_on_where_they_are() {
    let site = Site::plain();
    site.redirect("/from", 302, "/to");
    let told = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&told);
    let client = follow(1);
    let request = client.get(site.url("/from")).on_progress(move |progress| {
        log.lock().unwrap().push(progress.downloaded);
    });
    assert_eq!(request.send().unwrap().text().unwrap(), "/to");
    // Not the page that led there, of five bytes.
    assert_eq!(told.lock().unwrap().last(), Some(&3));
    site.asked();

    site.page("/to", 503, &[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")]);
    let retry = Retry::new(2).back_off(Duration::ZERO, Duration::from_secs(9));
    let builder = Client::builder().retry(retry).redirects(3);
    let client = builder.build().unwrap();
    for (name, send) in WAYS {
        assert_eq!(send(client.get(site.url("/from"))).unwrap().status, 503, "{name}");
        let paths: Vec<_> = site.asked().into_iter().map(|it| it.path).collect();
        // What was written or handed to a closure is not asked for again.
        let attempts = if name.ends_with("_to") { 1 } else { 3 };
        assert_eq!(paths[0], "/from", "{name}");
        assert_eq!(paths[1..], vec!["/to"; attempts], "{name}");
    }
}
