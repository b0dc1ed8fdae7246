//! What went wrong: one small type for both libraries.
//!
//! An [`Error`] is two words. Its [`kind`](Error::kind) is what a program branches on; its text
//! says which library and which C function failed, with that library's code and reason.
//! `{error:#}` adds what to do about it. A failed decryption is one opaque kind,
//! [`ErrorKind::Authentication`]: whatever was wrong with the input, nothing more is told.
//!
//! ```
//! use ffence::ErrorKind;
//! use ffence::crypto::{Aes256Gcm, Key};
//!
//! let error = Key::<Aes256Gcm>::from_slice(&[0; 31]).err().unwrap();
//! assert_eq!(error.kind(), ErrorKind::Length);
//! assert_eq!(error.to_string(), "the key of AES-256-GCM is 32 bytes long, not 31");
//! ```

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use crate::cstr::InteriorNul;
use crate::unwind::Panic;
use crate::version::Version;

#[cfg(feature = "http")]
pub(crate) mod libcurl;
#[cfg(feature = "crypto")]
pub(crate) mod openssl;
mod timings;

pub use self::timings::{TimeLimit, Timings};

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Wrong key, altered data, or truncated data: what was opened or verified is not genuine.
    Authentication,
    /// A key, nonce, tag or text has a length that the algorithm does not take.
    Length,
    /// A parameter lies outside what the algorithm, or the caller's own limit, allows.
    Parameter,
    /// Stored or received data does not have the form of its standard.
    Malformed,
    /// A limit that keeps a key safe was reached; the key must be replaced.
    Limit,
    /// An earlier failure left this object unusable; make a new one.
    Poisoned,
    /// The linked library does not have it, or may not be used that way.
    Unsupported,
    /// C could not allocate memory, or Rust could not grow a buffer.
    OutOfMemory,
    /// The C library could not be initialised, and stays unusable in this process.
    Init,
    /// What a [`Library`](crate::crypto::Library) was to be made of is missing or wrong: a provider,
    /// a configuration file, a property query.
    Configuration,
    /// Text for C holds a NUL byte.
    InteriorNul,
    /// Code that was called back panicked; see [`Error::resume`].
    Panicked,
    /// The object came from the process that this one was forked from, and must not be used here.
    Forked,
    /// The call came from inside the very thing that would have to answer it, and would wait for ever.
    Reentrant,
    /// A bounded queue has no place.
    Full,
    /// The work was given up before it was done.
    Cancelled,
    /// The operating system refused.
    System,
    /// Any other failure inside OpenSSL.
    OpenSsl,
    /// The request cannot be sent as it is: a URL or a header that libcurl refuses.
    InvalidRequest,
    /// The host name (or the proxy's) could not be resolved.
    ResolveName,
    /// No connection could be made.
    Connect,
    /// The TLS handshake failed, or the peer's certificate was not accepted.
    Tls,
    /// A time limit was reached.
    Timeout,
    /// The server answered with an HTTP status from 400 on.
    Status,
    /// A redirect was not followed: one too many, to a place that is refused, or with a body that
    /// cannot be sent again.
    Redirect,
    /// The connection ended before the whole body was there.
    TruncatedBody,
    /// Sending or receiving failed on an established connection.
    Transport,
    /// The body is not the text that was asked for.
    Encoding,
    /// The writer that takes the body failed; its error is the [`source`](std::error::Error::source).
    Sink,
    /// The connection was closed in an orderly way, by either side.
    Closed,
    /// What gives the body failed; its error is the [`source`](std::error::Error::source).
    Source,
    /// Any other failure inside libcurl.
    Libcurl,
}

