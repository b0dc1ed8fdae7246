//! The way to an open WebSocket: one opening handshake after the other, until one is accepted, as the
//! client's policies have it.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ::http::header::{AUTHORIZATION, CONNECTION, COOKIE, HOST, UPGRADE};
use ::http::{HeaderMap, HeaderValue, Method, Request, StatusCode};

use super::builder::{Parts, Wants, address};
use super::challenge::Proof;
use super::frames::Frames;
use super::line::Opening;
use super::opened_late;
use super::tunnel::Tunnel;
use crate::error::libcurl::given_up;
use crate::error::{Error, ErrorKind, Phase, Result, Timings, Transfer};
use crate::http::config::Config;
use crate::http::given::credentials;
use crate::http::head::Head;
use crate::http::limits::Permit;
use crate::http::observe::Watch;
use crate::http::outgoing::forget_secrets;
use crate::http::route::{Departure, Route};
use crate::http::sink::Failure;
use crate::unwind::{Slot, guard};

pub(super) struct Approach {
    /// `http` or `https`, as all that is not a WebSocket's knows it.
    url: String,
    headers: HeaderMap,
    proof: Option<Proof>,
    /// The credentials of the next handshake, in place of those among the headers.
    credentials: Option<HeaderValue>,
    route: Option<Arc<Route>>,
    watch: Option<Box<Watch>>,
    pub(super) wants: Wants,
    pub(super) due: Option<Instant>,
    /// When this handshake's turn had come, and how long it waited for it.
    departed: Instant,
    queue: Duration,
}

/// What a server answered to an opening handshake.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// It was accepted.
    pub(super) frames: Option<Frames>,
    /// What libcurl measured of the connection.
    pub(super) timings: Timings,
}

/// A WebSocket that is open.
pub(super) struct Arrived<W> {
    pub(super) frames: Frames,
    pub(super) headers: HeaderMap,
    pub(super) closing: Duration,
    pub(super) wire: W,
}

impl Approach {
    /// # Errors
    /// What is wrong, before anything is sent.
    pub(super) fn new(config: &Config, parts: Parts) -> Result<Self> {
        let Parts { url, headers, login, limit, wants } = parts;
        let (route, upgraded) = Route::new(&config.policies, &url, &Method::GET)?.unzip();
        let proof = login.map(Proof::new).transpose()?;
        let credentials = proof.as_ref().map_or(Ok(None), Proof::at_once)?;
        let watch = Watch::begin(&config.observer, &Method::GET, &url, || Some(0));
        let now = Instant::now();
        Ok(Self {
            url: upgraded.flatten().unwrap_or(url),
            headers,
            proof,
            credentials,
            route,
            watch,
            wants,
            due: limit.and_then(|limit| now.checked_add(limit)),
            departed: now,
            queue: Duration::ZERO,
        })
    }

    /// Where the next handshake goes.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// A handshake is about to wait for its turn.
    pub(super) fn begin(&mut self) {
        (self.departed, self.queue) = (Instant::now(), Duration::ZERO);
        if let Some(watch) = &mut self.watch {
            watch.attempt();
        }
    }

    /// Its turn has come: the connection that it needs, and what it says.
    pub(super) fn depart(
        &mut self,
        tunnel: &Arc<Tunnel>,
        permit: Option<Permit>,
    ) -> Result<(Opening, Request<()>)> {
        if permit.is_some() {
            self.queue = self.departed.elapsed();
            self.departed = Instant::now();
        }
        let limit = match self.due {
            None => Duration::ZERO,
            Some(due) => match due.saturating_duration_since(Instant::now()) {
                Duration::ZERO => return Err(opened_late()),
                left => left,
            },
        };
        let Departure { cookies, .. } = match &self.route {
            // Other places (Alt-Svc) are for what they are said to speak, which is not this.
            Some(route) => route.depart(true)?,
            None => Departure::default(),
        };
        let (uri, authority) = address(&self.url)?;
        let mut request = Request::new(());
        let headers = request.headers_mut();
        headers.insert(HOST, text(&authority)?);
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert("sec-websocket-version", HeaderValue::from_static("13"));
        let key = tungstenite::handshake::client::generate_key();
        headers.insert("sec-websocket-key", text(&key)?);
        headers.extend(self.headers.clone());
        if let Some(cookies) = cookies.filter(|_| !headers.contains_key(COOKIE)) {
            headers.insert(COOKIE, credentials(cookies.as_bytes())?);
        }
        if let Some(credentials) = &self.credentials {
            headers.insert(AUTHORIZATION, credentials.clone());
        }
        let scheme = if uri.scheme_str() == Some("wss") { "https" } else { "http" };
        let origin = format!("{scheme}://{authority}/");
        *request.uri_mut() = uri;
        Ok((Opening::new(tunnel, origin, limit, permit), request))
    }

