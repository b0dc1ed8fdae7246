//! What the policies of a client say about a request under way.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use ::http::{Method, StatusCode};
use parking_lot::Mutex;

use super::alt_svc::{AltSvc, Place as Elsewhere, Version};
use super::conduct::{Interim, OnProgress};
use super::foreign::Foreign;
use super::head::Head;
use super::hsts::Hsts;
#[cfg(feature = "cookies")]
use super::jar::{Jar, place};
use super::origin::{Origin, upgrade};
use super::redirect::{Hop, Redirect, RedirectAction, RedirectAttempt, rewritten};
use super::sink::{Failure, Sink};
use crate::curl::{Url, UrlFlags, UrlPart, Write};
use crate::error::{Error, ErrorKind, Result};

/// What a client is told about where requests may go, and what they remember.
#[derive(Clone, Debug, Default)]
pub(super) struct Policies {
    pub(super) redirect: Redirect,
    pub(super) hsts: Option<Hsts>,
    pub(super) alt_svc: Option<AltSvc>,
    /// HTTP/2 may be spoken.
    pub(super) http2: bool,
    #[cfg(feature = "cookies")]
    pub(super) jar: Option<Jar>,
}

impl Policies {
    /// There is something to look at in each request.
    fn any(&self) -> bool {
        #[cfg(feature = "cookies")]
        if self.jar.is_some() {
            return true;
        }
        self.redirect.follows() || self.hsts.is_some() || self.alt_svc.is_some()
    }

    /// `true` when the request goes over TLS in place of what its URL says.
    fn upgraded(&self, url: &mut Url) -> Result<bool> {
        let Some(hosts) = &self.hsts else { return Ok(false) };
        let origin = Origin::of(url)?;
        if origin.is_secure || !hosts.contains(&origin.host) {
            return Ok(false);
        }
        upgrade(url)?;
        Ok(true)
    }
}

/// Where a request is under way: known to the call, and to the transfer that runs for it. Nobody else
/// has it, and the two take turns.
pub(super) struct Route {
    policies: Policies,
    state: Mutex<State>,
    /// This transfer leads to another one: its body is not the response's.
    turned: AtomicBool,
    /// How much of that body was read.
    skipped: AtomicUsize,
}

struct State {
    url: Url,
    origin: Origin,
    method: Method,
    can_repeat: bool,
    hops: Vec<Hop>,
    next: Option<Next>,
    kept: Kept,
    /// The transfer goes there in the origin's place.
    through: Option<(Elsewhere, Version)>,
}

/// What a transfer has besides its request.
#[derive(Default)]
pub(super) struct Departure {
    pub(super) cookies: Option<String>,
    pub(super) through: Option<Elsewhere>,
    /// That place speaks HTTP/1.1, and is to be offered nothing else.
    pub(super) narrows: bool,
}

/// The request that a redirect leads to.
pub(super) struct Next {
    pub(super) url: Url,
    pub(super) method: Method,
    pub(super) keeps_body: bool,
    pub(super) stays: bool,
    status: StatusCode,
}

/// What the next transfer needs, and this one must not use any more.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) sink: Sink,
    pub(super) interim: Option<Foreign<Interim>>,
    pub(super) progress: Option<Foreign<OnProgress>>,
}

/// How much of the body of a redirect is read so that its connection can be used again.
const WORTH_READING: usize = 64 * 1024;

impl Route {
    /// `None` for a client without such policies; and the URL, where the request goes to another one.
    pub(super) fn new(
        policies: &Policies,
        url: &str,
        method: &Method,
    ) -> Result<Option<(Arc<Self>, Option<String>)>> {
        if !policies.any() {
            return Ok(None);
        }
        let mut url = Url::parse(url)?;
        let upgraded = policies.upgraded(&mut url)?.then(|| url.as_str().to_owned());
        let state = State {
            origin: Origin::of(&url)?,
            url,
            method: method.clone(),
            can_repeat: false,
            hops: Vec::new(),
            next: None,
            kept: Kept::default(),
            through: None,
        };
        let route = Self {
            policies: policies.clone(),
            state: Mutex::new(state),
            turned: AtomicBool::new(false),
            skipped: AtomicUsize::new(0),
        };
        Ok(Some((Arc::new(route), upgraded)))
    }

