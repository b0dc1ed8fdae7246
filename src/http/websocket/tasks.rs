//! A WebSocket for tasks, driven by a thread of the client's.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::{Duration, Instant};

use ::http::HeaderMap;
use parking_lot::Mutex;

use super::approach::{Answer, Approach, Arrived};
use super::builder::Parts;
use super::frames::{Frames, Handshake};
use super::message::Message;
use super::tunnel::Tunnel;
use super::{closed_late, opened_late, protocol};
use crate::error::{Error, ErrorKind, Result};
use crate::http::cancel::Hook;
use crate::http::client::Client;
use crate::http::driver::waited_too_long;
use crate::http::limits::Permit;
use crate::http::link::{Command, Link};

/// A WebSocket that is being opened: the future of
/// [`WebSocketBuilder::connect_async`](super::WebSocketBuilder::connect_async).
///
/// Dropping it gives it up, whichever phase it is in, and waits for nothing.
#[must_use = "a future does nothing before it is polled"]
pub struct Connecting {
    future: Pin<Box<dyn Future<Output = Result<AsyncWebSocket>> + Send>>,
    client: Client,
}

impl Future for Connecting {
    type Output = Result<AsyncWebSocket>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.client.is_forked() {
            return Poll::Ready(Err(Error::of(ErrorKind::Forked)));
        }
        self.future.as_mut().poll(context)
    }
}

impl fmt::Debug for Connecting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connecting")
    }
}

pub(super) fn connect(client: Client, parts: Result<Parts>) -> Connecting {
    let owner = client.clone();
    Connecting { future: Box::pin(async move { open(client, parts?).await }), client: owner }
}

/// The speaking side of a tunnel: dropped, it hangs up.
struct Leash {
    tunnel: Arc<Tunnel>,
    link: Arc<Link>,
    _hook: Option<Hook>,
    // The drivers stay for as long as somebody hangs on them.
    client: Client,
}

impl Drop for Leash {
    fn drop(&mut self) {
        self.tunnel.leave();
    }
}

async fn open(client: Client, parts: Parts) -> Result<AsyncWebSocket> {
    client.check()?;
    let mut approach = Approach::new(&client.shared().config, parts)?;
    loop {
        approach.begin();
        let outcome = attempt(&client, &mut approach).await;
        if let Some(Arrived { frames, headers, closing, wire }) = approach.arrived(outcome)? {
            let core = Core { frames: Mutex::new(frames), headers, closing, leash: wire };
            return Ok(AsyncWebSocket { core: Arc::new(core) });
        }
    }
}

/// One opening handshake.
async fn attempt(client: &Client, approach: &mut Approach) -> Result<(Answer, Leash)> {
    let link = client.shared().driver(approach.url())?;
    let tunnel = Tunnel::new(Some(Arc::clone(&link)));
    let cancel = approach.wants.cancel.as_ref();
    if cancel.is_some_and(crate::http::CancelHandle::is_cancelled) {
        return Err(Error::of(ErrorKind::Cancelled));
    }
    let hook = cancel.map(|cancel| cancel.hook(Waker::from(Arc::clone(&tunnel))));
    let leash = Leash { tunnel, link, _hook: hook, client: client.clone() };
    let mut alarm = Alarm::at(approach.due);
    let permit = turn(&leash, approach, &mut alarm).await?;
    let (opening, request) = approach.depart(&leash.tunnel, permit)?;
    if leash.link.send(Command::Open(Box::new(opening))).is_err() {
        // Closed while it waited for its turn, or gone for want of memory.
        let closed = client.check().is_err();
        return Err(Error::of(if closed { ErrorKind::Cancelled } else { ErrorKind::Closed }));
    }
    // Its limit is libcurl's, which says where the time went.
    poll_fn(|context| leash.tunnel.poll_open(context)).await?;
    let mut handshake = Handshake::begin(&leash.tunnel, request, approach.wants.most)?;
    let answer = poll_fn(|context| {
        loop {
            if let Poll::Ready(answer) = handshake.advance() {
                return Poll::Ready(answer);
            }
            if alarm.poll(&leash.link, context).is_ready() {
                return Poll::Ready(Err(opened_late()));
            }
            ready!(leash.tunnel.poll_readable(context));
        }
    });
    Ok((answer.await?, leash))
}

/// Waits for the handshake's turn.
async fn turn(leash: &Leash, approach: &Approach, alarm: &mut Alarm) -> Result<Option<Permit>> {
    let Some(gate) = &leash.client.shared().gate else { return Ok(None) };
    let (entered, mut turn) = (Instant::now(), gate.enter(approach.url()));
    let permit = poll_fn(|context| {
        // It was cancelled.
        if let Poll::Ready(Err(error)) = leash.tunnel.poll_open(context) {
            return Poll::Ready(Err(error));
        }
        if let Poll::Ready(permit) = turn.poll(context.waker()) {
            return Poll::Ready(Ok(permit));
        }
        alarm.poll(&leash.link, context).map(|()| Err(waited_too_long(entered)))
    });
    permit.await.map(Some)
}

