//! Waiting for a response without a thread that waits.

use std::borrow::Cow;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::body::Body;
use super::cancel::{CancelHandle, Hook};
use super::client::Client;
use super::conduct::cancelled_early;
use super::exchange::{Exchange, Next, Wanted};
use super::job::{Feed, Job, Parts};
use super::limits::{Gate, Permit};
use super::link::{Command, Link, Start};
use super::next::Then;
use super::observe::Watch;
use super::plan::Plan;
use super::pump::{Pump, read_ahead};
use super::response::Response;
use super::sink::Sink;
use super::source::Source;
use crate::error::{Error, ErrorKind, Result, Timings};

/// A request that was sent, or will be when this is first polled: the future of
/// [`RequestBuilder::send_async`](super::RequestBuilder::send_async) and its like.
///
/// It works under every executor. Dropping it gives the request up, whichever phase it is in, and
/// waits for nothing.
#[must_use = "a future does nothing before it is polled"]
pub struct Sending<B> {
    future: Pin<Box<dyn Future<Output = Result<Response<B>>> + Send>>,
    client: Client,
}

impl<B> Sending<B> {
    pub(super) fn new(
        client: &Client,
        future: impl Future<Output = Result<Response<B>>> + Send + 'static,
    ) -> Self {
        Self { future: Box::pin(future), client: client.clone() }
    }
}

impl<B> Future for Sending<B> {
    type Output = Result<Response<B>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.client.is_forked() {
            return Poll::Ready(Err(Error::of(ErrorKind::Forked)));
        }
        self.future.as_mut().poll(context)
    }
}

impl<B> fmt::Debug for Sending<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sending")
    }
}

/// The wanting side of a transfer: dropped, it gives it up.
pub(super) struct Leash {
    exchange: Arc<Exchange>,
    pump: Option<Pump>,
    watch: Option<Box<Watch>>,
    _hook: Option<Hook>,
    // The drivers stay for as long as somebody hangs on them.
    client: Client,
}

impl Leash {
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Next> {
        if self.client.is_forked() {
            return Poll::Ready(Next::End(Err(Error::of(ErrorKind::Forked))));
        }
        self.pump(context);
        self.exchange.poll_next(context)
    }

    /// How much a closure took, once the response is there.
    pub(super) async fn taken(&mut self) -> Result<u64> {
        match poll_fn(|context| self.poll_next(context)).await {
            Next::End(end) => {
                if let (Some(watch), Ok(end)) = (&mut self.watch, &end) {
                    watch.received(usize::try_from(end.taken).unwrap_or(usize::MAX));
                }
                self.ended(end.as_ref().map(|end| &end.timings));
                end.map(|end| end.taken)
            }
            Next::Piece(..) | Next::Later | Next::Over => Err(Error::of(ErrorKind::Closed)),
        }
    }

    /// A piece of the body was handed on.
    pub(super) fn received(&mut self, len: usize) {
        if let Some(watch) = &mut self.watch {
            watch.received(len);
        }
    }

    /// The body ended.
    pub(super) fn ended(&mut self, outcome: Result<&Timings, &Error>) {
        if let Some(mut watch) = self.watch.take() {
            watch.body_ended(outcome);
        }
    }

    fn poll_answer(&mut self, context: &mut Context<'_>) -> Poll<Result<Response<Vec<u8>>>> {
        self.pump(context);
        self.exchange.poll_answer(context)
    }

    fn pump(&mut self, context: &mut Context<'_>) {
        if let Some(pump) = &mut self.pump {
            pump.pump(&self.exchange, context);
        }
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        self.exchange.leave();
    }
}

/// Where the response's body goes.
pub(super) enum Into {
    Memory,
    Body,
    Sink(Sink),
}

