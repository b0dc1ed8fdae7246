//! How long a call may take.

use std::time::Duration;

/// How long a call may take, as a whole and in each of its phases.
///
/// A limit that is reached is an error of the kind [`Timeout`](crate::ErrorKind::Timeout), whose
/// [`time_limit`](crate::Error::time_limit) says which it was. Limits of the whole call and of
/// connecting are counted in milliseconds, rounded up; at least one, at most 24 days.
///
/// ```
/// use ffence::http::{Client, Timeouts};
/// use std::time::Duration;
///
/// let timeouts = Timeouts::new()
///     .connect(Duration::from_secs(3))
///     .first_byte(Duration::from_secs(5))
///     .total(Duration::from_secs(30));
/// let client = Client::builder().timeouts(timeouts).build()?;
/// # Ok::<(), ffence::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "settings take effect in ClientBuilder::timeouts"]
pub struct Timeouts {
    pub(super) name: Option<Duration>,
    pub(super) connect: Duration,
    pub(super) tls: Option<Duration>,
    pub(super) first_byte: Option<Duration>,
    pub(super) between_bytes: Option<Duration>,
    pub(super) total: Option<Duration>,
    pub(super) idle_connection: Option<Duration>,
    pub(super) connection_age: Option<Duration>,
}

impl Timeouts {
    /// 30 seconds to connect, no limit for anything else.
    pub fn new() -> Self {
        Self {
            name: None,
            connect: Duration::from_secs(30),
            tls: None,
            first_byte: None,
            between_bytes: None,
            total: None,
            idle_connection: None,
            connection_age: None,
        }
    }

    /// From the start of the transfer until the host name was resolved.
    pub fn name(mut self, limit: Duration) -> Self {
        self.name = Some(limit);
        self
    }

    /// From the start of the transfer until the connection stands: name, connection and TLS
    /// handshake.
    ///
    /// [`CURLOPT_CONNECTTIMEOUT_MS`](https://curl.se/libcurl/c/CURLOPT_CONNECTTIMEOUT_MS.html)
    #[doc(alias = "CURLOPT_CONNECTTIMEOUT_MS")]
    pub fn connect(mut self, limit: Duration) -> Self {
        self.connect = limit;
        self
    }

    /// The TLS handshake alone.
    ///
    /// libcurl 8 and newer do not tell that one began unless their TLS library is
    /// OpenSSL, wolfSSL or mbedTLS: with another the limit is not kept, but that of
    /// [`connect`](Timeouts::connect) is.
    pub fn tls(mut self, limit: Duration) -> Self {
        self.tls = Some(limit);
        self
    }

    /// From the moment when the request was sent, or the last byte of its body moved, until the first
    /// byte of the response.
    pub fn first_byte(mut self, limit: Duration) -> Self {
        self.first_byte = Some(limit);
        self
    }

    /// Between two parts of a response. A response that is not read, and so stands still, is not
    /// counted.
    pub fn between_bytes(mut self, limit: Duration) -> Self {
        self.between_bytes = Some(limit);
        self
    }

    /// From the start of the call until the last byte of the body, waiting for its turn and reading
    /// the body included.
    ///
    /// [`CURLOPT_TIMEOUT_MS`](https://curl.se/libcurl/c/CURLOPT_TIMEOUT_MS.html)
    #[doc(alias = "CURLOPT_TIMEOUT_MS")]
    pub fn total(mut self, limit: Duration) -> Self {
        self.total = Some(limit);
        self
    }

    /// How long a connection may have been idle to be used again; libcurl's 118 seconds without this.
    /// Counted in seconds, rounded up. Those of blocking calls that were idle for longer are closed when
    /// the client is used next, for whichever host.
    ///
    /// [`CURLOPT_MAXAGE_CONN`](https://curl.se/libcurl/c/CURLOPT_MAXAGE_CONN.html)
    #[doc(alias = "CURLOPT_MAXAGE_CONN")]
    pub fn idle_connection(mut self, limit: Duration) -> Self {
        self.idle_connection = Some(limit);
        self
    }

    /// How old a connection may be to be used again; any age without this. Counted in seconds,
    /// rounded up. [`ClientBuilder::build`](super::ClientBuilder::build) answers
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) before libcurl 7.80.
    ///
    /// [`CURLOPT_MAXLIFETIME_CONN`](https://curl.se/libcurl/c/CURLOPT_MAXLIFETIME_CONN.html)
    #[doc(alias = "CURLOPT_MAXLIFETIME_CONN")]
    pub fn connection_age(mut self, limit: Duration) -> Self {
        self.connection_age = Some(limit);
        self
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self::new()
    }
}
