//! A request on its way to being sent, perhaps more than once.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ::http::header::{
    CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_LOCATION, CONTENT_TYPE, COOKIE,
    EXPECT,
};
use ::http::{HeaderMap, Method};
use bytes::Bytes;

use super::cancel::CancelHandle;
use super::clock::uses_tls;
use super::conduct::{Interim, OnProgress, Order};
use super::config::{Config, millis};
use super::driver::waited_too_long;
use super::exchange::Exchange;
use super::foreign::Foreign;
use super::observe::Watch;
use super::outgoing::{Carrier, Form, Len, check_url, forget_secrets, lines};
use super::plan::{Login, Payload, Plan};
use super::pump::{Pump, Stream};
use super::request_body::{Kind, RequestBody};
use super::response::Response;
use super::route::{Departure, Kept, Route};
use super::sink::Sink;
use super::source::{Reading, Source};
use crate::curl::Mime;
use crate::error::libcurl::given_up;
use crate::error::{Error, ErrorKind, Result, TimeLimit, Timings, Transfer};
use crate::unwind::{Slot, guard};

/// What a request consists of.
pub(super) struct Parts<'a> {
    pub(super) method: Method,
    pub(super) url: Cow<'a, str>,
    pub(super) headers: HeaderMap,
    pub(super) body: RequestBody,
    pub(super) timeout: Option<Duration>,
    pub(super) deadline: Option<Instant>,
    pub(super) cancel: Option<CancelHandle>,
    pub(super) interim: Option<Interim>,
    pub(super) progress: Option<OnProgress>,
    pub(super) login: Option<Login>,
    /// On a new connection.
    pub(super) fresh: bool,
}

impl<'a> Parts<'a> {
    pub(super) fn new(method: Method, url: Cow<'a, str>) -> Self {
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            body: RequestBody::default(),
            timeout: None,
            deadline: None,
            cancel: None,
            interim: None,
            progress: None,
            login: None,
            fresh: false,
        }
    }
}

impl Parts<'_> {
    pub(super) fn into_owned(self) -> Parts<'static> {
        Parts { url: Cow::Owned(self.url.into_owned()), ..self }
    }
}

/// A request that was looked over.
pub(super) struct Job<'a> {
    pub(super) url: Cow<'a, str>,
    pub(super) cancel: Option<CancelHandle>,
    /// It may be sent again though it may have been carried out.
    idempotent: bool,
    /// Somebody was told of the first attempt.
    watched: bool,
    form: Form,
    headers: HeaderMap,
    body: Carried,
    /// For the whole call; zero without.
    timeout: Duration,
    deadline: Option<Instant>,
    interim: Option<Foreign<Interim>>,
    progress: Option<Foreign<OnProgress>>,
    login: Option<Login>,
    /// Where it is under way, for a client that minds.
    route: Option<Arc<Route>>,
    /// When the call began, where it may take more than one transfer.
    began: Option<Instant>,
    /// How long the requests took that led to this one.
    before: Duration,
    /// What the next transfer passes its body to, if the last one had that.
    sink: Sink,
    attempts: u32,
    /// How many transfers there were, this one included, and how many followed redirects.
    transfers: (u32, u32),
    fresh: bool,
    /// Who is told of it.
    pub(super) watch: Option<Box<Watch>>,
}

/// A body, as it is carried.
enum Carried {
    None,
    Bytes(Bytes),
    Read(Reading),
    Stream(Stream),
    Form(Mime),
    /// It was sent, and cannot be sent again.
    Spent,
}

impl Carried {
    /// How long it is, where that is known.
    fn len(&self) -> Option<u64> {
        match self {
            Self::None => Some(0),
            Self::Bytes(bytes) => Some(bytes.len() as u64),
            Self::Read(reading) => reading.len(),
            Self::Stream(stream) => {
                // Its panic is told by whoever sends it.
                guard(&mut Slot::new(), None, || stream.size_hint().exact())
            }
            Self::Form(_) | Self::Spent => None,
        }
    }
}

