//! The way to a server.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::conduct::Line;
use crate::curl::{List, option};
use crate::error::{Error, ErrorKind, Result};

/// The proxy that requests go through.
///
/// ```
/// use ffence::http::{Client, Proxy};
/// let proxy = Proxy::new("socks5h://127.0.0.1:1080").login("me", "secret").except("localhost");
/// let client = Client::builder().proxy(proxy).build()?;
/// # Ok::<(), ffence::Error>(())
/// ```
#[derive(Clone, Default)]
#[must_use = "settings take effect in ClientBuilder::proxy"]
pub struct Proxy {
    url: Which,
    login: Option<(String, String)>,
    except: Option<String>,
}

#[derive(Clone, Default)]
enum Which {
    #[default]
    Environment,
    None,
    Url(String),
}

impl Proxy {
    /// What the environment names (`http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`): the default.
    pub fn environment() -> Self {
        Self::default()
    }

    /// None, whatever the environment says.
    pub fn none() -> Self {
        Self { url: Which::None, ..Self::default() }
    }

    /// The one at `url`: `http://`, `https://`, `socks4://`, `socks4a://`, `socks5://` or `socks5h://`,
    /// a name and a port.
    ///
    /// [`CURLOPT_PROXY`](https://curl.se/libcurl/c/CURLOPT_PROXY.html)
    #[doc(alias = "CURLOPT_PROXY")]
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: Which::Url(url.into()), ..Self::default() }
    }

    /// The user's name and password at the proxy.
    ///
    /// [`CURLOPT_PROXYUSERNAME`](https://curl.se/libcurl/c/CURLOPT_PROXYUSERNAME.html),
    /// [`CURLOPT_PROXYPASSWORD`](https://curl.se/libcurl/c/CURLOPT_PROXYPASSWORD.html)
    #[doc(alias = "CURLOPT_PROXYUSERNAME")]
    pub fn login(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.login = Some((user.into(), password.into()));
        self
    }

    /// The hosts that it is not used for, with commas between them; of a name, also those below it.
    ///
    /// [`CURLOPT_NOPROXY`](https://curl.se/libcurl/c/CURLOPT_NOPROXY.html)
    #[doc(alias = "CURLOPT_NOPROXY")]
    pub fn except(mut self, hosts: impl Into<String>) -> Self {
        self.except = Some(hosts.into());
        self
    }

    /// What is spoken to by TLS.
    fn over_tls(&self) -> Option<TlsProxy> {
        let (url, always) = match &self.url {
            Which::None => return None,
            Which::Url(url) => (url.clone(), self.except.is_none()),
            Which::Environment => {
                let mut named = PROXIES.iter().filter_map(|name| std::env::var(name).ok());
                (named.find(|url| is_https(url))?, false)
            }
        };
        is_https(&url).then(|| TlsProxy { port: port(&url), always })
    }

    fn apply(&self, line: &mut Line) -> Result<()> {
        line.handler_mut().proxy = self.over_tls();
        match &self.url {
            // Where the environment named a proxy when the client was made. Where it did not, libcurl
            // need not look again: it would, for each request, at 1,500 instructions and with C's
            // `getenv`, which must not run beside a change of the environment.
            Which::Environment if is_named() => {}
            // CURLOPT_NOPROXY(3): a single asterisk matches all hosts, and switches proxies off.
            Which::Environment | Which::None => {
                line.set(option::NoProxy("*"))?;
                return Ok(());
            }
            Which::Url(url) => {
                // Not the environment's exceptions, but these or none.
                let except = self.except.as_deref().unwrap_or_default();
                line.set(option::Proxy(url.as_str()))?.set(option::NoProxy(except))?;
            }
        }
        if let Some((user, password)) = &self.login {
            line.set(option::ProxyUsername(user.as_str()))?;
            line.set(option::ProxyPassword(password.as_str()))?;
        }
        Ok(())
    }
}

/// Where libcurl looks for a proxy.
const PROXIES: [&str; 5] = ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

fn is_named() -> bool {
    PROXIES.iter().any(|name| std::env::var_os(name).is_some())
}

