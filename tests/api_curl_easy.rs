//! One handle of libcurl: options, what it tells, and its body in three ways.
#![cfg(feature = "http")]

mod common;

use std::time::Duration;

use common::raw::Raw;
use common::server::{Authority, Server, bytes};
use ffence::ErrorKind;
use ffence::curl::option::value::{
    Follow, HttpVersion, PostRedir, Protocols, TlsVersion, TlsVersions,
};
use ffence::curl::{Easy, List, TlsBackend, Write, option};

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_body_comes_into_a_vector() {
    let server = Server::plain();
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(server.url("/bytes/100000"))).unwrap();
    let mut body = Vec::new();
    let done = easy.perform_into(&mut body).unwrap();
    assert_eq!(done.response_code(), Some(200));
    assert_eq!(done.size_download(), 100_000);
    assert_eq!(body, bytes(100_000));
}

#[test]
fn a_body_comes_piece_by_piece_to_a_closure_that_borrows() {
    let server = Server::plain();
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(server.url("/bytes/100000"))).unwrap();
    let (mut pieces, mut sum) = (0, 0);
    easy.perform_with(|piece| {
        pieces += 1;
        sum += piece.len();
        Write::Taken
    })
    .unwrap();
    assert!(pieces > 1, "{pieces}");
    assert_eq!(sum, 100_000);

    let error = easy.perform_with(|_| Write::Stop).unwrap_err();
    assert_eq!(error.code(), Some(23), "CURLE_WRITE_ERROR: {error}");
    assert_eq!(easy.perform().unwrap().size_download(), 100_000, "the handle works on");
}

#[test]
fn options_stay_until_they_are_taken_back() {
    let server = Server::plain();
    let mut easy = Easy::new().unwrap();
    let mut headers = List::new();
    headers.push("x-one: 1").unwrap();
    headers.push("x-two: 2").unwrap();
    let url = server.url("/echo");
    easy.set(option::Url(&url)).unwrap();
    easy.set(option::HttpHeader(headers)).unwrap();
    easy.set(option::UserAgent("ffence")).unwrap();
    easy.set(option::PostFields("some text")).unwrap();
    for _ in 0..2 {
        let mut echo = Vec::new();
        easy.perform_into(&mut echo).unwrap();
        for line in ["POST", "x-one: 1", "x-two: 2", "user-agent: ffence", "content-length: 9"] {
            assert!(text(&echo).lines().any(|it| it == line), "{line}: {}", text(&echo));
        }
        assert!(echo.ends_with(b"\n\nsome text"));
    }
    easy.reset().unwrap();
    easy.set(option::Url(&url)).unwrap();
    let mut echo = Vec::new();
    easy.perform_into(&mut echo).unwrap();
    assert!(text(&echo).starts_with("GET\n"), "{}", text(&echo));
    assert!(!text(&echo).contains("x-one"), "{}", text(&echo));
    assert_eq!(server.connections(), 1, "reset keeps the connection");
}

#[test]
fn a_list_is_exchanged_for_another() {
    let server = Server::plain();
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(server.url("/echo"))).unwrap();
    for round in 0..20 {
        let mut headers = List::new();
        headers.push(&format!("x-round: {round}")).unwrap();
        easy.set(option::HttpHeader(headers)).unwrap();
        let mut echo = Vec::new();
        easy.perform_into(&mut echo).unwrap();
        assert!(text(&echo).contains(&format!("x-round: {round}\n")), "{}", text(&echo));
    }
    easy.set(option::HttpHeader(List::new())).unwrap();
    let mut echo = Vec::new();
    easy.perform_into(&mut echo).unwrap();
    assert!(!text(&echo).contains("x-round"), "{}", text(&echo));
}

#[test]
fn only_the_body_itself_is_sent_whatever_was_set_before() {
    let server = Server::plain();
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(server.url("/echo"))).unwrap();
    for body in ["a long body, of which nothing may be left", "abc", "", "another one"] {
        easy.set(option::PostFields(body.to_owned())).unwrap();
        let mut echo = Vec::new();
        easy.perform_into(&mut echo).unwrap();
        let expected = format!("content-length: {}\n", body.len());
        assert!(text(&echo).contains(&expected), "{}", text(&echo));
        assert!(text(&echo).ends_with(&format!("\n\n{body}")), "{}", text(&echo));
    }
}