    /// A transfer begins, whose body can be sent again or not.
    #[cfg_attr(not(feature = "cookies"), allow(clippy::unnecessary_wraps))]
    pub(super) fn depart(&self, can_repeat: bool) -> Result<Departure> {
        self.turned.store(false, Ordering::Relaxed);
        self.skipped.store(0, Ordering::Relaxed);
        let mut state = self.state.lock();
        (state.can_repeat, state.next) = (can_repeat, None);
        let places = self.policies.alt_svc.as_ref().filter(|_| state.origin.is_secure);
        let http2 = self.policies.http2;
        state.through = places.and_then(|places| places.place(&state.origin, http2));
        let (through, version) = state.through.clone().unzip();
        let narrows = http2 && version == Some(Version::Http1);
        #[cfg(feature = "cookies")]
        let cookies = match &self.policies.jar {
            None => None,
            Some(jar) => jar.give(&place(&state.origin, &state.url.path()?)),
        };
        #[cfg(not(feature = "cookies"))]
        let cookies = None;
        Ok(Departure { cookies, through, narrows })
    }

    /// The transfer could not be begun where it went: `true` when that was not its origin, which is
    /// where the next attempt goes.
    pub(super) fn strayed(&self) -> bool {
        let mut state = self.state.lock();
        let Some((through, _)) = state.through.take() else { return false };
        if let Some(places) = &self.policies.alt_svc {
            places.failed(&state.origin, &through);
        }
        true
    }

    /// A head is complete; `true` when it leads to another request.
    pub(super) fn answered(&self, head: &Head) -> Result<bool, Failure> {
        let mut state = self.state.lock();
        // The headers of a proxy that asks who is there are not the host's.
        if head.status() == 407 {
            return Ok(false);
        }
        self.remember(&state, head).map_err(Failure::Ours)?;
        let turned = self.turns(&mut state, head)?;
        self.turned.store(turned, Ordering::Relaxed);
        Ok(turned)
    }

    #[cfg_attr(not(feature = "cookies"), allow(clippy::unnecessary_wraps))]
    fn remember(&self, state: &State, head: &Head) -> Result<()> {
        if let Some(hosts) = &self.policies.hsts
            && state.origin.is_secure
            && let Some(header) = head.values("strict-transport-security").next()
        {
            hosts.answered(&state.origin.host, header);
        }
        if let Some(places) = &self.policies.alt_svc
            && state.origin.is_secure
        {
            match &state.through {
                Some((place, _)) if head.status() == 421 => {
                    places.misdirected(&state.origin, place);
                }
                Some((place, Version::Http2)) if head.version() != ::http::Version::HTTP_2 => {
                    places.failed(&state.origin, place);
                }
                _ => {}
            }
            let mut headers = head.values("alt-svc").peekable();
            if headers.peek().is_some() {
                let age = head.values("age").next().and_then(|it| std::str::from_utf8(it).ok());
                let age = age.and_then(|it| it.parse().ok()).unwrap_or_default();
                places.answered(&state.origin, headers, Duration::from_secs(age));
            }
        }
        #[cfg(feature = "cookies")]
        if let Some(jar) = &self.policies.jar {
            let mut headers = head.values("set-cookie").peekable();
            if headers.peek().is_some() {
                let path = state.url.path()?;
                for header in headers {
                    jar.take(&place(&state.origin, &path), header);
                }
            }
        }
        Ok(())
    }

