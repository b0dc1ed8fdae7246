//! WebSockets of the client, against a server of tungstenite's: `ffence::http::websocket`.
#![cfg(all(feature = "websocket", unix))]

mod common;

use std::future::poll_fn;
use std::io::{Read as _, Write as _};
use std::pin::Pin;
use std::sync::mpsc;
use std::time::Duration;

use common::executor::block_on;
use common::proxy::{Proxy as ProxyServer, TlsFront};
use common::raw::{Raw, read_request};
use common::server::{Authority, bytes};
use common::websocket::{Echo, accepting, at, saying};
use ffence::ErrorKind;
use ffence::http::websocket::{AsyncWebSocket, Message, WebSocket};
use ffence::http::{Client, Proxy, Tls};
use futures_core::Stream as _;
use futures_sink::Sink as _;

/// Far more than anything here takes; a hang, and nothing else, runs into it.
const SOON: Duration = Duration::from_secs(60);

fn client() -> Client {
    Client::builder().proxy(Proxy::none()).build().unwrap()
}

fn connect(server: &Echo, path: &str) -> WebSocket {
    client().websocket(server.url(path)).timeout(SOON).connect().unwrap()
}

async fn connect_async(client: &Client, url: &str) -> AsyncWebSocket {
    client.websocket(url).timeout(SOON).connect_async().await.unwrap()
}

fn next(socket: &mut WebSocket) -> Message {
    socket.recv_timeout(SOON).unwrap().expect("a message before the end")
}

/// Exchanges messages of several kinds and sizes, and closes.
fn talks(mut socket: WebSocket) {
    socket.send("hellö").unwrap();
    socket.send(vec![0, 255]).unwrap();
    socket.send("").unwrap();
    assert_eq!(next(&mut socket), Message::text("hellö"));
    assert_eq!(next(&mut socket), Message::binary(vec![0, 255]));
    assert_eq!(next(&mut socket), Message::text(""));
    let large = bytes(300_000);
    socket.send(large.clone()).unwrap();
    assert_eq!(next(&mut socket), Message::binary(large));
    socket.close(1000, "done").unwrap();
}

async fn talks_async(mut socket: AsyncWebSocket) {
    socket.send("hellö").await.unwrap();
    socket.send(vec![0, 255]).await.unwrap();
    assert_eq!(socket.recv().await.unwrap(), Some(Message::text("hellö")));
    assert_eq!(socket.recv().await.unwrap(), Some(Message::binary(vec![0, 255])));
    let large = bytes(300_000);
    socket.send(large.clone()).await.unwrap();
    assert_eq!(socket.recv().await.unwrap(), Some(Message::binary(large)));
    socket.close(1000, "done").await.unwrap();
}

#[test]
fn messages_come_back() {
    let server = Echo::start();
    talks(connect(&server, "/echo"));
    let client = client();
    block_on(async { talks_async(connect_async(&client, &server.url("/echo")).await).await });
}

#[test]
fn over_tls_and_only_where_it_is_trusted() {
    let (server, authority) = (Echo::start(), Authority::new());
    let front = TlsFront::before(server.address(), &authority);
    let url = format!("{}/echo", front.url().replace("https", "wss"));
    let trusting = |authority: &Authority| {
        let tls = Tls::new().ca_pem(authority.pem());
        Client::builder().tls(tls).proxy(Proxy::none()).build().unwrap()
    };
    let client = trusting(&authority);
    talks(client.websocket(&url).timeout(SOON).connect().unwrap());
    block_on(async { talks_async(connect_async(&client, &url).await).await });

    let other = trusting(&Authority::new());
    assert_eq!(other.websocket(&url).connect().unwrap_err().kind(), ErrorKind::Tls);
    let error = block_on(other.websocket(&url).connect_async()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls);
}

#[test]
fn through_an_http_proxy_in_a_tunnel() {
    let (server, authority) = (Echo::start(), Authority::new());
    let front = TlsFront::before(server.address(), &authority);
    let over_tls = format!("{}/echo", front.url().replace("https", "wss"));
    let Some(proxy) = ProxyServer::http() else { return };
    let client = Client::builder()
        .tls(Tls::new().ca_pem(authority.pem()))
        .proxy(Proxy::new(proxy.url("http")))
        .build()
        .unwrap();
    for url in [&server.url("/echo"), &over_tls] {
        talks(client.websocket(url).timeout(SOON).connect().unwrap());
        block_on(async { talks_async(connect_async(&client, url).await).await });
    }
}

