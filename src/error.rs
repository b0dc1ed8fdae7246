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

use crate::cstr::InteriorNul;
use crate::unwind::Panic;
use crate::version::Version;

mod kind;
#[cfg(feature = "http")]
pub(crate) mod libcurl;
#[cfg(feature = "crypto")]
pub(crate) mod openssl;
mod timings;
mod transfer;

pub use self::kind::ErrorKind;
pub use self::timings::{TimeLimit, Timings};
pub use self::transfer::{Phase, Transfer};

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

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
            ErrorKind::ResolveName | ErrorKind::Connect => true,
            // In TLS 1.3 the peer may refuse this side once the handshake is over here.
            ErrorKind::Tls => self.transfer().is_none_or(|it| it.phase <= Phase::Tls),
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

    /// The same, of a transfer that had come so far.
    #[cfg(feature = "http")]
    pub(crate) fn at(mut self, transfer: Transfer) -> Self {
        if let Some(detail) = &mut self.detail {
            detail.transfer.get_or_insert(transfer);
        }
        self
    }

    /// Says more.
    #[cfg(feature = "http")]
    pub(crate) fn add(&mut self, text: &str) {
        if let Some(detail) = &mut self.detail {
            detail.message.push_str(text);
        }
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
            None => f.write_str(self.kind.plain())?,
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
