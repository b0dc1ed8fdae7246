//! What a client is told once.

use std::time::Duration;

use ::http::HeaderValue;

use super::Client;
use super::tls::Tls;
use super::wire::Wire;
use crate::capabilities::Libcurl;
use crate::curl::option;
use crate::curl::option::value::{self, Protocols};
use crate::error::{Error, ErrorKind, Result};

/// How long a call may take.
///
/// Counted in milliseconds, rounded up; at least one, at most 24 days.
///
/// ```
/// use ffence::http::{Client, Timeouts};
/// use std::time::Duration;
///
/// let timeouts = Timeouts::new()
///     .connect(Duration::from_secs(3))
///     .total(Duration::from_secs(30));
/// let client = Client::builder().timeouts(timeouts).build()?;
/// # Ok::<(), ffence::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "settings take effect in ClientBuilder::timeouts"]
pub struct Timeouts {
    connect: Duration,
    total: Option<Duration>,
}

impl Timeouts {
    /// 30 seconds to connect, no limit for the whole call.
    pub fn new() -> Self {
        Self { connect: Duration::from_secs(30), total: None }
    }

    /// From the start of the call until the connection stands: name, connection and TLS handshake.
    ///
    /// [`CURLOPT_CONNECTTIMEOUT_MS`](https://curl.se/libcurl/c/CURLOPT_CONNECTTIMEOUT_MS.html)
    #[doc(alias = "CURLOPT_CONNECTTIMEOUT_MS")]
    pub fn connect(mut self, limit: Duration) -> Self {
        self.connect = limit;
        self
    }

    /// From the start of the call until the last byte of the body.
    ///
    /// [`CURLOPT_TIMEOUT_MS`](https://curl.se/libcurl/c/CURLOPT_TIMEOUT_MS.html)
    #[doc(alias = "CURLOPT_TIMEOUT_MS")]
    pub fn total(mut self, limit: Duration) -> Self {
        self.total = Some(limit);
        self
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self::new()
    }
}

/// Which versions of HTTP the client speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpVersion {
    /// HTTP/2 where the server agrees to it in the TLS handshake (ALPN), HTTP/1.1 elsewhere.
    #[default]
    Negotiate,
    /// HTTP/1.1 alone.
    Http1,
}

/// Settings of a [`Client`]; see [`Client::builder`].
#[derive(Clone, Debug)]
#[must_use = "no client is made before `build`"]
pub struct ClientBuilder {
    timeouts: Timeouts,
    tls: Tls,
    version: HttpVersion,
    user_agent: Option<String>,
    redirects: u8,
}

impl ClientBuilder {
    pub(super) fn new() -> Self {
        Self {
            timeouts: Timeouts::new(),
            tls: Tls::new(),
            version: HttpVersion::default(),
            user_agent: None,
            redirects: 0,
        }
    }