#[test]
fn values_that_an_option_cannot_have_are_refused_by_name() {
    let mut easy = Easy::new().unwrap();
    let error = easy.set(option::UserAgent("a\0b")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InteriorNul);
    assert_eq!(error.to_string(), "CURLOPT_USERAGENT holds a NUL byte at position 1");

    let error = easy.set(option::UserAgent("a\r\nx-b: 2")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Parameter);
    assert_eq!(error.to_string(), "CURLOPT_USERAGENT cannot hold a line break");

    let error = easy.set(option::TimeoutMs(Duration::from_secs(1 << 40))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Parameter);
    assert_eq!(error.to_string(), "CURLOPT_TIMEOUT_MS cannot be 1099511627776 seconds");

    let error = easy.set(option::MaxFileSizeLarge(u64::MAX)).unwrap_err();
    assert_eq!(error.to_string(), format!("CURLOPT_MAXFILESIZE_LARGE cannot be {}", u64::MAX));

    let error = easy.set(option::BufferSize(u32::MAX)).unwrap_err();
    assert_eq!(error.to_string(), "CURLOPT_BUFFERSIZE cannot be 4294967295");

    let mut list = List::new();
    assert_eq!(list.push("a\nb").unwrap_err().kind(), ErrorKind::Parameter);
    assert_eq!(list.push("a\0b").unwrap_err().kind(), ErrorKind::InteriorNul);
    assert!(list.is_empty());
}

#[test]
fn an_option_newer_than_the_linked_libcurl_names_its_version() {
    let can = ffence::capabilities().unwrap();
    let number = can.libcurl().number();
    let mut easy = Easy::new().unwrap();
    let newer = ffence::capabilities::Version::new(8, 9, 0);
    match easy.set(option::TcpKeepCnt(3)) {
        Ok(_) => assert!(number >= newer),
        Err(error) => {
            assert!(number < newer, "{error}");
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            let linked = can.libcurl().version();
            assert_eq!(
                error.to_string(),
                format!("CURLOPT_TCP_KEEPCNT came with libcurl 8.9.0; this one is {linked}")
            );
        }
    }
    match easy.set(option::FollowLocation(Follow::ObeyCode)) {
        Ok(_) => assert!(number >= ffence::capabilities::Version::new(8, 13, 0)),
        Err(error) => assert!(error.to_string().contains("8.13.0"), "{error}"),
    }
}

#[test]
fn values_reach_libcurl_as_it_wants_them() {
    let server = Server::plain();
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(server.url("/redirect/301/echo")))
        .unwrap()
        .set(option::FollowLocation(Follow::All))
        .unwrap()
        .set(option::MaxRedirs(Some(1)))
        .unwrap()
        .set(option::PostRedir(PostRedir::ALL))
        .unwrap()
        .set(option::PostFields("kept"))
        .unwrap()
        .set(option::HttpVersion(HttpVersion::Http11))
        .unwrap()
        .set(option::Protocols(Protocols::HTTP))
        .unwrap();
    let mut echo = Vec::new();
    let done = easy.perform_into(&mut echo).unwrap();
    assert_eq!(done.redirect_count(), 1);
    assert_eq!(done.http_version(), Some(HttpVersion::Http11));
    assert_eq!(done.effective_url().unwrap().to_str().unwrap(), server.url("/echo"));
    assert!(text(&echo).starts_with("POST\n") && echo.ends_with(b"kept"), "{}", text(&echo));

    easy.set(option::MaxRedirs(Some(0))).unwrap();
    let error = easy.perform().unwrap_err();
    assert_eq!(error.code(), Some(47), "CURLE_TOO_MANY_REDIRECTS: {error}");

    easy.set(option::Protocols(Protocols::HTTPS)).unwrap();
    let error = easy.perform().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
}

#[test]
fn it_tells_of_addresses_sizes_and_times() {
    let server = Server::plain();
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(server.url("/bytes/5000"))).unwrap();
    let done = easy.perform().unwrap();
    assert_eq!(done.primary_ip().unwrap(), c"127.0.0.1");
    assert_eq!(done.local_ip().unwrap(), c"127.0.0.1");
    assert!(server.url("/").contains(&format!(":{}/", done.primary_port())));
    assert_ne!(done.local_port(), 0);
    assert_eq!(done.num_connects(), 1);
    assert_eq!(done.content_length_download(), Some(5000));
    assert!(done.header_size() > 20 && done.request_size() > 20);
    assert!(done.connect_time() <= done.pretransfer_time());
    assert!(done.pretransfer_time() <= done.total_time());
    assert!(done.total_time() > Duration::ZERO);
    assert_eq!(done.appconnect_time(), Duration::ZERO);
    assert_eq!(done.scheme().unwrap().to_bytes().to_ascii_lowercase(), b"http");
    assert_eq!(done.effective_method(), Some(c"GET"));
    assert_eq!(done.content_type(), None);
    assert_eq!(done.retry_after(), None);
    assert_eq!(done.filetime(), None);
    assert!(done.certificates().is_empty());
    #[cfg(unix)]
    assert!(done.active_socket().is_some());
    assert_eq!(easy.perform().unwrap().num_connects(), 0, "the connection was kept");
}

