//! Requests of the crate http, for middleware.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use super::body::Body;
use super::cancel::CancelHandle;
use super::client::Client;
use super::job::Parts;
use super::request_body::RequestBody;
use super::sending::{Sending, Stage};
use crate::error::Result;

/// When a request must be over: put among its extensions, it travels with it through all layers.
///
/// ```
/// use ffence::http::Deadline;
/// use std::time::{Duration, Instant};
///
/// let mut request = http::Request::get("http://127.0.0.1/").body("").unwrap();
/// request.extensions_mut().insert(Deadline(Instant::now() + Duration::from_secs(5)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(pub Instant);

/// The parts of a request of the crate http, with what its extensions hold for the client.
pub(super) fn parts<B: Into<RequestBody>>(request: ::http::Request<B>) -> Parts<'static> {
    let (parts, body) = request.into_parts();
    let mut ours = Parts::new(parts.method, parts.uri.to_string().into());
    ours.headers = parts.headers;
    ours.body = body.into();
    ours.deadline = parts.extensions.get::<Deadline>().map(|deadline| deadline.0);
    ours.cancel = parts.extensions.get::<CancelHandle>().cloned();
    ours
}

/// A response of the crate http that is waited for, with its [`Body`]: the future of
/// [`Client::execute_async`].
#[must_use = "a future does nothing before it is polled"]
pub struct Responding(pub(super) Sending<Body>);

impl Future for Responding {
    type Output = Result<::http::Response<Body>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map_ok(Into::into)
    }
}

impl fmt::Debug for Responding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Responding")
    }
}

/// Each call is [`Client::execute_async`]; it is ready as long as the client is not closed. How many
/// are at work at once, the client's own [`Limits`](super::Limits) say, or a layer.
#[cfg(feature = "tower")]
impl<B: Into<RequestBody>> tower_service::Service<::http::Request<B>> for Client {
    type Response = ::http::Response<Body>;
    type Error = crate::error::Error;
    type Future = Responding;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(self.check())
    }

    fn call(&mut self, request: ::http::Request<B>) -> Responding {
        self.execute_async(request)
    }
}

impl Client {
    /// Sends a request of the `http` crate's on a driver; the future answers when the head of the
    /// response is there.
    ///
    /// A [`Deadline`] and a [`CancelHandle`] among the request's extensions count; its version and
    /// other extensions are not looked at. The response's extensions hold the
    /// [`Timings`](super::Timings) so far.
    ///
    /// # Errors
    /// Any that [`Client`] names. A status like 404 is none.
    pub fn execute_async<B: Into<RequestBody>>(&self, request: ::http::Request<B>) -> Responding {
        let parts = parts(request);
        Responding(Sending::new(self, super::sending::open(self.clone(), Stage::of(parts))))
    }
}