    /// How long a call may take; 30 seconds to connect and no other limit without this.
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Whom to trust; the system's store without this.
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = tls;
        self
    }

    /// Which versions of HTTP to speak; [`HttpVersion::Negotiate`] without this.
    ///
    /// [`CURLOPT_HTTP_VERSION`](https://curl.se/libcurl/c/CURLOPT_HTTP_VERSION.html)
    #[doc(alias = "CURLOPT_HTTP_VERSION")]
    pub fn http_version(mut self, version: HttpVersion) -> Self {
        self.version = version;
        self
    }

    /// The `User-Agent` of requests that have none of their own. Without this there is no such
    /// header, which some public servers refuse.
    ///
    /// [`CURLOPT_USERAGENT`](https://curl.se/libcurl/c/CURLOPT_USERAGENT.html)
    #[doc(alias = "CURLOPT_USERAGENT")]
    pub fn user_agent(mut self, name: impl Into<String>) -> Self {
        self.user_agent = Some(name.into());
        self
    }

    /// Follows up to `limit` redirects of `GET`, `HEAD` and `POST` requests; none without this.
    ///
    /// A `POST` becomes a `GET` on 301, 302 and 303, as in browsers. `Authorization` and `Cookie`
    /// headers are not sent on to another host; all others are.
    ///
    /// [`CURLOPT_FOLLOWLOCATION`](https://curl.se/libcurl/c/CURLOPT_FOLLOWLOCATION.html),
    /// [`CURLOPT_MAXREDIRS`](https://curl.se/libcurl/c/CURLOPT_MAXREDIRS.html)
    #[doc(alias = "CURLOPT_FOLLOWLOCATION")]
    #[doc(alias = "CURLOPT_MAXREDIRS")]
    pub fn redirects(mut self, limit: u8) -> Self {
        self.redirects = limit;
        self
    }

    /// Makes the client, and its first handle.
    ///
    /// Whether there is a proxy to go through is looked up here, in the variables that libcurl knows
    /// (`http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`): one that is set later is not seen.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] for a setting that the linked libcurl cannot do,
    /// [`ErrorKind::InvalidRequest`] for a user agent that is no header value,
    /// [`ErrorKind::Init`] when libcurl could not be set up.
    pub fn build(self) -> Result<Client> {
        let user_agent = match self.user_agent {
            None => None,
            Some(name) => {
                HeaderValue::from_str(&name).map_err(|error| {
                    Error::ours(ErrorKind::InvalidRequest, format!("the user agent: {error}"))
                })?;
                Some(name)
            }
        };
        Client::with(Config {
            connect: millis(self.timeouts.connect),
            total: self.timeouts.total.map_or(Duration::ZERO, millis),
            tls: self.tls,
            version: self.version,
            may_have_proxy: PROXIES.iter().any(|name| std::env::var_os(name).is_some()),
            user_agent,
            redirects: u32::from(self.redirects),
        })
    }
}

/// Where libcurl looks for a proxy.
const PROXIES: [&str; 5] = ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/// What every handle of a client is told when it is made.
pub(super) struct Config {
    connect: Duration,
    /// Zero for no limit.
    pub(super) total: Duration,
    tls: Tls,
    version: HttpVersion,
    /// The environment named a proxy when the client was made. Where it did not, libcurl need not
    /// look again: it would, for each request, at 1,500 instructions and with C's `getenv`, which
    /// must not run beside a change of the environment.
    may_have_proxy: bool,
    user_agent: Option<String>,
    pub(super) redirects: u32,
}

impl Config {
    /// A handle with all that does not change from request to request.
    pub(super) fn wire(&self) -> Result<Wire> {
        let mut wire = Wire::new()?;
        only_http(&mut wire)?;
        self.tls.apply(&mut wire)?;
        let version = match self.version {
            HttpVersion::Negotiate if Libcurl::known()?.http2() => value::HttpVersion::Http2OverTls,
            HttpVersion::Negotiate | HttpVersion::Http1 => value::HttpVersion::Http11,
        };
        let easy = wire.easy();
        easy.set(option::HttpVersion(version))?;
        easy.set(option::ConnectTimeoutMs(self.connect))?;
        easy.set(option::MaxRedirs(Some(self.redirects)))?;
        easy.set(option::SuppressConnectHeaders(true))?;
        if !self.may_have_proxy {
            // CURLOPT_NOPROXY(3): a single asterisk matches all hosts, and switches proxies off.
            easy.set(option::NoProxy("*"))?;
        }
        if let Some(name) = &self.user_agent {
            easy.set(option::UserAgent(name.as_str()))?;
        }
        Ok(wire)
    }
}

/// libcurl speaks a dozen protocols, and a redirect may name another one: none but HTTP here.
fn only_http(wire: &mut Wire) -> Result<()> {
    let easy = wire.easy();
    let named = easy.set(option::ProtocolsStr("http,https"));
    match named.and_then(|easy| easy.set(option::RedirProtocolsStr("http,https"))) {
        Ok(_) => Ok(()),
        // The names came with 7.85.
        Err(error) if error.kind() == ErrorKind::Unsupported => {
            let both = Protocols::HTTP | Protocols::HTTPS;
            easy.set(option::Protocols(both))?.set(option::RedirProtocols(both))?;
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// As libcurl can count it: 0 would mean "no limit", and more than 31 bits of milliseconds are
/// refused.
pub(super) fn millis(limit: Duration) -> Duration {
    let most = Duration::from_millis(i32::MAX.unsigned_abs().into());
    limit.clamp(Duration::from_millis(1), most)
}