fn is_https(url: &str) -> bool {
    url.get(..8).is_some_and(|it| it.eq_ignore_ascii_case("https://"))
}

/// `CURLOPT_PROXY(3)`: without a port in the URL, that of a proxy over TLS is 443.
fn port(url: &str) -> u16 {
    let end = url[8..].find(['/', '?', '#']).map_or(url.len(), |at| 8 + at);
    let named = url[8..end].rsplit_once(':').and_then(|(_, port)| port.parse().ok());
    named.unwrap_or(443)
}

/// A proxy that is spoken to by TLS.
#[derive(Clone, Copy, Debug)]
pub(super) struct TlsProxy {
    port: u16,
    /// No host is excepted.
    always: bool,
}

impl TlsProxy {
    /// Whether that is whom a transfer spoke to, which was connected to this port as far as libcurl knows.
    pub(super) fn is_spoken_to(self, port: u16) -> bool {
        self.always || port == self.port
    }
}

/// Without its login.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let which: &dyn fmt::Debug = match &self.url {
            Which::Environment => &"the environment's",
            Which::None => &"none",
            Which::Url(url) => {
                // What stands before the last @ may be a password.
                &url.rsplit_once('@').map_or(url.clone(), |(_, host)| format!("…@{host}"))
            }
        };
        f.debug_struct("Proxy")
            .field("url", which)
            .field("except", &self.except)
            .finish_non_exhaustive()
    }
}

/// The way to a server, as a client is told once.
#[derive(Clone, Debug, Default)]
pub(super) struct Network {
    pub(super) proxy: Proxy,
    /// As `CURLOPT_RESOLVE` has them.
    resolve: Vec<String>,
    pub(super) unix_socket: Option<PathBuf>,
    pub(super) doh: Option<String>,
    pub(super) keep_alive: Option<Duration>,
    pub(super) download_rate: Option<u64>,
    pub(super) upload_rate: Option<u64>,
    pub(super) decompress: bool,
}

impl Network {
    pub(super) fn resolve(
        &mut self,
        host: &str,
        port: u16,
        addresses: impl IntoIterator<Item = IpAddr>,
    ) {
        let addresses: Vec<_> = addresses
            .into_iter()
            .map(|address| match address {
                IpAddr::V4(address) => address.to_string(),
                IpAddr::V6(address) => format!("[{address}]"),
            })
            .collect();
        self.resolve.push(format!("{host}:{port}:{}", addresses.join(",")));
    }

    pub(super) fn apply(&self, line: &mut Line) -> Result<()> {
        self.proxy.apply(line)?;
        if !self.resolve.is_empty() {
            let mut list = List::new();
            for entry in &self.resolve {
                list.push(entry)?;
            }
            line.set(option::Resolve(list))?;
        }
        if let Some(url) = &self.doh {
            // libcurl speaks plain HTTP to it as well, where anybody on the way could answer.
            if !is_https(url) {
                let text = format!("the DNS server's URL does not begin with https://: {url:?}");
                return Err(Error::ours(ErrorKind::InvalidRequest, text));
            }
            line.handler_mut().asks_over_https = true;
            line.set(option::DohUrl(url.as_str()))?;
            // libcurl's defaults; said all the same.
            line.set(option::DohSslVerifyPeer(true))?.set(option::DohSslVerifyHost(true))?;
        }
        if let Some(path) = &self.unix_socket {
            line.set(option::UnixSocketPath(path.as_path()))?;
        }
        if let Some(silence) = self.keep_alive {
            line.set(option::TcpKeepAlive(true))?;
            line.set(option::TcpKeepIdle(silence))?.set(option::TcpKeepIntvl(silence))?;
        }
        if let Some(rate) = self.download_rate {
            line.set(option::MaxRecvSpeedLarge(rate))?;
        }
        if let Some(rate) = self.upload_rate {
            line.set(option::MaxSendSpeedLarge(rate))?;
        }
        if self.decompress {
            // CURLOPT_ACCEPT_ENCODING(3): the empty text stands for all that libcurl can do.
            line.set(option::AcceptEncoding(""))?;
        }
        Ok(())
    }
}
