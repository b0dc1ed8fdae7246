//! What a request can say, what a response can be read as, and the way between them.

#![cfg(feature = "http")]

mod common;

use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::executor::block_on;
use common::raw::{Raw, read_request};
use common::server::{Server, bytes};
use ffence::ErrorKind;
use ffence::curl::{Mime, Part};
use ffence::http::{Auth, CancelHandle, Client, Deadline, Progress, Proxy, RequestBody, TimeLimit};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

fn client() -> Client {
    Client::builder().proxy(Proxy::none()).build().unwrap()
}

#[test]
fn queries_forms_and_credentials_say_what_they_should() {
    let server = Raw::answering(OK);
    let client = client();
    let get = client.get(server.url("/a?x=1#f")).query([("q", "a b&c"), ("ü", "=")]);
    get.basic_auth("me", "s:cret").send().unwrap();
    let post = client.post(server.url("/")).form([("a b", "c&d"), ("e", "")]);
    post.bearer_auth("token").send().unwrap();
    let requests = server.requests();
    assert!(
        requests[0].starts_with("GET /a?x=1&q=a%20b%26c&%C3%BC=%3D HTTP/1.1\r\n"),
        "{requests:?}"
    );
    assert!(requests[0].contains("\r\nauthorization: Basic bWU6czpjcmV0\r\n"), "{requests:?}");
    assert!(requests[1].contains("\r\nauthorization: Bearer token\r\n"), "{requests:?}");
    assert!(requests[1].contains("\r\ncontent-type: application/x-www-form-urlencoded\r\n"));
    assert!(requests[1].ends_with("\r\n\r\na+b=c%26d&e="), "{requests:?}");

    let request = client.get(server.url("/")).bearer_auth("tok");
    assert!(!format!("{request:?}").contains("tok"), "{request:?}");
    for wrong in [
        client.get(server.url("/")).basic_auth("a:b", ""),
        client.get(server.url("/")).bearer_auth("a\r\nb"),
    ] {
        assert_eq!(wrong.send().unwrap_err().kind(), ErrorKind::InvalidRequest);
    }
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_form_of_parts_goes_both_ways() {
    let server = Raw::answering(OK);
    let client = client();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, "contents").unwrap();
    let form = || {
        RequestBody::form(
            Mime::new()
                .part(Part::new("Jane").name("user"))
                .part(Part::file(file.path()).name("file").filename("a.txt")),
        )
    };
    client.post(server.url("/")).body(form()).send().unwrap();
    block_on(client.post(server.url("/")).body(form()).send_async()).unwrap();
    // And the handle knows nothing of it afterwards.
    client.get(server.url("/")).send().unwrap();
    let requests = server.requests();
    for request in &requests[..2] {
        assert!(request.contains("Content-Type: multipart/form-data; boundary="), "{request}");
        assert!(request.contains("name=\"user\"\r\n\r\nJane\r\n"), "{request}");
        assert!(request.contains("filename=\"a.txt\""), "{request}");
        assert!(request.contains("\r\n\r\ncontents\r\n"), "{request}");
    }
    assert!(requests[2].starts_with("GET / "), "{requests:?}");
    assert!(!requests[2].contains("multipart"), "{requests:?}");
}

/// The challenge's head and body are not the response's.
#[test]
fn a_challenge_is_answered_on_the_way() {
    let server = Raw::with(|mut stream| {
        for _ in 0..2 {
            let request = read_request(&mut stream);
            let answer = if request.contains("\r\nAuthorization: Digest username=\"me\"") {
                "HTTP/1.1 200 OK\r\nX-Head: final\r\nContent-Length: 7\r\n\r\nwelcome"
            } else {
                "HTTP/1.1 401 Unauthorized\r\nX-Head: first\r\nContent-Length: 4\r\n\
                 WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n\r\nstop"
            };
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    let client = client();
    let get = || client.get(server.url("/")).login("me", "secret", Auth::DIGEST);
    let response = get().send().unwrap();
    assert_eq!(response.text().unwrap(), "welcome");
    assert_eq!(response.headers()["x-head"], "final");
    let response = block_on(get().open_async()).unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(block_on(response.into_body().bytes()).unwrap(), b"welcome");
    // The log-in was that request's alone.
    assert_eq!(client.get(server.url("/")).send().unwrap().status(), 401);
}

#[test]
fn progress_is_told_while_it_is_made() {
    let server = Server::plain();
    let client = client();
    let told = || {
        let told = Arc::new(Mutex::new(Vec::<Progress>::new()));
        let into = Arc::clone(&told);
        (told, move |progress| into.lock().unwrap().push(progress))
    };
    let (down, into) = told();
    client.get(server.url("/bytes/300000")).on_progress(into).send().unwrap();
    let (up, into) = told();
    let body = RequestBody::reader(std::io::Cursor::new(bytes(300_000)), 300_000);
    let request = client.post(server.url("/length")).body(body).on_progress(into);
    block_on(request.send_async()).unwrap();
    for told in [&down, &up] {
        let told = told.lock().unwrap();
        assert!(told.windows(2).all(|pair| {
            pair[0].downloaded <= pair[1].downloaded && pair[0].uploaded <= pair[1].uploaded
        }));
    }
    let last = *down.lock().unwrap().last().unwrap();
    assert_eq!((last.downloaded, last.download_total), (300_000, Some(300_000)));
    assert_eq!(up.lock().unwrap().last().unwrap().uploaded, 300_000);
    let panics = client.get(server.url("/bytes/10")).on_progress(|_| panic!("in the meter"));
    assert_eq!(panics.send().unwrap_err().kind(), ErrorKind::Panicked);
}

#[test]
fn addresses_can_be_told_and_sockets_of_unix_taken() {
    let server = Server::plain();
    let port: u16 = server.url("").rsplit(':').next().unwrap().parse().unwrap();
    let address = "127.0.0.1".parse().unwrap();
    let client = Client::builder()
        .proxy(Proxy::none())
        .resolve("service.test", port, [address])
        .tcp_keep_alive(Duration::from_secs(60))
        .build()
        .unwrap();
    let url = format!("http://service.test:{port}/bytes/10");
    assert_eq!(client.get(&url).send().unwrap().into_body(), bytes(10));
    assert_eq!(block_on(client.get(&url).send_async()).unwrap().into_body(), bytes(10));

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let serving = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 1024];
        let len = std::io::Read::read(&mut stream, &mut request).unwrap();
        stream.write_all(OK.as_bytes()).unwrap();
        String::from_utf8_lossy(&request[..len]).into_owned()
    });
    let client = Client::builder().unix_socket(&path).build().unwrap();
    client.get("http://localhost/path").send().unwrap();
    assert!(serving.join().unwrap().starts_with("GET /path HTTP/1.1\r\nHost: localhost\r\n"));
}

