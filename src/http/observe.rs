//! Who is told of requests: a program's own counters, and the spans of the crate tracing.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ::http::{Method, StatusCode};

use super::response::Response;
use super::spans::Spans;
use crate::error::{Error, Phase, Timings};
use crate::unwind::{Slot, guard};

/// Is told of each request of a client, for metrics: [`ClientBuilder::observer`](super::ClientBuilder::observer).
///
/// All of it is called on the thread or by the task that sends the request or reads its body, never on
/// a driver, never inside libcurl and never under a lock. A panic goes no further, and changes nothing
/// for the request. A WebSocket is told of as the request that opens it: when it is open (the
/// status 101), that is over.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use ffence::http::{Attempt, Client, Observed, Observer};
///
/// #[derive(Default)]
/// struct Counters {
///     reused: AtomicU64,
///     bytes: AtomicU64,
/// }
///
/// impl Observer for Counters {
///     fn attempt_finished(&self, _: &Observed<'_>, attempt: &Attempt<'_>) {
///         self.reused.fetch_add(u64::from(attempt.reused == Some(true)), Ordering::Relaxed);
///         self.bytes.fetch_add(attempt.received, Ordering::Relaxed);
///     }
/// }
///
/// let counters = Arc::new(Counters::default());
/// let client = Client::builder().observer(Arc::clone(&counters)).build()?;
/// # drop(client);
/// # Ok::<(), ffence::Error>(())
/// ```
pub trait Observer: Send + Sync {
    /// A request was found in order, and is about to be sent or to wait for its turn.
    fn request_started(&self, request: &Observed<'_>) {
        let _ = request;
    }

    /// It is about to be sent, for this time: 1 at first.
    fn attempt_started(&self, request: &Observed<'_>, number: u32) {
        let _ = (request, number);
    }

    /// That time is over: its response is there whole, it failed, or it was given up.
    fn attempt_finished(&self, request: &Observed<'_>, attempt: &Attempt<'_>) {
        let _ = (request, attempt);
    }

    /// The request is over, after so many attempts and as its last one was.
    fn request_finished(&self, request: &Observed<'_>, attempts: u32, elapsed: Duration) {
        let _ = (request, attempts, elapsed);
    }
}

impl<O: Observer + ?Sized> Observer for Arc<O> {
    fn request_started(&self, request: &Observed<'_>) {
        (**self).request_started(request);
    }

    fn attempt_started(&self, request: &Observed<'_>, number: u32) {
        (**self).attempt_started(request, number);
    }

    fn attempt_finished(&self, request: &Observed<'_>, attempt: &Attempt<'_>) {
        (**self).attempt_finished(request, attempt);
    }

    fn request_finished(&self, request: &Observed<'_>, attempts: u32, elapsed: Duration) {
        (**self).request_finished(request, attempts, elapsed);
    }
}

/// A request that somebody is told of.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Observed<'a> {
    /// The same in all that is told of one request, and no other's in this process.
    pub id: u64,
    /// The method.
    pub method: &'a Method,
    /// The URL without a user, a query and a fragment, which may be secret.
    pub url: &'a str,
}

/// How a request went, one time that it was sent.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Attempt<'a> {
    /// 1 at first.
    pub number: u32,
    /// The response's status, once there was one.
    pub status: Option<StatusCode>,
    /// Why it failed. With neither this nor `whole` it was given up: dropped, before all was there.
    pub error: Option<&'a Error>,
    /// The response arrived whole.
    pub whole: bool,
    /// When each phase ended, as far as they are known: with the time in the queue.
    pub timings: Timings,
    /// Whether a connection of an earlier request was used again; `None` where none came about, or
    /// nobody knows.
    pub reused: Option<bool>,
    /// Bytes of the request's body that were sent, where that is known.
    pub sent: Option<u64>,
    /// Bytes of the response's body that came.
    pub received: u64,
}

/// Whom a client tells.
#[derive(Clone, Default)]
pub(super) struct Observing(pub(super) Option<Arc<dyn Observer>>);

impl fmt::Debug for Observing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "an observer" } else { "nobody" })
    }
}

/// A request that is watched, until it is dropped.
pub(super) struct Watch {
    observer: Observing,
    spans: Spans,
    id: u64,
    method: Method,
    url: String,
    started: Instant,
    attempts: u32,
    /// The attempt that is under way.
    under_way: Option<Instant>,
    /// What is known of it.
    status: Option<StatusCode>,
    timings: Timings,
    /// How long the request's body is, and how much of the response's was handed on.
    sends: Option<u64>,
    received: u64,
}

