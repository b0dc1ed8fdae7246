//! Logging in where a WebSocket is opened.
#![cfg(all(feature = "websocket", feature = "crypto", unix))]

mod common;

use std::collections::HashMap;
use std::time::Duration;

use common::executor::block_on;
use common::websocket::{Door, Reply, header};
use ffence::ErrorKind;
use ffence::crypto::Sha256;
use ffence::http::websocket::WebSocketBuilder;
use ffence::http::{Auth, Client, Proxy, Redirect};

/// Far more than anything here takes; a hang, and nothing else, runs into it.
const SOON: Duration = Duration::from_secs(60);

fn client() -> Client {
    Client::builder().proxy(Proxy::none()).redirect(Redirect::limited(3)).build().unwrap()
}

fn open(builder: WebSocketBuilder<'_>, by_a_task: bool) -> ffence::Result<()> {
    let builder = builder.timeout(SOON);
    if by_a_task {
        block_on(builder.connect_async()).map(drop)
    } else {
        builder.connect().map(drop)
    }
}

fn challenge(challenge: &str) -> Reply {
    Reply::Shut("401 Unauthorized", format!("WWW-Authenticate: {challenge}\r\n"))
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).unwrap().to_string()
}

/// Whether a request proves by SHA-256 that it knows the password (RFC 7616 section 3.4.1).
fn proves(request: &str, nonce: &str) -> bool {
    let Some(credentials) = header(request, "authorization") else { return false };
    let Some(parameters) = credentials.strip_prefix("Digest ") else { return false };
    let given: HashMap<_, _> = parameters
        .split(", ")
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name, value.trim_matches('"')))
        .collect();
    let path = request.split(' ').nth(1).unwrap();
    let (a1, a2) = (sha256("user:here:open sesame"), sha256(&format!("GET:{path}")));
    let (nc, cnonce) = (given["nc"], given["cnonce"]);
    let response = sha256(&format!("{a1}:{nonce}:{nc}:{cnonce}:auth:{a2}"));
    given["uri"] == path
        && given["nonce"] == nonce
        && given["username"] == "user"
        && given["response"] == response
}

const DIGEST: &str = "Digest realm=\"here\", qop=\"auth,auth-int\", algorithm=SHA-256, nonce=";

#[test]
fn by_digest_in_a_second_handshake() {
    let door = Door::new(|request| {
        if !proves(request, "n0nce") {
            challenge(&format!("{DIGEST}\"n0nce\""))
        } else if header(request, "upgrade").is_some() {
            Reply::Open(String::new())
        } else {
            Reply::Shut("200 OK", String::new())
        }
    });
    let client = client();
    // What libcurl itself proves there, this server takes.
    let url = door.url("/a?b=c").replacen("ws", "http", 1);
    let response = client.get(url).login("user", "open sesame", Auth::DIGEST).send().unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(door.asked().len(), 2);
    for by_a_task in [false, true] {
        let builder = client.websocket(door.url("/a?b=c"));
        open(builder.login("user", "open sesame", Auth::DIGEST), by_a_task).unwrap();
        let asked = door.asked();
        assert_eq!(asked.len(), 2);
        assert_eq!(header(&asked[0], "authorization"), None, "nothing before it is asked for");
        let builder = client.websocket(door.url("/a?b=c"));
        let error = open(builder.login("user", "wrong", Auth::DIGEST), by_a_task).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Status, "{error}");
        assert_eq!(error.transfer().unwrap().status, Some(401));
        let asked = door.asked();
        assert!(asked.len() == 2 && asked.iter().all(|it| !it.contains("wrong")));
    }
}

#[test]
fn a_nonce_that_is_too_old_is_replaced_but_not_for_ever() {
    let door = Door::new(|request| {
        let second = "Digest realm=\"here\", qop=auth, algorithm=SHA-256, nonce=two, stale=true";
        match request.split(' ').nth(1).unwrap() {
            _ if header(request, "authorization").is_none() => challenge(&format!("{DIGEST}one")),
            "/" if proves(request, "two") => Reply::Open(String::new()),
            "/" => challenge(second),
            _ => {
                let count = request.len(); // another one each time: the client's own is random
                challenge(&format!("{second}, x={count}"))
            }
        }
    });
    let client = client();
    for by_a_task in [false, true] {
        let login = |path: &str| {
            client.websocket(door.url(path)).login("user", "open sesame", Auth::DIGEST)
        };
        open(login("/"), by_a_task).unwrap();
        assert_eq!(door.asked().len(), 3);
        let error = open(login("/never"), by_a_task).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Status);
        assert_eq!(door.asked().len(), 3);
    }
}

