//! Bodies as text and in lines, and connections that are there before they are wanted.
#![cfg(feature = "http")]

mod common;

use common::executor::block_on;
use common::raw::Raw;
use common::server::Server;
use ffence::http::{Client, Proxy, Response};
use ffence::{Error, ErrorKind, Result};

fn client() -> Client {
    Client::builder().proxy(Proxy::none()).build().unwrap()
}

fn server(content_type: &str, body: &[u8]) -> Raw {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    Raw::answering([head.as_bytes(), body].concat())
}

fn page(content_type: &str, body: &[u8]) -> Response<Vec<u8>> {
    client().get(server(content_type, body).url("/")).send().unwrap()
}

#[test]
fn utf_8_is_read_with_and_without_a_mark() {
    for content_type in
        ["text/plain", "text/plain; charset=utf-8", "text/html;a=b;CHARSET=\"UTF8\""]
    {
        assert_eq!(page(content_type, "grün\n".as_bytes()).text().unwrap(), "grün\n");
        assert_eq!(page(content_type, b"\xef\xbb\xbfa").text().unwrap(), "a");
        let error = page(content_type, b"ab\xff").text().map(str::to_owned).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encoding);
        assert!(error.to_string().contains("byte 2 of 3"), "{error}");
    }
    // The mark is believed before the header.
    let marked = page("text/plain; charset=iso-8859-1", b"\xef\xbb\xbfgr\xc3\xbcn");
    assert_eq!(marked.text().unwrap(), "grün");
    // ASCII is ASCII in all of these.
    for label in ["iso-8859-15", "Windows-1252", "us-ascii"] {
        assert_eq!(page(&format!("text/plain; charset={label}"), b"abc").text().unwrap(), "abc");
    }
}

#[cfg(feature = "charset")]
#[test]
fn other_character_sets_are_decoded() {
    let cases: &[(&str, &[u8], &str)] = &[
        ("text/plain; charset=iso-8859-1", b"gr\xfcn", "grün"),
        ("text/plain; charset=\"windows-1252\"", b"\x80 5", "€ 5"),
        ("text/plain; charset=Shift_JIS", b"\x93\xfa\x96\x7b", "日本"),
        ("text/plain; charset=utf-16le", b"a\0\xe4\0", "aä"),
        ("text/plain", b"\xff\xfea\0", "a"),
        ("text/plain; charset=koi8-r", b"\xfe\xff\0a", "a"),
    ];
    for (content_type, body, expected) in cases {
        let mut page = page(content_type, body);
        assert_eq!(page.text().unwrap(), *expected, "{content_type}");
        assert_eq!(page.clone().text().unwrap(), *expected, "the second time");
        assert_eq!(page.lines().unwrap().collect::<Vec<_>>(), [*expected]);
        // What is changed is read anew.
        *page.body_mut() = b"\xef\xbb\xbfnew".to_vec();
        assert_eq!(page.text().unwrap(), "new");
    }
    for (content_type, body) in
        [("text/plain; charset=klingon", &b"abc"[..]), ("text/plain; charset=euc-jp", b"\xff\xff")]
    {
        let error = page(content_type, body).text().map(str::to_owned).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encoding, "{error}");
    }
}

#[cfg(not(feature = "charset"))]
#[test]
fn without_the_feature_other_character_sets_are_errors_that_say_so() {
    for label in ["iso-8859-1", "shift_jis", "utf-16"] {
        let page = page(&format!("text/plain; charset={label}"), b"gr\xfcn");
        let error = page.text().map(str::to_owned).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encoding, "{error}");
        assert!(error.to_string().contains("feature `charset`"), "{error}");
    }
}

/// The lines of a body, read by a thread and by a task.
fn lines(body: &[u8], limit: usize) -> (Result<Vec<String>>, Result<Vec<String>>) {
    let server = server("text/plain", body);
    let response = client().get(server.url("/")).open().unwrap();
    let by_a_thread = response.into_body().lines(limit).collect();
    let by_a_task = block_on(async {
        let response = client().get(server.url("/")).open_async().await?;
        let (mut lines, mut all) = (response.into_body().lines(limit), Vec::new());
        while let Some(line) = lines.next_line().await? {
            all.push(line);
        }
        Ok(all)
    });
    (by_a_thread, by_a_task)
}

