//! One cookie, and how a server sets it.

use std::fmt;
use std::time::{Duration, SystemTime};

use super::origin::is_address;
use crate::curl::date::date;

/// A cookie in a [`Jar`](super::Jar) (RFC 6265).
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cookie {
    /// The name.
    pub name: String,
    /// The value, as the server wrote it.
    pub value: String,
    /// The host that it is sent to, in lower case, and all below it unless
    /// [`host_only`](Cookie::host_only).
    pub domain: String,
    /// It is sent to that very host alone.
    pub host_only: bool,
    /// It is sent for this path and all below it.
    pub path: String,
    /// It is sent over TLS alone.
    pub secure: bool,
    /// The server wants it kept from scripts.
    pub http_only: bool,
    /// When it goes; `None` for a session's, which goes with the jar or by
    /// [`clear_session`](super::Jar::clear_session).
    pub expires: Option<SystemTime>,
}

/// Where a request goes, as cookies see it.
pub(super) struct Place<'a> {
    /// In lower case.
    pub(super) host: &'a str,
    pub(super) path: &'a str,
    pub(super) is_secure: bool,
}

/// The longest name and value together, and the longest value of an attribute.
const LONGEST: (usize, usize) = (4096, 1024);

/// How long a cookie may live (RFC 6265bis section 5.5).
const LONGEST_LIFE: Duration = Duration::from_secs(400 * 24 * 3600);

impl Cookie {
    /// What a `Set-Cookie` header of a response from `place` sets; `None` when it must be ignored.
    pub(super) fn parse(header: &[u8], place: &Place<'_>, now: SystemTime) -> Option<Self> {
        let text = std::str::from_utf8(header).ok()?;
        if text.bytes().any(|byte| byte.is_ascii_control()) {
            return None;
        }
        let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
        let (name, value) = pair.split_once('=')?;
        let (name, value) = (name.trim(), value.trim());
        if name.is_empty() || name.len() + value.len() > LONGEST.0 {
            return None;
        }
        let (mut domain, mut path, mut secure, mut http_only) = ("", "", false, false);
        let (mut expires, mut age) = (None, None);
        for attribute in attributes.split(';') {
            let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            let (key, value) = (key.trim(), value.trim());
            if value.len() > LONGEST.1 {
                continue;
            }
            match key.to_ascii_lowercase().as_str() {
                "domain" => domain = value.strip_prefix('.').unwrap_or(value),
                "path" => path = value,
                "secure" => secure = true,
                "httponly" => http_only = true,
                "expires" => expires = date(value).or(expires),
                "max-age" => age = seconds(value).or(age),
                _ => {}
            }
        }
        let domain = domain.to_ascii_lowercase();
        let host_only = is_host_only(&domain, place.host)?;
        let cookie = Self {
            name: name.to_owned(),
            value: value.to_owned(),
            domain: if host_only { place.host.to_owned() } else { domain },
            host_only,
            path: if path.starts_with('/') { path } else { default_path(place.path) }.to_owned(),
            secure,
            http_only,
            expires: match age {
                Some(age) => Some(now + age.min(LONGEST_LIFE)),
                None => expires.map(|then| then.min(now + LONGEST_LIFE)),
            },
        };
        let is_allowed = cookie.keeps_its_promise() && (place.is_secure || !secure);
        is_allowed.then_some(cookie)
    }

    /// RFC 6265bis section 4.1.3: what the beginning of the name says.
    pub(super) fn keeps_its_promise(&self) -> bool {
        let begins = |prefix: &str| {
            let start = self.name.get(..prefix.len());
            start.is_some_and(|it| it.eq_ignore_ascii_case(prefix))
        };
        if begins("__Host-") {
            return self.secure && self.host_only && self.path == "/";
        }
        !begins("__Secure-") || self.secure
    }

    pub(super) fn has_expired(&self, now: SystemTime) -> bool {
        self.expires.is_some_and(|then| then <= now)
    }

    /// Whether a request that goes there has this cookie.
    pub(super) fn belongs_to(&self, place: &Place<'_>) -> bool {
        let is_host =
            place.host == self.domain || (!self.host_only && is_within(place.host, &self.domain));
        is_host && (place.is_secure || !self.secure) && is_below(place.path, &self.path)
    }
}

/// RFC 6265 section 5.3: whether a cookie with this `Domain` is for its host alone; `None` when the
/// host may not set it.
fn is_host_only(domain: &str, host: &str) -> Option<bool> {
    if domain.is_empty() {
        return Some(true);
    }
    if is_address(host) || is_public(domain) {
        return (domain == host).then_some(true);
    }
    is_within(host, domain).then_some(false)
}

/// A domain below which strangers live, such as `co.uk`.
pub(super) fn is_public(domain: &str) -> bool {
    psl::suffix(domain.as_bytes()).is_some_and(|suffix| suffix == domain.as_bytes())
}

/// RFC 6265 section 5.1.3
pub(super) fn is_within(host: &str, domain: &str) -> bool {
    let above = host.strip_suffix(domain);
    above.is_some_and(|it| it.is_empty() || (it.ends_with('.') && !is_address(host)))
}