#[test]
fn basic_is_the_last_choice_unless_it_is_the_only_one() {
    let door = Door::new(|request| match request.split(' ').nth(1).unwrap() {
        _ if header(request, "authorization").is_some() => Reply::Open(String::new()),
        "/both" => challenge(&format!("Negotiate, Basic realm=\"here\", {DIGEST}x")),
        "/basic" => challenge("NTLM\r\nWWW-Authenticate: Basic realm=\"here\""),
        _ => challenge("Negotiate"),
    });
    let client = client();
    for by_a_task in [false, true] {
        let login = |path: &str, how| client.websocket(door.url(path)).login("user", "secret", how);
        let given = |asked: &[String]| header(asked.last().unwrap(), "authorization").unwrap();
        open(login("/both", Auth::ANY), by_a_task).unwrap();
        assert!(given(&door.asked()).starts_with("Digest username=\"user\", realm=\"here\""));
        open(login("/basic", Auth::BASIC | Auth::DIGEST), by_a_task).unwrap();
        assert_eq!(given(&door.asked()), "Basic dXNlcjpzZWNyZXQ=");
        open(login("/basic", Auth::BASIC), by_a_task).unwrap();
        let asked = door.asked();
        assert_eq!((asked.len(), given(&asked).as_str()), (1, "Basic dXNlcjpzZWNyZXQ="));
        for (path, how) in [("/basic", Auth::ANY_SAFE), ("/none", Auth::ANY)] {
            let error = open(login(path, how), by_a_task).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Status, "{error}");
            let asked = door.asked();
            assert!(asked.len() == 1 && header(&asked[0], "authorization").is_none());
        }
    }
}

#[test]
fn what_is_tied_to_a_connection_is_refused_before_anything_is_sent() {
    let door = Door::new(|_| Reply::Open(String::new()));
    let client = client();
    for by_a_task in [false, true] {
        for how in [Auth::NTLM, Auth::NEGOTIATE, Auth::NTLM | Auth::NEGOTIATE, Auth::NONE] {
            let builder = client.websocket(door.url("/")).login("user", "secret", how);
            assert!(!format!("{builder:?}").contains("secret"));
            let error = open(builder, by_a_task).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        }
        let builder = client.websocket(door.url("/")).login("a:b", "secret", Auth::BASIC);
        let error = open(builder, by_a_task).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
    }
    assert!(door.asked().is_empty());
}

#[test]
fn another_origin_is_not_logged_in_to() {
    let far = Door::new(|_| challenge(&format!("Basic realm=\"there\", {DIGEST}x")));
    let to = far.url("/");
    let door = Door::new(move |request| match request.split(' ').nth(1).unwrap() {
        "/far" => Reply::Shut("302 Found", format!("Location: {to}\r\n")),
        "/near" => Reply::Shut("302 Found", "Location: /asks\r\n".to_owned()),
        _ if proves(request, "n0nce") => Reply::Open(String::new()),
        _ => challenge(&format!("{DIGEST}n0nce")),
    });
    let client = client();
    for by_a_task in [false, true] {
        let login =
            |path: &str, how| client.websocket(door.url(path)).login("user", "open sesame", how);
        for how in [Auth::ANY, Auth::DIGEST, Auth::BASIC] {
            let error = open(login("/far", how), by_a_task).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Status, "{error}");
            let asked = far.asked();
            assert!(asked.len() == 1 && header(&asked[0], "authorization").is_none());
        }
        door.asked();
        // At home it is, wherever that led.
        open(login("/near", Auth::DIGEST), by_a_task).unwrap();
        assert_eq!(door.asked().len(), 3);
    }
}
