//! Hosts that are only spoken to over TLS.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, BufRead, Write};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;

use super::origin::{is_address, parents};
use crate::curl::date::{calendar, date};
use crate::error::{Error, ErrorKind, Result};

/// Hosts that are only spoken to over TLS (HTTP Strict Transport Security, RFC 6797), for
/// [`ClientBuilder::hsts`](super::ClientBuilder::hsts).
///
/// A host comes in by the `Strict-Transport-Security` header of a response that came over TLS, or by
/// [`add`](Hsts::add). From then on a request for `http://host/` is one for `https://host/` before
/// any byte of it is sent: port 80 becomes 443, any other stays. Addresses are never upgraded.
///
/// `Send` and `Sync`; a clone is the same list, and several clients may share it. It holds 10,000
/// hosts; the ones that would expire next make room.
///
/// ```
/// use ffence::http::{Client, Hsts};
///
/// let hosts = Hsts::new();
/// hosts.add("example.org", true, None)?; // and all below it, for ever
/// assert!(hosts.contains("www.example.org"));
/// let client = Client::builder().hsts(hosts.clone()).build()?;
///
/// let mut file = Vec::new();
/// hosts.save(&mut file)?;
/// assert_eq!(file, b".example.org \"unlimited\"\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Hsts(Arc<Mutex<HashMap<String, Known>>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    subdomains: bool,
    /// `None` for never.
    until: Option<SystemTime>,
}

/// How many hosts are kept.
const MOST: usize = 10_000;

impl Hsts {
    /// An empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a host, and all names below it where `subdomains` says so, until then or for ever.
    ///
    /// # Errors
    /// [`ErrorKind::Parameter`] for what is no name of a host, such as an address.
    pub fn add(&self, host: &str, subdomains: bool, until: Option<SystemTime>) -> Result<()> {
        let host = name(host).ok_or_else(|| {
            Error::ours(ErrorKind::Parameter, format!("{host:?} is not the name of a host"))
        })?;
        self.insert(host, Known { subdomains, until });
        Ok(())
    }

    /// Takes a host out; `false` when it was not there by itself.
    pub fn remove(&self, host: &str) -> bool {
        name(host).is_some_and(|host| self.0.lock().remove(&host).is_some())
    }

    /// Whether a host is only spoken to over TLS.
    pub fn contains(&self, host: &str) -> bool {
        let Some(host) = name(host) else { return false };
        let (known, now) = (self.0.lock(), SystemTime::now());
        parents(&host).any(|parent| {
            let found = known.get(parent).filter(|it| it.until.is_none_or(|until| until > now));
            found.is_some_and(|it| it.subdomains || parent.len() == host.len())
        })
    }

    /// Writes the list, one host a line, as libcurl's own files of this kind have it: the name, with a
    /// dot before it when the names below count, and in double quotes until when, as
    /// `YYYYMMDD HH:MM:SS` in UTC or `unlimited`. What has expired is left out.
    ///
    /// # Errors
    /// The writer's.
    pub fn save(&self, mut writer: impl Write) -> io::Result<()> {
        let now = SystemTime::now();
        let mut known: Vec<_> =
            self.0.lock().iter().map(|(host, it)| (host.clone(), *it)).collect();
        known.sort_by(|one, other| one.0.cmp(&other.0));
        for (host, Known { subdomains, until }) in known {
            let dot = if subdomains { "." } else { "" };
            match until {
                None => writeln!(writer, "{dot}{host} \"unlimited\"")?,
                Some(until) if until > now => {
                    writeln!(writer, "{dot}{host} \"{}\"", calendar(until))?;
                }
                Some(_) => {}
            }
        }
        writer.flush()
    }

