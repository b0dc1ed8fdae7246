//! The client.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use ::http::Method;
use bytes::Bytes;

use super::config::{ClientBuilder, Config, millis};
use super::outgoing::{Form, check_url, lines};
use super::pool::Pool;
use super::receive::{Collect, Failure, Receiver, Sink};
use super::request::{Parts, RequestBuilder};
use super::response::Response;
use super::wire::{Request, Wire};
use crate::error::libcurl::sink;
use crate::error::{Error, ErrorKind, Result};
use crate::fork;

/// Sends requests; a clone shares its settings and its connections.
///
/// `Send` and `Sync`: any number of threads may call it at once, each on a handle of its own. Up to
/// 32 handles are kept for later calls, and their connections with them.
///
/// # Errors
/// | kind | a call answers it when |
/// |---|---|
/// | [`InvalidRequest`](ErrorKind::InvalidRequest), [`InteriorNul`](ErrorKind::InteriorNul) | the URL or a header cannot be sent |
/// | [`ResolveName`](ErrorKind::ResolveName) | the host name could not be resolved |
/// | [`Connect`](ErrorKind::Connect) | nobody took the connection; [`Transfer::os_errno`](crate::error::Transfer::os_errno) says why |
/// | [`Tls`](ErrorKind::Tls) | the handshake failed or the certificate did not verify |
/// | [`Timeout`](ErrorKind::Timeout) | a limit was reached; [`Transfer::phase`](crate::error::Transfer::phase) says where |
/// | [`TruncatedBody`](ErrorKind::TruncatedBody) | the connection ended within the body; [`Transfer::received`](crate::error::Transfer::received) says how far it came |
/// | [`Transport`](ErrorKind::Transport) | sending or receiving failed otherwise |
/// | [`Sink`](ErrorKind::Sink), [`Panicked`](ErrorKind::Panicked) | the writer failed or panicked |
/// | [`Forked`](ErrorKind::Forked) | the client was made by the process that this one was forked from |
/// | [`OutOfMemory`](ErrorKind::OutOfMemory) | C or a growing body found no memory |
///
/// After any of them the client works as before.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    config: Config,
    pool: Pool,
    /// Of the process that made it: in a forked one another thread's lock on the pool stays shut.
    born: u64,
}

impl Client {
    /// A client with the default settings; see [`ClientBuilder`] for them.
    ///
    /// # Errors
    /// As for [`ClientBuilder::build`].
    pub fn new() -> Result<Self> {
        Self::builder().build()
    }

    /// Chooses settings.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    pub(super) fn with(config: Config) -> Result<Self> {
        let pool = Pool::new();
        // A setting that libcurl refuses is told here, not by the first call.
        pool.give(config.wire()?);
        Ok(Self { shared: Arc::new(Shared { config, pool, born: fork::epoch() }) })
    }

    /// A `GET` request.
    ///
    /// [`CURLOPT_HTTPGET`](https://curl.se/libcurl/c/CURLOPT_HTTPGET.html)
    #[doc(alias = "CURLOPT_HTTPGET")]
    pub fn get<'a>(&'a self, url: impl Into<Cow<'a, str>>) -> RequestBuilder<'a> {
        self.request(Method::GET, url)
    }

    /// A `POST` request.
    ///
    /// [`CURLOPT_POST`](https://curl.se/libcurl/c/CURLOPT_POST.html)
    #[doc(alias = "CURLOPT_POST")]
    pub fn post<'a>(&'a self, url: impl Into<Cow<'a, str>>) -> RequestBuilder<'a> {
        self.request(Method::POST, url)
    }

    /// A request of any method but `CONNECT`.
    ///
    /// [`CURLOPT_CUSTOMREQUEST`](https://curl.se/libcurl/c/CURLOPT_CUSTOMREQUEST.html)
    #[doc(alias = "CURLOPT_CUSTOMREQUEST")]
    pub fn request<'a>(
        &'a self,
        method: Method,
        url: impl Into<Cow<'a, str>>,
    ) -> RequestBuilder<'a> {
        RequestBuilder::new(self, method, url.into())
    }

    /// Sends a request of the `http` crate's. Its version and extensions are not looked at.
    ///
    /// The response's extensions hold the [`Timings`](super::Timings).
    ///
    /// # Errors
    /// Any that [`Client`] names. A status like 404 is none.
    ///
    /// ```
    /// # use std::io::{Read, Write};
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    /// # let url = format!("http://{}/", listener.local_addr().unwrap());
    /// # std::thread::spawn(move || {
    /// #     let (mut peer, _) = listener.accept().unwrap();
    /// #     let _ = peer.read(&mut [0; 4096]);
    /// #     let _ = peer.write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    /// # });
    /// use ffence::http::{Client, Timings};
    ///
    /// let request = http::Request::put(url).header("x-id", 7).body("text").unwrap();
    /// let response = Client::new()?.execute(request)?;
    /// assert_eq!(response.status(), http::StatusCode::CREATED);
    /// assert!(response.extensions().get::<Timings>().is_some());
    /// # Ok::<(), ffence::Error>(())
    /// ```
    pub fn execute<B: Into<Bytes>>(
        &self,
        request: ::http::Request<B>,
    ) -> Result<::http::Response<Vec<u8>>> {
        let (parts, body) = request.into_parts();
        let parts = Parts {
            method: parts.method,
            url: parts.uri.to_string().into(),
            headers: parts.headers,
            body: body.into(),
            timeout: None,
        };
        self.call(parts, Collect::default()).map(Into::into)
    }

    pub(super) fn call<S: Sink>(&self, parts: Parts<'_>, sink: S) -> Result<Response<S::Body>> {
        let Shared { config, pool, born } = &*self.shared;
        if *born != fork::epoch() {
            return Err(Error::of(ErrorKind::Forked));
        }
        check_url(&parts.url)?;
        let (form, body) = Form::of(&parts.method, parts.body)?;
        let request = Request {
            url: &parts.url,
            verb: form.verb(),
            headers: lines(&parts.headers, body.as_ref())?,
            body,
            timeout: parts.timeout.map_or(config.total, millis),
            follow: config.redirects > 0 && form.may_follow(),
        };
        let mut wire = match pool.take() {
            Some(wire) => wire,
            None => config.wire()?,
        };
        let mut receiver = Receiver::new(sink);
        let outcome = wire.send(request, &mut receiver);
        let response = conclude(outcome, receiver, &wire);
        pool.give(wire);
        response
    }
}

/// What libcurl, the receiver and the handle know, put together.
fn conclude<S: Sink>(
    outcome: Result<()>,
    mut receiver: Receiver<S>,
    wire: &Wire,
) -> Result<Response<S::Body>> {
    match (outcome, receiver.failure()) {
        (Err(error), _) if error.kind() == ErrorKind::Panicked => Err(error),
        (_, Some(Failure::Writer(source))) => Err(sink(source, wire.info().transfer())),
        (_, Some(Failure::Ours(error))) | (Err(error), None) => Err(error),
        (Ok(()), None) => {
            let (headers, body) = receiver.finish()?;
            Response::of(wire, headers, body)
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}
