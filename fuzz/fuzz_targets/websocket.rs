//! A hostile WebSocket server: whatever follows its answer to the upgrade is read as messages, or ends
//! in one of the errors that are promised.
//!
//! Frames are read where the linked libcurl can (`make fuzz T=websocket NEWEST_CURL=1` builds one that
//! does). Before, an upgrade is a request like others, whose answer the input goes on.
#![no_main]

mod canned;

use std::time::Duration;

use arbitrary::Arbitrary;
use ffence::ErrorKind;
use ffence::curl::{List, Message, WebSocket, option};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Piece {
    /// Final, opcode, payload.
    Frame(bool, u8, Vec<u8>),
    /// A head that announces what is not there.
    Head(u8, u8, u64),
    Bytes(Vec<u8>),
}

impl Piece {
    /// RFC 6455 section 5.2, as a server sends it: without a mask.
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Frame(last, opcode, payload) => {
                out.push(u8::from(*last) << 7 | opcode & 15);
                match payload.len() {
                    len @ 0..126 => out.push(len as u8),
                    len => {
                        out.push(126);
                        out.extend_from_slice(&(len as u16).to_be_bytes());
                    }
                }
                out.extend_from_slice(payload);
            }
            Self::Head(first, second, len) => {
                out.extend_from_slice(&[*first, *second]);
                out.extend_from_slice(&len.to_be_bytes());
            }
            Self::Bytes(bytes) => out.extend_from_slice(bytes),
        }
    }
}

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
    let mut answer = HEAD.to_vec();
    for piece in &input.pieces {
        piece.write(&mut answer);
    }
    canned::answer(answer);
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