#[test]
fn lines_are_cut_as_they_arrive() {
    let long = "x".repeat(300_000);
    let cases: &[(String, &[&str])] = &[
        (String::new(), &[]),
        ("\n".to_owned(), &[""]),
        ("one\ntwo\r\n\nthree".to_owned(), &["one", "two", "", "three"]),
        ("a\rb\r\n".to_owned(), &["a\rb"]),
        (format!("{long}\nend\n"), &[&long, "end"]),
    ];
    for (body, expected) in cases {
        let (by_a_thread, by_a_task) = lines(body.as_bytes(), 300_000);
        assert!(by_a_thread.unwrap() == *expected, "{body:.20}");
        assert!(by_a_task.unwrap() == *expected, "{body:.20}");
    }
    let kinds = |(a, b): (Result<Vec<String>>, Result<Vec<String>>)| {
        [a, b].map(|it| it.map_err(|error: Error| error.kind()).unwrap_err())
    };
    assert_eq!(kinds(lines(b"short\ntoo long\n", 7)), [ErrorKind::Length; 2]);
    assert_eq!(kinds(lines(b"no end in sight", 7)), [ErrorKind::Length; 2]);
    assert_eq!(kinds(lines(b"gr\xfcn\n", 7)), [ErrorKind::Encoding; 2]);
    // After an error there is nothing more, and a body that breaks off is one.
    let server = Server::plain();
    let response = client().get(server.url("/break/5")).open().unwrap();
    let mut lines = response.into_body().lines(100);
    assert!(lines.next().unwrap().is_err());
    assert!(lines.next().is_none());
}

#[cfg(feature = "json")]
#[test]
fn a_value_on_each_line_is_read() {
    type Item = std::collections::BTreeMap<String, u32>;

    let server = server("application/x-ndjson", b"{\"a\":1}\n\n{\"a\":2}\r\nnonsense\n{\"a\":3}");
    let response = client().get(server.url("/")).open().unwrap();
    let mut lines = response.into_body().lines(100);
    assert_eq!(lines.next_json::<Item>().unwrap().unwrap()["a"], 1);
    assert_eq!(lines.next_json::<Item>().unwrap().unwrap()["a"], 2);
    assert_eq!(lines.next_json::<Item>().unwrap_err().kind(), ErrorKind::Malformed);
    assert_eq!(lines.next_json::<Item>().unwrap().unwrap()["a"], 3);
    assert!(lines.next_json::<Item>().unwrap().is_none());
    block_on(async {
        let response = client().get(server.url("/")).open_async().await.unwrap();
        let mut lines = response.into_body().lines(100);
        assert_eq!(lines.next_json::<Item>().await.unwrap().unwrap()["a"], 1);
        assert_eq!(lines.next_json::<Item>().await.unwrap().unwrap()["a"], 2);
        assert_eq!(lines.next_json::<Item>().await.unwrap_err().kind(), ErrorKind::Malformed);
        assert_eq!(lines.next_json::<Item>().await.unwrap().unwrap()["a"], 3);
        assert!(lines.next_json::<Item>().await.unwrap().is_none());
    });
}

#[test]
fn a_warm_connection_is_there_for_each_of_so_many_requests() {
    let (server, client) = (Server::plain(), client());
    client.warm_up(&server.url("/bytes/1"), 3).unwrap();
    assert_eq!(server.connections(), 3);
    // Three at a time, each with a handle of its own.
    let open = |_| client.get(server.url("/bytes/300000")).open().unwrap();
    let responses: Vec<_> = (0..3).map(open).collect();
    for response in &responses {
        assert!(response.timings().connect.is_zero(), "{:?}", response.timings());
    }
    drop(responses);
    assert_eq!(server.connections(), 3);
}

#[test]
fn tasks_find_warm_connections_too() {
    let (server, client) = (Server::plain(), client());
    block_on(client.warm_up_async(&server.url("/bytes/1"), 3)).unwrap();
    assert_eq!(server.connections(), 3);
    block_on(async {
        let mut responses = Vec::new();
        for _ in 0..3 {
            // Longer than all buffers: the connection is busy until it is dropped.
            let response = client.get(server.url("/bytes/20000000")).open_async().await.unwrap();
            assert!(response.timings().connect.is_zero(), "{:?}", response.timings());
            responses.push(response);
        }
    });
    assert_eq!(server.connections(), 3);
    let error = block_on(client.warm_up_async("http://127.0.0.1:1/", 2)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert_eq!(client.warm_up("http://127.0.0.1:1/", 2).unwrap_err().kind(), ErrorKind::Connect);
    assert_eq!(client.warm_up("nowhere", 1).unwrap_err().kind(), ErrorKind::InvalidRequest);
}
