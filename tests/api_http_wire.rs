//! What goes over the wire: headers arrive as they were given, and nothing can be smuggled in.

#![cfg(feature = "http")]

mod common;

use common::raw::Raw;
use ffence::ErrorKind;
use ffence::http::Client;
use http::{HeaderMap, HeaderValue, Method};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// The header lines of a request, without the request line.
fn lines(request: &str) -> Vec<&str> {
    let head = request.split("\r\n\r\n").next().unwrap();
    head.split("\r\n").skip(1).collect()
}

#[test]
fn a_get_says_no_more_than_it_must() {
    let server = Raw::answering(OK);
    Client::new().unwrap().get(server.url("/path?a=b#fragment")).send().unwrap();
    let request = server.request();
    assert!(request.starts_with("GET /path?a=b HTTP/1.1\r\n"), "{request}");
    let host = format!("Host: {}", server.address());
    assert_eq!(lines(&request), [host.as_str(), "Accept: */*"]);
}

#[test]
fn a_post_says_its_length_and_invents_no_type() {
    for (body, length) in [("", "Content-Length: 0"), ("text", "Content-Length: 4")] {
        let server = Raw::answering(OK);
        Client::new().unwrap().post(server.url("/")).body(body).send().unwrap();
        let request = server.request();
        assert!(request.starts_with("POST / HTTP/1.1\r\n"), "{request}");
        assert!(request.ends_with(&format!("\r\n\r\n{body}")), "{request}");
        assert_eq!(lines(&request)[2..], [length], "{request}");
    }
}

#[test]
fn no_size_of_body_waits_for_a_go_ahead() {
    let server = Raw::answering(OK);
    Client::new().unwrap().post(server.url("/")).body(vec![b'x'; 2 << 20]).send().unwrap();
    assert!(!server.request().to_lowercase().contains("expect:"));
}

#[test]
fn headers_arrive_as_they_were_given() {
    // libcurl gives a meaning to an empty value, a semicolon, a colon and a leading `@`.
    let given = [
        ("x-empty", ""),
        ("x-spaces", "   "),
        ("x-semicolon", ";"),
        ("x-ends", "value;"),
        ("x-colon", ": : :"),
        ("x-file", "@/etc/hostname"),
        ("x-tab", "a\tb"),
        ("x-twice", "1"),
        ("x-twice", "2"),
        ("accept", ""),
        ("user-agent", "mine"),
        ("content-type", ""),
        ("host", "other.test"),
    ];
    let server = Raw::answering(OK);
    let client = Client::new().unwrap();
    let mut request = client.post(server.url("/"));
    for (name, value) in given {
        request = request.header(name, value);
    }
    request.body("@/etc/hostname").send().unwrap();

    let request = server.request();
    assert!(request.ends_with("\r\n\r\n@/etc/hostname"), "{request}");
    let mut sent: Vec<_> = lines(&request)
        .into_iter()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .filter(|(name, _)| name != "content-length")
        .collect();
    let mut expected: Vec<_> =
        given.into_iter().map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
    sent.sort();
    expected.sort();
    assert_eq!(sent, expected, "{request}");
}

#[test]
fn bytes_above_ascii_are_sent_as_they_are() {
    let server = Raw::answering(OK);
    let value = HeaderValue::from_bytes("grün".as_bytes()).unwrap();
    Client::new().unwrap().get(server.url("/")).header("x-text", value).send().unwrap();
    assert!(server.request().contains("x-text: grün\r\n"));
}

#[test]
fn no_line_can_be_smuggled_into_a_header() {
    let server = Raw::answering(OK);
    let client = Client::new().unwrap();
    for (name, value) in [
        ("x-a", "1\r\nx-b: 2"),
        ("x-a", "1\n x-b: 2"),
        ("x-a", "1\rx-b: 2"),
        ("x-a", "1\0"),
        ("x-a\r\nx-b", "1"),
        ("x-a:", "1"),
        ("x a", "1"),
        ("", "1"),
    ] {
        let error = client.get(server.url("/")).header(name, value).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{name:?} {value:?}");
    }
    for agent in ["a\r\nx-b: 2", "a\0b"] {
        let error = Client::builder().user_agent(agent).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{agent:?}");
    }
    assert_eq!(server.requests().len(), 0, "nothing was sent");
}

#[test]
fn no_line_can_be_smuggled_into_a_url() {
    let server = Raw::answering(OK);
    let client = Client::new().unwrap();
    for path in ["/ HTTP/1.1\r\nx-b: 2\r\n", "/\r\n", "/\n", "/\t", "/a b"] {
        let error = client.get(server.url(path)).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{path:?}");
        assert_eq!(error.code(), Some(3), "{path:?}"); // CURLE_URL_MALFORMAT
    }
    let error = client.get(server.url("/\0.html")).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InteriorNul);
    let position = server.url("/").len();
    assert_eq!(error.to_string(), format!("CURLOPT_URL holds a NUL byte at position {position}"));
    assert_eq!(server.requests().len(), 0, "nothing was sent");
}