impl ErrorKind {
    /// What to do about it, in one sentence.
    pub fn help(self) -> &'static str {
        match self {
            Self::Authentication => "check that both sides use the same key and the same header",
            Self::Length => "pass exactly the bytes that the algorithm's table names",
            Self::Parameter => "choose a value inside the limits that the documentation names",
            Self::Malformed => "check that the data is whole and of this kind",
            Self::Limit => "generate a new key",
            Self::Poisoned => "drop the object and make a new one",
            Self::Unsupported => "see ffence::capabilities() for what the linked libraries can do",
            Self::OutOfMemory => "free memory and try again",
            Self::Init => "fix the cause and start the process again",
            Self::Configuration => "correct the provider, the path or the property query",
            Self::InteriorNul => "remove the NUL byte",
            Self::Panicked => "fix the callback, or resume the panic with Error::resume",
            Self::Forked => "make a new object in this process",
            Self::Reentrant => "do it right there: the call is on that thread already",
            Self::Full => "wait until there is a place, or make the queue longer",
            Self::Cancelled => "keep what does the work alive until it is done",
            Self::System => "see the operating system's reason",
            Self::OpenSsl | Self::Libcurl => "look the code up in the library's manual",
            Self::InvalidRequest => "correct the URL or the header",
            Self::ResolveName => "check the host name and the resolver",
            Self::Connect => "check that the server listens on that address and port",
            Self::Tls => "check the server's certificate, or trust its issuer with Tls::ca_pem",
            Self::Timeout => "raise the limit that was reached, or find out why the peer is slow",
            Self::Status => "read the response's body for the server's reason",
            Self::Redirect => "ask for the place that it leads to, or allow it by a Redirect",
            Self::TruncatedBody | Self::Transport => "try again if the request may be repeated",
            Self::Encoding => "take the body as bytes and decode it by its Content-Type",
            Self::Closed => "make a new connection",
            Self::Source => "fix what gives the body",
            Self::Sink => "fix the writer that takes the body",
        }
    }
}

/// The library that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Library {
    /// This crate, before C was called.
    Ffence,
    /// OpenSSL.
    OpenSsl,
    /// libcurl.
    Libcurl,
}

impl fmt::Display for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ffence => "ffence",
            Self::OpenSsl => "OpenSSL",
            Self::Libcurl => "libcurl",
        })
    }
}

/// Why an operation failed.
///
/// `Send`, `Sync`, `'static` and two words large.
pub struct Error {
    kind: ErrorKind,
    detail: Option<Box<Detail>>,
}

/// What is known beyond the kind. On Rust's heap: when memory fails, it is C's allocator that does.
#[derive(Debug)]
pub(crate) struct Detail {
    pub(crate) library: Library,
    pub(crate) function: &'static str,
    pub(crate) code: Option<i64>,
    pub(crate) message: String,
    pub(crate) records: Vec<Record>,
    pub(crate) transfer: Option<Transfer>,
    pub(crate) panic: Option<Panic>,
    pub(crate) source: Option<std::io::Error>,
    pub(crate) since: Option<Version>,
}

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

/// One record of OpenSSL's error queue.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// The packed error code, as `ERR_get_error` gives it.
    pub code: u64,
    /// The part of OpenSSL, such as `Provider routines`.
    pub library: String,
    /// The reason, such as `unsupported`.
    pub reason: String,
    /// The function inside OpenSSL that raised it.
    pub function: String,
    /// What it added, such as the name of the algorithm.
    pub data: String,
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08X} {}: {}", self.code, self.library, self.reason)?;
        if !self.data.is_empty() {
            write!(f, " ({})", self.data)?;
        }
        Ok(())
    }
}

impl Error {
    /// An error that needs no more than its kind; allocates nothing.
    #[cfg(any(feature = "crypto", feature = "http", unix))]
    pub(crate) const fn of(kind: ErrorKind) -> Self {
        Self { kind, detail: None }
    }

    /// An error found on this side of C.
    pub(crate) fn ours(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::with(kind, Detail { message: message.into(), ..Detail::new(Library::Ffence, "") })
    }

    /// What the linked library lacks and a newer one has.
    #[cfg(feature = "http")]
    pub(crate) fn newer(since: Version, message: impl Into<String>) -> Self {
        let message = message.into();
        let detail = Detail { message, since: Some(since), ..Detail::new(Library::Ffence, "") };
        Self::with(ErrorKind::Unsupported, detail)
    }

    pub(crate) fn with(kind: ErrorKind, detail: Detail) -> Self {
        Self { kind, detail: Some(Box::new(detail)) }
    }

