//! Whom a handle calls back.

use std::ffi::c_int;
use std::io::SeekFrom;
use std::net::SocketAddr;
use std::ops::BitOr;

#[cfg(unix)]
use std::os::fd::{BorrowedFd, OwnedFd};

use super::upload::Upload;

/// What libcurl calls back during a transfer.
///
/// Every method has a default; which of them libcurl is told of at all is the constant
/// [`CALLBACKS`](Handler::CALLBACKS), because some of them cost time or change what libcurl does.
///
/// The methods run inside libcurl, on the thread that drives the transfer, one at a time. A panic in
/// one of them ends its transfer, which answers [`ErrorKind::Panicked`](crate::ErrorKind::Panicked);
/// no other transfer notices.
///
/// ```
/// use ffence::curl::{Callbacks, Easy, Handler, Write, option};
///
/// #[derive(Default)]
/// struct Count(usize);
///
/// impl Handler for Count {
///     const CALLBACKS: Callbacks = Callbacks::WRITE;
///
///     fn write(&mut self, bytes: &[u8]) -> Write {
///         self.0 += bytes.len();
///         Write::Taken
///     }
/// }
///
/// # let file = tempfile::NamedTempFile::new().unwrap();
/// # std::fs::write(&file, "hello").unwrap();
/// # let url = format!("file://{}", file.path().display());
/// let mut easy = Easy::with(Count::default())?;
/// easy.set(option::Url(&url))?;
/// easy.perform()?;
/// assert_eq!(easy.handler().0, 5);
/// # Ok::<(), ffence::Error>(())
/// ```
pub trait Handler {
    /// The methods that libcurl is told of; the others are never called.
    const CALLBACKS: Callbacks;

    /// The next bytes of the body. Without this in [`CALLBACKS`](Handler::CALLBACKS) a body is
    /// dropped, unless [`Easy::perform_into`](super::Easy::perform_into) or its like takes it.
    ///
    /// [`CURLOPT_WRITEFUNCTION`](https://curl.se/libcurl/c/CURLOPT_WRITEFUNCTION.html)
    #[doc(alias = "CURLOPT_WRITEFUNCTION")]
    fn write(&mut self, bytes: &[u8]) -> Write {
        let _ = bytes;
        Write::Taken
    }

    /// One complete header line, with its line end; status lines and trailers are lines as well.
    ///
    /// [`CURLOPT_HEADERFUNCTION`](https://curl.se/libcurl/c/CURLOPT_HEADERFUNCTION.html)
    #[doc(alias = "CURLOPT_HEADERFUNCTION")]
    fn header(&mut self, line: &[u8]) -> Flow {
        let _ = line;
        Flow::Continue
    }

    /// The next bytes of what is uploaded go into `out`; leaving it empty ends the upload.
    ///
    /// [`CURLOPT_READFUNCTION`](https://curl.se/libcurl/c/CURLOPT_READFUNCTION.html)
    #[doc(alias = "CURLOPT_READFUNCTION")]
    fn read(&mut self, out: &mut Upload<'_>) -> Read {
        let _ = out;
        Read::Stop
    }

    /// The upload is to go on from another place: libcurl sends a part again, after a redirect, an
    /// authentication, or on a connection that turned out to be dead.
    ///
    /// [`CURLOPT_SEEKFUNCTION`](https://curl.se/libcurl/c/CURLOPT_SEEKFUNCTION.html)
    #[doc(alias = "CURLOPT_SEEKFUNCTION")]
    fn seek(&mut self, to: SeekFrom) -> Seek {
        let _ = to;
        Seek::CannotSeek
    }

    /// Called often while the transfer runs, and about once a second while nothing moves.
    ///
    /// [`CURLOPT_XFERINFOFUNCTION`](https://curl.se/libcurl/c/CURLOPT_XFERINFOFUNCTION.html)
    #[doc(alias = "CURLOPT_XFERINFOFUNCTION")]
    fn progress(&mut self, progress: Progress, pauses: &mut Pauses) -> Flow {
        let _ = (progress, pauses);
        Flow::Continue
    }

    /// What libcurl does, and all that it sends and receives, when
    /// [`option::Verbose`](super::option::Verbose) is on. It holds passwords and cookies.
    ///
    /// [`CURLOPT_DEBUGFUNCTION`](https://curl.se/libcurl/c/CURLOPT_DEBUGFUNCTION.html)
    #[doc(alias = "CURLOPT_DEBUGFUNCTION")]
    fn trace(&mut self, kind: Trace, bytes: &[u8]) {
        let _ = (kind, bytes);
    }

