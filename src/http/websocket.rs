//! WebSockets (RFC 6455) on the client's settings (feature `websocket`).
//!
//! libcurl makes the connection, with TLS and through proxies, and passes its bytes on; the frames are
//! [tungstenite](https://docs.rs/tungstenite)'s. That needs nothing of libcurl's own WebSocket, which
//! many builds lack ([`curl::WebSocket`](crate::curl::WebSocket) is on that).
//!
//! | | who drives the connection |
//! |---|---|
//! | [`WebSocket`] | the thread that calls it |
//! | [`AsyncWebSocket`] and its halves | a driver of the client's, for tasks under any executor |
//!
//! A driver looks at the sockets of all its WebSockets whenever one of them, or a transfer, has news:
//! for thousands of them, give the client more [`drivers`](crate::http::ClientBuilder::drivers).

mod approach;
mod blocking;
mod builder;
mod challenge;
mod frames;
mod line;
mod message;
mod tasks;
mod tunnel;

use std::time::Duration;

use ::http::HeaderMap;
use ::http::header::SEC_WEBSOCKET_PROTOCOL;

pub use self::blocking::WebSocket;
pub use self::builder::WebSocketBuilder;
pub(super) use self::line::{Opening, Sockets, Wired};
pub use self::message::Message;
pub use self::tasks::{AsyncWebSocket, Connecting, Receiver, Sender};
pub(super) use self::tunnel::{Held, Tunnel};
pub use crate::curl::CloseReason;
use crate::error::libcurl::given_up;
use crate::error::{Error, ErrorKind, Phase, TimeLimit, Transfer};

fn protocol(headers: &HeaderMap) -> Option<&str> {
    headers.get(SEC_WEBSOCKET_PROTOCOL)?.to_str().ok()
}

fn opened_late() -> Error {
    let limit = Some(TimeLimit::Total);
    let transfer = Transfer { phase: Phase::FirstByte, limit, ..Transfer::default() };
    let text = "the server did not answer the opening handshake in time".to_owned();
    given_up(ErrorKind::Timeout, text, transfer)
}

fn closed_late(limit: Duration) -> Error {
    let text = format!("the peer did not close within {limit:.1?}");
    Error::ours(ErrorKind::Timeout, text)
}

fn too_late(limit: Duration) -> Error {
    Error::ours(ErrorKind::Timeout, format!("nothing was received within {limit:.1?}"))
}
