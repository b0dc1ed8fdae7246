//! A hostile server of the client's own WebSockets, whose connection is libcurl's and whose frames are
//! not: what is sent by the rules is received, in order, and all else ends in an error that is promised.
#![no_main]

mod canned;
mod frames;
mod local;

use std::os::unix::net::UnixStream;

use arbitrary::Arbitrary;
use ffence::ErrorKind;
use ffence::http::websocket::Message;
use frames::Piece;
use libfuzzer_sys::fuzz_target;
use tungstenite::handshake::derive_accept_key;

#[derive(Arbitrary, Debug)]
struct Input {
    pieces: Vec<Piece>,
    limit: u16,
    said: Option<String>,
    /// Says good-bye first.
    closes: Option<(u16, String)>,
}

/// The opening handshake as it must be, and then what is canned.
fn speak(mut connection: UnixStream) {
    let head = String::from_utf8_lossy(&local::head(&mut connection)).into_owned();
    let key = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("Sec-WebSocket-Key").then_some(value)
    });
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\n\r\n",
        derive_accept_key(key.expect("the request has a key").trim().as_bytes())
    );
    canned::speak(connection, &[answer.as_bytes(), &canned::answers()].concat());
}

/// What the pieces say as far as all is by the rules.
fn expected(pieces: &[Piece], limit: usize) -> Vec<Message> {
    let message = |piece: &Piece| match piece {
        Piece::Frame(true, opcode, payload) if payload.len() <= limit => match opcode & 15 {
            1 => String::from_utf8(payload.clone()).ok().map(Message::text),
            2 => Some(Message::binary(payload.clone())),
            9 if payload.len() <= 125 => Some(Message::Ping(payload.clone().into())),
            10 if payload.len() <= 125 => Some(Message::Pong(payload.clone().into())),
            _ => None,
        },
        _ => None,
    };
    pieces.iter().map_while(message).collect()
}

fuzz_target!(|input: Input| {
    canned::answer(frames::bytes(&input.pieces));
    let limit = usize::from(input.limit);
    let client = local::client(speak).build().expect("a client");
    let mut socket = client
        .websocket("ws://example.test/")
        .limit(limit)
        .connect()
        .expect("the answer to the handshake is right");
    if let Some(text) = &input.said
        && let Err(error) = socket.send(Message::text(text))
    {
        // It went meanwhile.
        assert!([ErrorKind::Transport, ErrorKind::Closed].contains(&error.kind()), "{error:?}");
    }
    if let Some((code, reason)) = &input.closes {
        let promised = [
            ErrorKind::Parameter,
            ErrorKind::Length,
            ErrorKind::Closed,
            ErrorKind::Transport,
            ErrorKind::Encoding,
            ErrorKind::Poisoned,
        ];
        if let Err(error) = socket.close(*code, reason) {
            assert!(promised.contains(&error.kind()), "{error:?}");
        }
        return;
    }
    let mut came = Vec::new();
    loop {
        match socket.recv() {
            Ok(Some(message)) => {
                let (most, len) = match &message {
                    Message::Text(text) => (limit, text.len()),
                    Message::Binary(bytes) => (limit, bytes.len()),
                    Message::Ping(bytes) | Message::Pong(bytes) => (125, bytes.len()),
                    _ => (0, 0),
                };
                assert!(len <= most, "{message:?} beyond {most}");
                came.push(message);
            }
            Ok(None) => {
                assert!(
                    matches!(came.last(), Some(Message::Close(_))),
                    "an end without a good-bye"
                );
                break;
            }
            Err(error) => {
                let promised = [ErrorKind::Transport, ErrorKind::Length, ErrorKind::Encoding];
                let poisoned = input.said.is_some() && error.kind() == ErrorKind::Poisoned;
                assert!(promised.contains(&error.kind()) || poisoned, "{error:?}");
                let again = socket.recv().expect_err("it has failed");
                assert_eq!(again.kind(), ErrorKind::Poisoned);
                if poisoned {
                    return; // sending failed before anything was read
                }
                break;
            }
        }
    }
    let expected = expected(&input.pieces, limit);
    // What it said may meet a server that has gone, and then nothing is sure to come.
    assert!(input.said.is_some() || came.starts_with(&expected), "{came:?}, not {expected:?}");
});
