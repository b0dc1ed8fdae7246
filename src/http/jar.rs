//! The cookies of a client.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, BufRead, Write};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;

use super::cookie::{Cookie, Place, is_below, is_public, is_within};
use super::origin::{Origin, is_address, parents};
use crate::curl::Url;
use crate::error::Result;

/// Cookies (RFC 6265), for [`ClientBuilder::cookies`](super::ClientBuilder::cookies).
///
/// What a response sets, also one that only leads on, the next request of any thread sends: to
/// the host that set it, or to that host's domain where the cookie says so and the domain is not one
/// of the [public suffix list](https://publicsuffix.org), which comes with the crate `psl`. `Secure`
/// cookies are set and sent over TLS alone, and cannot be replaced without it; the promises of
/// `__Host-` and `__Secure-` names are kept. `SameSite` has no meaning without pages. A request with
/// a `Cookie` header of its own is sent with that one.
///
/// `Send` and `Sync`; a clone is the same jar, and several clients may share it. libcurl's own
/// cookies, which belong to a handle, are not used. It holds 150 cookies for a domain and 3,000 in
/// all, of at most 4,096 bytes and 400 days; the oldest make room.
///
/// ```
/// use ffence::http::{Client, Jar};
///
/// let jar = Jar::new();
/// jar.set("https://www.example.org/", "id=7; Domain=example.org; Secure; Max-Age=3600")?;
/// assert_eq!(jar.header("https://example.org/any")?.as_deref(), Some("id=7"));
/// assert_eq!(jar.header("http://example.org/any")?, None);
/// let client = Client::builder().cookies(jar.clone()).build()?;
/// # Ok::<(), ffence::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Jar(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    domains: HashMap<String, Vec<Kept>>,
    count: usize,
    last: u64,
}

struct Kept {
    cookie: Cookie,
    /// In which order they came.
    number: u64,
}

/// How many cookies are kept for a domain, and in all.
const MOST: (usize, usize) = (150, 3000);

impl Jar {
    /// An empty jar.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a `Set-Cookie` header as if a response from `url` had had it; `false` when it is refused,
    /// such as one for another site.
    ///
    /// # Errors
    /// When `url` is none.
    pub fn set(&self, url: &str, header: &str) -> Result<bool> {
        let url = Url::parse(url)?;
        let (origin, path) = (Origin::of(&url)?, url.path()?);
        Ok(self.take(&place(&origin, &path), header.as_bytes()))
    }

    /// What the `Cookie` header of a request for `url` says now, if it has one.
    ///
    /// # Errors
    /// When `url` is none.
    pub fn header(&self, url: &str) -> Result<Option<String>> {
        let url = Url::parse(url)?;
        let (origin, path) = (Origin::of(&url)?, url.path()?);
        Ok(self.give(&place(&origin, &path)))
    }

    /// Copies of all cookies that have not expired, by domain, path and name.
    pub fn all(&self) -> Vec<Cookie> {
        let now = SystemTime::now();
        let mut all: Vec<_> = {
            let state = self.0.lock();
            let kept = state.domains.values().flatten().map(|kept| &kept.cookie);
            kept.filter(|it| !it.has_expired(now)).cloned().collect()
        };
        all.sort_by(|one, other| {
            let key = |it: &Cookie| (it.domain.clone(), it.path.clone(), it.name.clone());
            key(one).cmp(&key(other))
        });
        all
    }

    /// Takes the cookies of this name, domain and path out; `false` when there was none.
    pub fn remove(&self, domain: &str, path: &str, name: &str) -> bool {
        let domain = domain.to_ascii_lowercase();
        let is_it = |it: &Cookie| it.domain == domain && it.path == path && it.name == name;
        let mut state = self.0.lock();
        let before = state.count;
        state.retain(|cookie| !is_it(cookie));
        state.count < before
    }

    /// Takes all cookies out.
    pub fn clear(&self) {
        *self.0.lock() = State::default();
    }

    /// Takes those out that have no time to expire, as the end of a browser's session does.
    pub fn clear_session(&self) {
        self.0.lock().retain(|cookie| cookie.expires.is_some());
    }

