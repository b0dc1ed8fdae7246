//! Other places that answer for an origin.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, BufRead, Write};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use parking_lot::Mutex;

use super::origin::Origin;
use crate::curl::date::{calendar, date};

/// Other places that answer for an origin (HTTP Alternative Services, RFC 7838), for
/// [`ClientBuilder::alt_svc`](super::ClientBuilder::alt_svc).
///
/// `Alt-Svc` headers of a response that came over TLS name them, and for how long. Later requests to
/// that origin are sent, with `Alt-Used`, to the first of them that speaks what this client does:
/// HTTP/1.1, or HTTP/2 where the client [negotiates](super::HttpVersion::Negotiate) that and the linked
/// libcurl can. Others, HTTP/3 among them, are ignored. Its certificate must be one of the *origin's*
/// host, as before, and what is spoken is what was said; over plain `http` nobody can prove an origin,
/// so nothing is learnt and nothing used there.
///
/// A place that cannot be reached, has no such certificate, or turns out to speak another version, is
/// left out for five minutes; where no connection came about, the request goes to the origin itself,
/// if its body can be sent again. One that answers 421 is forgotten.
///
/// `Send` and `Sync`; a clone is the same list, and several clients may share it. libcurl's own list
/// (`CURLOPT_ALTSVC`) belongs to a handle, of which a client has many. It holds 1,000 origins.
///
/// ```
/// use ffence::http::{AltSvc, Client};
///
/// let places = AltSvc::new();
/// let client = Client::builder().alt_svc(places.clone()).build()?;
///
/// let line = "h2 example.org 443 h2 other.example.org 8443 \"20991231 00:00:00\" 1 0\n";
/// assert_eq!(places.load(line.as_bytes())?, 1);
/// places.network_changed(); // this one was to last beyond that
/// let mut file = Vec::new();
/// places.save(&mut file)?;
/// assert_eq!(file, line.replacen("h2", "h1", 1).as_bytes());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct AltSvc(Arc<Mutex<Services>>);

/// By origin.
type Services = HashMap<Place, Vec<Service>>;

/// A name and a port.
pub(super) type Place = (String, u16);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Service {
    place: Place,
    version: Version,
    until: SystemTime,
    /// It was said to hold when the network is another one.
    persists: bool,
    /// It could not be used at this time.
    failed: Option<Instant>,
}

/// What a place speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    Http1,
    Http2,
}

/// How many origins are kept.
const MOST: usize = 1000;

/// How long a place that failed is left out.
const PATIENCE: Duration = Duration::from_secs(300);

impl AltSvc {
    /// An empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets all places.
    pub fn clear(&self) {
        self.0.lock().clear();
    }

    /// The network is another one: forgets the places that were not said to persist (RFC 7838
    /// section 2.2), and that others could not be reached.
    pub fn network_changed(&self) {
        let mut list = self.0.lock();
        list.retain(|_, services| {
            services.retain(|it| it.persists);
            for service in services.iter_mut() {
                service.failed = None;
            }
            !services.is_empty()
        });
    }

    /// Writes the list, one place a line, as libcurl's own files of this kind have it. What has expired
    /// is left out.
    ///
    /// | field | |
    /// |---|---|
    /// | what the origin speaks, its name and port | always `h1`, which libcurl looks for in any case |
    /// | what the place speaks, its name and port | `h1` or `h2` |
    /// | expires | in double quotes, as `YYYYMMDD HH:MM:SS` in UTC |
    /// | holds when the network changes | `1` or `0` |
    /// | priority | `0` |
    ///
    /// # Errors
    /// The writer's.
    pub fn save(&self, mut writer: impl Write) -> io::Result<()> {
        let now = SystemTime::now();
        let mut all: Vec<_> =
            self.0.lock().iter().map(|(origin, it)| (origin.clone(), it.clone())).collect();
        all.sort_by(|one, other| one.0.cmp(&other.0));
        for ((host, port), services) in all {
            for Service { place, version, until, persists, .. } in services {
                if until > now {
                    let speaks = if version == Version::Http2 { "h2" } else { "h1" };
                    let (until, persists) = (calendar(until), u8::from(persists));
                    writeln!(
                        writer,
                        "h1 {host} {port} {speaks} {} {} \"{until}\" {persists} 0",
                        place.0, place.1,
                    )?;
                }
            }
        }
        writer.flush()
    }