#[test]
fn only_http_is_spoken() {
    let client = Client::new().unwrap();
    for url in ["file:///etc/hostname", "ftp://127.0.0.1/", "dict://127.0.0.1/", "x://127.0.0.1/"] {
        let error = client.get(url).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{url}");
        assert_eq!(error.code(), Some(1), "{url}"); // CURLE_UNSUPPORTED_PROTOCOL
    }
    // libcurl would guess; a program should say what it means.
    for url in ["", "/", "127.0.0.1", "ftp.example.org", "file:/etc/hostname"] {
        let error = client.get(url).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{url}");
        assert!(error.to_string().contains("does not begin with http://"), "{error}");
    }
}

/// Two parties that disagree about where a body ends read each other's bodies as requests.
#[test]
fn a_header_cannot_contradict_the_body() {
    let server = Raw::answering(OK);
    let client = Client::new().unwrap();
    let post = || client.post(server.url("/")).body("four");
    for (name, value) in [
        ("content-length", "3"),
        ("content-length", "5"),
        ("content-length", "four"),
        ("transfer-encoding", "chunked"),
        ("trailer", "x-sum"),
    ] {
        let error = post().header(name, value).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{name}: {value}");
        assert!(name != "trailer" || error.to_string().contains("from 8.8 on"), "{error}");
    }
    let error = client.get(server.url("/")).header("content-length", "3").send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(server.requests().len(), 0, "nothing was sent");

    post().header("content-length", "4").send().unwrap();
    assert_eq!(server.request().matches("ontent-").count(), 1, "said once");
}

#[test]
fn methods_that_are_no_requests_are_refused() {
    let client = Client::new().unwrap();
    let error = client.request(Method::CONNECT, "http://127.0.0.1/").send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    let error = client.request(Method::HEAD, "http://127.0.0.1/").body("x").send().unwrap_err();
    assert_eq!(error.to_string(), "a HEAD request has no body");
}

#[test]
fn a_user_agent_can_be_set_for_all_requests() {
    let server = Raw::answering(OK);
    let client = Client::builder().user_agent("mine/1").build().unwrap();
    client.get(server.url("/")).send().unwrap();
    client.get(server.url("/")).header("user-agent", "other").send().unwrap();
    let requests = server.requests();
    assert!(lines(&requests[0]).contains(&"User-Agent: mine/1"), "{requests:?}");
    assert!(lines(&requests[1]).contains(&"user-agent: other"), "{requests:?}");
    assert!(!requests[1].contains("mine/1"), "{requests:?}");
}

#[test]
fn a_response_that_is_not_http_is_an_error() {
    let client = Client::new().unwrap();
    for answer in [
        "",
        "SSH-2.0-OpenSSH\r\n",
        "HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
        "HTTP/1.1 200 OK\r\nbad name: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nx-control: \x01\r\n\r\n",
        "HTTP/1.1 200 OK\r\nx-nul: a\0b\r\n\r\n",
    ] {
        let server = Raw::answering(answer);
        let error = client.get(server.url("/")).send().unwrap_err();
        let kind = error.kind();
        assert!(matches!(kind, ErrorKind::Transport | ErrorKind::Libcurl), "{answer:?}: {error}");
    }
}

#[test]
fn endless_headers_are_cut_off() {
    let client = Client::new().unwrap();
    let line = format!("X-Filler: {}\r\n", "v".repeat(1000));
    let server = Raw::answering(format!("HTTP/1.1 200 OK\r\n{}\r\n", line.repeat(400)));
    let error = client.get(server.url("/")).send().unwrap_err();
    assert!(error.to_string().contains("larger than"), "{error}");

    // More headers than a HeaderMap can count, in fewer bytes than are too many.
    let server = Raw::answering(format!("HTTP/1.1 200 OK\r\n{}\r\n", "a:\r\n".repeat(60_000)));
    let error = client.get(server.url("/")).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport, "{error}");

    let server =
        Raw::answering(format!("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n{}\r\n", line.repeat(200)));
    let response = client.get(server.url("/")).send().unwrap();
    let headers: &HeaderMap = response.headers();
    assert_eq!(headers.get_all("x-filler").iter().count(), 200);
}

/// A length that the server makes up allocates nothing of that size.
#[test]
fn a_made_up_length_is_no_promise() {
    let server =
        Raw::answering("HTTP/1.1 200 OK\r\nContent-Length: 9000000000000000000\r\n\r\nshort");
    let error = Client::new().unwrap().get(server.url("/")).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TruncatedBody);
    assert_eq!(error.transfer().unwrap().received, 5);
}