    /// A panic that a callback of `function` left behind.
    #[cfg(feature = "http")]
    pub(crate) fn panicked(library: Library, function: &'static str, panic: Panic) -> Self {
        let mut error = Self::from(panic);
        if let Some(detail) = &mut error.detail {
            (detail.library, detail.function) = (library, function);
        }
        error
    }

    /// What kind of thing went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The library that failed.
    pub fn library(&self) -> Library {
        self.detail.as_ref().map_or(Library::Ffence, |it| it.library)
    }

    /// The C function that failed, when one did.
    pub fn function(&self) -> Option<&'static str> {
        self.detail.as_ref().map(|it| it.function).filter(|name| !name.is_empty())
    }

    /// The C library's code: a `CURLcode` (a `CURLMcode` or `CURLSHcode` for a function of those
    /// interfaces), or OpenSSL's packed error code.
    pub fn code(&self) -> Option<i64> {
        self.detail.as_ref().and_then(|it| it.code)
    }

    /// The records that the failed call left in OpenSSL's queue, the oldest first.
    pub fn records(&self) -> &[Record] {
        self.detail.as_ref().map_or(&[], |it| &it.records)
    }

    /// How far the transfer had come, when there was one.
    pub fn transfer(&self) -> Option<&Transfer> {
        self.detail.as_ref().and_then(|it| it.transfer.as_ref())
    }

    /// Of [`ErrorKind::Unsupported`]: the first version of the library that has what was asked for,
    /// where a newer one is all that is missing.
    ///
    /// ```
    /// use ffence::ErrorKind;
    /// use ffence::capabilities::Version;
    /// # #[cfg(feature = "http")] {
    /// use ffence::curl::{Easy, option};
    ///
    /// let mut easy = Easy::new()?;
    /// if let Err(error) = easy.set(option::TcpKeepCnt(3)) {
    ///     assert_eq!(error.kind(), ErrorKind::Unsupported);
    ///     assert_eq!(error.since(), Some(Version::new(8, 9, 0)));
    /// }
    /// # }
    /// # Ok::<(), ffence::Error>(())
    /// ```
    pub fn since(&self) -> Option<Version> {
        self.detail.as_ref().and_then(|it| it.since)
    }

    /// Whether a time limit was reached; [`time_limit`](Error::time_limit) says which.
    pub fn is_timeout(&self) -> bool {
        self.kind == ErrorKind::Timeout
    }

    /// Whether no connection came about: its name, its address or its handshake failed, or took too
    /// long. Nothing of the request was sent then.
    pub fn is_connect(&self) -> bool {
        match self.kind {
            ErrorKind::ResolveName | ErrorKind::Connect | ErrorKind::Tls => true,
            ErrorKind::Timeout => self.transfer().is_some_and(|it| it.phase <= Phase::Tls),
            _ => false,
        }
    }

    /// The limit that was reached, of an error of the kind [`ErrorKind::Timeout`].
    pub fn time_limit(&self) -> Option<TimeLimit> {
        self.transfer().and_then(|it| it.limit)
    }

    /// What failed and where the time went until then, in one line, for a log.
    ///
    /// ```
    /// # fn f(error: ffence::Error) {
    /// eprintln!("{}", error.diagnose());
    /// // … timed out … [waiting for the response (192.0.2.7:443); 0 bytes received, 8 sent; 5.0s in
    /// // all: 1.2ms for the name, 20.1ms to connect, 4.9s for the rest]
    /// # }
    /// ```
    pub fn diagnose(&self) -> String {
        let Some(it) = self.transfer() else { return self.to_string() };
        let peer = it.peer.map(|peer| format!(" ({peer})")).unwrap_or_default();
        let Transfer { phase, received, sent, timings, .. } = it;
        format!("{self} [{phase}{peer}; {received} bytes received, {sent} sent; {timings}]")
    }

    #[cfg(feature = "http")]
    pub(crate) fn transfer_mut(&mut self) -> Option<&mut Transfer> {
        self.detail.as_mut().and_then(|it| it.transfer.as_mut())
    }

    /// Starts the panic of a callback again; hands the error back when it is no panic.
    ///
    /// # Errors
    /// `self`, unless the kind is [`ErrorKind::Panicked`].
    pub fn resume(mut self) -> Result<std::convert::Infallible, Self> {
        match self.detail.as_mut().and_then(|it| it.panic.take()) {
            Some(panic) => panic.resume(),
            None => Err(self),
        }
    }
}

