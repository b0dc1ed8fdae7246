//! Requests and responses over HTTP/1.1 and HTTP/2, as a program sees them.

#![cfg(feature = "http")]

mod common;

use std::io;
use std::time::Duration;

use common::raw::Raw;
use common::server::{Authority, Server, bytes};
use ffence::ErrorKind;
use ffence::http::{Client, HttpVersion, Response, Timings, Tls};
use http::{Method, StatusCode, Version};

/// A server for each version of HTTP, and a client that trusts it.
fn both_versions() -> [(Server, Client, Version); 3] {
    let authority = Authority::new();
    let trusting = || Client::builder().tls(Tls::new().ca_pem(authority.pem()));
    [
        (Server::plain(), Client::new().unwrap(), Version::HTTP_11),
        (
            Server::tls(&authority),
            trusting().http_version(HttpVersion::Http1).build().unwrap(),
            Version::HTTP_11,
        ),
        (Server::tls(&authority), trusting().build().unwrap(), Version::HTTP_2),
    ]
}

#[test]
fn get_answers_status_version_headers_and_body() {
    for (server, client, version) in both_versions() {
        let response = client.get(server.url("/bytes/1024")).send().unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.version(), version);
        assert_eq!(response.headers()["content-length"], "1024");
        assert_eq!(*response.body(), bytes(1024));
    }
}

#[test]
fn bodies_of_every_size_arrive_whole() {
    for (server, client, _) in both_versions() {
        for len in [0, 1, 16 * 1024, 16 * 1024 + 1, 3 * 1024 * 1024] {
            let response = client.get(server.url(&format!("/bytes/{len}"))).send().unwrap();
            assert!(response.into_body() == bytes(len), "{len} bytes");
        }
        assert_eq!(server.connections(), 1, "one connection served them all");
    }
}

/// What follows the empty line of `/echo`.
fn echoed(response: &Response<Vec<u8>>) -> &[u8] {
    let body = response.body();
    let end = body.windows(2).position(|pair| pair == b"\n\n").unwrap();
    &body[end + 2..]
}

#[test]
fn post_sends_bodies_of_every_size() {
    for (server, client, _) in both_versions() {
        for len in [0, 1, 64 * 1024, 3 * 1024 * 1024] {
            let response = client.post(server.url("/echo")).body(bytes(len)).send().unwrap();
            assert!(echoed(&response) == bytes(len), "{len} bytes");
            assert!(response.body().starts_with(b"POST\n"));
        }
    }
}

#[test]
fn every_method_goes_out_under_its_name() {
    for (server, client, _) in both_versions() {
        for name in ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get"] {
            let method = Method::from_bytes(name.as_bytes()).unwrap();
            let response = client.request(method, server.url("/echo")).send().unwrap();
            assert!(response.text().unwrap().starts_with(&format!("{name}\n")), "{name}");
        }
        for name in ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            let method = Method::from_bytes(name.as_bytes()).unwrap();
            let request = client.request(method, server.url("/echo")).body("text");
            let response = request.send().unwrap();
            assert!(response.text().unwrap().starts_with(&format!("{name}\n")), "{name}");
            assert_eq!(echoed(&response), b"text", "{name}");
        }
    }
}

#[test]
fn head_has_headers_and_no_body() {
    for (server, client, _) in both_versions() {
        let response = client.request(Method::HEAD, server.url("/bytes/77")).send().unwrap();
        assert_eq!(response.headers()["content-length"], "77");
        assert_eq!(response.body().len(), 0);
    }
}

/// Whatever came before, a request is sent as if it were the first on its handle.
#[test]
fn a_handle_keeps_nothing_of_the_request_before() {
    for (server, client, _) in both_versions() {
        let echo = server.url("/echo");
        let with_login = echo.replace("://", "://user:secret@");
        let fresh = client.get(&echo).send().unwrap().into_body();
        let dirty = [
            client.post(&echo).header("x-private", "1").body("secret"),
            client.request(Method::HEAD, &echo).header("authorization", "Bearer secret"),
            client.request(Method::PUT, &echo).body("secret"),
            client.request(Method::DELETE, &echo).header("cookie", "a=b"),
            client.get(&echo).header("user-agent", "other").header("accept", "text/html"),
            client.get(&echo).timeout(Duration::from_secs(30)),
            client.get(&with_login),
            client.get("http://[/"),
        ];
        for request in dirty {
            let what = format!("{request:?}");
            let _ = request.send();
            let after = client.get(&echo).send().unwrap().into_body();
            assert_eq!(String::from_utf8_lossy(&after), String::from_utf8_lossy(&fresh), "{what}");
        }
    }
}

