//! What goes through a WebSocket.

use std::fmt;

use crate::error::{Error, ErrorKind, Result};

/// A received message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message {
    /// Text.
    Text(String),
    /// Bytes.
    Binary(Vec<u8>),
    /// A ping that was not answered, because [`option::WsOptions`](crate::curl::option::WsOptions)
    /// says so.
    Ping(Vec<u8>),
    /// The answer to a ping, or a sign of life.
    Pong(Vec<u8>),
    /// The peer sends nothing more, and why, if it said so. It was answered.
    Close(Option<CloseReason>),
}

/// What the parts of a message are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// Text.
    Text,
    /// Bytes.
    Binary,
}

/// Why a WebSocket was closed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CloseReason {
    /// The code, such as 1000 for "done" (RFC 6455 section 7.4).
    pub code: u16,
    /// The reason, for people; often empty.
    pub reason: String,
}

impl CloseReason {
    #[cfg(all(feature = "websocket", unix))]
    pub(crate) fn new(code: u16, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }

    pub(super) fn read(payload: &[u8]) -> Option<Self> {
        let (code, reason) = payload.split_first_chunk()?;
        let reason = String::from_utf8_lossy(reason).into_owned();
        Some(Self { code: u16::from_be_bytes(*code), reason })
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.reason)
    }
}

/// RFC 6455 section 5.5: the payload of a control frame.
pub(crate) fn control(payload: &[u8]) -> Result<()> {
    if payload.len() <= 125 {
        return Ok(());
    }
    let text = format!("a ping, a pong or a reason has up to 125 bytes, not {}", payload.len());
    Err(Error::ours(ErrorKind::Length, text))
}

/// RFC 6455 section 5.5.1: the payload of a closing frame.
pub(crate) fn close(code: u16, reason: &str) -> Result<Vec<u8>> {
    // Section 7.4.2; three codes say what happened without a frame.
    if !(1000..5000).contains(&code) || matches!(code, 1004..=1006 | 1015) {
        let text = format!("{code} is no code to close a WebSocket with");
        return Err(Error::ours(ErrorKind::Parameter, text));
    }
    let payload = [&code.to_be_bytes(), reason.as_bytes()].concat();
    control(&payload)?;
    Ok(payload)
}