impl Detail {
    pub(crate) fn new(library: Library, function: &'static str) -> Self {
        Self {
            library,
            function,
            code: None,
            message: String::new(),
            records: Vec::new(),
            transfer: None,
            panic: None,
            source: None,
            since: None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.detail.as_deref() {
            None => f.write_str(plain(self.kind))?,
            Some(it) => {
                if it.library != Library::Ffence {
                    write!(f, "{}: {} failed", it.library, it.function)?;
                    if let Some(code) = it.code.filter(|_| it.library == Library::Libcurl) {
                        write!(f, " with code {code}")?;
                    }
                    if !it.message.is_empty() {
                        f.write_str(": ")?;
                    }
                }
                f.write_str(&it.message)?;
                for (index, record) in it.records.iter().enumerate() {
                    write!(f, "{} {record}", if index == 0 { ":" } else { ";" })?;
                }
            }
        }
        if f.alternate() {
            write!(f, " ({})", self.kind.help())?;
        }
        Ok(())
    }
}

/// The text of the kinds that carry nothing else.
fn plain(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Authentication => "not genuine: wrong key, or altered or truncated data",
        ErrorKind::Limit => "the key has sealed as many messages as it safely may",
        ErrorKind::Poisoned => "an earlier failure left this object unusable",
        ErrorKind::OutOfMemory => "out of memory",
        ErrorKind::Forked => "the object belongs to the process that this one was forked from",
        ErrorKind::Reentrant => "the call would wait for itself",
        ErrorKind::Full => "the queue is full",
        ErrorKind::Cancelled => "the work was given up before it was done",
        other => other.help(),
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("Error");
        fields.field("kind", &self.kind);
        if let Some(detail) = self.detail.as_deref() {
            fields.field("detail", detail);
        }
        fields.finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let source = self.detail.as_ref()?.source.as_ref()?;
        Some(source)
    }
}

impl From<Panic> for Error {
    /// For a callback of your own, run by [`unwind::guard`](crate::unwind::guard).
    fn from(panic: Panic) -> Self {
        let message = match panic.message() {
            Some(text) => format!("a callback panicked: {text}"),
            None => "a callback panicked".to_owned(),
        };
        let detail = Detail { message, panic: Some(panic), ..Detail::new(Library::Ffence, "") };
        Self::with(ErrorKind::Panicked, detail)
    }
}

impl From<InteriorNul> for Error {
    fn from(nul: InteriorNul) -> Self {
        Self::ours(ErrorKind::InteriorNul, nul.to_string())
    }
}

impl From<Error> for std::io::Error {
    /// For code that speaks `std::io`; the [`Error`] is inside.
    fn from(error: Error) -> Self {
        let kind = match error.kind {
            ErrorKind::Timeout => std::io::ErrorKind::TimedOut,
            ErrorKind::TruncatedBody => std::io::ErrorKind::UnexpectedEof,
            ErrorKind::Authentication | ErrorKind::Encoding | ErrorKind::Malformed => {
                std::io::ErrorKind::InvalidData
            }
            ErrorKind::OutOfMemory => std::io::ErrorKind::OutOfMemory,
            ErrorKind::Unsupported => std::io::ErrorKind::Unsupported,
            ErrorKind::Full => std::io::ErrorKind::WouldBlock,
            ErrorKind::InvalidRequest
            | ErrorKind::InteriorNul
            | ErrorKind::Length
            | ErrorKind::Parameter => std::io::ErrorKind::InvalidInput,
            _ => std::io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_small_and_goes_everywhere() {
        fn everywhere<T: Send + Sync + 'static>() {}
        everywhere::<Error>();
        assert_eq!(size_of::<Error>(), 2 * size_of::<usize>());
    }
}
