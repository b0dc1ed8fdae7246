//! A hostile WebSocket server: whatever follows its answer to the upgrade is read as messages, or ends
//! in one of the errors that are promised.
//!
//! Frames are read where the linked libcurl can (`make fuzz T=websocket NEWEST_CURL=1` builds one that
//! does). Before, an upgrade is a request like others, whose answer the input goes on.
#![no_main]

mod canned;
mod frames;

use std::time::Duration;

use arbitrary::Arbitrary;
use ffence::ErrorKind;
use ffence::curl::{List, Message, WebSocket, option};
use frames::Piece;
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input {
    pieces: Vec<Piece>,
    limit: u16,
    said: Option<String>,
}

/// An upgrade as libcurl sends it; the accepted key is not looked at there.
const HEAD: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

fuzz_target!(|input: Input| {
    canned::answer([HEAD, &frames::bytes(&input.pieces)].concat());
    let mut easy = canned::easy().expect("a handle");
    if !ffence::capabilities().expect("a library").libcurl().speaks("ws") {
        let mut headers = List::new();
        for line in ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"] {
            headers.push(line).expect("a header");
        }
        easy.set(option::HttpHeader(headers)).expect("an option");
        let _ = easy.perform().map(drop);
        assert_eq!(easy.info().response_code(), Some(101));
        return;
    }
    easy.set(option::Url("ws://127.0.0.1/")).expect("an option");
    let mut socket = WebSocket::connect(easy).expect("the answer is right");
    socket.set_limit(input.limit.into());
    if let Some(text) = &input.said {
        let _ = socket.send_text(text);
    }
    loop {
        match socket.next(Duration::from_secs(10)) {
            Ok(Message::Text(text)) => assert!(text.len() <= input.limit.into()),
            Ok(Message::Binary(bytes)) => assert!(bytes.len() <= input.limit.into()),
            Ok(Message::Ping(bytes) | Message::Pong(bytes)) => assert!(bytes.len() <= 125),
            Ok(Message::Close(_)) => {
                let error = socket.next(Duration::from_secs(10)).expect_err("it is closed");
                assert!(matches!(error.kind(), ErrorKind::Closed | ErrorKind::Transport));
                break;
            }
            Ok(_) => {}
            Err(error) => {
                let kind = error.kind();
                assert!(kind != ErrorKind::Timeout, "the server went, and nobody said so");
                assert!(!error.to_string().is_empty());
                break;
            }
        }
    }
});
