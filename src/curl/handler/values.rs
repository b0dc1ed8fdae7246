//! What a handler is told, and what it answers.

use std::ffi::c_int;
use std::net::SocketAddr;

/// Whether the transfer goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// It does.
    Continue,
    /// It is given up; the handler knows why.
    Stop,
}

/// What became of the bytes of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// They were taken, all of them.
    Taken,
    /// None was taken: the same bytes come again when receiving is resumed with [`Pauses`].
    Pause,
    /// The transfer is given up; the handler knows why.
    Stop,
}

/// What became of the request for bytes to upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// What is in the buffer goes out; with nothing in it, the upload ends.
    Sent,
    /// Nothing is there yet: libcurl asks again when sending is resumed with [`Pauses`].
    Pause,
    /// The transfer is given up; the handler knows why.
    Stop,
}

/// Whether an upload can go on from another place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seek {
    /// The next read begins there.
    Done,
    /// It cannot; libcurl may still get there by reading on.
    CannotSeek,
    /// The transfer is given up; the handler knows why.
    Stop,
}

/// What becomes of a new socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Socket {
    /// libcurl connects it.
    Connect,
    /// It is connected already. libcurl 7.88 calls `connect` on it all the same
    /// ([issue 10626](https://github.com/curl/curl/issues/10626)), which some kinds of socket refuse.
    Connected,
    /// The transfer is given up; the handler knows why.
    Stop,
}

/// What a socket is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purpose {
    /// A connection to a peer.
    Connection,
    /// A connection that a peer made to this side (active FTP).
    Accepted,
}

/// Bytes so far, and in all where that is known (0 where it is not).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes to download.
    pub download_total: u64,
    /// Bytes downloaded.
    pub downloaded: u64,
    /// Bytes to upload.
    pub upload_total: u64,
    /// Bytes uploaded.
    pub uploaded: u64,
}

/// Which directions of a transfer stand still. Each has its own switch: changing one leaves the
/// other as it is.
///
/// [`curl_easy_pause`](https://curl.se/libcurl/c/curl_easy_pause.html)
#[doc(alias = "curl_easy_pause")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pauses {
    /// Nothing is received.
    pub receiving: bool,
    /// Nothing is sent.
    pub sending: bool,
}

impl Pauses {
    /// As `curl_easy_pause` has them.
    pub(in crate::curl) fn bits(self) -> c_int {
        // CURLPAUSE_RECV and CURLPAUSE_SEND
        c_int::from(self.receiving) | c_int::from(self.sending) << 2
    }
}

/// What a piece of a trace is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trace {
    /// What libcurl says of its work.
    Text,
    /// A header line that was received.
    HeaderIn,
    /// Header lines that were sent.
    HeaderOut,
    /// Body bytes that were received.
    DataIn,
    /// Body bytes that were sent.
    DataOut,
    /// A message of TLS that was received.
    TlsIn,
    /// A message of TLS that was sent.
    TlsOut,
}

/// Where a socket is to be connected to.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Address<'a> {
    /// What the socket is for.
    pub purpose: Purpose,
    /// The address family, such as `AF_INET`.
    pub family: i32,
    /// The type of socket, such as `SOCK_STREAM`.
    pub kind: i32,
    /// The protocol, such as `IPPROTO_TCP`.
    pub protocol: i32,
    /// The address; `None` where it is not of the Internet (a Unix socket).
    pub internet: Option<SocketAddr>,
    /// The address as the operating system has it.
    pub raw: &'a [u8],
}

/// The two ends of a connection.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Ends<'a> {
    /// The peer's address.
    pub remote_ip: &'a str,
    /// The peer's port.
    pub remote_port: u16,
    /// This side's address.
    pub local_ip: &'a str,
    /// This side's port.
    pub local_port: u16,
}