/// What a transfer asks and tells while it runs.
pub(super) struct Calls {
    interim: Option<Foreign<Interim>>,
    progress: Option<Foreign<OnProgress>>,
    route: Option<Arc<Route>>,
    before: Duration,
}

/// Where a body comes from while it is sent.
pub(super) enum Feed {
    /// libcurl has it, or there is none.
    Nothing,
    Read(Reading),
    Stream(Pump),
}

impl<'a> Job<'a> {
    /// # Errors
    /// What is wrong with the request, before anything of it is sent.
    #[inline]
    pub(super) fn new(parts: Parts<'a>, config: &Config) -> Result<Self> {
        check_url(&parts.url)?;
        let (form, has_body) = Form::of(&parts.method, !parts.body.is_empty())?;
        let body = match parts.body.0 {
            Kind::Bytes(bytes) if has_body => Carried::Bytes(bytes),
            Kind::Bytes(_) => Carried::None,
            Kind::Read(reading) => Carried::Read(reading),
            Kind::Stream(stream) => Carried::Stream(stream),
            Kind::Form(form) => Carried::Form(form),
        };
        let timeout = parts.timeout.map_or(config.total, millis);
        let (route, upgraded) = Route::new(&config.policies, &parts.url, &parts.method)?.unzip();
        let watch = Watch::begin(&config.observer, &parts.method, &parts.url, || body.len());
        Ok(Self {
            url: upgraded.flatten().map_or(parts.url, Cow::Owned),
            cancel: parts.cancel,
            idempotent: parts.method.is_idempotent(),
            watched: parts.interim.is_some() || parts.progress.is_some(),
            form,
            headers: parts.headers,
            body,
            timeout,
            deadline: parts.deadline,
            interim: parts.interim.map(Foreign::new),
            progress: parts.progress.map(Foreign::new),
            login: parts.login,
            route,
            began: None,
            before: Duration::ZERO,
            sink: Sink::default(),
            attempts: 0,
            transfers: (0, 0),
            fresh: parts.fresh,
            watch,
        })
    }

    /// The request that the last transfer led to, if it led to one, in place of this one.
    pub(super) fn turn(&mut self, timings: &Timings) -> Result<bool> {
        let Some(route) = &self.route else { return Ok(false) };
        let Some(next) = route.turn()? else { return Ok(false) };
        self.transfers.1 += 1;
        let Kept { sink, interim, progress } = route.take_kept();
        (self.sink, self.interim, self.progress) = (sink, interim, progress);
        // The total includes what came before that transfer.
        self.before = timings.queue + timings.total;
        self.url = Cow::Owned(next.url.as_str().to_owned());
        self.idempotent = next.method.is_idempotent();
        if !next.keeps_body {
            self.body = Carried::None;
            self.form = Form::of(&next.method, false)?.0;
            // They are about a body.
            for name in [
                CONTENT_TYPE,
                CONTENT_LENGTH,
                CONTENT_ENCODING,
                CONTENT_LANGUAGE,
                CONTENT_LOCATION,
                EXPECT,
            ] {
                self.headers.remove(name);
            }
        }
        if !next.stays {
            forget_secrets(&mut self.headers);
            self.login = None;
        }
        Ok(true)
    }

    /// What a closure takes, once a transfer had it that led to another one.
    pub(super) fn take_sink(&mut self) -> Sink {
        std::mem::take(&mut self.sink)
    }

    /// Tells a response where it came from.
    pub(super) fn arrive<B>(&mut self, response: &mut Response<B>) {
        let hops = self.route.as_ref().map(|route| route.take_hops()).unwrap_or_default();
        response.came_from(std::mem::take(&mut self.url), hops);
    }

    pub(super) fn route(&self) -> Option<Arc<Route>> {
        self.route.clone()
    }

    /// The transfer failed before it was begun, somewhere else than at its origin.
    pub(super) fn strayed(&self) -> bool {
        self.route.as_ref().is_some_and(|route| route.strayed())
    }

    pub(super) fn count_attempt(&mut self) -> u32 {
        self.attempts += 1;
        self.attempts
    }