#[test]
fn what_comes_with_the_answer_is_not_lost() {
    let server = saying("", *b"\x81\x05early\x82\x01\x07");
    let client = client();
    let mut socket = client.websocket(at(&server)).connect().unwrap();
    assert_eq!(next(&mut socket), Message::text("early"));
    assert_eq!(next(&mut socket), Message::binary(vec![7]));
    block_on(async {
        let mut socket = connect_async(&client, &at(&server)).await;
        assert_eq!(socket.recv().await.unwrap(), Some(Message::text("early")));
        assert_eq!(socket.recv().await.unwrap(), Some(Message::binary(vec![7])));
    });
}

#[test]
fn headers_and_protocols_are_sent_and_told() {
    let (sender, requests) = mpsc::channel();
    let server = Raw::with(move |mut stream| {
        let request = read_request(&mut stream);
        let answer = accepting(&request, "Sec-WebSocket-Protocol: superchat\r\nX-Answer: 42\r\n");
        sender.send(request).unwrap();
        let _ = stream.write_all(&answer);
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    });
    let client = Client::builder().proxy(Proxy::none()).user_agent("tests/1").build().unwrap();
    let builder = client
        .websocket(format!("ws://{}/a/b?c=d", server.address()))
        .header("x-id", 7)
        .basic_auth("me", "secret")
        .subprotocol("chat")
        .subprotocol("superchat");
    assert!(!format!("{builder:?}").contains("bWU6"), "the credentials are not shown");
    let socket = builder.connect().unwrap();
    assert_eq!(socket.protocol(), Some("superchat"));
    assert_eq!(socket.headers()["x-answer"], "42");
    let request = requests.recv_timeout(SOON).unwrap().to_ascii_lowercase();
    for line in [
        "get /a/b?c=d http/1.1",
        &format!("host: {}", server.address()),
        "x-id: 7",
        "user-agent: tests/1",
        "authorization: basic bwu6c2vjcmv0",
        "sec-websocket-protocol: chat, superchat",
        "sec-websocket-version: 13",
    ] {
        assert!(request.lines().any(|it| it == line), "{line} in {request}");
    }
    // None of those offered.
    let other = client.websocket(at(&saying("", []))).subprotocol("chat").connect().unwrap_err();
    assert_eq!(other.kind(), ErrorKind::Transport, "{other}");
}