/// An open WebSocket (RFC 6455) for tasks, under any executor: made by
/// [`WebSocketBuilder::connect_async`](super::WebSocketBuilder::connect_async).
///
/// It is a `Stream` of messages and a `Sink` for them, of the crates futures-core and futures-sink,
/// and has methods of its own for those who use neither. A driver of the client's passes the
/// connection's bytes on; frames are made and read by the task, and pings are answered while it
/// receives. Up to 256 KiB wait in each direction; then the faster side stands still, and no other
/// transfer does.
///
/// [`split`](AsyncWebSocket::split) makes two of it, for two tasks. Dropping it (or both halves)
/// says good-bye (code 1001), as far as that goes at once, and waits for nothing.
///
/// ```no_run
/// # async fn f() -> ffence::Result<()> {
/// let client = ffence::http::Client::new()?;
/// let mut socket = client.websocket("wss://example.org/chat").connect_async().await?;
/// socket.send("hello").await?;
/// while let Some(message) = socket.recv().await? {
///     println!("{message:?}");
/// }
/// # Ok(())
/// # }
/// ```
pub struct AsyncWebSocket {
    core: Arc<Core>,
}

/// The half of an [`AsyncWebSocket`] that receives.
pub struct Receiver {
    core: Arc<Core>,
}

/// The half of an [`AsyncWebSocket`] that sends.
pub struct Sender {
    core: Arc<Core>,
}

struct Core {
    /// Held for as long as one message takes to be cut or put together.
    frames: Mutex<Frames>,
    headers: HeaderMap,
    closing: Duration,
    leash: Leash,
}

impl Drop for Core {
    fn drop(&mut self) {
        if !self.leash.client.is_forked() {
            // The leash, which goes next, sends it.
            self.frames.get_mut().leave();
        }
    }
}

impl Core {
    fn check(&self) -> Result<()> {
        if self.leash.client.is_forked() { Err(Error::of(ErrorKind::Forked)) } else { Ok(()) }
    }

    fn poll_receive(&self, context: &mut Context<'_>) -> Poll<Result<Option<Message>>> {
        self.check()?;
        loop {
            let received = self.frames.lock().receive();
            if received.is_ready() {
                return received;
            }
            ready!(self.leash.tunnel.poll_readable(context));
        }
    }

    /// Waits until everything that was taken is with the tunnel.
    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<()>> {
        self.check()?;
        loop {
            let flushed = self.frames.lock().flush();
            if flushed.is_ready() {
                return flushed;
            }
            ready!(self.leash.tunnel.poll_writable(context));
        }
    }

    fn start_send(&self, message: Message) -> Result<()> {
        self.check()?;
        self.frames.lock().send(message)
    }

    /// Waits until everything that was taken is with the operating system.
    fn poll_flush(&self, context: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.poll_ready(context))?;
        ready!(self.leash.tunnel.poll_sent(context));
        Poll::Ready(self.frames.lock().sent().map(drop))
    }

    fn poll_good_bye(&self, context: &mut Context<'_>) -> Poll<Result<()>> {
        self.check()?;
        if !self.frames.lock().is_closing() {
            ready!(self.poll_ready(context))?;
            let mut frames = self.frames.lock();
            if !frames.is_closing() {
                frames.send(Message::close(1000, ""))?;
            }
        }
        if self.frames.lock().is_over() {
            return Poll::Ready(Ok(()));
        }
        self.poll_flush(context)
    }

    async fn send(&self, message: Message) -> Result<()> {
        poll_fn(|context| self.poll_ready(context)).await?;
        self.start_send(message)?;
        poll_fn(|context| self.poll_flush(context)).await
    }
}

impl AsyncWebSocket {
    /// The next message; `None` after the peer's good-bye, which is a [`Message::Close`].
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Errors
    /// As for [`WebSocket::recv`](super::WebSocket::recv).
    pub async fn recv(&mut self) -> Result<Option<Message>> {
        poll_fn(|context| self.core.poll_receive(context)).await
    }

    /// Sends a message; it is with the operating system then.
    ///
    /// A future that is dropped may have sent the message, or part of it: the rest goes with the next
    /// one.
    ///
    /// # Errors
    /// As for [`WebSocket::send`](super::WebSocket::send).
    pub async fn send(&mut self, message: impl Into<Message>) -> Result<()> {
        self.core.send(message.into()).await
    }