    /// There may be more than one transfer.
    pub(super) fn may_go_on(&self) -> bool {
        self.route.is_some()
    }

    /// When the whole call must be over, if a limit says so, seen from now.
    pub(super) fn due(&self) -> Option<Instant> {
        let limit = (!self.timeout.is_zero()).then(|| Instant::now() + self.timeout);
        limit.into_iter().chain(self.deadline).min()
    }

    /// The whole call's limit counts from now on, whatever comes between its attempts.
    pub(super) fn fix_due(&mut self) {
        (self.deadline, self.timeout) = (self.due(), Duration::ZERO);
        self.began = Some(Instant::now());
    }

    /// Whether the request can be sent once more; and whether it may although it may have been
    /// carried out.
    pub(super) fn is_repeatable(&self) -> (bool, bool) {
        let can = !self.watched && !matches!(self.body, Carried::Spent);
        (can, can && self.idempotent)
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancel.as_ref().is_some_and(CancelHandle::is_cancelled)
    }

    /// What the next transfer sends, on a call that waited since `entered` and is due then.
    #[inline]
    pub(super) fn plan(
        &mut self,
        queued: Option<(Instant, Option<Instant>)>,
    ) -> Result<(Plan<'_>, Feed)> {
        let len = self.len()?;
        let carrier = match self.body {
            Carried::Read(_) | Carried::Stream(_) => Carrier::Callback,
            Carried::Form(_) => Carrier::Form,
            Carried::None | Carried::Bytes(_) | Carried::Spent => Carrier::Memory,
        };
        let mut headers = lines(&self.headers, len, carrier)?;
        let timeout = match queued {
            None if self.deadline.is_none() => self.timeout,
            None => remaining(self.due()).ok_or_else(|| self.too_late())?,
            Some((entered, due)) => remaining(due).ok_or_else(|| waited_too_long(entered))?,
        };
        let (payload, feed) = match std::mem::replace(&mut self.body, Carried::Spent) {
            Carried::None => {
                self.body = Carried::None;
                (Payload::None, Feed::Nothing)
            }
            Carried::Bytes(bytes) => {
                // Where the call is one transfer they are not wanted again, and sharing them allocates.
                if self.began.is_some() {
                    self.body = Carried::Bytes(bytes.clone());
                }
                (Payload::Bytes(bytes), Feed::Nothing)
            }
            Carried::Read(reading) => {
                if let Some(again) = reading.again() {
                    self.body = Carried::Read(again);
                }
                (Payload::Upload(reading.len()), Feed::Read(reading))
            }
            Carried::Stream(stream) => {
                let known = if let Len::Known(len) = len { Some(len) } else { None };
                let pump = Pump::new(stream, known);
                (Payload::Upload(pump.len()), Feed::Stream(pump))
            }
            Carried::Form(form) => (Payload::Form(form), Feed::Nothing),
            Carried::Spent => return Err(Error::of(ErrorKind::Poisoned)),
        };
        let Departure { cookies, through, narrows } = match &self.route {
            Some(route) => route.depart(!matches!(self.body, Carried::Spent))?,
            None => Departure::default(),
        };
        if let Some(cookies) = cookies.filter(|_| !self.headers.contains_key(COOKIE)) {
            headers.push(&format!("Cookie: {cookies}"))?;
        }
        let through = through.map(|(host, port)| format!("{host}:{port}"));
        if let Some(through) = &through {
            headers.push(&format!("Alt-Used: {through}"))?;
        }
        let plan = Plan {
            url: Cow::Borrowed(&*self.url),
            form: self.form.clone(),
            headers,
            payload,
            login: self.login.clone(),
            timeout,
            waits: false,
            through,
            narrows,
            fresh: self.fresh,
        };
        Ok((plan, feed))
    }

    /// What is called back during the transfer.
    pub(super) fn take_calls(&mut self) -> Calls {
        Calls {
            interim: self.interim.take(),
            progress: self.progress.take(),
            route: self.route(),
            before: self.before,
        }
    }