#[test]
fn what_cannot_be_asked_for_is_refused_before_anything_is_sent() {
    let client = client();
    for builder in [
        client.websocket("ftp://127.0.0.1/"),
        client.websocket("127.0.0.1"),
        client.websocket("ws://"),
        client.websocket("ws://me:secret@127.0.0.1:1/"),
        client.websocket("ws://127.0.0.1:1/a b"),
        client.websocket("ws://127.0.0.1:1/").header("upgrade", "h2c"),
        client.websocket("ws://127.0.0.1:1/").header("sec-websocket-key", "x"),
        client.websocket("ws://127.0.0.1:1/").header("x", "\n"),
        client.websocket("ws://127.0.0.1:1/").basic_auth("a:b", ""),
        client.websocket("ws://127.0.0.1:1/").subprotocol("a, b"),
    ] {
        let shown = format!("{builder:?}");
        let error = builder.connect().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{shown}: {error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[test]
fn fragments_are_put_together_around_pings() {
    let server = Echo::start();
    let mut socket = connect(&server, "/fragments");
    assert_eq!(next(&mut socket), Message::Ping("between".into()));
    assert_eq!(next(&mut socket), Message::text("one, two, three"));
    // It was answered: the server would wait for nothing else here.
    socket.send(Message::Ping("mine".into())).unwrap();
    assert_eq!(next(&mut socket), Message::Pong("mine".into()));
}

#[test]
fn large_messages_go_both_ways_and_a_limit_is_kept() {
    let server = Echo::start();
    let client = client();
    let large = bytes(5_000_000);
    // The server reads a message whole before it sends it back, and all buffers are smaller.
    let mut socket = connect(&server, "/large/3000000");
    assert_eq!(next(&mut socket), Message::binary(bytes(3_000_000)));
    socket.send(large.clone()).unwrap();
    assert_eq!(next(&mut socket), Message::binary(large.clone()));
    block_on(async {
        let mut socket = connect_async(&client, &server.url("/large/3000000")).await;
        assert_eq!(socket.recv().await.unwrap(), Some(Message::binary(bytes(3_000_000))));
        socket.send(large.clone()).await.unwrap();
        assert_eq!(socket.recv().await.unwrap(), Some(Message::binary(large)));
    });

    let socket = client.websocket(server.url("/large/100001")).limit(100_000).connect();
    let mut socket = socket.unwrap();
    assert_eq!(socket.recv().unwrap_err().kind(), ErrorKind::Length);
    assert_eq!(socket.recv().unwrap_err().kind(), ErrorKind::Poisoned);
    assert_eq!(socket.send("x").unwrap_err().kind(), ErrorKind::Poisoned);
}

#[test]
fn what_must_not_be_sent_is_not() {
    let server = Echo::start();
    let mut socket = connect(&server, "/echo");
    for code in [0, 999, 1005, 1006, 1015, 5000] {
        let error = socket.send(Message::close(code, "")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Parameter, "{code}");
    }
    let long = Message::close(1000, "x".repeat(124));
    assert_eq!(socket.send(long).unwrap_err().kind(), ErrorKind::Length);
    let long = Message::Ping(vec![0; 126].into());
    assert_eq!(socket.send(long).unwrap_err().kind(), ErrorKind::Length);
    // It works as before.
    socket.send("fine").unwrap();
    assert_eq!(next(&mut socket), Message::text("fine"));
}

#[test]
fn frames_that_break_the_rules_are_errors_and_the_peer_is_told() {
    let cases: &[(&'static [u8], ErrorKind, u16)] = &[
        (b"\x81\x02\xff\xfe", ErrorKind::Encoding, 1007), // a text that is not UTF-8
        (b"\x01\x01a\x80\x01\xff", ErrorKind::Encoding, 1007), // nor in its second part
        (b"\xf1\x01a", ErrorKind::Transport, 1002),       // reserved bits
        (b"\x83\x01a", ErrorKind::Transport, 1002),       // an opcode that is not in use
        (b"\x80\x01a", ErrorKind::Transport, 1002),       // a continuation of nothing
        (b"\x81\x81\0\0\0\0a", ErrorKind::Transport, 1002), // masked, by a server
        (b"\x89\x7e\x00\x7e", ErrorKind::Transport, 1002), // a ping of 126 bytes, of which none came
        (b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", ErrorKind::Length, 1009), // 2^63 - 1 bytes
    ];
    for &(frames, kind, code) in cases {
        let (sender, said) = mpsc::channel();
        let server = Raw::with(move |mut stream| {
            let mut frames = frames.to_vec();
            if frames.starts_with(b"\x89") {
                frames.extend([0; 126]);
            }
            let answer = accepting(&read_request(&mut stream), "");
            stream.write_all(&[answer, frames].concat()).unwrap();
            // The client's last words: a closing frame of two bytes, masked.
            let mut last = [0; 8];
            let read = stream.read_exact(&mut last);
            sender.send(read.map(|()| last).ok()).unwrap();
        });
        let mut socket = client().websocket(at(&server)).connect().unwrap();
        let error = socket.recv_timeout(SOON).unwrap_err();
        assert_eq!(error.kind(), kind, "{frames:x?}: {error}");
        assert_eq!(socket.recv().unwrap_err().kind(), ErrorKind::Poisoned);
        drop(socket);
        let last = said.recv_timeout(SOON).unwrap().expect("a closing frame");
        assert_eq!(last[..2], [0x88, 0x82], "{frames:x?}");
        let told = u16::from_be_bytes([last[6] ^ last[2], last[7] ^ last[3]]);
        assert_eq!(told, code, "{frames:x?}");
    }
}

#[test]
fn a_stream_and_a_sink_in_two_tasks() {
    const MESSAGES: usize = 500;

    let server = Echo::start();
    let client = client();
    let socket = block_on(connect_async(&client, &server.url("/echo")));
    let (mut sender, mut receiver) = socket.split();
    let sending = std::thread::spawn(move || {
        block_on(async {
            for number in 0..MESSAGES {
                poll_fn(|context| Pin::new(&mut sender).poll_ready(context)).await.unwrap();
                let message = Message::binary(bytes(number * 20));
                Pin::new(&mut sender).start_send(message).unwrap();
            }
            poll_fn(|context| Pin::new(&mut sender).poll_close(context)).await.unwrap();
        });
    });
    let received = block_on(async {
        let mut received = Vec::new();
        while let Some(message) =
            poll_fn(|context| Pin::new(&mut receiver).poll_next(context)).await
        {
            received.push(message.unwrap());
        }
        received
    });
    sending.join().unwrap();
    assert_eq!(received.len(), MESSAGES + 1);
    for (number, message) in received.iter().take(MESSAGES).enumerate() {
        assert_eq!(*message, Message::binary(bytes(number * 20)));
    }
    assert_eq!(received[MESSAGES], Message::close(1000, ""));
}