    /// Writes all cookies, those of the session among them, as the files of curl and many others have
    /// them: one a line, of seven fields with tabs between them.
    ///
    /// | field | |
    /// |---|---|
    /// | domain | `#HttpOnly_` before it where that is so, and a dot where names below it count |
    /// | names below | `TRUE` or `FALSE` |
    /// | path | |
    /// | over TLS alone | `TRUE` or `FALSE` |
    /// | expires | seconds since 1970, rounded down, or 0 for a session's |
    /// | name, value | |
    ///
    /// The file holds secrets: keep it from others.
    ///
    /// # Errors
    /// The writer's.
    ///
    /// ```
    /// # let jar = ffence::http::Jar::new();
    /// jar.set("https://example.org/", "id=7; Secure; HttpOnly")?;
    /// let mut file = Vec::new();
    /// jar.save(&mut file)?;
    /// assert!(String::from_utf8_lossy(&file).contains("#HttpOnly_example.org\tFALSE\t/\tTRUE\t0\tid\t7"));
    ///
    /// let other = ffence::http::Jar::new();
    /// assert_eq!(other.load(&file[..])?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save(&self, mut writer: impl Write) -> io::Result<()> {
        writeln!(writer, "# Netscape HTTP Cookie File")?;
        let word = |it: bool| if it { "TRUE" } else { "FALSE" };
        for it in self.all() {
            let expires = it.expires.map_or(0, |then| {
                then.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
            });
            writeln!(
                writer,
                "{}{}{}\t{}\t{}\t{}\t{expires}\t{}\t{}",
                if it.http_only { HTTP_ONLY } else { "" },
                if it.host_only { "" } else { "." },
                it.domain,
                word(!it.host_only),
                it.path,
                word(it.secure),
                it.name,
                it.value,
            )?;
        }
        writer.flush()
    }

    /// Adds what [`save`](Jar::save) or another program wrote; answers how many cookies that were.
    /// What has expired or no server may set is left out.
    ///
    /// # Errors
    /// The reader's; [`InvalidData`](io::ErrorKind::InvalidData) for a line that is neither a cookie
    /// nor a comment, and the cookies before it are there.
    pub fn load(&self, reader: impl BufRead) -> io::Result<usize> {
        let (now, mut count) = (SystemTime::now(), 0);
        for (number, line) in reader.lines().enumerate() {
            let line = line?;
            let line = line.strip_suffix('\r').unwrap_or(&line);
            let (http_only, fields) = match line.strip_prefix(HTTP_ONLY) {
                Some(fields) => (true, fields),
                None if line.starts_with('#') || line.trim().is_empty() => continue,
                None => (false, line),
            };
            let cookie = from_fields(fields, http_only).ok_or_else(|| {
                let text = format!("line {}: not the seven fields of a cookie", number + 1);
                io::Error::new(io::ErrorKind::InvalidData, text)
            })?;
            let is_foreign = !cookie.host_only && is_public(&cookie.domain);
            if !cookie.has_expired(now) && !is_foreign && cookie.keeps_its_promise() {
                self.0.lock().keep(cookie, now);
                count += 1;
            }
        }
        Ok(count)
    }

    /// A response from there sets a cookie.
    pub(super) fn take(&self, place: &Place<'_>, header: &[u8]) -> bool {
        let now = SystemTime::now();
        let Some(cookie) = Cookie::parse(header, place, now) else { return false };
        let mut state = self.0.lock();
        // RFC 6265bis section 5.7: what came over TLS is not replaced or hidden without it.
        let hides = |old: &Cookie| {
            let is_related =
                is_within(&old.domain, &cookie.domain) || is_within(&cookie.domain, &old.domain);
            old.secure && old.name == cookie.name && is_related && is_below(&cookie.path, &old.path)
        };
        if !place.is_secure && state.domains.values().flatten().any(|kept| hides(&kept.cookie)) {
            return false;
        }
        state.keep(cookie, now);
        true
    }

    /// The cookies of a request that goes there.
    pub(super) fn give(&self, place: &Place<'_>) -> Option<String> {
        let (state, now) = (self.0.lock(), SystemTime::now());
        let mut found: Vec<&Kept> = parents(place.host)
            .filter_map(|domain| state.domains.get(domain))
            .flatten()
            .filter(|kept| !kept.cookie.has_expired(now) && kept.cookie.belongs_to(place))
            .collect();
        if found.is_empty() {
            return None;
        }
        // RFC 6265 section 5.4: longer paths first, then those that were there first.
        found.sort_by_key(|kept| (std::cmp::Reverse(kept.cookie.path.len()), kept.number));
        let pairs = found.iter().map(|kept| format!("{}={}", kept.cookie.name, kept.cookie.value));
        Some(pairs.collect::<Vec<_>>().join("; "))
    }
}

const HTTP_ONLY: &str = "#HttpOnly_";

