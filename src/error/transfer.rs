//! How far a transfer had come.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use super::timings::{TimeLimit, Timings};

/// How far a transfer had come when it failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transfer {
    /// The HTTP status, once there was one.
    pub status: Option<u16>,
    /// Body bytes received.
    pub received: u64,
    /// Body bytes sent.
    pub sent: u64,
    /// The operating system's error number of the last connection failure; 0 without one.
    pub os_errno: i32,
    /// From the start of the transfer to its failure.
    pub elapsed: Duration,
    /// The last phase that was reached.
    pub phase: Phase,
    /// The limit that was reached, where a limit was the reason.
    pub limit: Option<TimeLimit>,
    /// The peer's address, once there was a connection.
    pub peer: Option<SocketAddr>,
    /// When the phases ended that were reached.
    pub timings: Timings,
}

/// The phases of a transfer, in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Phase {
    /// Resolving the host name.
    #[default]
    Name,
    /// Connecting.
    Connect,
    /// The TLS handshake.
    Tls,
    /// Sending the request and waiting for the response's first byte.
    FirstByte,
    /// Receiving the response.
    Body,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "resolving the name",
            Self::Connect => "connecting",
            Self::Tls => "the TLS handshake",
            Self::FirstByte => "waiting for the response",
            Self::Body => "receiving the response",
        })
    }
}