    /// What came of a handshake: an open WebSocket, or `None` where another one is to follow.
    pub(super) fn arrived<W>(
        &mut self,
        outcome: Result<(Answer, W)>,
    ) -> Result<Option<Arrived<W>>> {
        let timings = match &outcome {
            Ok((answer, _)) => self.timings(answer.timings),
            Err(_) => Timings::default(),
        };
        let outcome = outcome.and_then(|(answer, wire)| {
            let status = answer.status;
            let goes_on = self.considered(&answer, timings)?;
            Ok((status, goes_on, answer, wire))
        });
        match outcome {
            Err(error) => {
                if let Some(watch) = &mut self.watch {
                    watch.outcome::<()>(Err(&error));
                }
                Err(error)
            }
            Ok((status, goes_on, answer, wire)) => {
                if let Some(watch) = &mut self.watch {
                    watch.answered(status, timings);
                }
                match answer.frames {
                    Some(frames) if !goes_on => {
                        self.watch = None;
                        let closing = self.wants.closing;
                        Ok(Some(Arrived { frames, headers: answer.headers, closing, wire }))
                    }
                    _ => Ok(None),
                }
            }
        }
    }

    /// Whether another handshake follows; an error where this is the end, and no WebSocket.
    fn considered(&mut self, answer: &Answer, timings: Timings) -> Result<bool> {
        let Answer { status, headers, frames, .. } = answer;
        let transfer = || Transfer {
            phase: Phase::FirstByte,
            status: Some(status.as_u16()),
            elapsed: timings.total,
            timings,
            ..Transfer::default()
        };
        if let Some(route) = &self.route {
            let head = head(*status, headers)?;
            // A user's closure may decide about redirects.
            let mut slot = Slot::new();
            let turned = guard(&mut slot, None, || Some(route.answered(&head)));
            if let Some(panic) = slot.take() {
                return Err(Error::from(panic).at(transfer()));
            }
            if let Some(Err(failure)) = turned {
                return Err(failure.error(transfer()));
            }
            if let Some(next) = route.turn()? {
                if let Err(error) = address(next.url.as_str()) {
                    // Without the URL, which may hold a password.
                    let why = format!("where the redirect leads: {error}");
                    return Err(Failure::Redirect(why).error(transfer()));
                }
                next.url.as_str().clone_into(&mut self.url);
                if next.stays {
                    if let Some(proof) = &mut self.proof {
                        proof.forget();
                        self.credentials = proof.at_once()?;
                    }
                } else {
                    forget_secrets(&mut self.headers);
                    (self.proof, self.credentials) = (None, None);
                }
                return Ok(true);
            }
        }
        if frames.is_some() {
            return Ok(false);
        }
        if *status == StatusCode::UNAUTHORIZED
            && let Some(proof) = &mut self.proof
        {
            let (uri, _) = address(&self.url)?;
            let path = uri.path_and_query().map_or("/", |it| it.as_str());
            if let Some(credentials) = proof.answer(headers, path)? {
                self.credentials = Some(credentials);
                return Ok(true);
            }
        }
        let text = format!("the server does not open a WebSocket: it answered {status}");
        Err(given_up(ErrorKind::Status, text, transfer()))
    }

    /// What libcurl measured, with what came after it.
    fn timings(&self, timings: Timings) -> Timings {
        let total = self.departed.elapsed();
        Timings { queue: self.queue, first_byte: total, total, ..timings }
    }
}

fn text(text: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(text)
        .map_err(|error| Error::ours(ErrorKind::InvalidRequest, format!("{text:?}: {error}")))
}

/// The answer, as the client's policies read it.
fn head(status: StatusCode, headers: &HeaderMap) -> Result<Head> {
    let mut head = Head::default();
    head.line(format!("HTTP/1.1 {} \r\n", status.as_u16()).as_bytes())?;
    for (name, value) in headers {
        let value = match value.as_bytes() {
            value if name == "location" => plain(value),
            value => Cow::Borrowed(value),
        };
        head.line(&[name.as_str().as_bytes(), b": ", &value, b"\r\n"].concat())?;
    }
    head.line(b"\r\n")?;
    Ok(head)
}

/// A URL of a WebSocket's as one of HTTP.
fn plain(location: &[u8]) -> Cow<'_, [u8]> {
    for (from, to) in [("ws:", "http:"), ("wss:", "https:")] {
        if let Some((scheme, rest)) = location.split_at_checked(from.len())
            && scheme.eq_ignore_ascii_case(from.as_bytes())
        {
            return Cow::Owned([to.as_bytes(), rest].concat());
        }
    }
    Cow::Borrowed(location)
}