    /// Adds what [`save`](Hsts::save) wrote; answers how many hosts that were. Empty lines and lines
    /// that begin with `#` are skipped, and so is what has expired.
    ///
    /// # Errors
    /// The reader's; [`InvalidData`](io::ErrorKind::InvalidData) for a line that is none of these, and
    /// the hosts before it are there.
    pub fn load(&self, reader: impl BufRead) -> io::Result<usize> {
        let mut count = 0;
        for (number, line) in reader.lines().enumerate() {
            let line = line?;
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong = || {
                let text = format!("line {}: not a host and a date: {line:?}", number + 1);
                io::Error::new(io::ErrorKind::InvalidData, text)
            };
            let (host, until) = line.split_once(' ').ok_or_else(wrong)?;
            let until = until.trim().trim_matches('"');
            let until =
                if until == "unlimited" { None } else { Some(date(until).ok_or_else(wrong)?) };
            let plain = host.trim_start_matches('.');
            let plain_name = name(plain).ok_or_else(wrong)?;
            if until.is_none_or(|until| until > SystemTime::now()) {
                self.insert(plain_name, Known { subdomains: plain != host, until });
                count += 1;
            }
        }
        Ok(count)
    }

    /// A response of `host` had this header, over TLS.
    pub(super) fn answered(&self, host: &str, header: &[u8]) {
        let Some((age, subdomains)) = parse(header) else { return };
        let Some(host) = name(host) else { return };
        if age.is_zero() {
            self.0.lock().remove(&host);
            return;
        }
        let until = SystemTime::now().checked_add(age);
        self.insert(host, Known { subdomains, until });
    }

    fn insert(&self, host: String, known: Known) {
        let mut list = self.0.lock();
        if list.len() >= MOST && !list.contains_key(&host) {
            let soonest = list.iter().filter(|(_, it)| it.until.is_some());
            let soonest = soonest.min_by_key(|(_, it)| it.until).map(|(host, _)| host.clone());
            match soonest {
                Some(soonest) => _ = list.remove(&soonest),
                None => return,
            }
        }
        list.insert(host, known);
    }
}

/// As hosts are compared; `None` for what is no name.
fn name(host: &str) -> Option<String> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let is_name = !host.is_empty()
        && !is_address(host)
        && host.chars().all(|it| !it.is_ascii_control() && !" \"#/:@[]\\?".contains(it));
    is_name.then(|| host.to_ascii_lowercase())
}

/// RFC 6797 section 6.1: how long, and whether for all names below.
fn parse(header: &[u8]) -> Option<(Duration, bool)> {
    /// A hundred years.
    const LONGEST: u64 = 100 * 365 * 24 * 3600;

    let (mut age, mut subdomains) = (None, false);
    for directive in std::str::from_utf8(header).ok()?.split(';') {
        let (key, value) = directive.split_once('=').unwrap_or((directive, ""));
        let (key, value) = (key.trim(), value.trim());
        if key.eq_ignore_ascii_case("max-age") {
            let digits = value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
            let digits = digits.unwrap_or(value);
            let is_number = !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
            // Each of them once.
            if !is_number || age.is_some() {
                return None;
            }
            age = Some(digits.parse().unwrap_or(LONGEST).min(LONGEST));
        } else if key.eq_ignore_ascii_case("includeSubDomains") {
            if subdomains {
                return None;
            }
            subdomains = true;
        }
    }
    age.map(|age| (Duration::from_secs(age), subdomains))
}

impl fmt::Debug for Hsts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hsts({} hosts)", self.0.lock().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_as_the_standard_says() {
        let seconds = Duration::from_secs;
        for (header, expected) in [
            ("max-age=31536000", Some((seconds(31_536_000), false))),
            (" Max-Age = \"15\" ; includesubdomains; preload", Some((seconds(15), true))),
            ("includeSubDomains; max-age=0;", Some((seconds(0), true))),
            ("max-age=1; max-age=2", None),
            ("max-age=-1", None),
            ("includeSubDomains", None),
            ("", None),
        ] {
            assert_eq!(parse(header.as_bytes()), expected, "{header}");
        }
    }

    #[test]
    fn what_expires_next_makes_room() {
        let (hosts, now) = (Hsts::new(), SystemTime::now());
        for number in 0..=MOST {
            let until = now + Duration::from_secs(1000 + number as u64);
            hosts.add(&format!("h{number}.test"), false, Some(until)).unwrap();
        }
        assert!(!hosts.contains("h0.test") && hosts.contains("h1.test"));
        assert_eq!(hosts.0.lock().len(), MOST);
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        for text in
            ["19700101 00:00:00", "20000229 23:59:59", "20271231 12:30:01", "21000301 00:00:00"]
        {
            assert_eq!(calendar(date(text).unwrap()), text);
        }
    }
}