/// The interim `100 Continue` is waited for, and leaves no trace.
#[test]
fn a_go_ahead_can_be_asked_for() {
    let server = Server::plain();
    let client = Client::new().unwrap();
    let request = client.post(server.url("/echo")).header("expect", "100-continue");
    let response = request.body("text").send().unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.text().unwrap().contains("\nexpect: 100-continue\n"));
    assert_eq!(echoed(&response), b"text");
}

#[test]
fn debug_shows_no_body() {
    let server = Server::plain();
    let client = Client::new().unwrap();
    let request = client.post(server.url("/echo")).body("a secret");
    assert!(format!("{request:?}").contains("body: 8 bytes"));
    let response = format!("{:?}", request.send().unwrap());
    assert!(response.contains("status: 200") && !response.contains("body"), "{response}");
}

#[test]
fn a_timeout_of_one_request_is_not_the_next_ones() {
    let server = Server::plain();
    let client = Client::new().unwrap();
    let short = client.get(server.url("/hang")).timeout(Duration::from_millis(50));
    assert!(short.send().is_err());
    let response = client.get(server.url("/bytes/3000000")).send().unwrap();
    assert_eq!(response.body().len(), 3_000_000);
}

#[test]
fn a_body_can_be_streamed_into_a_writer() {
    for (server, client, version) in both_versions() {
        let mut written = Vec::new();
        let response = client.get(server.url("/bytes/300000")).send_to(&mut written).unwrap();
        assert_eq!(*response.body(), 300_000);
        assert_eq!(response.version(), version);
        assert!(written == bytes(300_000));

        // An error page is a body like any other; the status tells.
        let mut written = Vec::new();
        let response = client.get(server.url("/status/404")).send_to(&mut written).unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert_eq!(written, b"status 404");

        let response = client.get(server.url("/bytes/0")).send_to(&mut io::sink()).unwrap();
        assert_eq!(response.into_body(), 0);
    }
}

#[test]
fn text_is_utf8_or_an_error() {
    let server = Server::plain();
    let client = Client::new().unwrap();
    let response = client.get(server.url("/status/200")).send().unwrap();
    assert_eq!(response.text().unwrap(), "status 200");

    let error = client.get(server.url("/bytes/200")).send().unwrap().text().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encoding);
    assert_eq!(error.to_string(), "the body is not UTF-8 from byte 128 of 200 on");
}

#[test]
fn the_http_crates_types_go_in_and_come_out() {
    let server = Server::plain();
    let client = Client::new().unwrap();
    let request = http::Request::builder()
        .method("PUT")
        .uri(server.url("/echo"))
        .header("x-a", "1")
        .header("x-a", "2")
        .body("text")
        .unwrap();
    let response = client.execute(request).unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.extensions().get::<Timings>().unwrap().total > Duration::ZERO);
    let text = String::from_utf8(response.into_body()).unwrap();
    assert!(text.starts_with("PUT\n") && text.ends_with("\n\ntext"), "{text}");
    assert!(text.contains("x-a: 1\nx-a: 2\n"), "{text}");
}

#[test]
fn timings_are_counted_from_the_start_and_in_order() {
    for (server, client, version) in both_versions() {
        let first = *client.get(server.url("/bytes/1")).send().unwrap().timings();
        assert!(first.name <= first.connect, "{first:?}");
        assert!(first.connect <= first.request, "{first:?}");
        assert!(first.request <= first.first_byte, "{first:?}");
        assert!(first.first_byte <= first.total, "{first:?}");
        let has_tls = server.url("/").starts_with("https");
        assert_eq!(first.tls > first.connect, has_tls, "{version:?} {first:?}");
        // The next call finds the connection ready.
        let next = *client.get(server.url("/bytes/1")).send().unwrap().timings();
        assert_eq!((next.connect, next.tls), (Duration::ZERO, Duration::ZERO), "{next:?}");
    }
}

#[test]
fn the_first_byte_is_the_responses_also_after_a_long_upload() {
    for (server, client, _) in both_versions() {
        let response = client.post(server.url("/length")).body(bytes(3 << 20)).send().unwrap();
        assert_eq!(response.text().unwrap(), (3 << 20).to_string());
        let timings = response.timings();
        let half = (timings.request + timings.total) / 2;
        assert!(timings.first_byte > half, "{timings:?}");
    }
}

