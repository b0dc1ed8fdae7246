//! `ffence::curl::Mime`: forms and multipart messages, as a real server receives them.
#![cfg(feature = "http")]

mod common;

use std::io::{self, Cursor, Read as _, Write as _};

use common::forms::{Sent, parts, sent, taken_apart};
use common::raw::Raw;
use common::server::{Server, bytes};
use ffence::ErrorKind;
use ffence::curl::{Easy, Encoder, Mime, Part, option};

#[test]
fn a_form_with_a_field_and_a_file() {
    let mut file = tempfile::Builder::new().suffix(".txt").tempfile().unwrap();
    file.write_all(b"from a file").unwrap();
    let picture = bytes(300_000);
    let (head, parts) = sent(
        Mime::new()
            .part(Part::new("Jane").name("user"))
            .part(
                Part::new(picture.clone())
                    .name("picture")
                    .filename("p.png")
                    .content_type("image/png"),
            )
            .part(Part::file(file.path()).name("file"))
            .part(Part::file(file.path()).name("other").filename("named.bin"))
            .part(Part::new(Vec::new()).name("empty")),
    );
    assert!(head.starts_with("POST\n"), "{head}");
    assert!(head.contains("content-type: multipart/form-data; boundary="), "{head}");
    assert!(head.contains("content-length: "), "all lengths are known: {head}");
    assert_eq!(parts.len(), 5);
    assert_eq!(parts[0].0, "Content-Disposition: form-data; name=\"user\"");
    assert_eq!(parts[0].1, b"Jane");
    assert!(parts[1].0.contains("name=\"picture\"; filename=\"p.png\""), "{}", parts[1].0);
    assert!(parts[1].0.contains("Content-Type: image/png"), "{}", parts[1].0);
    assert!(parts[1].1 == picture);
    let name = file.path().file_name().unwrap().to_str().unwrap();
    assert!(parts[2].0.contains(&format!("filename=\"{name}\"")), "{}", parts[2].0);
    assert_eq!(parts[2].1, b"from a file");
    assert!(parts[3].0.contains("filename=\"named.bin\""), "{}", parts[3].0);
    assert_eq!(parts[4].1, b"");
}

#[test]
fn streams_with_and_without_a_length() {
    let content = bytes(200_000);
    let known = || Part::stream(Cursor::new(bytes(200_000)), Some(200_000)).name("known");
    let (head, parts) = sent(Mime::new().part(known()));
    assert!(head.contains("content-length: "), "{head}");
    assert!(parts[0].1 == content);

    let open = Part::reader(io::repeat(b'x').take(70_000), None).name("open");
    let (head, parts) = sent(Mime::new().part(open).part(known()));
    assert!(head.contains("transfer-encoding: chunked"), "{head}");
    assert_eq!(parts[0].1, vec![b'x'; 70_000]);
    assert!(parts[1].1 == content);
}

#[test]
fn a_stream_gives_exactly_what_was_announced() {
    // More than announced is not asked for …
    let (_, parts) = sent(Mime::new().part(Part::reader(io::repeat(b'x'), Some(100)).name("a")));
    assert_eq!(parts[0].1, vec![b'x'; 100]);

    // … and less fails the transfer, instead of leaving the server to wait.
    let server = Server::plain();
    let mut easy = Easy::new().unwrap();
    let short = Part::reader(io::repeat(b'x').take(10), Some(100)).name("a");
    easy.set(option::Url(server.url("/echo"))).unwrap();
    easy.set(option::MimePost(Mime::new().part(short))).unwrap();
    let error = easy.perform().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Source, "{error}");
    assert!(error.to_string().contains("ended after 10 bytes"), "{error}");
}