    /// Adds what [`save`](AltSvc::save) or libcurl wrote; answers how many places that were. Empty lines
    /// and lines that begin with `#` are skipped, and so is what has expired, speaks HTTP/3, or is
    /// there already.
    ///
    /// # Errors
    /// The reader's; [`InvalidData`](io::ErrorKind::InvalidData) for a line that is none of these, and
    /// the places before it are there.
    pub fn load(&self, reader: impl BufRead) -> io::Result<usize> {
        let (now, mut count) = (SystemTime::now(), 0);
        for (number, line) in reader.lines().enumerate() {
            let line = line?;
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (origin, service) = from_fields(line).ok_or_else(|| {
                let text = format!("line {}: not an origin and a place: {line:?}", number + 1);
                io::Error::new(io::ErrorKind::InvalidData, text)
            })?;
            let Some(service) = service.filter(|it| it.until > now) else { continue };
            let mut list = self.0.lock();
            let is_new = !list.contains_key(&origin);
            if is_new && list.len() >= MOST {
                continue;
            }
            let services = list.entry(origin).or_default();
            let is_same =
                |it: &Service| (&it.place, it.version) == (&service.place, service.version);
            if !services.iter().any(is_same) {
                services.push(service);
                count += 1;
            }
        }
        Ok(count)
    }

    /// A response of `origin` had these headers, over TLS, when it was so old.
    pub(super) fn answered<'a>(
        &self,
        origin: &Origin,
        headers: impl Iterator<Item = &'a [u8]>,
        age: Duration,
    ) {
        let headers: Vec<_> = headers.filter_map(|it| std::str::from_utf8(it).ok()).collect();
        let key = (origin.host.clone(), origin.port);
        let now = SystemTime::now();
        let mut list = self.0.lock();
        let old = list.remove(&key).unwrap_or_default();
        // RFC 7838 section 3: all that is known is replaced, and this word stands alone.
        if headers.iter().any(|it| it.trim() == "clear") {
            return;
        }
        let failed = |place: &Place| old.iter().find(|it| it.place == *place)?.failed;
        let services: Vec<_> = headers
            .iter()
            .flat_map(|it| it.split(','))
            .filter_map(|it| service(it, origin))
            .filter_map(|it| {
                let Said { place, version, life, persists } = it;
                // Section 3.1: counted from when the response was made.
                let until = now.checked_add(life.checked_sub(age)?)?;
                Some(Service { failed: failed(&place), place, version, until, persists })
            })
            .collect();
        if list.len() >= MOST {
            list.retain(|_, services| services.iter().any(|it| it.until > now));
        }
        if !services.is_empty() && list.len() < MOST {
            list.insert(key, services);
        }
    }

    /// Where a request to `origin` goes, if not there, and what is spoken there: HTTP/2 only where that
    /// can be.
    pub(super) fn place(&self, origin: &Origin, http2: bool) -> Option<(Place, Version)> {
        let (list, now) = (self.0.lock(), SystemTime::now());
        let services = list.get(&(origin.host.clone(), origin.port))?;
        let usable = |it: &&Service| {
            it.until > now
                && (http2 || it.version == Version::Http1)
                && it.failed.is_none_or(|then| then.elapsed() >= PATIENCE)
        };
        services.iter().find(usable).map(|it| (it.place.clone(), it.version))
    }

    /// A request to `origin` could not be sent to that place, or not as was said.
    pub(super) fn failed(&self, origin: &Origin, place: &Place) {
        let mut list = self.0.lock();
        let services = list.get_mut(&(origin.host.clone(), origin.port));
        for service in services.into_iter().flatten().filter(|it| it.place == *place) {
            service.failed = Some(Instant::now());
        }
    }

    /// That place does not answer for `origin` at all.
    pub(super) fn misdirected(&self, origin: &Origin, place: &Place) {
        if let Some(services) = self.0.lock().get_mut(&(origin.host.clone(), origin.port)) {
            services.retain(|it| it.place != *place);
        }
    }
}

/// What a header says of one place.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    place: Place,
    version: Version,
    life: Duration,
    persists: bool,
}

