//! A libcurl handle that takes one request after the other.

use std::ffi::CStr;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::receive::{Receiver, Sink};
use crate::curl::option::value::Follow;
use crate::curl::{Callbacks, Easy, Handler, Info, List, option};
use crate::error::{Error, ErrorKind, Result};

/// How a request is made. The name of a method is sent as it is; what libcurl must know is whether
/// a response to it has a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb<'a> {
    /// `GET` without a body, `POST` with one.
    Plain,
    Head,
    Other(&'a CStr),
}

/// What one call sends.
pub(super) struct Request<'a> {
    pub(super) url: &'a str,
    pub(super) verb: Verb<'a>,
    pub(super) headers: List,
    pub(super) body: Option<Bytes>,
    /// For the whole call; none without.
    pub(super) timeout: Duration,
    /// Follow redirects, as many as the handle was told.
    pub(super) follow: bool,
}

/// The handle of one call after the other: between two it holds nothing of a request but its URL.
pub(super) struct Wire {
    easy: Easy<Lent>,
    /// The URL that the handle holds.
    url: String,
    timeout: Duration,
    follow: bool,
    plain: bool,
    first_byte: Option<Duration>,
}

/// What comes back goes to the receiver that each call lends.
pub(super) struct Lent;

impl Handler for Lent {
    const CALLBACKS: Callbacks = Callbacks::WRITE.and(Callbacks::HEADER);
}

impl Wire {
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            easy: Easy::with(Lent)?,
            url: String::new(),
            timeout: Duration::ZERO,
            follow: false,
            plain: true,
            first_byte: None,
        })
    }

    /// For what does not change from call to call.
    pub(super) fn easy(&mut self) -> &mut Easy<Lent> {
        &mut self.easy
    }

    /// Sends `request` on this thread and hands to `receiver` what comes back.
    ///
    /// If an option was refused on the way, [`is_plain`](Wire::is_plain) says that the handle cannot
    /// be used again.
    ///
    /// # Errors
    /// What libcurl answers, with how far the transfer came;
    /// [`ErrorKind::Panicked`] when `receiver` panicked.
    pub(super) fn send<S: Sink>(
        &mut self,
        request: Request<'_>,
        receiver: &mut Receiver<S>,
    ) -> Result<()> {
        if !self.plain {
            return Err(Error::of(ErrorKind::Poisoned));
        }
        self.plain = false;
        let (verb, has_body) = (request.verb, request.body.is_some());
        let has_headers = !request.headers.is_empty();
        self.apply(request)?;
        let start = Instant::now();
        let outcome = self.easy.perform_to(receiver);
        self.first_byte = receiver.answered().map(|then| then.duration_since(start));
        self.plain = self.withdraw(verb, has_body, has_headers).is_ok();
        outcome
    }

    /// The handle holds no request's method, headers or body.
    pub(super) fn is_plain(&self) -> bool {
        self.plain
    }

    /// What the handle knows about the last call.
    pub(super) fn info(&self) -> Info<'_> {
        self.easy.info()
    }

    /// When the response began, counted from the start of the call. Not libcurl's own
    /// `STARTTRANSFER_TIME`: for a request with a body that is the time when sending it began (7.88),
    /// and always so on HTTP/2.
    pub(super) fn first_byte(&self) -> Duration {
        self.first_byte.unwrap_or_default()
    }

    /// Sets exactly what `request` has; the handle was plain before.
    fn apply(&mut self, request: Request<'_>) -> Result<()> {
        // libcurl copies the text; the one that it has already is not set again.
        if self.url != request.url {
            self.url.clear();
            self.easy.set(option::Url(request.url))?;
            self.url.push_str(request.url);
        }
        if self.timeout != request.timeout {
            self.easy.set(option::TimeoutMs(request.timeout))?;
            self.timeout = request.timeout;
        }
        if self.follow != request.follow {
            let follow = if request.follow { Follow::All } else { Follow::None };
            self.easy.set(option::FollowLocation(follow))?;
            self.follow = request.follow;
        }
        if request.body.is_some() {
            self.easy.set(option::PostFields(request.body))?;
        }
        match request.verb {
            Verb::Plain => {}
            Verb::Head => _ = self.easy.set(option::NoBody(true))?,
            Verb::Other(name) => _ = self.easy.set(option::CustomRequest(name))?,
        }
        if !request.headers.is_empty() {
            self.easy.set(option::HttpHeader(request.headers))?;
        }
        Ok(())
    }

    /// Takes back what `apply` set.
    fn withdraw(&mut self, verb: Verb<'_>, has_body: bool, has_headers: bool) -> Result<()> {
        if let Verb::Other(_) = verb {
            self.easy.set(option::CustomRequest(None::<&CStr>))?;
        }
        if has_body {
            self.easy.set(option::PostFields(None::<Bytes>))?;
        }
        if has_body || verb == Verb::Head {
            // CURLOPT_HTTPGET(3): this also takes CURLOPT_NOBODY and CURLOPT_POST back.
            self.easy.set(option::HttpGet(true))?;
        }
        if has_headers {
            self.easy.set(option::HttpHeader(List::new()))?;
        }
        Ok(())
    }
}
