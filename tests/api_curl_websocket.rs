//! `ffence::curl::WebSocket`, against a server of tungstenite's.
//!
//! Needs a libcurl from 8.12 on with WebSocket. Where the linked one is none (Debian 12's), the one
//! thing to test is that it says so; `make test-static` runs all of this with the libcurl that
//! curl-sys builds.
#![cfg(all(feature = "http", unix))]

mod common;

use std::time::Duration;

use common::program::skipped;
use common::proxy::{Proxy, TlsFront};
use common::raw::Raw;
use common::server::{Authority, bytes};
use common::websocket::Echo;
use ffence::ErrorKind;
use ffence::capabilities::Version;
use ffence::curl::{
    Callbacks, CloseReason, Easy, Handler, Message, Payload, Sent, Trace, WebSocket, option,
};

const SOON: Duration = Duration::from_secs(20);

/// Whether the linked libcurl can; if it cannot, it must say so.
fn supported() -> bool {
    let can = ffence::capabilities().unwrap();
    let linked = can.libcurl();
    if linked.number() >= Version::new(8, 12, 0) && linked.speaks("ws") {
        return true;
    }
    let error = WebSocket::connect(Easy::new().unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    skipped("websocket", &format!("cannot be used with libcurl {}: {error}", linked.version()));
    false
}

fn easy(url: &str) -> Easy {
    let mut easy = Easy::new().unwrap();
    easy.set(option::Url(url)).unwrap().set(option::NoProxy("*")).unwrap();
    easy
}

fn connect(server: &Echo, path: &str) -> WebSocket {
    WebSocket::connect(easy(&server.url(path))).unwrap()
}

#[test]
fn texts_and_bytes_come_back() {
    if !supported() {
        return;
    }
    let server = Echo::start();
    let mut socket = connect(&server, "/echo");
    socket.send_text("hellö").unwrap();
    socket.send_binary(b"\0\xff").unwrap();
    socket.send_text("").unwrap();
    assert_eq!(socket.next(SOON).unwrap(), Message::Text("hellö".into()));
    assert_eq!(socket.next(SOON).unwrap(), Message::Binary(b"\0\xff".into()));
    assert_eq!(socket.next(SOON).unwrap(), Message::Text(String::new()));
    assert_eq!(socket.receive().unwrap(), None, "nothing more, and no waiting");
    assert_eq!(socket.info().response_code(), Some(101));
}

/// Says `hello` and a message of some size, and has them back.
fn talks(easy: Easy) {
    let mut socket = WebSocket::connect(easy).unwrap();
    socket.send_text("hello").unwrap();
    assert_eq!(socket.next(SOON).unwrap(), Message::Text("hello".into()));
    let large = bytes(300_000);
    socket.send_binary(&large).unwrap();
    assert_eq!(socket.next(SOON).unwrap(), Message::Binary(large));
    socket.close(1000, "").unwrap();
    assert!(matches!(socket.next(SOON).unwrap(), Message::Close(_)));
}

#[test]
fn over_tls() {
    if !supported() {
        return;
    }
    let (server, authority) = (Echo::start(), Authority::new());
    let front = TlsFront::before(server.address(), &authority);
    let url = format!("{}/echo", front.url().replace("https", "wss"));
    let mut easy = self::easy(&url);
    easy.set(option::CaInfoBlob(authority.pem().as_bytes())).unwrap();
    talks(easy);

    // Who does not know the authority does not get through.
    let mut easy = self::easy(&url);
    easy.set(option::CaInfoBlob(Authority::new().pem().as_bytes())).unwrap();
    assert_eq!(WebSocket::connect(easy).unwrap_err().kind(), ErrorKind::Tls);
}

#[test]
fn through_proxies() {
    if !supported() {
        return;
    }
    let (server, authority) = (Echo::start(), Authority::new());
    let front = TlsFront::before(server.address(), &authority);
    let over_tls = format!("{}/echo", front.url().replace("https", "wss"));
    let http = Proxy::http().map(|proxy| (proxy.url("http"), proxy));
    let socks = Proxy::socks().map(|proxy| (proxy.url("socks5h"), proxy));
    for (proxy, _program) in [http, socks].into_iter().flatten() {
        for url in [&server.url("/echo"), &over_tls] {
            let mut easy = Easy::new().unwrap();
            easy.set(option::Url(url)).unwrap();
            easy.set(option::Proxy(&proxy)).unwrap().set(option::NoProxy("")).unwrap();
            easy.set(option::CaInfoBlob(authority.pem().as_bytes())).unwrap();
            talks(easy);
        }
    }
}

#[test]
fn nothing_blocks() {
    if !supported() {
        return;
    }
    let server = Echo::start();
    let mut socket = connect(&server, "/echo");
    assert_eq!(socket.receive().unwrap(), None);
    assert!(!socket.wait(Duration::from_millis(10)).unwrap());
    assert_eq!(socket.next(Duration::from_millis(10)).unwrap_err().kind(), ErrorKind::Timeout);
    socket.send_text("a").unwrap();
    assert!(socket.wait(SOON).unwrap());
    assert_eq!(socket.next(SOON).unwrap(), Message::Text("a".into()));
}

#[test]
fn fragments_are_put_together_around_pings() {
    if !supported() {
        return;
    }
    let server = Echo::start();
    let mut socket = connect(&server, "/fragments");
    assert_eq!(socket.next(SOON).unwrap(), Message::Text("one, two, three".into()));

    // And the other way round.
    socket.send_fragment(Payload::Text, b"ein", false).unwrap();
    socket.ping(b"between").unwrap();
    assert_eq!(socket.send_text("x").unwrap_err().kind(), ErrorKind::Parameter);
    let other = socket.send_fragment(Payload::Binary, b"x", true);
    assert_eq!(other.unwrap_err().kind(), ErrorKind::Parameter);
    socket.send_fragment(Payload::Text, b"s, zw", false).unwrap();
    socket.send_fragment(Payload::Text, b"ei", true).unwrap();
    assert_eq!(socket.next(SOON).unwrap(), Message::Pong(b"between".into()));
    assert_eq!(socket.next(SOON).unwrap(), Message::Text("eins, zwei".into()));
}

#[test]
fn a_large_message_arrives_whole() {
    if !supported() {
        return;
    }
    let server = Echo::start();
    let mut socket = connect(&server, "/large/3000000");
    assert_eq!(socket.next(SOON).unwrap(), Message::Binary(bytes(3_000_000)));
}

#[test]
fn what_can_be_sent_only_in_part_loses_nothing() {
    if !supported() {
        return;
    }
    // The server reads a message whole before it sends it back, and both sides' buffers are far
    // smaller than this: sending must stop and go on many times.
    let server = Echo::start();
    let mut socket = connect(&server, "/echo");
    let mut large = bytes(5_000_000);
    for round in 0..3_u8 {
        large[0] = round;
        if socket.send_binary(&large).unwrap() == Sent::Waiting {
            assert!(socket.waiting() > 0);
        }
        // What is sent meanwhile goes behind it.
        socket.send_text("behind").unwrap();
        match socket.next(SOON).unwrap() {
            Message::Binary(back) => assert!(back == large, "round {round}"),
            other => panic!("{other:?}"),
        }
        assert_eq!(socket.next(SOON).unwrap(), Message::Text("behind".into()));
        assert_eq!(socket.waiting(), 0);
    }
}

#[test]
fn a_peer_that_reads_nothing_stops_nobody() {
    if !supported() {
        return;
    }
    let server = Echo::start();
    let mut socket = connect(&server, "/deaf");
    let piece = bytes(1_000_000);
    // Until the kernel takes no more: what is sent is kept, and the call is back at once. Its
    // buffers may grow once or twice when they are full, so that what waited goes after all.
    let mut sent = 0;
    let error = loop {
        if socket.send_binary(&piece).unwrap() == Sent::Waiting {
            assert!(socket.waiting() > 0);
            if let Err(error) = socket.flush_within(Duration::from_millis(20)) {
                break error;
            }
        }
        sent += 1;
        assert!(sent < 100, "the kernel's buffers end somewhere");
    };
    assert!(socket.waiting() > 0);
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[test]
fn both_sides_close() {
    if !supported() {
        return;
    }
    let server = Echo::start();
    let mut socket = connect(&server, "/echo");
    socket.close(1000, "done").unwrap();
    assert_eq!(socket.send_text("late").unwrap_err().kind(), ErrorKind::Closed);
    match socket.next(SOON).unwrap() {
        Message::Close(Some(CloseReason { code: 1000, .. })) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(socket.receive().unwrap_err().kind(), ErrorKind::Closed);

    let mut socket = connect(&server, "/close/4321");
    match socket.next(SOON).unwrap() {
        Message::Close(Some(reason)) => assert_eq!(reason.to_string(), "4321 as asked"),
        other => panic!("{other:?}"),
    }
    assert_eq!(socket.send_text("late").unwrap_err().kind(), ErrorKind::Closed);
}

#[test]
fn what_must_not_be_sent_is_not() {
    if !supported() {
        return;
    }
    let server = Echo::start();
    let mut socket = connect(&server, "/echo");
    for code in [0, 999, 1005, 1006, 1015, 5000] {
        assert_eq!(socket.close(code, "").unwrap_err().kind(), ErrorKind::Parameter, "{code}");
    }
    assert_eq!(socket.close(1000, &"x".repeat(124)).unwrap_err().kind(), ErrorKind::Length);
    assert_eq!(socket.ping(&[0; 126]).unwrap_err().kind(), ErrorKind::Length);
    // It works as before.
    socket.send_text("fine").unwrap();
    assert_eq!(socket.next(SOON).unwrap(), Message::Text("fine".into()));
}

#[test]
fn an_end_without_a_closing_handshake_is_an_error() {
    if !supported() {
        return;
    }
    let server = Echo::start();
    let mut socket = connect(&server, "/gone");
    let error = socket.next(SOON).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
    assert_eq!(socket.receive().unwrap_err().kind(), ErrorKind::Poisoned);
    assert_eq!(socket.send_text("x").unwrap_err().kind(), ErrorKind::Poisoned);
}

#[test]
fn a_server_that_refuses_is_an_error() {
    if !supported() {
        return;
    }
    let server = Echo::start();
    let error = WebSocket::connect(easy(&server.url("/refuse"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Status, "{error}");
    assert_eq!(error.transfer().unwrap().status, Some(403));
}

#[test]
fn a_message_beyond_the_limit_is_an_error() {
    if !supported() {
        return;
    }
    let server = Echo::start();
    let mut socket = connect(&server, "/large/100001");
    socket.set_limit(100_000);
    assert_eq!(socket.next(SOON).unwrap_err().kind(), ErrorKind::Length);
    assert_eq!(socket.receive().unwrap_err().kind(), ErrorKind::Poisoned);
}

/// A server that answers the handshake as it must, and then says these bytes.
fn saying(frames: &'static [u8]) -> Raw {
    use std::io::{Read as _, Write as _};
    Raw::with(move |mut stream| {
        let request = common::raw::read_request(&mut stream);
        let key = request
            .lines()
            .find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "))
            .expect("the client sends a key");
        let accept = tungstenite::handshake::derive_accept_key(key.as_bytes());
        let head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {accept}\r\n\r\n"
        );
        let _ = stream.write_all(&[head.as_bytes(), frames].concat());
        let _ = stream.read(&mut [0; 64]);
    })
}

#[test]
fn frames_that_break_the_rules_are_errors() {
    if !supported() {
        return;
    }
    let cases: &[(&[u8], ErrorKind)] = &[
        (b"\x81\x02\xff\xfe", ErrorKind::Encoding), // a text that is not UTF-8
        (b"\xf1\x01a", ErrorKind::Transport),       // reserved bits
        (b"\x83\x01a", ErrorKind::Transport),       // an opcode that is not in use
        (b"\x80\x01a", ErrorKind::Transport),       // a continuation of nothing
        (b"\x89\x7e\x00\x7e", ErrorKind::Transport), // a ping of 126 bytes
        (b"\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff", ErrorKind::Transport), // 2^64 - 1 bytes
        (b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xffa", ErrorKind::Length), // 2^63 - 1 bytes
    ];
    for (frames, kind) in cases {
        let server = saying(frames);
        let url = format!("ws://{}/", server.address());
        let mut socket = WebSocket::connect(easy(&url)).unwrap();
        let error = socket.next(SOON).unwrap_err();
        assert_eq!(error.kind(), *kind, "{frames:x?}: {error}");
    }
}

struct Panicking;

impl Handler for Panicking {
    const CALLBACKS: Callbacks = Callbacks::TRACE;

    fn trace(&mut self, _: Trace, bytes: &[u8]) {
        assert!(!bytes.starts_with(b"[WS]"), "in a callback");
    }
}

#[test]
fn a_socket_may_go_to_another_thread() {
    if !supported() {
        return;
    }
    let server = Echo::start();
    let mut socket = connect(&server, "/echo");
    socket.send_text("from here").unwrap();
    let message = std::thread::spawn(move || socket.next(SOON).unwrap()).join().unwrap();
    assert_eq!(message, Message::Text("from here".into()));
}

#[test]
fn callbacks_are_called_and_a_panic_is_this_sockets() {
    if !supported() {
        return;
    }
    let server = Echo::start();
    let mut easy = Easy::with(Panicking).unwrap();
    easy.set(option::Url(server.url("/echo"))).unwrap();
    easy.set(option::Verbose(true)).unwrap();
    match WebSocket::connect(easy) {
        // This libcurl says nothing of frames: then there is nothing to panic for.
        Ok(mut socket) => {
            socket.send_text("a").unwrap();
            assert_eq!(socket.next(SOON).unwrap(), Message::Text("a".into()));
        }
        Err(error) => assert_eq!(error.kind(), ErrorKind::Panicked, "{error}"),
    }
}