/// A request, before it was looked over and since. It is boxed: a future would keep a place for it
/// wherever it is passed on.
pub(super) enum Stage {
    Parts(Parts<'static>),
    Job(Job<'static>),
    /// It was refused.
    Gone,
}

impl Stage {
    pub(super) fn of(parts: Parts<'static>) -> Box<Self> {
        Box::new(Self::Parts(parts))
    }

    fn job(&mut self, client: &Client) -> Result<&mut Job<'static>> {
        if let Self::Parts(_) = self
            && let Self::Parts(parts) = std::mem::replace(self, Self::Gone)
        {
            client.check()?;
            *self = Self::Job(client.job(parts)?);
        }
        match self {
            Self::Job(job) => Ok(job),
            _ => Err(Error::of(ErrorKind::Poisoned)),
        }
    }
}

/// Sends a request on a driver, more than once where that helps, and waits for its response: as a
/// whole, or for its head.
pub(super) async fn send(
    client: Client,
    mut stage: Box<Stage>,
    mut into: Into,
) -> Result<(Response<Vec<u8>>, Leash)> {
    let job = stage.job(&client)?;
    loop {
        let sink = match &mut into {
            Into::Memory => Some(Sink::Collect(Vec::new())),
            Into::Body => None,
            Into::Sink(sink) => Some(std::mem::take(sink)),
        };
        job.attempt();
        // Whatever is there while the next one is awaited is kept in the future.
        let then = match went(&client, &mut into, attempt(&client, job, sink).await, job) {
            Went::Well(response) => return response,
            Went::Onward => continue,
            Went::Wrong(then) => then,
        };
        let link = client.shared().driver(&job.url)?;
        sleep(link, job.cancel.clone(), then).await?;
    }
}

/// What comes after an attempt.
#[allow(clippy::large_enum_variant)] // it is a return value
enum Went {
    /// This is what is answered.
    Well(Result<(Response<Vec<u8>>, Leash)>),
    /// It leads to another request.
    Onward,
    /// It is repeated then.
    Wrong(Instant),
}

// Not in the future, which would keep the place for all of this.
fn went(
    client: &Client,
    into: &mut Into,
    outcome: Result<(Response<Vec<u8>>, Leash)>,
    job: &mut Job<'static>,
) -> Went {
    let (keeps, once) = (matches!(into, Into::Memory), matches!(into, Into::Sink(_)));
    let (mut outcome, mut leash) = match outcome {
        Ok((response, leash)) => (Ok(response), Some(leash)),
        Err(error) => (Err(error), None),
    };
    let then = client.next(job, &mut outcome, !once);
    match (&outcome, &mut leash) {
        (Ok(response), Some(leash)) if !keeps && matches!(then, Then::Done) => {
            leash.watch = job.hand_over(response);
        }
        _ => job.attempted(outcome.as_ref()),
    }
    match then {
        Then::Done => {
            let leash = leash.ok_or_else(|| Error::of(ErrorKind::Closed));
            Went::Well(outcome.and_then(|response| Ok((response, leash?))))
        }
        Then::Onward => {
            if let Into::Sink(sink) = into {
                *sink = job.take_sink();
            }
            Went::Onward
        }
        Then::Again(then) => Went::Wrong(then),
    }
}

/// Waits until `then`.
async fn sleep(link: Arc<Link>, cancel: Option<CancelHandle>, then: Instant) -> Result<()> {
    let mut hook = None;
    poll_fn(|context| {
        if cancel.as_ref().is_some_and(CancelHandle::is_cancelled) {
            return Poll::Ready(Err(cancelled_early(Duration::ZERO)));
        }
        if then <= Instant::now() {
            return Poll::Ready(Ok(()));
        }
        hook = cancel.as_ref().map(|cancel| cancel.hook(context.waker().clone()));
        let waker = context.waker().clone();
        match link.send(Command::Alarm(then, waker)) {
            Ok(()) => Poll::Pending,
            Err(_) => Poll::Ready(Err(Error::of(ErrorKind::Closed))),
        }
    })
    .await?;
    drop(hook);
    Ok(())
}

/// A request's place among those at work, since when it waited for that, and when it is due.
type Queued = (Permit, Instant, Option<Instant>);

/// Sends a request once; without a sink, its body is for whoever reads it.
async fn attempt(
    client: &Client,
    job: &mut Job<'static>,
    sink: Option<Sink>,
) -> Result<(Response<Vec<u8>>, Leash)> {
    let mut leash = leash(client, job)?;
    let queued = match &client.shared().gate {
        None => None,
        Some(gate) => Some(turn(gate, &job.url, job.due(), &leash.exchange).await?),
    };
    launch(job, &mut leash, queued, sink)?;
    let response = poll_fn(|context| leash.poll_answer(context)).await?;
    Ok((response, leash))
}

fn leash(client: &Client, job: &Job<'static>) -> Result<Leash> {
    if job.is_cancelled() {
        return Err(cancelled_early(Duration::ZERO));
    }
    let exchange = Exchange::new(Some(client.shared().driver(&job.url)?));
    let hook = job.cancel.as_ref().map(|cancel| cancel.hook(Waker::from(Arc::clone(&exchange))));
    Ok(Leash { exchange, pump: None, watch: None, _hook: hook, client: client.clone() })
}

/// Waits for the request's turn.
async fn turn(
    gate: &Arc<Gate>,
    url: &str,
    due: Option<Instant>,
    exchange: &Arc<Exchange>,
) -> Result<Queued> {
    let entered = Instant::now();
    let mut turn = gate.enter(url);
    if let (Some(due), Some(link)) = (due, exchange.link()) {
        let _ = link.send(Command::Turn(Arc::clone(exchange), entered, due));
    }
    let permit = poll_fn(|context| {
        // It was cancelled, or waited too long.
        if let Poll::Ready(answer) = exchange.poll_answer(context) {
            return Poll::Ready(Err(answer.err()));
        }
        turn.poll(context.waker()).map(Ok)
    });
    let permit = permit.await.map_err(|it| match it {
        Some(error) if error.kind() == ErrorKind::Cancelled => cancelled_early(entered.elapsed()),
        error => error.unwrap_or(Error::of(ErrorKind::Closed)),
    })?;
    Ok((permit, entered, due))
}

/// Hands a request to its driver.
fn launch(
    job: &mut Job<'static>,
    leash: &mut Leash,
    queued: Option<Queued>,
    sink: Option<Sink>,
) -> Result<()> {
    let config = Arc::clone(&leash.client.shared().config);
    let link = leash.exchange.link().map(Arc::clone);
    let link = link.ok_or_else(|| Error::of(ErrorKind::Closed))?;
    let sink = sink.unwrap_or_else(|| Sink::Pipe(Arc::clone(&leash.exchange)));
    let calls = job.take_calls();
    let waited = queued.as_ref().map(|(_, entered, due)| (*entered, *due));
    let (plan, feed) = job.plan(waited)?;
    let waits = config.multiplexes && plan.url.starts_with("https:");
    let mut order = Job::order(&config, &plan, sink, calls);
    if let Some((permit, entered, _)) = queued {
        (order.permit, order.queue) = (Some(permit), entered.elapsed());
    }
    order.exchange = Some(Wanted(Arc::clone(&leash.exchange)));
    let plan = Plan { url: Cow::Owned(plan.url.into_owned()), waits, ..plan };
    match feed {
        Feed::Nothing => {}
        Feed::Stream(pump) => {
            order.source = Source::Pipe(Arc::clone(&leash.exchange));
            leash.pump = Some(pump);
        }
        Feed::Read(reading) => {
            order.source = Source::Pipe(Arc::clone(&leash.exchange));
            read_ahead(reading, Arc::clone(&leash.exchange))?;
        }
    }
    let waited = order.queue;
    leash.exchange.send().map_err(|_| cancelled_early(waited))?;
    let start = Start { exchange: Arc::clone(&leash.exchange), plan, order };
    if link.send(Command::Start(Box::new(start))).is_err() {
        // Closed while the request waited for its turn, or gone for want of memory.
        let closed = leash.client.check().is_err();
        return Err(if closed { cancelled_early(waited) } else { Error::of(ErrorKind::Closed) });
    }
    Ok(())
}

/// The response's body, as it arrives.
pub(super) async fn open(client: Client, stage: Box<Stage>) -> Result<Response<Body>> {
    let (response, leash) = send(client, stage, Into::Body).await?;
    let body = Body::new(leash, response.headers());
    Ok(response.map(|_| body))
}