impl Watch {
    /// `None` where nobody wants to know.
    pub(super) fn begin(
        observer: &Observing,
        method: &Method,
        url: &str,
        sends: impl FnOnce() -> Option<u64>,
    ) -> Option<Box<Self>> {
        static LAST: AtomicU64 = AtomicU64::new(0);

        let spans = Spans::begin(method, || shown(url));
        if observer.0.is_none() && spans.are_off() {
            return None;
        }
        let watch = Box::new(Self {
            observer: observer.clone(),
            spans,
            id: LAST.fetch_add(1, Ordering::Relaxed) + 1,
            method: method.clone(),
            url: shown(url),
            started: Instant::now(),
            attempts: 0,
            under_way: None,
            status: None,
            timings: Timings::default(),
            sends: sends(),
            received: 0,
        });
        watch.tell(|observer, request| observer.request_started(request));
        Some(watch)
    }

    fn tell(&self, what: impl FnOnce(&dyn Observer, &Observed<'_>)) {
        if let Some(observer) = &self.observer.0 {
            let request = Observed { id: self.id, method: &self.method, url: &self.url };
            guard(&mut Slot::new(), (), || what(&**observer, &request));
        }
    }

    /// It is sent, once more.
    pub(super) fn attempt(&mut self) {
        self.attempts += 1;
        self.under_way = Some(Instant::now());
        (self.status, self.timings, self.received) = (None, Timings::default(), 0);
        self.spans.attempt(self.attempts);
        self.tell(|observer, request| observer.attempt_started(request, self.attempts));
    }

    /// The response is there, or none will be.
    pub(super) fn outcome<B>(&mut self, outcome: Result<&Response<B>, &Error>) {
        match outcome {
            Ok(response) => {
                self.head(response);
                self.received = response.received();
                self.ended(None, true);
            }
            Err(error) => self.ended(Some(error), false),
        }
    }

    /// The response's head is there.
    pub(super) fn head<B>(&mut self, response: &Response<B>) {
        (self.status, self.timings) = (Some(response.status()), *response.timings());
    }

    /// An opening handshake was answered.
    #[cfg(all(feature = "websocket", unix))]
    pub(super) fn answered(&mut self, status: StatusCode, timings: Timings) {
        (self.status, self.timings) = (Some(status), timings);
        self.ended(None, true);
    }

    /// A piece of its body was handed on.
    pub(super) fn received(&mut self, len: usize) {
        self.received += len as u64;
    }

    /// Its body ended.
    pub(super) fn body_ended(&mut self, outcome: Result<&Timings, &Error>) {
        match outcome {
            Ok(timings) => {
                self.timings = *timings;
                self.ended(None, true);
            }
            Err(error) => self.ended(Some(error), false),
        }
    }

    fn ended(&mut self, error: Option<&Error>, whole: bool) {
        let Some(since) = self.under_way.take() else { return };
        let transfer = error.and_then(Error::transfer);
        let mut status = self.status;
        let mut connected = status.is_some();
        if let Some(transfer) = transfer {
            self.timings = transfer.timings;
            self.received = self.received.max(transfer.received);
            status = status.or(transfer.status.and_then(|it| StatusCode::from_u16(it).ok()));
            connected |= transfer.phase >= Phase::FirstByte;
        }
        if self.timings.total.is_zero() {
            self.timings.total = since.elapsed();
        }
        let attempt = Attempt {
            number: self.attempts,
            status,
            error,
            whole,
            timings: self.timings,
            reused: connected.then(|| self.timings.connect.is_zero()),
            sent: transfer.map(|it| it.sent).or(self.sends.filter(|_| whole)),
            received: self.received,
        };
        self.spans.attempt_ended(&attempt);
        self.tell(|observer, request| observer.attempt_finished(request, &attempt));
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.ended(None, false);
        let elapsed = self.started.elapsed();
        self.spans.ended(self.attempts);
        self.tell(|observer, request| observer.request_finished(request, self.attempts, elapsed));
    }
}

/// The URL without what may be secret.
fn shown(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let (scheme, rest) = url[..end].split_once("://").unwrap_or(("", &url[..end]));
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn what_may_be_secret_is_not_shown() {
        for (url, expected) in [
            ("http://a/b/c?token=1#x", "http://a/b/c"),
            ("https://me:secret@a:8443/@b", "https://a:8443/@b"),
            ("http://a@b@c?d/e", "http://c"),
            ("http://a#@b", "http://a"),
        ] {
            assert_eq!(shown(url), expected);
        }
    }
}
