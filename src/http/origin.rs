//! Where a request goes: the parts of its URL that policies ask for.

use std::net::Ipv4Addr;

use crate::curl::{Url, UrlPart};
use crate::error::Result;

/// The parts of a URL that policies ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) is_secure: bool,
    /// In lower case, without a dot at its end.
    pub(super) host: String,
    pub(super) port: u16,
}

impl Origin {
    pub(super) fn of(url: &Url) -> Result<Self> {
        let is_secure = url.scheme()?.eq_ignore_ascii_case("https");
        let mut host = url.host()?.unwrap_or_default().to_ascii_lowercase();
        if host.ends_with('.') {
            host.pop();
        }
        let usual = if is_secure { 443 } else { 80 };
        Ok(Self { is_secure, host, port: url.port()?.unwrap_or(usual) })
    }
}

/// The same place over TLS: port 80 becomes 443, any other stays (RFC 6797 section 8.3).
pub(super) fn upgrade(url: &mut Url) -> Result<()> {
    let is_usual = url.port()?.is_none_or(|port| port == 80);
    url.set(UrlPart::Scheme, Some("https"))?;
    if is_usual {
        url.set(UrlPart::Port, None)?;
    }
    Ok(())
}

/// A host that is an address and no name.
pub(super) fn is_address(host: &str) -> bool {
    host.starts_with('[') || host.contains(':') || host.parse::<Ipv4Addr>().is_ok()
}

/// A name and all that it is below: `a.b.c`, `b.c`, `c`.
pub(super) fn parents(host: &str) -> impl Iterator<Item = &str> {
    let dots = host.match_indices('.').map(|(at, _)| &host[at + 1..]);
    std::iter::once(host).chain(dots)
}