/// RFC 6265 section 5.1.4
pub(super) fn is_below(path: &str, parent: &str) -> bool {
    let rest = path.strip_prefix(parent);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || parent.ends_with('/'))
}

/// RFC 6265 section 5.1.4: the path without its last part.
fn default_path(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(at) => &path[..at],
    }
}

/// The value of `Max-Age`: what is below zero is over at once.
fn seconds(value: &str) -> Option<Duration> {
    let (is_negative, digits) = match value.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, value),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = if is_negative { 0 } else { digits.parse().unwrap_or(u64::MAX) };
    Some(Duration::from_secs(number))
}

/// Without its value, which may be a secret.
impl fmt::Debug for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cookie")
            .field("name", &self.name)
            .field("domain", &self.domain)
            .field("host_only", &self.host_only)
            .field("path", &self.path)
            .field("secure", &self.secure)
            .field("http_only", &self.http_only)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(header: &str, host: &str, is_secure: bool) -> Option<Cookie> {
        let place = Place { host, path: "/shop/cart", is_secure };
        Cookie::parse(header.as_bytes(), &place, SystemTime::now())
    }

    #[test]
    fn a_domain_is_the_hosts_own_or_above_it_and_nobodys_public_one() {
        for (domain, host, expected) in [
            ("", "www.example.co.uk", Some(("www.example.co.uk", true))),
            (".Example.co.uk", "www.example.co.uk", Some(("example.co.uk", false))),
            ("co.uk", "www.example.co.uk", None),
            ("other.co.uk", "www.example.co.uk", None),
            ("ample.co.uk", "www.example.co.uk", None),
            ("www.www.example.co.uk", "www.example.co.uk", None),
            ("github.io", "me.github.io", None),
            ("github.io", "github.io", Some(("github.io", true))),
            ("test", "a.test", None),
            ("a.test", "b.a.test", Some(("a.test", false))),
            ("localhost", "localhost", Some(("localhost", true))),
            ("127.0.0.1", "127.0.0.1", Some(("127.0.0.1", true))),
            ("0.0.1", "127.0.0.1", None),
        ] {
            let cookie = set(&format!("a=1; Domain={domain}"), host, false);
            let found = cookie.as_ref().map(|it| (it.domain.as_str(), it.host_only));
            assert_eq!(found, expected, "{domain} from {host}");
        }
    }

    #[test]
    fn names_that_promise_something_keep_it() {
        for (header, is_secure, expected) in [
            ("__Host-a=1; Secure; Path=/", true, true),
            ("__host-a=1; Secure; Path=/", true, true),
            ("__Host-a=1; Secure", true, false),
            ("__Host-a=1; Path=/", true, false),
            ("__Host-a=1; Secure; Path=/; Domain=a.test", true, false),
            ("__Host-a=1; Secure; Path=/", false, false),
            ("__Secure-a=1; Secure", true, true),
            ("__Secure-a=1", true, false),
            ("a=1; Secure", false, false),
        ] {
            assert_eq!(set(header, "a.test", is_secure).is_some(), expected, "{header}");
        }
    }

    #[test]
    fn paths_and_times() {
        let path = |header: &str| set(header, "a.test", false).unwrap().path;
        assert_eq!(path("a=1"), "/shop");
        assert_eq!(path("a=1; Path=/x/"), "/x/");
        assert_eq!(path("a=1; Path=x"), "/shop");
        for (path, parent, expected) in
            [("/a", "/a", true), ("/a/b", "/a", true), ("/ab", "/a", false), ("/ab", "/", true)]
        {
            assert_eq!(is_below(path, parent), expected, "{path} below {parent}");
        }
        let now = SystemTime::now();
        let life = |header: &str| {
            let cookie = set(header, "a.test", false).unwrap();
            cookie.expires.map(|then| then.duration_since(now).unwrap_or_default().as_secs())
        };
        assert_eq!(life("a=1"), None);
        assert_eq!(life("a=1; Max-Age=0; Expires=Fri, 01 Jan 2100 00:00:00 GMT"), Some(0));
        assert_eq!(life("a=1; max-age=-7"), Some(0));
        assert_eq!(life("a=1; Max-Age=x"), None);
        assert_eq!(life("a=1; Expires=Thu, 01-Jan-1970 00:00:10 GMT"), Some(0));
        // Nothing lives longer than 400 days.
        for long in
            ["a=1; Max-Age=99999999999999999999", "a=1; Expires=Fri, 01 Jan 2100 00:00:00 GMT"]
        {
            assert!(life(long).unwrap() / 86_400 >= 399 && life(long).unwrap() / 86_400 <= 400);
        }
    }

    #[test]
    fn what_is_no_cookie_is_ignored() {
        let long = format!("a={}", "v".repeat(4096));
        for header in ["", "a", "=1", "a=1\0", "a=1\tb", "a=1; b\u{7f}", &long] {
            assert_eq!(set(header, "a.test", true), None, "{header:?}");
        }
        let cookie = set("  a = \"b=c\" ; SameSite=Lax; HttpOnly", "a.test", true).unwrap();
        assert_eq!((cookie.name.as_str(), cookie.value.as_str()), ("a", "\"b=c\""));
        assert!(cookie.http_only && !format!("{cookie:?}").contains("b=c"));
    }
}