#[test]
fn it_tells_of_certificates_and_the_tls_library() {
    let authority = Authority::new();
    let server = Server::tls(&authority);
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(server.url("/bytes/1"))).unwrap();
    let error = easy.perform().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls, "nobody trusts this authority: {error}");

    easy.set(option::CaInfoBlob(authority.pem().as_bytes())).unwrap();
    easy.set(option::CertInfo(true)).unwrap();
    easy.set(option::SslVersion(TlsVersions::new().from(TlsVersion::V1_3))).unwrap();
    let done = easy.perform().unwrap();
    let can = ffence::capabilities().unwrap();
    if can.libcurl().tls_backend().is_some_and(|name| name.starts_with("OpenSSL/")) {
        assert_eq!(done.tls_backend(), Some(TlsBackend::OpenSsl));
    }
    let chain = done.certificates();
    assert_eq!(chain.len(), chain.iter().count());
    let first = chain.iter().next().unwrap();
    assert!(first.field("Subject").is_some(), "{first:?}");
    assert_eq!(first.field("No such thing"), None);
    assert!(first.pem().unwrap().starts_with(b"-----BEGIN CERTIFICATE-----"));
    assert!(done.appconnect_time() > Duration::ZERO);
}

#[test]
fn cookies_are_kept_and_told() {
    let server = Raw::answering(
        "HTTP/1.1 200 OK\r\nSet-Cookie: one=1; Path=/\r\nSet-Cookie: two=2\r\nContent-Length: 0\r\n\r\n",
    );
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(server.url("/"))).unwrap();
    easy.set(option::CookieFile("")).unwrap();
    easy.perform().unwrap();
    let cookies = easy.info().cookies().unwrap();
    let lines: Vec<_> = cookies.iter().map(|line| line.to_str().unwrap()).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines.iter().any(|line| line.ends_with("one\t1")), "{lines:?}");
    easy.set(option::CookieList("ALL")).unwrap();
    assert!(easy.info().cookies().unwrap().is_empty());
}

/// LeakSanitizer looks for the names of the files, which older versions of libcurl forget.
#[test]
fn a_reset_keeps_the_cookies() {
    let server = Raw::answering(
        "HTTP/1.1 200 OK\r\nSet-Cookie: one=1; Path=/\r\nSet-Cookie: two=2\r\nContent-Length: 0\r\n\r\n",
    );
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(server.url("/"))).unwrap();
    easy.set(option::CookieFile("")).unwrap();
    easy.reset().unwrap();
    assert!(easy.info().cookies().unwrap().is_empty());

    easy.set(option::Url(server.url("/"))).unwrap();
    easy.set(option::CookieFile("")).unwrap().set(option::CookieFile("/dev/null")).unwrap();
    easy.perform().unwrap();
    easy.reset().unwrap();
    assert_eq!(easy.info().cookies().unwrap().iter().count(), 2);
}

#[test]
fn secrets_are_not_printed() {
    for printed in [
        format!("{:?}", option::Password("hunter2")),
        format!("{:?}", option::UserPwd("me:hunter2")),
        format!("{:?}", option::XOAuth2Bearer("hunter2")),
        format!("{:?}", option::SslKeyBlob(b"hunter2")),
    ] {
        assert!(!printed.contains("hunter2"), "{printed}");
    }
}

#[test]
fn a_handle_goes_from_thread_to_thread_with_its_connections() {
    let server = Server::plain();
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(server.url("/bytes/10"))).unwrap();
    easy.perform().unwrap();
    for _ in 0..3 {
        easy = std::thread::spawn(move || {
            easy.perform().unwrap();
            easy
        })
        .join()
        .unwrap();
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn what_has_no_type_is_set_raw_by_whoever_vouches_for_it() {
    const CURLOPT_PRIVATE: u32 = 10103;
    let mut easy = Easy::new().unwrap();
    let mut number = 7;
    // SAFETY: CURLOPT_PRIVATE(3): libcurl does nothing with the pointer.
    unsafe { easy.set_raw(CURLOPT_PRIVATE, ffence::curl::Raw::Pointer((&raw mut number).cast())) }
        .unwrap();
    assert!(!easy.as_ptr().is_null());
    // SAFETY: no option has this number, so no value is of the wrong kind.
    let error = unsafe { easy.set_raw(9999, ffence::curl::Raw::Long(1)) }.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
}
