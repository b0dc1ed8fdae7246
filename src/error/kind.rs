//! What a program branches on.

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
    /// Code that was called back panicked; see [`Error::resume`](super::Error::resume).
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
    /// The TLS handshake failed, or the peer's certificate was not accepted, or the peer did not accept
    /// this side's.
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

    /// The text of the kinds that carry nothing else.
    pub(super) fn plain(self) -> &'static str {
        match self {
            Self::Authentication => "not genuine: wrong key, or altered or truncated data",
            Self::Limit => "the key has sealed as many messages as it safely may",
            Self::Poisoned => "an earlier failure left this object unusable",
            Self::OutOfMemory => "out of memory",
            Self::Forked => "the object belongs to the process that this one was forked from",
            Self::Reentrant => "the call would wait for itself",
            Self::Full => "the queue is full",
            Self::Cancelled => "the work was given up before it was done",
            other => other.help(),
        }
    }
}