    /// Says good-bye and waits for the peer's; messages that come before it are dropped.
    ///
    /// # Errors
    /// As for [`WebSocket::close`](super::WebSocket::close).
    pub async fn close(self, code: u16, reason: &str) -> Result<()> {
        let core = &self.core;
        core.check()?;
        let mut alarm = Alarm::at(Instant::now().checked_add(core.closing));
        let mut message = Some(Message::close(code, reason));
        poll_fn(|context| {
            if alarm.poll(&core.leash.link, context).is_ready() {
                return Poll::Ready(Err(closed_late(core.closing)));
            }
            if message.is_some() {
                ready!(core.poll_ready(context))?;
                let mut frames = core.frames.lock();
                if let Some(message) = message.take()
                    && !frames.is_closing()
                {
                    frames.send(message)?;
                }
            }
            // Both at once: the peer may wait for room before it answers.
            if let Poll::Ready(Err(error)) = core.poll_ready(context) {
                return Poll::Ready(Err(error));
            }
            loop {
                let received = ready!(core.poll_receive(context))?;
                if received.is_none() || core.frames.lock().is_over() {
                    return Poll::Ready(Ok(()));
                }
            }
        })
        .await
    }

    /// Two halves, for two tasks; the connection ends when both are dropped.
    pub fn split(self) -> (Sender, Receiver) {
        (Sender { core: Arc::clone(&self.core) }, Receiver { core: self.core })
    }

    /// The protocol that the server chose of those offered.
    pub fn protocol(&self) -> Option<&str> {
        protocol(&self.core.headers)
    }

    /// The headers of the server's answer to the opening handshake.
    pub fn headers(&self) -> &HeaderMap {
        &self.core.headers
    }
}

impl Receiver {
    /// The next message, as [`AsyncWebSocket::recv`].
    ///
    /// # Errors
    /// As there.
    pub async fn recv(&mut self) -> Result<Option<Message>> {
        poll_fn(|context| self.core.poll_receive(context)).await
    }
}

impl Sender {
    /// Sends a message, as [`AsyncWebSocket::send`]. A [`Message::Close`] is the good-bye, to which the
    /// other half receives the answer.
    ///
    /// # Errors
    /// As there.
    pub async fn send(&mut self, message: impl Into<Message>) -> Result<()> {
        self.core.send(message.into()).await
    }
}

/// Ends after the peer's good-bye, and after the first error.
macro_rules! stream {
    ($of:ty) => {
        /// Messages; the end is the peer's good-bye, or the first error.
        impl futures_core::Stream for $of {
            type Item = Result<Message>;

            fn poll_next(
                self: Pin<&mut Self>,
                context: &mut Context<'_>,
            ) -> Poll<Option<Result<Message>>> {
                Poll::Ready(match ready!(self.core.poll_receive(context)) {
                    Err(error) if error.kind() == ErrorKind::Poisoned => None,
                    outcome => outcome.transpose(),
                })
            }
        }
    };
}

macro_rules! sink {
    ($of:ty) => {
        /// `poll_ready` waits for room, `poll_flush` until all is with the operating system, and
        /// `poll_close` says good-bye (code 1000) and does not wait for the peer's.
        impl futures_sink::Sink<Message> for $of {
            type Error = Error;

            fn poll_ready(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
                self.core.poll_ready(context)
            }

            fn start_send(self: Pin<&mut Self>, message: Message) -> Result<()> {
                self.core.start_send(message)
            }

            fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
                self.core.poll_flush(context)
            }

            fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
                self.core.poll_good_bye(context)
            }
        }
    };
}

stream!(AsyncWebSocket);
stream!(Receiver);
sink!(AsyncWebSocket);
sink!(Sender);

/// A time limit that a driver watches.
struct Alarm {
    due: Option<Instant>,
    told: Option<Waker>,
}

impl Alarm {
    fn at(due: Option<Instant>) -> Self {
        Self { due, told: None }
    }

    fn poll(&mut self, link: &Link, context: &Context<'_>) -> Poll<()> {
        let Some(due) = self.due else { return Poll::Pending };
        if due <= Instant::now() {
            return Poll::Ready(());
        }
        let waker = context.waker();
        if !self.told.as_ref().is_some_and(|told| told.will_wake(waker)) {
            self.told = Some(waker.clone());
            // A driver that is gone has ended what is waited for.
            let _ = link.send(Command::Alarm(due, waker.clone()));
        }
        Poll::Pending
    }
}

macro_rules! debug {
    ($($of:ident)*) => {$(
        impl fmt::Debug for $of {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($of))
            }
        }
    )*};
}

debug!(AsyncWebSocket Sender Receiver);
