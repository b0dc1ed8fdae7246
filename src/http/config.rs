//! What a client is told once.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ::http::HeaderValue;

use super::Client;
use super::alt_svc::AltSvc;
use super::clock::Phases;
use super::conduct::{Conduct, Line};
use super::hsts::Hsts;
#[cfg(feature = "cookies")]
use super::jar::Jar;
use super::limits::Limits;
use super::load::FEW_CONNECTIONS;
use super::network::{Network, Proxy};
use super::observe::{Observer, Observing};
use super::redirect::Redirect;
use super::retry::Retry;
use super::route::Policies;
use super::timeouts::Timeouts;
use super::tls::{Ready, Tls};
use crate::capabilities::Libcurl;
use crate::curl::multi::option::MaxConnects;
use crate::curl::option::value::{self, Protocols};
use crate::curl::{Multi, Share, option};
use crate::error::{Error, ErrorKind, Result};

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
    policies: Policies,
    limits: Limits,
    drivers: usize,
    network: Network,
    retry: Option<Retry>,
    observer: Observing,
}

impl ClientBuilder {
    pub(super) fn new() -> Self {
        Self {
            timeouts: Timeouts::new(),
            tls: Tls::new(),
            version: HttpVersion::default(),
            user_agent: None,
            policies: Policies::default(),
            limits: Limits::new(),
            drivers: 1,
            network: Network::default(),
            retry: None,
            observer: Observing::default(),
        }
    }

    /// How long a call may take; 30 seconds to connect and no other limit without this.
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Whom to trust, and who to be; the system's store, and nobody, without this.
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

    /// Follows up to `limit` redirects in a row; none without this. The same as
    /// [`redirect`](ClientBuilder::redirect) with [`Redirect::limited`], or with [`Redirect::none`]
    /// for 0.
    #[doc(alias = "CURLOPT_MAXREDIRS")]
    pub fn redirects(self, limit: u8) -> Self {
        self.redirect(match limit {
            0 => Redirect::none(),
            _ => Redirect::limited(limit.into()),
        })
    }

    /// Which redirects are followed; none without this. It is done here and not by libcurl
    /// (`CURLOPT_FOLLOWLOCATION`), so that it can be decided about each of them.
    #[doc(alias = "CURLOPT_FOLLOWLOCATION")]
    pub fn redirect(mut self, policy: Redirect) -> Self {
        self.policies.redirect = policy;
        self
    }

    /// Speaks to the hosts of this list over TLS alone, and lets responses add to it; not without
    /// this. It holds for all threads and connections of the client, which libcurl's own (`CURLOPT_HSTS`,
    /// of a handle) would not.
    #[doc(alias = "CURLOPT_HSTS")]
    pub fn hsts(mut self, hosts: Hsts) -> Self {
        self.policies.hsts = Some(hosts);
        self
    }

    /// Goes to the places that answer for an origin, by what its responses say of them; not without
    /// this.
    #[doc(alias = "CURLOPT_ALTSVC")]
    pub fn alt_svc(mut self, places: AltSvc) -> Self {
        self.policies.alt_svc = Some(places);
        self
    }

    /// Takes cookies from responses into this jar, and sends them with requests; not without this.
    #[cfg(feature = "cookies")]
    #[doc(alias = "CURLOPT_COOKIEFILE")]
    #[doc(alias = "CURLOPT_COOKIEJAR")]
    pub fn cookies(mut self, jar: Jar) -> Self {
        self.policies.jar = Some(jar);
        self
    }

    /// How many requests are at work at once; no limit without this.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How many threads drive asynchronous requests: one without this, and at least one. Each has
    /// connections of its own, and a host is always the same one's. A thread starts with the first
    /// request that is for it.
    ///
    /// What was in flight at a time leaves so many idle connections. Those beyond the first 128 are
    /// closed by the thread itself once their time is over
    /// ([`Timeouts::idle_connection`](super::Timeouts::idle_connection), or else libcurl's 118
    /// seconds); the others when the thread is used next.
    pub fn drivers(mut self, threads: usize) -> Self {
        self.drivers = threads.max(1);
        self
    }