    fn turns(&self, state: &mut State, head: &Head) -> Result<bool, Failure> {
        let redirect = &self.policies.redirect;
        if !redirect.follows() || !matches!(head.status(), 301 | 302 | 303 | 307 | 308) {
            return Ok(false);
        }
        let status = StatusCode::from_u16(head.status()).unwrap_or(StatusCode::FOUND);
        let Some(location) = head.values("location").next().filter(|it| !it.is_empty()) else {
            return Ok(false);
        };
        let shown = location.escape_ascii();
        let refused = |why: &str| Failure::Redirect(format!("the redirect to {shown}: {why}"));
        let mut to = resolve(&state.url, location).map_err(|error| wrong(error, &refused))?;
        let scheme = to.scheme().map_err(Failure::Ours)?;
        if scheme != "http" && scheme != "https" {
            return Err(refused(&format!("{scheme} is not HTTP")));
        }
        self.policies.upgraded(&mut to).map_err(|error| wrong(error, &refused))?;
        let (method, keeps_body) = rewritten(status, &state.method);
        let attempt = RedirectAttempt {
            status,
            method: &method,
            from: &state.url,
            to: &to,
            previous: &state.hops,
        };
        match redirect.decide(&attempt) {
            RedirectAction::Follow => {}
            RedirectAction::Stop => return Ok(false),
            RedirectAction::Refuse(why) => return Err(refused(&why)),
        }
        if keeps_body && !state.can_repeat {
            return Err(refused("the body of the request cannot be sent again"));
        }
        let stays = Origin::of(&to).map_err(Failure::Ours)? == state.origin;
        state.next = Some(Next { url: to, method, keeps_body, stays, status });
        Ok(true)
    }

    /// Puts aside what the next transfer needs.
    pub(super) fn keep(&self, kept: Kept) {
        self.state.lock().kept = kept;
    }

    /// What was put aside.
    pub(super) fn take_kept(&self) -> Kept {
        std::mem::take(&mut self.state.lock().kept)
    }

    pub(super) fn has_turned(&self) -> bool {
        self.turned.load(Ordering::Relaxed)
    }

    /// A piece of a body that nobody wants.
    pub(super) fn skip(&self, len: usize) -> Write {
        let before = self.skipped.fetch_add(len, Ordering::Relaxed);
        if before.saturating_add(len) > WORTH_READING { Write::Stop } else { Write::Taken }
    }

    /// That body was not read to its end.
    pub(super) fn was_cut(&self) -> bool {
        self.has_turned() && self.skipped.load(Ordering::Relaxed) > WORTH_READING
    }

    /// Goes to the next request, if the last transfer led to one.
    pub(super) fn turn(&self) -> Result<Option<Next>> {
        if !self.has_turned() {
            return Ok(None);
        }
        let mut state = self.state.lock();
        let Some(next) = state.next.take() else { return Ok(None) };
        let before = std::mem::replace(&mut state.url, next.url.clone());
        state.hops.push(Hop { url: before.as_str().to_owned(), status: next.status });
        (state.origin, state.method) = (Origin::of(&next.url)?, next.method.clone());
        Ok(Some(next))
    }

    /// The redirects that were followed.
    pub(super) fn take_hops(&self) -> Vec<Hop> {
        std::mem::take(&mut self.state.lock().hops)
    }
}

/// Where `location` leads from `base`, as RFC 9110 section 10.2.2 has it.
fn resolve(base: &Url, location: &[u8]) -> Result<Url> {
    let mut text = String::with_capacity(location.len());
    match std::str::from_utf8(location) {
        Ok(valid) => text.push_str(valid),
        Err(_) => {
            for byte in location {
                match byte {
                    0..128 => text.push(char::from(*byte)),
                    _ => _ = write!(text, "%{byte:02X}"),
                }
            }
        }
    }
    if text.starts_with('#') {
        return base.join(&text);
    }
    let mut to = base.clone();
    to.set_with(UrlPart::Url, Some(&text), UrlFlags::URLENCODE)?;
    // What has no fragment of its own inherits it.
    if to.get(UrlPart::Fragment)?.is_none()
        && let Some(fragment) = base.get(UrlPart::Fragment)?
    {
        to.set(UrlPart::Fragment, Some(&fragment))?;
    }
    Ok(to)
}

/// The peer's fault, unless memory failed.
fn wrong(error: Error, refused: &impl Fn(&str) -> Failure) -> Failure {
    match error.kind() {
        ErrorKind::OutOfMemory => Failure::Ours(error),
        _ => refused(&error.to_string()),
    }
}