#[test]
fn an_error_status_is_an_error_only_when_asked_for() {
    for (server, client, _) in both_versions() {
        for status in [400, 404, 503] {
            let response = client.get(server.url(&format!("/status/{status}"))).send().unwrap();
            assert_eq!(response.status(), status);
            assert_eq!(response.text().unwrap(), format!("status {status}"));
            let error = response.error_for_status().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Status);
            assert_eq!(error.code(), Some(22));
            assert_eq!(error.transfer().unwrap().status, Some(status));
            assert_eq!(error.transfer().unwrap().received, 10);
            assert_eq!(
                error.to_string(),
                format!(
                    "libcurl: curl_easy_perform failed with code 22: \
                     The requested URL returned error: {status}"
                )
            );
        }
        let response = client.get(server.url("/status/204")).send().unwrap();
        assert_eq!(response.error_for_status().unwrap().status(), 204);
    }
}

#[test]
fn redirects_are_followed_only_when_asked_for() {
    let server = Server::plain();
    let client = Client::new().unwrap();
    let response = client.get(server.url("/redirect/302/echo")).send().unwrap();
    assert_eq!(response.status(), StatusCode::FOUND);
    assert_eq!(response.headers()["location"], "/echo");
    assert!(response.headers().contains_key("x-only-in-the-redirect"));

    let client = Client::builder().redirects(1).build().unwrap();
    let response = client.get(server.url("/redirect/302/echo")).send().unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.text().unwrap().starts_with("GET\n"));
    assert!(!response.headers().contains_key("x-only-in-the-redirect"));

    let post = |code| client.post(server.url(&format!("/redirect/{code}/echo"))).body("text");
    assert!(post(303).send().unwrap().text().unwrap().starts_with("GET\n"));
    let response = post(307).send().unwrap();
    assert!(response.text().unwrap().starts_with("POST\n"));
    assert_eq!(echoed(&response), b"text");

    let put = client.request(Method::PUT, server.url("/redirect/303/echo"));
    assert!(put.send().unwrap().text().unwrap().starts_with("GET\n"));

    let error = client.get(server.url("/redirect/302/redirect/302/echo")).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Redirect);
    assert!(error.to_string().contains("after 1 that were followed"), "{error}");
}

/// A redirect that leads out of HTTP leads nowhere.
#[test]
fn a_redirect_to_another_protocol_is_refused() {
    let client = Client::builder().redirects(5).build().unwrap();
    for target in ["file:///etc/hostname", "ftp://127.0.0.1/", "gopher://127.0.0.1/"] {
        let server = Raw::answering(format!(
            "HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n"
        ));
        let error = client.get(server.url("/")).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Redirect, "not the caller's fault: {error}");
    }
}

#[test]
fn interim_responses_and_trailers_leave_no_headers_behind() {
    let server = Raw::answering(
        "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nX-Both: early\r\n\r\n\
         HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Both: final\r\n\r\n\
         5\r\nhello\r\n0\r\nX-Trailer: late\r\nX-Both: trailer\r\n\r\n",
    );
    let response = Client::new().unwrap().get(server.url("/")).send().unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.text().unwrap(), "hello");
    let both: Vec<_> = response.headers().get_all("x-both").iter().collect();
    assert_eq!(both, ["final"]);
    assert!(!response.headers().contains_key("link"));
    assert!(!response.headers().contains_key("x-trailer"));
}

#[test]
fn response_headers_keep_their_order_bytes_and_repetitions() {
    let server = Raw::answering(
        &b"HTTP/1.0 200 OK\r\nSet-Cookie: a=1\r\nset-cookie:  b=2 \r\nX-Empty:\r\n\
           X-Bytes: \xe4\xff\r\nX-Folded: one\r\n  two\r\nContent-Length: 2\r\n\r\nok"[..],
    );
    let response = Client::new().unwrap().get(server.url("/")).send().unwrap();
    assert_eq!(response.version(), Version::HTTP_10);
    let headers = response.headers();
    let cookies: Vec<_> = headers.get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
    assert_eq!(headers["x-empty"], "");
    assert_eq!(headers["x-bytes"].as_bytes(), b"\xe4\xff");
    let folded = headers["x-folded"].to_str().unwrap();
    assert_eq!(folded.split_whitespace().collect::<Vec<_>>(), ["one", "two"]);
}

#[test]
fn a_body_that_ends_with_the_connection_is_whole() {
    let server = Raw::answering("HTTP/1.1 200 OK\r\n\r\nuntil the end");
    let response = Client::new().unwrap().get(server.url("/")).send().unwrap();
    assert_eq!(response.text().unwrap(), "until the end");
}
