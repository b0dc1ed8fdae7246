//! Peers that break every rule: each is an error or a whole answer, soon, and the handle is as good
//! as before.
#![cfg(feature = "http")]

mod common;

use std::time::Duration;

use common::raw::Raw;
use common::server::{Authority, Server};
use common::ugly::{self, Ugly};
use ffence::ErrorKind::{
    self, Connect, InvalidRequest, Libcurl, Timeout, Transport, TruncatedBody,
};
use ffence::curl::{Easy, Mime, Part, Write, option, option::value};
use ffence::error::{Error, Phase};

/// Long enough for whatever ends by itself; no test waits for it but the one of the slow peer.
const LIMIT: Duration = Duration::from_secs(30);

fn easy(url: &str) -> Easy {
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(url)).unwrap().set(option::NoProxy("*")).unwrap();
    easy.set(option::TimeoutMs(LIMIT)).unwrap();
    easy
}

/// What a transfer from this peer comes to: its body or its error. Afterwards the same handle must
/// work with a proper peer.
fn outcome(how: Ugly, prepare: impl FnOnce(&mut Easy)) -> (Result<(), Error>, Vec<u8>) {
    let peer = ugly::server(how);
    let mut easy = easy(&peer.url("/"));
    prepare(&mut easy);
    let mut body = Vec::new();
    let outcome = easy.perform_into(&mut body).map(drop);
    if let Err(error) = &outcome {
        assert_eq!(error.library(), ffence::error::Library::Libcurl, "{how:?}");
        assert!(error.transfer().is_some() && error.code().is_some(), "{how:?}: {error}");
    }

    let good = Raw::answering("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood");
    easy.set(option::Url(good.url("/"))).unwrap();
    let mut whole = Vec::new();
    easy.perform_into(&mut whole).unwrap_or_else(|error| panic!("after {how:?}: {error}"));
    assert_eq!(whole, b"good", "after {how:?}");
    (outcome, body)
}

fn fails(how: Ugly, kinds: &[ErrorKind]) -> (Error, Vec<u8>) {
    let (outcome, body) = outcome(how, |_| {});
    let error = outcome.expect_err(&format!("{how:?} was taken"));
    assert!(kinds.contains(&error.kind()), "{how:?}: {:?}, {error}", error.kind());
    (error, body)
}

#[test]
fn the_end_comes_at_each_phase() {
    for how in [Ugly::ClosesAtOnce, Ugly::ResetsAtOnce, Ugly::ResetsInRequest] {
        // A reset may come before libcurl has asked whether its connection stands.
        let (error, body) = fails(how, &[Transport, Connect]);
        assert!(error.transfer().unwrap().status.is_none() && body.is_empty(), "{how:?}");
    }
    for how in [Ugly::ResetsInStatus, Ugly::ResetsInHeaders] {
        let (_, body) = fails(how, &[Transport, TruncatedBody]);
        assert!(body.is_empty(), "{how:?}");
    }
    let (error, body) = fails(Ugly::ResetsInBody, &[TruncatedBody]);
    let transfer = error.transfer().unwrap();
    assert_eq!((transfer.status, transfer.phase), (Some(200), Phase::Body));
    assert_eq!(body, b"0123456789", "what had come is there");
}

#[test]
fn bodies_of_the_wrong_length() {
    let (error, body) = fails(Ugly::ShortBody, &[TruncatedBody]);
    assert_eq!((error.transfer().unwrap().received, body.len()), (10, 10));
    let (_, body) = fails(Ugly::ShortChunk, &[TruncatedBody]);
    assert_eq!(body, b"0123");
    // What comes beyond the length is no part of the answer, nor of the next one.
    let (outcome, body) = outcome(Ugly::LongBody, |_| {});
    outcome.unwrap();
    assert_eq!(body, b"xxxxx");
}

#[test]
fn lengths_that_are_none() {
    for how in [Ugly::TwoLengths, Ugly::LengthIsNoNumber, Ugly::LengthOverflows] {
        let (outcome, body) = outcome(how, |_| {});
        // Old versions read on to the end of the connection, or take one of the two lengths.
        match outcome {
            Ok(()) => assert!(body.len() <= 7, "{how:?}: {}", body.len()),
            Err(error) => {
                let kinds = [Transport, TruncatedBody, Libcurl];
                assert!(kinds.contains(&error.kind()), "{how:?}: {error}");
            }
        }
    }
    fails(Ugly::ChunkIsNoNumber, &[Transport, TruncatedBody, Libcurl]);
}

#[test]
fn headers_without_end_end() {
    for how in [Ugly::EndlessHeaders, Ugly::EndlessLine] {
        let kinds = [Transport, TruncatedBody, Libcurl, ErrorKind::OutOfMemory, InvalidRequest];
        let (error, body) = fails(how, &kinds);
        assert!(body.is_empty(), "{how:?}: {error}");
    }
}

/// Old versions of libcurl take interim answers and trailers as long as they come: then the limit on
/// time is what ends them, and a handler that counts.
#[test]
fn floods_are_stopped_by_a_limit() {
    for how in [Ugly::EndlessInterim, Ugly::EndlessTrailers] {
        let (outcome, _) = outcome(how, |easy| {
            easy.set(option::TimeoutMs(Duration::from_millis(500))).unwrap();
        });
        let error = outcome.expect_err(&format!("{how:?} was taken"));
        let kinds = [Timeout, Transport, TruncatedBody, Libcurl, ErrorKind::OutOfMemory];
        assert!(kinds.contains(&error.kind()), "{how:?}: {error}");
    }
}

