//! Whether to go where a redirect leads.

use std::fmt;
use std::sync::Arc;

use ::http::{Method, StatusCode};

use crate::curl::Url;

/// Which redirects are followed; none without [`ClientBuilder::redirect`].
///
/// Followed are 301, 302, 303, 307 and 308 with a `Location` that leads to `http` or `https`, as
/// RFC 9110 section 15.4 and browsers do it:
///
/// | status | the next request |
/// |---|---|
/// | 301, 302 | a `POST` becomes a `GET` without a body; all others stay what they are |
/// | 303 | a `GET` without a body, or the `HEAD` that it was |
/// | 307, 308 | the same, body and all |
///
/// - **Secrets stay.** `Authorization`, `Proxy-Authorization` and `Cookie` headers, the log-in of
///   [`RequestBuilder::login`], and a `Host` and a `Referer` of the request's own go to no other
///   origin (scheme, host and port), and do not come back when a later redirect does. All other
///   headers go along. No `Referer` is made up.
/// - **A body is sent again only where that can be done** (see [`RequestBody`]); where it cannot, the
///   request fails with [`ErrorKind::Redirect`].
/// - **From `https` to `http`** no redirect is followed unless
///   [`allow_downgrade`](Redirect::allow_downgrade) says so.
/// - **One call, one deadline**: limits of the whole call, a
///   [`CancelHandle`](super::CancelHandle) and the cookie jar hold for all of its requests. The bodies of
///   responses that only lead on are not seen, and neither is their progress.
///
/// Where a response came from, and on which way, [`Response::url`] and [`Response::history`] say.
///
/// ```
/// use ffence::http::{Client, Redirect};
///
/// let client = Client::builder().redirect(Redirect::limited(5)).build()?;
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// [`ClientBuilder::redirect`]: super::ClientBuilder::redirect
/// [`RequestBuilder::login`]: super::RequestBuilder::login
/// [`RequestBody`]: super::RequestBody
/// [`ErrorKind::Redirect`]: crate::ErrorKind::Redirect
/// [`Response::url`]: super::Response::url
/// [`Response::history`]: super::Response::history
#[derive(Clone, Default)]
#[must_use = "settings take effect in ClientBuilder::redirect"]
pub struct Redirect {
    rule: Rule,
    downgrade: bool,
}

#[derive(Clone, Default)]
enum Rule {
    #[default]
    None,
    Limited(u32),
    Custom(Arc<Decide>),
}

type Decide = dyn Fn(&RedirectAttempt<'_>) -> RedirectAction + Send + Sync;

/// A redirect about which a closure decides: see [`Redirect::custom`].
#[derive(Clone, Copy, Debug)]
pub struct RedirectAttempt<'a> {
    pub(super) status: StatusCode,
    pub(super) method: &'a Method,
    pub(super) from: &'a Url,
    pub(super) to: &'a Url,
    pub(super) previous: &'a [Hop],
}

/// What to do about a redirect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedirectAction {
    /// Go where it leads.
    Follow,
    /// Answer it as the response, body and all.
    Stop,
    /// Fail with [`ErrorKind::Redirect`](crate::ErrorKind::Redirect) and this reason.
    Refuse(String),
}

/// A redirect that was followed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hop {
    /// What was asked for.
    pub url: String,
    /// What was answered: 301, 302, 303, 307 or 308.
    pub status: StatusCode,
}

/// How many redirects a closure may have followed.
const MOST: usize = 50;

impl Redirect {
    /// None are followed: the default.
    pub fn none() -> Self {
        Self::default()
    }

    /// Up to `limit` in a row; one more fails the request with
    /// [`ErrorKind::Redirect`](crate::ErrorKind::Redirect).
    pub fn limited(limit: u32) -> Self {
        Self { rule: Rule::Limited(limit), ..Self::default() }
    }

    /// Those that `decide` says, and 50 in a row at most.
    ///
    /// It is called inside libcurl, on the thread that drives the transfer: on a driver's, all of that
    /// driver's transfers wait for it, and a blocking call from it never returns. When it panics, the
    /// request fails with [`ErrorKind::Panicked`](crate::ErrorKind::Panicked).
    ///
    /// ```
    /// use ffence::http::{Client, Redirect, RedirectAction};
    ///
    /// // Only within one host.
    /// let stay = Redirect::custom(|attempt| match (attempt.from().host(), attempt.to().host()) {
    ///     (Ok(from), Ok(to)) if from == to => RedirectAction::Follow,
    ///     _ => RedirectAction::Stop,
    /// });
    /// let client = Client::builder().redirect(stay).build()?;
    /// # Ok::<(), ffence::Error>(())
    /// ```
    pub fn custom(
        decide: impl Fn(&RedirectAttempt<'_>) -> RedirectAction + Send + Sync + 'static,
    ) -> Self {
        Self { rule: Rule::Custom(Arc::new(decide)), ..Self::default() }
    }

    /// Also from `https` to `http`, where anybody on the way reads along.
    pub fn allow_downgrade(mut self) -> Self {
        self.downgrade = true;
        self
    }

    pub(super) fn follows(&self) -> bool {
        !matches!(self.rule, Rule::None)
    }

    pub(super) fn decide(&self, attempt: &RedirectAttempt<'_>) -> RedirectAction {
        let taken = attempt.previous.len();
        let action = match &self.rule {
            Rule::None => RedirectAction::Stop,
            Rule::Limited(limit) if taken < *limit as usize => RedirectAction::Follow,
            Rule::Limited(limit) => too_many(*limit as usize),
            Rule::Custom(_) if taken >= MOST => too_many(MOST),
            Rule::Custom(decide) => decide(attempt),
        };
        let is_secure = |url: &Url| url.as_str().starts_with("https:");
        if action == RedirectAction::Follow
            && !self.downgrade
            && is_secure(attempt.from)
            && !is_secure(attempt.to)
        {
            return RedirectAction::Refuse("from https to http".to_owned());
        }
        action
    }
}

fn too_many(limit: usize) -> RedirectAction {
    RedirectAction::Refuse(format!("after {limit} that were followed"))
}

impl RedirectAttempt<'_> {
    /// What was answered: 301, 302, 303, 307 or 308.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The method of the next request.
    pub fn method(&self) -> &Method {
        self.method
    }

    /// What was asked for.
    pub fn from(&self) -> &Url {
        self.from
    }

    /// Where the redirect leads.
    pub fn to(&self) -> &Url {
        self.to
    }

    /// The redirects that were followed before.
    pub fn previous(&self) -> &[Hop] {
        self.previous
    }
}

/// The method of the request that a redirect leads to, and whether it is sent with the body.
pub(super) fn rewritten(status: StatusCode, method: &Method) -> (Method, bool) {
    match (status.as_u16(), method) {
        (303, &Method::HEAD) => (Method::HEAD, false),
        (303, _) | (301 | 302, &Method::POST) => (Method::GET, false),
        _ => (method.clone(), true),
    }
}

impl fmt::Debug for Redirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule: &dyn fmt::Debug = match &self.rule {
            Rule::None => &"none",
            Rule::Limited(limit) => limit,
            Rule::Custom(_) => &"as a closure decides",
        };
        f.debug_struct("Redirect").field("rule", rule).field("downgrade", &self.downgrade).finish()
    }
}