impl State {
    /// In place of the one of the same name, domain and path, whose turn it keeps; one that has
    /// expired only takes that one away.
    fn keep(&mut self, cookie: Cookie, now: SystemTime) {
        let is_same = |it: &Cookie| {
            it.name == cookie.name && it.path == cookie.path && it.host_only == cookie.host_only
        };
        let kept = self.domains.entry(cookie.domain.clone()).or_default();
        let old = kept.iter().position(|kept| is_same(&kept.cookie)).map(|at| kept.remove(at));
        let is_over = cookie.has_expired(now);
        self.count -= usize::from(old.is_some());
        if is_over {
            if kept.is_empty() {
                self.domains.remove(&cookie.domain);
            }
            return;
        }
        self.last += 1;
        let number = old.map_or(self.last, |old| old.number);
        let domain = cookie.domain.clone();
        kept.push(Kept { cookie, number });
        self.count += 1;
        if kept.len() > MOST.0 || self.count > MOST.1 {
            self.retain(|cookie| !cookie.has_expired(now));
        }
        let len = self.domains.get(&domain).map_or(0, Vec::len);
        if len > MOST.0 {
            self.forget_oldest(|it| it == domain);
        }
        if self.count > MOST.1 {
            self.forget_oldest(|_| true);
        }
    }

    fn forget_oldest(&mut self, is_among: impl Fn(&str) -> bool) {
        let among = self.domains.iter().filter(|(domain, _)| is_among(domain));
        let oldest = among.flat_map(|(_, kept)| kept).map(|kept| kept.number).min();
        for kept in self.domains.values_mut() {
            kept.retain(|kept| Some(kept.number) != oldest);
        }
        self.tidy();
    }

    fn retain(&mut self, is_kept: impl Fn(&Cookie) -> bool) {
        for kept in self.domains.values_mut() {
            kept.retain(|kept| is_kept(&kept.cookie));
        }
        self.tidy();
    }

    fn tidy(&mut self) {
        self.domains.retain(|_, kept| !kept.is_empty());
        self.count = self.domains.values().map(Vec::len).sum();
    }
}

pub(super) fn place<'a>(origin: &'a Origin, path: &'a str) -> Place<'a> {
    Place { host: &origin.host, path, is_secure: origin.is_secure }
}

fn from_fields(line: &str, http_only: bool) -> Option<Cookie> {
    let mut fields = line.split('\t');
    let domain = fields.next()?;
    let host_only = fields.next()?.eq_ignore_ascii_case("FALSE");
    let (path, secure) = (fields.next()?, fields.next()?.eq_ignore_ascii_case("TRUE"));
    let expires: u64 = fields.next()?.parse().ok()?;
    // Some programs leave the tab before an empty value out.
    let (name, value) = (fields.next()?, fields.next().unwrap_or_default());
    let domain = domain.strip_prefix('.').unwrap_or(domain).to_ascii_lowercase();
    // One that begins like that would be a comment, or another one, where it is written again.
    let is_domain = !domain.is_empty() && !domain.starts_with(['.', '#']);
    let is_whole = is_domain && path.starts_with('/') && !name.is_empty();
    // What is written to a header must not end it.
    let is_clean = !line.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t');
    let is_one = fields.next().is_none();
    let since = Duration::from_secs(expires);
    (is_whole && is_clean && is_one).then(|| Cookie {
        name: name.to_owned(),
        value: value.to_owned(),
        host_only: host_only || is_address(&domain),
        domain,
        path: path.to_owned(),
        secure,
        http_only,
        expires: (expires > 0).then(|| SystemTime::UNIX_EPOCH.checked_add(since)).flatten(),
    })
}

/// Without their values.
impl fmt::Debug for Jar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Jar({} cookies)", self.0.lock().count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_make_room_and_the_count_is_right() {
        let jar = Jar::new();
        for number in 0..=MOST.0 {
            assert!(jar.set("http://a.test/", &format!("c{number}=1")).unwrap());
        }
        let names: Vec<_> = jar.all().into_iter().map(|it| it.name).collect();
        assert!(names.len() == MOST.0 && !names.contains(&"c0".to_owned()));
        for number in 0..MOST.1 {
            assert!(jar.set(&format!("http://h{number}.test/"), "a=1").unwrap());
        }
        let state = jar.0.lock();
        assert_eq!(state.count, MOST.1);
        assert_eq!(state.count, state.domains.values().map(Vec::len).sum::<usize>());
        assert!(!state.domains.contains_key("a.test") && state.domains.contains_key("h0.test"));
    }

    #[test]
    fn a_removed_cookie_leaves_nothing() {
        let jar = Jar::new();
        jar.set("http://a.test/", "a=1").unwrap();
        jar.set("http://a.test/", "a=; Max-Age=0").unwrap();
        jar.set("http://a.test/", "b=; Max-Age=0").unwrap();
        let state = jar.0.lock();
        assert!(state.count == 0 && state.domains.is_empty());
    }
}
