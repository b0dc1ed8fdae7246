//! Other places that answer for an origin.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::origin::Origin;

/// Other places that answer for an origin (HTTP Alternative Services, RFC 7838), for
/// [`ClientBuilder::alt_svc`](super::ClientBuilder::alt_svc).
///
/// An `Alt-Svc` header of a response that came over TLS names them. Later requests to that origin are
/// sent to the first of them that speaks HTTP/2 or HTTP/1.1, with `Alt-Used`; its certificate must be
/// one of the *origin's* host, as before. One that cannot be reached, or has no such certificate, is
/// left out for five minutes, and the request goes to the origin itself, if its body can be sent again.
///
/// `Send` and `Sync`; a clone is the same list, and several clients may share it. libcurl's own list
/// (`CURLOPT_ALTSVC`) belongs to a handle, of which a client has many. It holds 1,000 origins.
///
/// ```
/// use ffence::http::{AltSvc, Client};
///
/// let places = AltSvc::new();
/// let client = Client::builder().alt_svc(places.clone()).build()?;
/// places.clear(); // RFC 7838 section 2.2: when the network is another one
/// # Ok::<(), ffence::Error>(())
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
    life: Duration,
    since: Instant,
    /// It could not be reached at this time.
    failed: Option<Instant>,
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

    /// A response of `origin` had this header, over TLS.
    pub(super) fn answered(&self, origin: &Origin, header: &[u8]) {
        let Ok(header) = std::str::from_utf8(header) else { return };
        let key = (origin.host.clone(), origin.port);
        let now = Instant::now();
        let mut list = self.0.lock();
        let old = list.remove(&key).unwrap_or_default();
        if header.trim() == "clear" {
            return;
        }
        let failed = |place: &Place| old.iter().find(|it| it.place == *place)?.failed;
        let services: Vec<_> = header
            .split(',')
            .filter_map(|it| service(it, origin))
            .map(|(place, life)| Service { failed: failed(&place), place, life, since: now })
            .collect();
        if list.len() >= MOST {
            list.retain(|_, services| services.iter().any(|it| it.is_fresh(now)));
        }
        if !services.is_empty() && list.len() < MOST {
            list.insert(key, services);
        }
    }

    /// Where a request to `origin` goes, if not there.
    pub(super) fn place(&self, origin: &Origin) -> Option<Place> {
        let (list, now) = (self.0.lock(), Instant::now());
        let services = list.get(&(origin.host.clone(), origin.port))?;
        let usable = |it: &&Service| {
            it.is_fresh(now) && it.failed.is_none_or(|then| now.duration_since(then) >= PATIENCE)
        };
        services.iter().find(usable).map(|it| it.place.clone())
    }

    /// A request to `origin` could not be sent to that place.
    pub(super) fn failed(&self, origin: &Origin, place: &Place) {
        let mut list = self.0.lock();
        let services = list.get_mut(&(origin.host.clone(), origin.port));
        for service in services.into_iter().flatten().filter(|it| it.place == *place) {
            service.failed = Some(Instant::now());
        }
    }
}

impl Service {
    fn is_fresh(&self, now: Instant) -> bool {
        now.duration_since(self.since) < self.life
    }
}

/// RFC 7838 section 3: `h2="host:443"; ma=3600`
fn service(text: &str, origin: &Origin) -> Option<(Place, Duration)> {
    let mut parts = text.split(';');
    let (protocol, authority) = parts.next()?.split_once('=')?;
    if !["h2", "http%2F1.1", "http%2f1.1"].contains(&protocol.trim()) {
        return None;
    }
    let authority = authority.trim().strip_prefix('"')?.strip_suffix('"')?;
    let (host, port) = authority.rsplit_once(':')?;
    let port = port.parse().ok().filter(|port| *port != 0)?;
    let is_name = |it: char| it.is_ascii_alphanumeric() || "-._[]:".contains(it);
    if !host.chars().all(is_name) || host.contains(':') != host.starts_with('[') {
        return None;
    }
    let host = if host.is_empty() { origin.host.clone() } else { host.to_ascii_lowercase() };
    let mut life = Duration::from_secs(24 * 3600);
    for parameter in parts {
        if let Some(("ma", seconds)) = parameter.trim().split_once('=') {
            life = Duration::from_secs(seconds.trim_matches('"').parse().ok()?);
        }
    }
    Some(((host, port), life))
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
        let read =
            |text: &str| service(text, &origin).map(|((host, port), life)| (host, port, life));
        let found =
            |host: &str, port, seconds| Some((host.to_owned(), port, Duration::from_secs(seconds)));
        assert_eq!(read("h2=\":8443\""), found("a.test", 8443, 86_400));
        assert_eq!(read(" h2=\"B.test:1\"; ma=7; persist=1"), found("b.test", 1, 7));
        assert_eq!(read("http%2F1.1=\"[::1]:1\";ma=\"8\""), found("[::1]", 1, 8));
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
}
