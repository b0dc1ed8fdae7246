//! `ffence::curl::Headers`: every header that came, with where it came from.
#![cfg(feature = "http")]

mod common;

use common::proxy::Proxy;
use common::raw::Raw;
use common::server::{Authority, Server};
use ffence::ErrorKind;
use ffence::capabilities::Version;
use ffence::curl::{Easy, Headers, Info, Origin, option};

/// The headers of a transfer; `None` where the linked libcurl has none, which must then say so.
fn headers(done: Info<'_>) -> Option<Headers<'_>> {
    let since = Version::new(7, 83, 0);
    match done.headers() {
        Ok(headers) => Some(headers),
        Err(error) => {
            let linked = ffence::capabilities().unwrap().libcurl().number();
            assert!(linked < since, "{error}");
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            assert_eq!(
                error.since(),
                Some(ffence::capabilities::Version::new(7, 83, 0)),
                "{error}"
            );
            None
        }
    }
}

fn easy(url: &str) -> Easy {
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(url)).unwrap().set(option::NoProxy("*")).unwrap();
    easy
}

/// `name: value` of each.
fn lines(headers: Headers<'_>) -> Vec<String> {
    headers.iter().map(|header| format!("{header:?}")).collect()
}

#[test]
fn headers_of_one_response() {
    let peer = Raw::answering(
        "HTTP/1.1 200 OK\r\nServer: ugly\r\nSet-Cookie: a=1\r\nX:  padded \r\nSET-COOKIE: b=2\r\n\
         X-Bytes: \u{e9}\r\nX-Empty:\r\nContent-Length: 0\r\n\r\n",
    );
    let mut easy = easy(&peer.url("/"));
    let Some(headers) = headers(easy.perform().unwrap()) else { return };

    let server = headers.get("sErVeR").unwrap().unwrap();
    assert_eq!((server.name(), server.text()), (&b"Server"[..], Some("ugly")));
    assert_eq!((server.amount(), server.index()), (1, 0));
    assert_eq!(server.origin(), Origin::RESPONSE);
    assert_eq!(headers.get("X").unwrap().unwrap().value(), b"padded");
    assert_eq!(headers.get("X-Bytes").unwrap().unwrap().value(), "\u{e9}".as_bytes());
    assert_eq!(headers.get("X-Empty").unwrap().unwrap().value(), b"");
    assert!(headers.get("Absent").unwrap().is_none());
    assert_eq!(headers.get("a\0b").unwrap_err().kind(), ErrorKind::InteriorNul);

    let cookies: Vec<_> = headers.all("set-cookie").collect();
    assert_eq!(cookies.iter().map(|it| it.text().unwrap()).collect::<Vec<_>>(), ["a=1", "b=2"]);
    assert_eq!(
        cookies.iter().map(|it| (it.index(), it.amount())).collect::<Vec<_>>(),
        [(0, 2), (1, 2)]
    );
    assert_eq!(headers.iter().count(), 7);
}

#[test]
fn two_walks_through_the_same_headers_do_not_disturb_each_other() {
    let peer = Raw::answering("HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\nContent-Length: 0\r\n\r\n");
    let mut easy = easy(&peer.url("/"));
    let Some(headers) = headers(easy.perform().unwrap()) else { return };
    let mut pairs = Vec::new();
    for outer in headers {
        for inner in headers {
            pairs.push((outer.value(), inner.value()));
            assert!(headers.get("B").unwrap().is_some());
        }
    }
    assert_eq!(pairs.len(), 9);
    assert_eq!((pairs[0], pairs[4]), ((&b"1"[..], &b"1"[..]), (&b"2"[..], &b"2"[..])));
}

#[test]
fn interim_responses_and_trailers_are_told_apart() {
    let peer = Raw::answering(
        "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n\
         HTTP/1.1 200 OK\r\nServer: ugly\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n\
         2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n",
    );
    let mut easy = easy(&peer.url("/"));
    let Some(headers) = headers(easy.perform().unwrap()) else { return };
    assert!(headers.get("Link").unwrap().is_none(), "of the response alone");
    assert_eq!(lines(headers.origin(Origin::INTERIM)), ["Link: </a.css>"]);
    assert_eq!(lines(headers.origin(Origin::TRAILER)), ["X-Sum: 7"]);
    let both = headers.origin(Origin::INTERIM | Origin::TRAILER);
    let origins: Vec<_> = both.iter().map(|header| header.origin()).collect();
    assert_eq!(origins, [Origin::INTERIM, Origin::TRAILER]);
    assert_eq!(headers.origin(Origin::ANY).iter().count(), 5);
}

#[test]
fn each_request_of_a_redirect_has_its_own() {
    let server = Server::plain();
    let mut easy = easy(&server.url("/redirect/302/bytes/3"));
    easy.set(option::FollowLocation(option::value::Follow::All)).unwrap();
    let Some(headers) = headers(easy.perform().unwrap()) else { return };
    assert!(headers.get("X-Only-In-The-Redirect").unwrap().is_none());
    let first = headers.request(0);
    assert!(first.get("X-Only-In-The-Redirect").unwrap().is_some());
    assert_eq!(first.get("Location").unwrap().unwrap().text(), Some("/bytes/3"));
    assert_eq!(headers.request(1).get("content-length").unwrap().unwrap().text(), Some("3"));
    assert!(headers.request(2).get("content-length").unwrap().is_none());
    assert_eq!(headers.request(u16::MAX).iter().count(), 0);
}

#[test]
fn http_2_has_pseudo_headers() {
    if !ffence::capabilities().unwrap().libcurl().http2() {
        eprintln!("skipped: this libcurl does not speak HTTP/2");
        return;
    }
    let authority = Authority::new();
    let server = Server::tls(&authority);
    let mut easy = easy(&server.url("/bytes/3"));
    easy.set(option::CaInfoBlob(authority.pem().as_bytes())).unwrap();
    let Some(headers) = headers(easy.perform().unwrap()) else { return };
    assert_eq!(lines(headers.origin(Origin::PSEUDO)), [":status: 200"]);
    assert_eq!(headers.get("content-length").unwrap().unwrap().text(), Some("3"));
}

#[test]
fn a_proxys_answer_to_connect_is_told_apart() {
    let Some(proxy) = Proxy::http() else { return };
    let authority = Authority::new();
    let server = Server::tls(&authority);
    let mut easy = easy(&server.url("/bytes/3"));
    easy.set(option::NoProxy("")).unwrap();
    easy.set(option::Proxy(proxy.url("http"))).unwrap();
    easy.set(option::CaInfoBlob(authority.pem().as_bytes())).unwrap();
    let Some(headers) = headers(easy.perform().unwrap()) else { return };
    let agent = headers.origin(Origin::CONNECT).get("Proxy-agent").unwrap().unwrap();
    assert!(agent.text().unwrap().starts_with("tinyproxy"), "{agent:?}");
    assert!(headers.get("Proxy-agent").unwrap().is_none());
}

#[test]
fn before_a_transfer_there_are_none() {
    let easy = easy("http://127.0.0.1:1/");
    let Some(headers) = headers(easy.info()) else { return };
    assert!(headers.get("Server").unwrap().is_none());
    assert_eq!(headers.iter().count(), 0);
}