#[test]
fn some_interim_answers_are_fine() {
    let (outcome, body) = outcome(Ugly::ManyInterims(50), |_| {});
    outcome.unwrap();
    assert_eq!(body, b"ok");
}

#[test]
fn redirects_for_ever_end() {
    let (outcome, _) = outcome(Ugly::RedirectsForEver, |easy| {
        easy.set(option::FollowLocation(value::Follow::All)).unwrap();
        easy.set(option::MaxRedirs(Some(10))).unwrap();
    });
    let error = outcome.unwrap_err();
    assert_eq!(error.code(), Some(47), "{error}"); // CURLE_TOO_MANY_REDIRECTS
}

#[test]
fn another_protocol_and_other_faults() {
    fails(Ugly::NotHttp, &[Transport]);
    fails(Ugly::NulInHeader, &[Transport]);
    let (outcome, _) = outcome(Ugly::FalseGzip, |easy| {
        easy.set(option::AcceptEncoding("gzip")).unwrap();
    });
    assert_eq!(outcome.unwrap_err().code(), Some(61)); // CURLE_BAD_CONTENT_ENCODING
}

#[test]
fn a_peer_that_dribbles_is_given_up() {
    let (outcome, body) = outcome(Ugly::SlowLoris, |easy| {
        easy.set(option::TimeoutMs(Duration::from_millis(300))).unwrap();
    });
    assert_eq!(outcome.unwrap_err().kind(), Timeout);
    assert!(body.is_empty());
}

/// Reads none of the system's certificates, which takes long and is of no use here.
fn unverified(easy: &mut Easy) {
    easy.set(option::SslVerifyPeer(false)).unwrap();
}

#[test]
fn a_peer_that_says_nothing_is_given_up() {
    let peer = Raw::silent();
    let mut easy = easy(&peer.url("/"));
    easy.set(option::TimeoutMs(Duration::from_millis(200))).unwrap();
    let error = easy.perform().unwrap_err();
    assert_eq!((error.kind(), error.transfer().unwrap().phase), (Timeout, Phase::FirstByte));

    // The same, where TLS should begin.
    easy.set(option::Url(format!("https://{}/", peer.address()))).unwrap();
    unverified(&mut easy);
    let error = easy.perform().unwrap_err();
    assert_eq!(error.kind(), Timeout);
    // From 8.x on libcurl counts the handshake to connecting.
    assert!(matches!(error.transfer().unwrap().phase, Phase::Connect | Phase::Tls), "{error:?}");
}

#[test]
fn tls_that_is_none() {
    for how in [Ugly::NotHttp, Ugly::ClosesAtOnce, Ugly::ResetsAtOnce, Ugly::ResetsInRequest] {
        let peer = ugly::server(how);
        let mut easy = easy(&format!("https://{}/", peer.address()));
        unverified(&mut easy);
        // The one that says something waits for a request first.
        easy.set(option::TimeoutMs(Duration::from_millis(500))).unwrap();
        let error = easy.perform().unwrap_err();
        let kinds = [ErrorKind::Tls, Transport, Connect, Timeout, Libcurl];
        assert!(kinds.contains(&error.kind()), "{how:?}: {:?} {error}", error.kind());
    }
}

#[test]
fn a_stream_that_breaks_off_over_http_2() {
    let authority = Authority::new();
    let server = Server::tls(&authority);
    let mut easy = easy(&server.url("/break/1000"));
    easy.set(option::CaInfoBlob(authority.pem().as_bytes())).unwrap();
    let mut body = Vec::new();
    let error = easy.perform_into(&mut body).map(drop).unwrap_err();
    assert_eq!(error.kind(), TruncatedBody, "{error}");
    assert_eq!(body.len(), 1000);
    easy.set(option::Url(server.url("/bytes/10"))).unwrap();
    easy.perform().unwrap();
}

#[test]
fn a_peer_that_answers_before_it_has_read_is_heard() {
    use std::io::{Read as _, Write as _};
    let peer = Raw::with(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(
            b"HTTP/1.1 413 Too much\r\nContent-Length: 4\r\nConnection: close\r\n\r\nless",
        );
        // Until the client is done with it.
        while stream.read(&mut [0; 4096]).is_ok_and(|len| len > 0) {}
    });
    let mut easy = easy(&peer.url("/"));
    let zeros = Part::reader(std::io::repeat(0), Some(50_000_000)).name("a");
    easy.set(option::MimePost(Mime::new().part(zeros))).unwrap();
    let mut body = Vec::new();
    let done = easy.perform_into(&mut body).unwrap();
    assert_eq!(done.response_code(), Some(413));
    assert!(done.size_upload() < 50_000_000);
    assert_eq!(body, b"less");
}

#[test]
fn this_side_can_give_up_at_any_byte() {
    let server = Server::plain();
    let mut easy = easy(&server.url("/bytes/300000"));
    for limit in [0, 1, 16_384, 299_999] {
        let mut taken = 0;
        let outcome = easy.perform_with(|bytes| {
            if taken + bytes.len() > limit {
                return Write::Stop;
            }
            taken += bytes.len();
            Write::Taken
        });
        assert_eq!(outcome.map(drop).unwrap_err().code(), Some(23)); // CURLE_WRITE_ERROR
        assert!(taken <= limit);
    }
    let mut body = Vec::new();
    easy.perform_into(&mut body).unwrap();
    assert_eq!(body.len(), 300_000);
}
