//! Sending a request again.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use ::http::header::RETRY_AFTER;
use ::http::{HeaderMap, StatusCode};

use super::response::Response;
use crate::curl::date::date;
use crate::error::{Error, ErrorKind, TimeLimit};

/// When a request is sent again by itself. Without it none is, but for libcurl's own answer to a kept
/// connection that was dead before anything came back on it.
///
/// | what happened | which requests |
/// |---|---|
/// | no connection came about, nothing was sent | all |
/// | the connection broke, or the response did within its body | those that may be repeated: `GET`, `HEAD`, `PUT`, `DELETE`, `OPTIONS`, `TRACE` |
/// | status 429, 502, 503 or 504 | the same |
///
/// Only where the body can be sent again (see [`RequestBody`](super::RequestBody)), nothing of the
/// response was passed on, no [`on_progress`](super::RequestBuilder::on_progress) or
/// [`on_interim`](super::RequestBuilder::on_interim) was told of the first attempt, and the limits of
/// the whole call leave time. A certificate that does not verify is not asked for again.
///
/// Before each further attempt a random time is waited, whose bound doubles each time; where the
/// server says how long (`Retry-After`, in seconds or as a date), at least that. A budget keeps the retries of all
/// of a client's requests below a share of them, so that a server in trouble is not given more of it.
///
/// ```
/// use ffence::http::{Client, Retry};
/// use std::time::Duration;
///
/// let retry = Retry::new(3).back_off(Duration::from_millis(100), Duration::from_secs(5));
/// let client = Client::builder().retry(retry).build()?;
/// # Ok::<(), ffence::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "settings take effect in ClientBuilder::retry"]
pub struct Retry {
    most: u32,
    first: Duration,
    longest: Duration,
    percent: u32,
}

impl Retry {
    /// Up to `most` further attempts of a request; half a second to wait at most before the first of
    /// them, ten at most before any; and a fifth as many retries as requests.
    pub fn new(most: u32) -> Self {
        let (first, longest) = (Duration::from_millis(500), Duration::from_secs(10));
        Self { most, first, longest, percent: 20 }
    }

    /// The longest time to wait before the first further attempt, and before any. A server that asks
    /// for more is not asked again.
    pub fn back_off(mut self, first: Duration, longest: Duration) -> Self {
        (self.first, self.longest) = (first, longest);
        self
    }

    /// How many retries there may be for each hundred requests; beside ten that every client has.
    pub fn budget(mut self, percent: u32) -> Self {
        self.percent = percent;
        self
    }

    /// How long to wait before another attempt of a request of which there were `attempts`; `None`
    /// when there is to be none.
    pub(super) fn delay<B>(
        &self,
        budget: &Budget,
        attempts: u32,
        repeatable: bool,
        outcome: Result<&Response<B>, &Error>,
    ) -> Option<Duration> {
        if attempts > self.most {
            return None;
        }
        let asked = match outcome {
            Ok(response) if repeatable => asked(response.status(), response.headers())?,
            Err(error) if is_worth_it(error, repeatable) => Duration::ZERO,
            Ok(_) | Err(_) => return None,
        };
        if asked > self.longest || !budget.withdraw() {
            return None;
        }
        let bound = self.first.saturating_mul(1 << (attempts - 1).min(20)).min(self.longest);
        Some(asked.max(bound.mul_f64(random())))
    }
}

fn is_worth_it(error: &Error, repeatable: bool) -> bool {
    match error.kind() {
        ErrorKind::Connect | ErrorKind::ResolveName => true,
        ErrorKind::Timeout => error.is_connect() && error.time_limit() != Some(TimeLimit::Total),
        ErrorKind::Transport | ErrorKind::TruncatedBody => repeatable,
        _ => false,
    }
}

/// What the server asks to wait, where its status says that another attempt may help.
fn asked(status: StatusCode, headers: &HeaderMap) -> Option<Duration> {
    if !matches!(status.as_u16(), 429 | 502 | 503 | 504) {
        return None;
    }
    let wait = headers.get(RETRY_AFTER).and_then(|value| after(value.to_str().ok()?));
    Some(wait.unwrap_or_default())
}

/// RFC 9110 section 10.2.3: seconds, or a date; one that has passed is now.
fn after(value: &str) -> Option<Duration> {
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = date(value)?;
    Some(then.duration_since(SystemTime::now()).unwrap_or_default())
}

/// From 0 to 1. What the standard library seeds its maps with is random enough to spread attempts.
fn random() -> f64 {
    let bits = RandomState::new().build_hasher().finish();
    f64::from(u32::try_from(bits >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}

/// How many retries a client has left, in hundredths.
pub(super) struct Budget(AtomicI64);

impl Budget {
    const FIRST: i64 = 1000;
    const MOST: i64 = 100_000;

    pub(super) fn new() -> Self {
        Self(AtomicI64::new(Self::FIRST))
    }

    /// A request is sent.
    pub(super) fn deposit(&self, retry: &Retry) {
        if self.0.load(Ordering::Relaxed) < Self::MOST {
            self.0.fetch_add(retry.percent.into(), Ordering::Relaxed);
        }
    }

    fn withdraw(&self) -> bool {
        let take = |left: i64| left.checked_sub(100).filter(|left| *left >= 0);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_a_share_of_the_requests() {
        let (budget, retry) = (Budget::new(), Retry::new(3).budget(50));
        assert_eq!((0..20).filter(|_| budget.withdraw()).count(), 10);
        (0..7).for_each(|_| budget.deposit(&retry));
        assert_eq!((0..20).filter(|_| budget.withdraw()).count(), 3);
    }

    #[test]
    fn the_time_to_wait_is_bounded_and_the_servers_wish_heeded() {
        let budget = Budget::new();
        let longest = Duration::from_millis(40);
        let retry = Retry::new(30).back_off(Duration::from_millis(10), longest);
        let broken = Error::of(ErrorKind::Transport);
        for attempts in [1, 2, 3, 30] {
            let outcome = Err::<&Response<()>, _>(&broken);
            let delay = retry.delay(&budget, attempts, true, outcome).unwrap();
            assert!(delay <= longest.min(Duration::from_millis(10) * (1 << (attempts - 1).min(9))));
            assert!(retry.delay(&budget, attempts, false, outcome).is_none());
        }
        let headers = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, value.parse().unwrap());
            headers
        };
        let seconds = |value| asked(StatusCode::SERVICE_UNAVAILABLE, &headers(value));
        assert_eq!(seconds("7"), Some(Duration::from_secs(7)));
        assert_eq!(seconds("soon"), Some(Duration::ZERO));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::ZERO));
        let year = Duration::from_secs(365 * 24 * 3600);
        assert!(seconds("Fri, 01 Jan 2100 00:00:00 GMT").unwrap() > 50 * year);
        assert_eq!(asked(StatusCode::OK, &headers("7")), None);
    }
}