#[test]
fn a_proxy_is_gone_through_or_around() {
    let proxy = Raw::answering(OK);
    let server = Server::plain();
    let url = proxy.url("");
    let through = Client::builder().proxy(Proxy::new(&url).login("me", "secret")).build().unwrap();
    through.get("http://service.test/path").send().unwrap();
    let request = proxy.request();
    assert!(request.starts_with("GET http://service.test/path HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("\r\nProxy-Authorization: Basic bWU6c2VjcmV0\r\n"), "{request}");
    let around = Proxy::new(&url).except("127.0.0.1");
    assert!(!format!("{:?}", Proxy::new("http://me:secret@a/").login("x", "y")).contains("secret"));
    let around = Client::builder().proxy(around).build().unwrap();
    assert_eq!(around.get(server.url("/bytes/5")).send().unwrap().into_body(), bytes(5));
    assert_eq!(proxy.requests().len(), 1);
}

#[test]
fn a_compressed_body_is_read_as_what_it_was() {
    // "hello" by gzip (RFC 1952), stored.
    let mut gzip = vec![31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 1, 5, 0, 250, 255];
    gzip.extend_from_slice(b"hello");
    gzip.extend_from_slice(&0x3610_a686_u32.to_le_bytes());
    gzip.extend_from_slice(&5_u32.to_le_bytes());
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        gzip.len()
    );
    let server = Raw::answering([head.as_bytes(), &gzip].concat());
    let client = Client::builder().proxy(Proxy::none()).decompress().build().unwrap();
    assert_eq!(client.get(server.url("/")).send().unwrap().text().unwrap(), "hello");
    let response = block_on(client.get(server.url("/")).open_async()).unwrap();
    assert_eq!(block_on(response.into_body().bytes()).unwrap(), b"hello");
    assert!(server.requests()[0].contains("\r\nAccept-Encoding: "));
}

#[test]
fn what_travels_with_a_request_of_the_http_crate_counts() {
    let silent = Raw::silent();
    let client = client();
    let request = || http::Request::get(silent.url("/")).body("").unwrap();
    let mut late = request();
    late.extensions_mut().insert(Deadline(Instant::now() + Duration::from_millis(100)));
    let error = block_on(client.execute_async(late)).unwrap_err();
    assert_eq!(error.time_limit(), Some(TimeLimit::Total));
    let mut cancelled = request();
    let cancel = CancelHandle::new();
    cancel.cancel();
    cancelled.extensions_mut().insert(cancel);
    assert_eq!(client.execute(cancelled).unwrap_err().kind(), ErrorKind::Cancelled);
    let server = Server::plain();
    let request = http::Request::post(server.url("/length")).body(vec![7; 1000]).unwrap();
    let response = block_on(client.execute_async(request)).unwrap();
    assert!(response.extensions().get::<ffence::http::Timings>().is_some());
    assert_eq!(block_on(response.into_body().bytes()).unwrap(), b"1000");
}

#[cfg(feature = "tower")]
#[test]
fn a_client_is_a_service() {
    use tower_service::Service;

    async fn called(
        mut service: impl Service<
            http::Request<&'static str>,
            Response = http::Response<ffence::http::Body>,
            Error = ffence::Error,
        >,
        url: String,
    ) -> ffence::Result<Vec<u8>> {
        std::future::poll_fn(|context| service.poll_ready(context)).await?;
        let request = http::Request::get(url).body("").unwrap();
        service.call(request).await?.into_body().bytes().await
    }
    let server = Server::plain();
    let client = client();
    assert_eq!(block_on(called(client.clone(), server.url("/bytes/9"))).unwrap(), bytes(9));
    client.close_blocking().unwrap();
    let error = block_on(called(client, server.url("/bytes/9"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
}

#[cfg(feature = "json")]
#[test]
fn json_goes_out_and_comes_in() {
    use serde_json::json;

    let server = Raw::answering("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"id\":7,\"a\":1}");
    let error = client().get(server.url("/")).json(&f64::NAN).send();
    assert!(error.is_ok(), "serde_json writes null for it");
    let response = client().post(server.url("/")).json(&json!({"name": "x"})).send().unwrap();
    assert!(response.json::<serde_json::Value>().is_err(), "one byte is missing");
    let request = server.requests().pop().unwrap();
    assert!(request.contains("\r\ncontent-type: application/json\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\n{\"name\":\"x\"}"), "{request}");
    let server = Raw::answering("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{\"id\":7}");
    let response = client().get(server.url("/")).send().unwrap();
    assert_eq!(response.json::<serde_json::Value>().unwrap(), json!({"id": 7}));
    assert_eq!(response.lines().unwrap().count(), 1);
}