    /// When requests are sent again by themselves; never without this.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = Some(retry);
        self
    }

    /// Tells `observer` of each request; the last one counts.
    pub fn observer(mut self, observer: impl Observer + 'static) -> Self {
        self.observer = Observing(Some(Arc::new(observer)));
        self
    }

    /// The proxy to go through; the environment's without this.
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.network.proxy = proxy;
        self
    }

    /// Takes these for the addresses of `host` at `port`, and asks nobody.
    ///
    /// [`CURLOPT_RESOLVE`](https://curl.se/libcurl/c/CURLOPT_RESOLVE.html)
    #[doc(alias = "CURLOPT_RESOLVE")]
    pub fn resolve(
        mut self,
        host: &str,
        port: u16,
        addresses: impl IntoIterator<Item = IpAddr>,
    ) -> Self {
        self.network.resolve(host, port, addresses);
        self
    }

    /// Asks the DNS server at this `https` URL for the addresses of hosts (RFC 8484), in place of the
    /// system's resolver; that finds the server's own address, and what
    /// [`resolve`](ClientBuilder::resolve) says comes first.
    ///
    /// The server's certificate must verify like any other, by the same trust; if it asks, it is shown the
    /// client's [identity](Tls::identity). Nothing of the request but the host's name goes there. A name
    /// that it does not resolve, for whatever reason, is
    /// [`ErrorKind::ResolveName`](crate::ErrorKind::ResolveName), and the system's resolver is not asked for it.
    ///
    /// Without the feature `crypto`, and where libcurl works on another libcrypto, libcurl takes no other
    /// authorities over to it than the system's alone or those of [`Tls::ca_file`] alone: building the client
    /// answers [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for others.
    ///
    /// [`CURLOPT_DOH_URL`](https://curl.se/libcurl/c/CURLOPT_DOH_URL.html)
    ///
    /// ```
    /// use ffence::http::Client;
    ///
    /// let client = Client::builder().doh("https://dns.example.org/dns-query").build()?;
    /// assert!(Client::builder().doh("http://dns.example.org/dns-query").build().is_err());
    /// # Ok::<(), ffence::Error>(())
    /// ```
    #[doc(alias = "CURLOPT_DOH_URL")]
    pub fn doh(mut self, url: impl Into<String>) -> Self {
        self.network.doh = Some(url.into());
        self
    }

    /// Connects to this Unix socket, whatever host a URL names.
    ///
    /// [`CURLOPT_UNIX_SOCKET_PATH`](https://curl.se/libcurl/c/CURLOPT_UNIX_SOCKET_PATH.html)
    #[doc(alias = "CURLOPT_UNIX_SOCKET_PATH")]
    pub fn unix_socket(mut self, path: impl Into<PathBuf>) -> Self {
        self.network.unix_socket = Some(path.into());
        self
    }

    /// Probes connections that were silent for so long (TCP keep-alive); not without this.
    ///
    /// [`CURLOPT_TCP_KEEPALIVE`](https://curl.se/libcurl/c/CURLOPT_TCP_KEEPALIVE.html)
    #[doc(alias = "CURLOPT_TCP_KEEPALIVE")]
    pub fn tcp_keep_alive(mut self, silence: Duration) -> Self {
        self.network.keep_alive = Some(silence);
        self
    }

    /// Receives no more bytes a second than this, by the average of each transfer.
    ///
    /// [`CURLOPT_MAX_RECV_SPEED_LARGE`](https://curl.se/libcurl/c/CURLOPT_MAX_RECV_SPEED_LARGE.html)
    #[doc(alias = "CURLOPT_MAX_RECV_SPEED_LARGE")]
    pub fn download_rate(mut self, bytes: u64) -> Self {
        self.network.download_rate = Some(bytes);
        self
    }

    /// Sends no more bytes a second than this, by the average of each transfer.
    ///
    /// [`CURLOPT_MAX_SEND_SPEED_LARGE`](https://curl.se/libcurl/c/CURLOPT_MAX_SEND_SPEED_LARGE.html)
    #[doc(alias = "CURLOPT_MAX_SEND_SPEED_LARGE")]
    pub fn upload_rate(mut self, bytes: u64) -> Self {
        self.network.upload_rate = Some(bytes);
        self
    }

    /// Asks for bodies that are compressed in any way that the linked libcurl knows, and decompresses
    /// them. `Content-Encoding` and `Content-Length` stay as the server sent them.
    ///
    /// [`CURLOPT_ACCEPT_ENCODING`](https://curl.se/libcurl/c/CURLOPT_ACCEPT_ENCODING.html)
    #[doc(alias = "CURLOPT_ACCEPT_ENCODING")]
    pub fn decompress(mut self) -> Self {
        self.network.decompress = true;
        self
    }

    /// Makes the client, and its first handle.
    ///
    /// Whether there is a proxy to go through is looked up here, in the variables that libcurl knows
    /// (`http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`): one that is set later is not seen.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] for a setting that the linked libcurl cannot do,
    /// [`ErrorKind::InvalidRequest`] for a user agent that is no header value and a DNS server whose
    /// URL is not `https`,
    /// [`ErrorKind::Malformed`] for certificates that are none, [`ErrorKind::System`] for a file that
    /// cannot be read, [`ErrorKind::Parameter`] for an identity whose time is over or other settings
    /// of TLS that OpenSSL refuses,
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
        let multiplexes = self.version == HttpVersion::Negotiate && Libcurl::known()?.http2();
        let tls = Ready::new(self.tls)?;
        if self.network.doh.is_some() {
            tls.check_doh()?;
        }
        Client::with(Config {
            connect: millis(self.timeouts.connect),
            total: self.timeouts.total.map_or(Duration::ZERO, millis),
            idle: self.timeouts.idle_connection,
            age: self.timeouts.connection_age,
            phases: Phases {
                name: self.timeouts.name,
                tls: self.timeouts.tls,
                first_byte: self.timeouts.first_byte,
                between_bytes: self.timeouts.between_bytes,
            },
            limits: self.limits,
            drivers: self.drivers,
            multiplexes,
            sessions: shared_sessions()?,
            tls,
            version: self.version,
            network: self.network,
            retry: self.retry,
            observer: self.observer,
            user_agent,
            policies: Policies { http2: multiplexes, ..self.policies },
        })
    }
}

