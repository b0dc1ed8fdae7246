//! What goes through a client's WebSocket.

use bytes::Bytes;
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::Message as Frame;

use crate::curl::{CloseReason, check_close, check_control};
use crate::error::{Error, ErrorKind, Result};

/// A message, in either direction.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message {
    /// Text.
    Text(String),
    /// Bytes.
    Binary(Bytes),
    /// Asks for a pong with the same bytes, 125 at most. One that is received was answered already.
    Ping(Bytes),
    /// The answer to a ping, or a sign of life; 125 bytes at most.
    Pong(Bytes),
    /// Nothing more comes from that side, and why, if it says so. One that is received was answered
    /// already.
    Close(Option<CloseReason>),
}

impl Message {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Bytes.
    pub fn binary(bytes: impl Into<Bytes>) -> Self {
        Self::Binary(bytes.into())
    }

    /// The good-bye of this code (RFC 6455 section 7.4) and reason.
    pub fn close(code: u16, reason: impl Into<String>) -> Self {
        Self::Close(Some(CloseReason::new(code, reason)))
    }

    /// # Errors
    /// What must not be sent.
    pub(super) fn into_frame(self) -> Result<Frame> {
        Ok(match self {
            Self::Text(text) => Frame::Text(text.into()),
            Self::Binary(bytes) => Frame::Binary(bytes),
            Self::Ping(bytes) => {
                check_control(&bytes)?;
                Frame::Ping(bytes)
            }
            Self::Pong(bytes) => {
                check_control(&bytes)?;
                Frame::Pong(bytes)
            }
            Self::Close(None) => Frame::Close(None),
            Self::Close(Some(CloseReason { code, reason })) => {
                check_close(code, &reason)?;
                Frame::Close(Some(CloseFrame { code: code.into(), reason: reason.into() }))
            }
        })
    }

    pub(super) fn of(frame: Frame) -> Result<Self> {
        Ok(match frame {
            Frame::Text(text) => Self::Text(text.as_str().to_owned()),
            Frame::Binary(bytes) => Self::Binary(bytes),
            Frame::Ping(bytes) => Self::Ping(bytes),
            Frame::Pong(bytes) => Self::Pong(bytes),
            Frame::Close(None) => Self::Close(None),
            Frame::Close(Some(CloseFrame { code, reason })) => {
                Self::close(code.into(), reason.as_str())
            }
            // Fragments are put together before.
            Frame::Frame(_) => return Err(Error::of(ErrorKind::Transport)),
        })
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Bytes> for Message {
    fn from(bytes: Bytes) -> Self {
        Self::Binary(bytes)
    }
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Binary(bytes.into())
    }
}
