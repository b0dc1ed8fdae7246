//! The client.

use std::borrow::Cow;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ::http::Method;

use super::body_reader::BodyReader;
use super::calls::{Call, Calls};
use super::conduct::{Concluded, Whole, cancelled_early, closed_early};
use super::config::{ClientBuilder, Config};
use super::drivers::Drivers;
use super::exchange::{Exchange, Wanted};
use super::job::{Job, Parts};
use super::limits::Gate;
use super::next::Then;
use super::pool::Pool;
use super::request::RequestBuilder;
use super::request_body::RequestBody;
use super::response::Response;
use super::retry::Budget;
use super::service;
use super::sink::{Forward, Sink};
use super::wire::{Beside, Wire};
use crate::error::libcurl::sink;
use crate::error::{Error, ErrorKind, Result};
use crate::fork;

/// Sends requests; a clone shares its settings and its connections.
///
/// `Send` and `Sync`: any number of threads and tasks may use it at once. A blocking call runs on the
/// thread that makes it, with a handle of its own; up to 32 such handles are kept for later calls,
/// and their connections with them. Asynchronous calls are driven by threads of the client's
/// ([`drivers`](ClientBuilder::drivers)), which start with the first such call, and which all of
/// its connections belong to.
///
/// # The end
/// Dropping the last clone waits for nothing: the drivers are told to stop, and end by themselves.
/// Futures and bodies of responses are clones in that sense. [`close`](Client::close) and
/// [`close_blocking`](Client::close_blocking) give up what is still on its way, on whichever thread,
/// and wait. In a forked process an inherited client answers [`ErrorKind::Forked`].
///
/// # Errors
/// | kind | a call answers it when |
/// |---|---|
/// | [`InvalidRequest`](ErrorKind::InvalidRequest), [`InteriorNul`](ErrorKind::InteriorNul) | the URL or a header cannot be sent |
/// | [`ResolveName`](ErrorKind::ResolveName) | the host name could not be resolved |
/// | [`Connect`](ErrorKind::Connect) | nobody took the connection; [`Transfer::os_errno`](crate::error::Transfer::os_errno) says why |
/// | [`Tls`](ErrorKind::Tls) | the handshake failed or the certificate did not verify |
/// | [`Timeout`](ErrorKind::Timeout) | a limit was reached; [`Error::time_limit`] says which, [`Transfer::phase`](crate::error::Transfer::phase) where |
/// | [`TruncatedBody`](ErrorKind::TruncatedBody) | the connection ended within the body; [`Transfer::received`](crate::error::Transfer::received) says how far it came |
/// | [`Transport`](ErrorKind::Transport) | sending or receiving failed otherwise |
/// | [`Sink`](ErrorKind::Sink), [`Source`](ErrorKind::Source), [`Panicked`](ErrorKind::Panicked) | what takes or gives a body failed or panicked |
/// | [`Cancelled`](ErrorKind::Cancelled) | a [`CancelHandle`](super::CancelHandle) was used, or the client was closed |
/// | [`Closed`](ErrorKind::Closed) | the client was closed before |
/// | [`Forked`](ErrorKind::Forked) | the client was made by the process that this one was forked from |
/// | [`OutOfMemory`](ErrorKind::OutOfMemory) | C or a growing body found no memory |
///
/// After any of them but the last but two the client works as before.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) config: Arc<Config>,
    pub(super) gate: Option<Arc<Gate>>,
    pool: Pool,
    drivers: Drivers,
    pub(super) budget: Budget,
    /// Those that threads are in.
    pub(super) calls: Calls,
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
        let pool = Pool::new(config.idle);
        // A setting that libcurl refuses is told here, not by the first call.
        pool.give(Box::new(Wire::new(&config)?));
        let shared = Shared {
            gate: Gate::new(config.limits),
            drivers: Drivers::new(config.drivers),
            config: Arc::new(config),
            pool,
            budget: Budget::new(),
            calls: Calls::default(),
            born: fork::epoch(),
        };
        Ok(Self { shared: Arc::new(shared) })
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

    /// Sends a request of the `http` crate's. A [`Deadline`](super::Deadline) and a
    /// [`CancelHandle`](super::CancelHandle) among its extensions count; its version and other
    /// extensions are not looked at.
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
    pub fn execute<B: Into<RequestBody>>(
        &self,
        request: ::http::Request<B>,
    ) -> Result<::http::Response<Vec<u8>>> {
        self.call(service::parts(request)).map(Into::into)
    }

    /// Closes the client: what is on its way is given up, every later call of any clone answers
    /// [`ErrorKind::Closed`], and the future is done when the drivers are gone and no other thread is in
    /// a blocking call any more.
    ///
    /// Given up ([`ErrorKind::Cancelled`]) are asynchronous requests and the blocking calls that other
    /// threads are in, whether they wait for a peer, for their turn or for another attempt. What runs
    /// code of the program's, such as a writer or a body's reader, ends when that returns. A body that
    /// nobody reads at the moment ([`BodyReader`], a blocking `WebSocket`) is not waited for: it keeps its
    /// connection until it is read or dropped, and reading it answers what had arrived and then the same
    /// error.
    ///
    /// # Errors
    /// [`ErrorKind::Forked`].
    pub async fn close(&self) -> Result<()> {
        self.begin_to_close()?;
        self.shared.drivers.gone().await;
        poll_fn(|context| self.shared.calls.poll_over(context)).await;
        self.shared.pool.clear();
        Ok(())
    }

    /// The same, and waits here.
    ///
    /// ```
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    /// # let url = format!("http://{}/", listener.local_addr().unwrap());
    /// use ffence::ErrorKind;
    /// use ffence::http::Client;
    ///
    /// let client = Client::new()?;
    /// let clone = client.clone();
    /// let waiting = std::thread::spawn(move || clone.get(url).send()); // nobody will ever answer it
    /// # let peer = listener.accept().unwrap();
    /// client.close_blocking()?;
    /// assert_eq!(waiting.join().unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
    /// # Ok::<(), ffence::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Forked`]; [`ErrorKind::Reentrant`] on a thread of a driver or within a blocking
    /// call, in a sink, a waker, an observer or another closure: the client is closed then, but nobody
    /// can wait there.
    pub fn close_blocking(&self) -> Result<()> {
        self.begin_to_close()?;
        // First: a call may wait for this very driver.
        self.shared.drivers.check_elsewhere()?;
        self.shared.calls.wait_until_over()?;
        self.shared.drivers.wait_until_gone();
        // What came back while it was being closed.
        self.shared.pool.clear();
        Ok(())
    }

    fn begin_to_close(&self) -> Result<()> {
        if self.is_forked() {
            return Err(Error::of(ErrorKind::Forked));
        }
        self.shared.calls.close();
        self.shared.drivers.stop();
        self.shared.pool.clear();
        Ok(())
    }

    /// A call may be made.
    pub(super) fn check(&self) -> Result<()> {
        if self.is_forked() {
            return Err(Error::of(ErrorKind::Forked));
        }
        if self.shared.calls.is_closed() {
            return Err(Error::of(ErrorKind::Closed));
        }
        Ok(())
    }

    pub(super) fn is_forked(&self) -> bool {
        self.shared.born != fork::epoch()
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(super) fn wire(&self) -> Result<Box<Wire>> {
        match self.shared.pool.take() {
            Some(wire) => Ok(wire),
            None => Wire::new(&self.shared.config).map(Box::new),
        }
    }

    pub(super) fn give(&self, mut wire: Box<Wire>) {
        // One that cannot be renewed is not kept.
        if self.shared.calls.is_closed() || wire.renew(&self.shared.config).is_err() {
            return drop(wire);
        }
        self.shared.pool.give(wire);
    }

    /// Sends a request and keeps the response's body.
    #[inline]
    pub(super) fn call(&self, parts: Parts<'_>) -> Result<Response<Vec<u8>>> {
        self.transfer(parts, None)
    }

    /// Sends a request and passes the response's body on.
    pub(super) fn call_into(
        &self,
        parts: Parts<'_>,
        writer: &mut dyn std::io::Write,
    ) -> Result<Response<u64>> {
        let mut forward = Forward::new(writer);
        let outcome = self.transfer(parts, Some(&mut forward));
        match (outcome, forward.failure.take()) {
            (Err(error), Some(_)) if error.kind() == ErrorKind::Panicked => Err(error),
            (Err(mut error), Some(failure)) => {
                let transfer = error.transfer_mut().map(std::mem::take);
                Err(sink(failure, transfer.unwrap_or_default()))
            }
            (outcome, _) => outcome.map(|response| response.map(|_| forward.written)),
        }
    }

    #[inline]
    fn transfer(
        &self,
        parts: Parts<'_>,
        mut forward: Option<&mut Forward<'_>>,
    ) -> Result<Response<Vec<u8>>> {
        self.check()?;
        let mut job = self.job(parts)?;
        if let Some(forward) = &mut forward {
            forward.route = job.route();
        }
        let mut wire = self.wire()?;
        let call = self.shared.calls.enter(Some(wire.signal()))?;
        loop {
            job.attempt();
            let sink = if forward.is_none() { Sink::Collect(Vec::new()) } else { Sink::Nothing };
            let outcome = self.attempt(&mut wire, &mut job, sink, forward.as_deref_mut());
            let mut outcome = outcome.and_then(Whole::response);
            job.attempted(outcome.as_ref());
            let is_untouched = forward.as_ref().is_none_or(|it| it.is_untouched());
            let then = self.next(&mut job, &mut outcome, is_untouched);
            let slept = match &then {
                Then::Again(then) => wire.sleep(&self.shared.calls, job.cancel.as_ref(), *then),
                Then::Done | Then::Onward => Ok(()),
            };
            if matches!(then, Then::Done) || slept.is_err() {
                self.give(wire);
                return slept.and(outcome);
            }
            if !wire.is_plain() {
                self.give(wire);
                wire = self.wire()?;
                call.on(wire.signal());
            }
        }
    }

    /// A request that was looked over, and may be sent.
    #[inline]
    pub(super) fn job<'a>(&self, parts: Parts<'a>) -> Result<Job<'a>> {
        let config = &self.shared.config;
        let mut job = Job::new(parts, config)?;
        if config.retry.is_some() || job.may_go_on() {
            job.fix_due();
        }
        if let Some(retry) = &config.retry {
            self.shared.budget.deposit(retry);
        }
        Ok(job)
    }

    #[inline]
    pub(super) fn attempt(
        &self,
        wire: &mut Wire,
        job: &mut Job<'_>,
        sink: Sink,
        forward: Option<&mut Forward<'_>>,
    ) -> Result<Whole> {
        let cancel = job.cancel.clone();
        let _hook = wire.hook(cancel.as_ref());
        let mut pump = self.begin(wire, job, sink, None)?;
        let beside = Beside {
            receiver: forward,
            cancel: cancel.as_ref(),
            calls: Some(&self.shared.calls),
            pump: pump.as_mut().map(|(pump, exchange)| (pump, &*exchange)),
        };
        match wire.drive(beside, |_| false) {
            Some(Concluded { outcome, .. }) => outcome,
            None => Err(Error::of(ErrorKind::Closed)),
        }
    }

    /// Waits for a turn, and begins a transfer on `wire`.
    #[inline]
    pub(super) fn begin(
        &self,
        wire: &mut Wire,
        job: &mut Job<'_>,
        sink: Sink,
        exchange: Option<&Arc<Exchange>>,
    ) -> Result<Option<(super::pump::Pump, Arc<Exchange>)>> {
        let config = &self.shared.config;
        if job.is_cancelled() {
            return Err(cancelled_early(Duration::ZERO));
        }
        if self.shared.calls.is_closed() {
            return Err(closed_early(Duration::ZERO));
        }
        let queued = match &self.shared.gate {
            None => None,
            Some(gate) => {
                let (entered, due) = (Instant::now(), job.due());
                let mut turn = gate.enter(&job.url);
                let cancel = job.cancel.clone();
                let calls = &self.shared.calls;
                Some((wire.wait_for(&mut turn, calls, cancel.as_ref(), due)?, entered, due))
            }
        };
        let waited = queued.as_ref().map(|(_, entered, due)| (*entered, *due));
        let calls = job.take_calls();
        let (plan, feed) = job.plan(waited)?;
        let mut order = Job::order(config, &plan, sink, calls);
        if let Some((permit, entered, _)) = queued {
            (order.permit, order.queue) = (Some(permit), entered.elapsed());
        }
        let (source, mut pump) = feed.here();
        order.source = source;
        if let Some(exchange) = exchange {
            order.exchange = Some(Wanted(Arc::clone(exchange)));
        } else if let Some((_, exchange)) = &pump {
            order.exchange = Some(Wanted(Arc::clone(exchange)));
        }
        if let (Some(exchange), Some((_, through))) = (exchange, &mut pump) {
            // Both directions go through one exchange.
            order.source = super::source::Source::Pipe(Arc::clone(exchange));
            *through = Arc::clone(exchange);
        }
        wire.begin(plan, order)?;
        Ok(pump)
    }

    /// Sends a request and answers when the response's head is there; its body is read from it.
    pub(super) fn open(&self, parts: Parts<'_>) -> Result<Response<BodyReader>> {
        self.check()?;
        let mut job = self.job(parts)?;
        let call = self.shared.calls.enter(None)?;
        loop {
            job.attempt();
            let mut outcome = self.open_once(&mut job, &call);
            let then = self.next(&mut job, &mut outcome, true);
            match &mut outcome {
                Ok(response) if matches!(then, Then::Done) => {
                    let watch = job.hand_over(response);
                    response.body_mut().watch(watch);
                }
                outcome => job.attempted(outcome.as_ref()),
            }
            match then {
                Then::Done => return outcome,
                Then::Onward => {}
                Then::Again(then) => {
                    drop(outcome);
                    let mut wire = self.wire()?;
                    call.on(wire.signal());
                    wire.sleep(&self.shared.calls, job.cancel.as_ref(), then)?;
                    self.give(wire);
                }
            }
        }
    }

    fn open_once(&self, job: &mut Job<'_>, call: &Call<'_>) -> Result<Response<BodyReader>> {
        let mut wire = self.wire()?;
        call.on(wire.signal());
        let cancel = job.cancel.clone();
        let exchange = Exchange::new(None);
        let hook = cancel.as_ref().map(|it| it.hook(wire.waker()));
        let pump = self.begin(&mut wire, job, Sink::Pipe(Arc::clone(&exchange)), Some(&exchange));
        let pump = match pump {
            Ok(pump) => pump.map(|(pump, _)| pump),
            Err(error) => {
                self.give(wire);
                return Err(error);
            }
        };
        BodyReader::begin(self.clone(), wire, exchange, pump, cancel, hook)
    }
}

impl Shared {
    /// The driver for the host of `url`.
    pub(super) fn driver(&self, url: &str) -> Result<Arc<super::link::Link>> {
        self.drivers.of(&self.config, url)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // In a forked process there are no drivers, and a lock of theirs may be held for ever.
        if self.born == fork::epoch() {
            self.drivers.stop();
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}