    /// What the transfer does with what comes back.
    #[inline]
    pub(super) fn order(config: &Config, plan: &Plan<'_>, sink: Sink, calls: Calls) -> Order {
        Order {
            sink,
            phases: (config.phases, uses_tls(&plan.url)),
            interim: calls.interim,
            progress: calls.progress,
            limits: (plan.timeout, config.connect),
            route: calls.route,
            before: calls.before,
            negotiates: plan.login.is_some(),
            ..Order::default()
        }
    }

    /// It is sent, once more.
    pub(super) fn attempt(&mut self) {
        self.transfers.0 += 1;
        if let Some(watch) = &mut self.watch {
            watch.attempt();
        }
    }

    /// It was sent, and this is what came of it.
    pub(super) fn attempted<B>(&mut self, outcome: Result<&Response<B>, &Error>) {
        if let Some(watch) = &mut self.watch {
            watch.outcome(outcome);
        }
    }

    /// Only the head of the response is there: who reads the body tells of the rest.
    pub(super) fn hand_over<B>(&mut self, response: &Response<B>) -> Option<Box<Watch>> {
        let mut watch = self.watch.take()?;
        watch.head(response);
        Some(watch)
    }

    /// # Errors
    /// The panic of a body that was asked for its length.
    fn len(&self) -> Result<Len> {
        let known = |len: Option<u64>| len.map_or(Len::Unknown, Len::Known);
        Ok(match &self.body {
            Carried::None | Carried::Spent => Len::NoBody,
            Carried::Bytes(bytes) => Len::Known(bytes.len() as u64),
            Carried::Read(reading) => known(reading.len()),
            Carried::Stream(stream) => {
                let mut slot = Slot::new();
                let len = guard(&mut slot, None, || stream.size_hint().exact());
                match slot.take() {
                    None => known(len),
                    Some(panic) => return Err(panic.into()),
                }
            }
            Carried::Form(_) => Len::Unknown,
        })
    }
}

/// What is left of a call's time: zero for no limit, `None` for nothing.
fn remaining(due: Option<Instant>) -> Option<Duration> {
    let Some(due) = due else { return Some(Duration::ZERO) };
    let left = due.saturating_duration_since(Instant::now());
    (!left.is_zero()).then(|| millis(left))
}

/// Where a call's time went.
impl Job<'_> {
    /// The whole call's limit was over when the next transfer should have begun.
    fn too_late(&self) -> Error {
        let elapsed = self.began.map(|began| began.elapsed()).unwrap_or_default();
        let timings = Timings { redirect: self.before, total: elapsed, ..Timings::default() };
        let limit = Some(TimeLimit::Total);
        let transfer = Transfer { elapsed, limit, timings, ..Transfer::default() };
        let text = format!("the time {} is over, after {elapsed:.1?}", TimeLimit::Total);
        given_up(ErrorKind::Timeout, format!("{text}, before the request was sent"), transfer)
    }

    /// Says of an error of a call that took more than one request which one it was.
    pub(super) fn explain(&self, error: &mut Error) {
        let (transfers, redirects) = self.transfers;
        if transfers > 1 && error.is_timeout() {
            let retries = transfers - 1 - redirects;
            let of = |count: u32, one: &str, many: &str| match count {
                1 => format!("1 {one}"),
                count => format!("{count} {many}"),
            };
            let redirects = of(redirects, "redirect", "redirects");
            let retries = of(retries, "retry", "retries");
            error.add(&format!(
                "; request {transfers} of the call, after {redirects} and {retries}"
            ));
        }
    }
}

impl Feed {
    /// The source for a transfer that the caller drives, and what has to be pumped beside it.
    pub(super) fn here(self) -> (Source, Option<(Pump, Arc<Exchange>)>) {
        match self {
            Self::Nothing => (Source::Nothing, None),
            Self::Read(reading) => (Source::Read(reading), None),
            Self::Stream(pump) => {
                let exchange = Exchange::new(None);
                (Source::Pipe(Arc::clone(&exchange)), Some((pump, exchange)))
            }
        }
    }
}