    /// A socket was made and is not connected yet: the time to set options of it.
    ///
    /// [`CURLOPT_SOCKOPTFUNCTION`](https://curl.se/libcurl/c/CURLOPT_SOCKOPTFUNCTION.html)
    #[cfg(unix)]
    #[doc(alias = "CURLOPT_SOCKOPTFUNCTION")]
    fn socket(&mut self, socket: BorrowedFd<'_>, purpose: Purpose) -> Socket {
        let _ = (socket, purpose);
        Socket::Connect
    }

    /// Makes the socket of a connection in libcurl's place; `None` gives the connection up.
    ///
    /// libcurl owns the socket from then on and closes it.
    ///
    /// [`CURLOPT_OPENSOCKETFUNCTION`](https://curl.se/libcurl/c/CURLOPT_OPENSOCKETFUNCTION.html)
    #[cfg(unix)]
    #[doc(alias = "CURLOPT_OPENSOCKETFUNCTION")]
    fn open_socket(&mut self, address: &Address<'_>) -> Option<OwnedFd> {
        let _ = address;
        None
    }

    /// A host name is about to be resolved.
    ///
    /// [`CURLOPT_RESOLVER_START_FUNCTION`](https://curl.se/libcurl/c/CURLOPT_RESOLVER_START_FUNCTION.html)
    #[doc(alias = "CURLOPT_RESOLVER_START_FUNCTION")]
    fn resolver_start(&mut self) -> Flow {
        Flow::Continue
    }

    /// The connection stands and the request is about to be sent: the time to refuse the peer's
    /// address. Since libcurl 7.80; making a handle answers
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) before.
    ///
    /// [`CURLOPT_PREREQFUNCTION`](https://curl.se/libcurl/c/CURLOPT_PREREQFUNCTION.html)
    #[doc(alias = "CURLOPT_PREREQFUNCTION")]
    fn before_request(&mut self, ends: &Ends<'_>) -> Flow {
        let _ = ends;
        Flow::Continue
    }

    /// A connection with TLS is about to be made, by this context. Where libcurl does not work on this
    /// crate's libcrypto, making a handle answers
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported).
    ///
    /// [`CURLOPT_SSL_CTX_FUNCTION`](https://curl.se/libcurl/c/CURLOPT_SSL_CTX_FUNCTION.html)
    #[cfg(feature = "crypto")]
    #[doc(alias = "CURLOPT_SSL_CTX_FUNCTION")]
    fn tls_context(&mut self, context: &mut super::TlsContext<'_>) -> Flow {
        let _ = context;
        Flow::Continue
    }

    /// The whole body of a chunked upload was sent, and `trailers` may follow. Before 8.8 libcurl
    /// writes where it must not when it repeats such an upload; making a handle answers
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) there.
    ///
    /// [`CURLOPT_TRAILERFUNCTION`](https://curl.se/libcurl/c/CURLOPT_TRAILERFUNCTION.html)
    #[doc(alias = "CURLOPT_TRAILERFUNCTION")]
    fn trailers(&mut self, trailers: &mut super::List) -> Flow {
        let _ = trailers;
        Flow::Continue
    }
}

/// Nothing is called back.
impl Handler for () {
    const CALLBACKS: Callbacks = Callbacks::NONE;
}

/// Methods of a [`Handler`]; `|` joins them, or [`and`](Callbacks::and) in a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Callbacks(u16);

impl Callbacks {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// [`Handler::write`]
    pub const WRITE: Self = Self(1);
    /// [`Handler::header`]
    pub const HEADER: Self = Self(1 << 1);
    /// [`Handler::read`]
    pub const READ: Self = Self(1 << 2);
    /// [`Handler::seek`]
    pub const SEEK: Self = Self(1 << 3);
    /// [`Handler::progress`]
    pub const PROGRESS: Self = Self(1 << 4);
    /// [`Handler::trace`]
    pub const TRACE: Self = Self(1 << 5);
    /// [`Handler::socket`]
    #[cfg(unix)]
    pub const SOCKET: Self = Self(1 << 6);
    /// [`Handler::open_socket`]
    #[cfg(unix)]
    pub const OPEN_SOCKET: Self = Self(1 << 7);
    /// [`Handler::resolver_start`]
    pub const RESOLVER_START: Self = Self(1 << 8);
    /// [`Handler::before_request`]
    pub const BEFORE_REQUEST: Self = Self(1 << 9);
    /// [`Handler::trailers`]
    pub const TRAILERS: Self = Self(1 << 10);

    /// [`Handler::tls_context`]
    #[cfg(feature = "crypto")]
    pub const TLS_CONTEXT: Self = Self(1 << 11);

    /// These and those, in a constant.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Whether all of `others` are among these.
    pub const fn contains(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }
}

impl BitOr for Callbacks {
    type Output = Self;

    fn bitor(self, others: Self) -> Self {
        self.and(others)
    }
}

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
    /// It is connected already.
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
    pub(super) fn bits(self) -> c_int {
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