/// What every handle of a client is told when it is made.
pub(super) struct Config {
    pub(super) connect: Duration,
    /// Zero for no limit.
    pub(super) total: Duration,
    pub(super) idle: Option<Duration>,
    age: Option<Duration>,
    pub(super) phases: Phases,
    pub(super) limits: Limits,
    pub(super) drivers: usize,
    /// Several requests may share a connection.
    pub(super) multiplexes: bool,
    /// The TLS sessions of all its handles, where they may be shared between threads.
    sessions: Option<Share>,
    tls: Ready,
    version: HttpVersion,
    network: Network,
    pub(super) retry: Option<Retry>,
    pub(super) observer: Observing,
    user_agent: Option<String>,
    pub(super) policies: Policies,
}

/// `None` where this libcurl's cache must stay on one thread, and each handle has its own.
fn shared_sessions() -> Result<Option<Share>> {
    match Share::builder().tls_sessions().build() {
        Ok(share) => Ok(Some(share)),
        Err(error) if error.kind() == ErrorKind::Unsupported => Ok(None),
        Err(error) => Err(error),
    }
}

/// A multi with the settings of its connections.
pub(super) fn connections(mut multi: Multi<Conduct>) -> Result<Multi<Conduct>> {
    multi.set(MaxConnects(FEW_CONNECTIONS))?;
    Ok(multi)
}

impl Config {
    /// A handle with all that does not change from request to request.
    pub(super) fn line(&self) -> Result<Line> {
        let mut line = Line::with(Conduct::default())?;
        only_http(&mut line)?;
        self.tls.apply(&mut line)?;
        if let Some(sessions) = &self.sessions {
            line.share(sessions)?;
        }
        let version = match self.version {
            HttpVersion::Negotiate if Libcurl::known()?.http2() => value::HttpVersion::Http2OverTls,
            HttpVersion::Negotiate | HttpVersion::Http1 => value::HttpVersion::Http11,
        };
        let easy = &mut line;
        easy.set(option::HttpVersion(version))?;
        easy.set(option::ConnectTimeoutMs(self.connect))?;
        easy.set(option::SuppressConnectHeaders(true))?;
        self.network.apply(easy)?;
        if let Some(name) = &self.user_agent {
            easy.set(option::UserAgent(name.as_str()))?;
        }
        if let Some(idle) = self.idle {
            easy.set(option::MaxAgeConn(idle))?;
        }
        if let Some(age) = self.age {
            easy.set(option::MaxLifetimeConn(age))?;
        }
        Ok(line)
    }
}

#[cfg(all(feature = "websocket", unix))]
impl Config {
    pub(super) fn user_agent(&self) -> Option<&str> {
        self.user_agent.as_deref()
    }
}

/// libcurl speaks a dozen protocols, and a redirect may name another one: none but HTTP here.
fn only_http(easy: &mut Line) -> Result<()> {
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