#[test]
fn parts_within_parts_encoders_and_headers() {
    let alternative = Mime::new()
        .part(
            Part::new("plain \u{e9}")
                .content_type("text/plain; charset=utf-8")
                .encoder(Encoder::QuotedPrintable),
        )
        .part(Part::new("<b>bold</b>").content_type("text/html").encoder(Encoder::Base64));
    let (_, outer) = sent(
        Mime::new()
            .part(Part::parts(alternative).content_type("multipart/alternative").name("text"))
            .part(Part::new("x").name("headed").header("X-Part: 7").unwrap()),
    );
    assert!(outer[1].0.contains("X-Part: 7"), "{}", outer[1].0);
    let (head, content) = &outer[0];
    assert!(head.contains("multipart/alternative; boundary="), "{head}");
    let boundary = head.split("boundary=").nth(1).unwrap().lines().next().unwrap();
    let inner = parts(content, boundary);
    assert!(inner[0].0.contains("Content-Transfer-Encoding: quoted-printable"), "{}", inner[0].0);
    assert_eq!(inner[0].1, b"plain =C3=A9");
    assert!(inner[1].0.contains("Content-Transfer-Encoding: base64"), "{}", inner[1].0);
    assert_eq!(inner[1].1, b"PGI+Ym9sZDwvYj4=");
}

#[test]
fn the_seven_bit_encoder_refuses_other_bytes() {
    let server = Server::plain();
    let mut easy = Easy::new().unwrap();
    let part = Part::new("\u{e9}").name("a").encoder(Encoder::SevenBit);
    easy.set(option::Url(server.url("/echo"))).unwrap();
    easy.set(option::MimePost(Mime::new().part(part))).unwrap();
    assert!(easy.perform().is_err());
    // The handle is as good as before.
    easy.set(option::MimePost(Mime::new().part(Part::new("e").name("a")))).unwrap();
    easy.perform().unwrap();
}

/// A form with one part, sent along redirects.
fn form_to(url: &str, part: Part) -> ffence::Result<Vec<Sent>> {
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(url)).unwrap();
    easy.set(option::FollowLocation(option::value::Follow::All)).unwrap();
    easy.set(option::MimePost(Mime::new().part(part.name("a")))).unwrap();
    let mut answer = Vec::new();
    easy.perform_into(&mut answer)?;
    Ok(taken_apart(&answer).1)
}

#[test]
fn a_body_is_sent_again_where_its_parts_can_go_back() {
    // A redirect with 307 repeats the request.
    let server = Server::plain();
    let form = |part| form_to(&server.url("/redirect/307/echo"), part);
    assert_eq!(form(Part::new("memory")).unwrap()[0].1, b"memory");
    assert_eq!(form(Part::stream(Cursor::new("stream"), Some(6))).unwrap()[0].1, b"stream");
    // This peer reads all of the request before it answers.
    let peer = Raw::answering("HTTP/1.1 307 Go on\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
    let error = form_to(&peer.url("/"), Part::reader("once".as_bytes(), Some(4))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Source, "{error}");
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "this part can be sent only once");
}

#[test]
fn what_cannot_be_a_part_is_refused_when_it_is_set() {
    let mut easy = Easy::new().unwrap();
    let mut refused = |part: Part| {
        let error = easy.set(option::MimePost(Mime::new().part(part))).map(drop).unwrap_err();
        error.kind()
    };
    assert_eq!(refused(Part::new("a").name("a\0b")), ErrorKind::InteriorNul);
    assert_eq!(refused(Part::new("a").name("a\r\nX: y")), ErrorKind::Parameter);
    assert_eq!(refused(Part::new("a").filename("a\nX: y")), ErrorKind::Parameter);
    assert_eq!(refused(Part::new("a").content_type("a/b\r\nX: y")), ErrorKind::Parameter);
    assert_eq!(refused(Part::reader(io::empty(), Some(u64::MAX))), ErrorKind::Length);
    assert_eq!(refused(Part::file("/no/such/file")), ErrorKind::Libcurl);
    assert_eq!(Part::new("a").header("X: y\r\nZ: 1").unwrap_err().kind(), ErrorKind::Parameter);
}

#[test]
fn parts_and_what_holds_them_may_go_to_other_threads() {
    fn send<T: Send>(_: &T) {}
    let mime = Mime::new().part(Part::reader(io::empty(), None));
    send(&mime);
    let mut easy = Easy::new().unwrap();
    easy.set(option::MimePost(mime)).unwrap();
    send(&easy);
    std::thread::spawn(move || drop(easy)).join().unwrap();
}