/// RFC 7838 section 3: `h2="host:443"; ma=3600; persist=1`
fn service(text: &str, origin: &Origin) -> Option<Said> {
    let mut parts = text.split(';');
    let (protocol, authority) = parts.next()?.split_once('=')?;
    let version = match protocol.trim() {
        "h2" => Version::Http2,
        "http%2F1.1" | "http%2f1.1" => Version::Http1,
        _ => return None,
    };
    let authority = authority.trim().strip_prefix('"')?.strip_suffix('"')?;
    let (host, port) = authority.rsplit_once(':')?;
    let port = port.parse().ok().filter(|port| *port != 0)?;
    if !is_host(host) {
        return None;
    }
    let host = if host.is_empty() { origin.host.clone() } else { host.to_ascii_lowercase() };
    let (mut life, mut persists) = (Duration::from_secs(24 * 3600), false);
    for parameter in parts {
        match parameter.trim().split_once('=') {
            Some(("ma", seconds)) => {
                let seconds: u64 = seconds.trim_matches('"').parse().ok()?;
                // No calendar goes further.
                life = Duration::from_secs(seconds.min(LONGEST));
            }
            Some(("persist", value)) => persists = value.trim_matches('"') == "1",
            _ => {}
        }
    }
    Some(Said { place: (host, port), version, life, persists })
}

/// A hundred years.
const LONGEST: u64 = 100 * 365 * 24 * 3600;

/// A name, or an address as URLs have it, or nothing.
fn is_host(host: &str) -> bool {
    let is_name = |it: char| it.is_ascii_alphanumeric() || "-._[]:".contains(it);
    host.chars().all(is_name) && host.contains(':') == host.starts_with('[')
}

/// The origin and the place of a line; `None` in its place for one of HTTP/3.
fn from_fields(line: &str) -> Option<(Place, Option<Service>)> {
    let (fields, rest) = line.split_once('"')?;
    let (until, rest) = rest.split_once('"')?;
    let fields: Vec<_> = fields.split_ascii_whitespace().collect();
    let [from, host, port, to, place, place_port] = fields[..] else { return None };
    if !["h1", "h2", "h3"].contains(&from) {
        return None;
    }
    let place_of = |host: &str, port: &str| {
        let port = port.parse().ok().filter(|port| *port != 0)?;
        (!host.is_empty() && is_host(host)).then(|| (host.to_ascii_lowercase(), port))
    };
    let (origin, place) = (place_of(host, port)?, place_of(place, place_port)?);
    let mut rest = rest.split_ascii_whitespace();
    let persists = match rest.next()? {
        "0" => false,
        "1" => true,
        _ => return None,
    };
    let version = match to {
        "h1" => Version::Http1,
        "h2" => Version::Http2,
        "h3" => return Some((origin, None)),
        _ => return None,
    };
    let until = date(until)?;
    Some((origin, Some(Service { place, version, until, persists, failed: None })))
}

impl fmt::Debug for AltSvc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AltSvc({} origins)", self.0.lock().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_as_the_standard_says() {
        let origin = Origin { is_secure: true, host: "a.test".to_owned(), port: 443 };
        let read = |text: &str| service(text, &origin);
        let found = |host: &str, port, version, seconds, persists| {
            let life = Duration::from_secs(seconds);
            Some(Said { place: (host.to_owned(), port), version, life, persists })
        };
        let h2 = Version::Http2;
        assert_eq!(read("h2=\":8443\""), found("a.test", 8443, h2, 86_400, false));
        assert_eq!(read(" h2=\"B.test:1\"; ma=7; persist=1"), found("b.test", 1, h2, 7, true));
        let ninth = read("http%2F1.1=\"[::1]:1\";ma=\"8\"; persist=2");
        assert_eq!(ninth, found("[::1]", 1, Version::Http1, 8, false));
        let endless = read(&format!("h2=\":1\"; ma={}", u64::MAX)).unwrap();
        assert_eq!(endless.life, Duration::from_secs(LONGEST));
        for wrong in [
            "h3=\":443\"",
            "h2=:443",
            "h2=\"a.test\"",
            "h2=\"a.test:0\"",
            "h2=\"a b:1\"",
            "h2",
            "h2=\"a.test:1\"; ma=x",
            "h2=\"::1:1\"",
            "",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_response_counts_from_when_it_was_made() {
        let origin = Origin { is_secure: true, host: "a.test".to_owned(), port: 443 };
        let list = AltSvc::new();
        let said = |age| {
            let headers = [&b"h2=\":1\"; ma=100"[..], b"http%2F1.1=\":2\"; ma=10"];
            list.answered(&origin, headers.into_iter(), Duration::from_secs(age));
        };
        let place = |http2| list.place(&origin, http2).map(|(place, _)| place.1);
        said(0);
        assert_eq!((place(true), place(false)), (Some(1), Some(2)));
        said(50);
        assert_eq!((place(true), place(false)), (Some(1), None));
        said(100);
        assert_eq!((place(true), place(false)), (None, None));
    }
}
