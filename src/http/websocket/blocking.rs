//! A WebSocket for the thread that calls.

use std::fmt;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use ::http::HeaderMap;

use super::approach::{Answer, Approach, Arrived};
use super::builder::Parts;
use super::frames::{Frames, Handshake};
use super::line::{Opening, Wired};
use super::message::Message;
use super::tunnel::{Held, Tunnel};
use super::{closed_late, opened_late, protocol, too_late};
use crate::curl::{Done, Id, Multi};
use crate::error::{Error, ErrorKind, Result};
use crate::http::cancel::{CancelHandle, Hook, Nudge};
use crate::http::client::Client;
use crate::http::conduct::{Conduct, cancelled, closed, conclude, give_up, late};
use crate::http::config::connections;
use crate::http::limits::Permit;
use crate::http::names::Names;

/// How long to wait when nothing is due.
const LONG: Duration = Duration::from_secs(3600);

/// An open WebSocket (RFC 6455), used on the thread that has it: made by
/// [`WebSocketBuilder::connect`](super::WebSocketBuilder::connect).
///
/// Nothing runs beside it: pings are answered, and what comes is taken from the connection, while
/// [`send`](WebSocket::send), [`recv`](WebSocket::recv) or [`close`](WebSocket::close) is called. Up
/// to 256 KiB wait here; a peer that sends more than is received stands still. For a thread that
/// sends while another one receives, see [`AsyncWebSocket::split`](super::AsyncWebSocket::split).
///
/// `Send`. Dropping it says good-bye (code 1001), as far as that goes at once, and waits for nothing.
///
/// ```no_run
/// use ffence::http::Client;
/// use ffence::http::websocket::Message;
///
/// let client = Client::new()?;
/// let mut socket = client.websocket("wss://example.org/chat").connect()?;
/// socket.send("hello")?;
/// while let Some(message) = socket.recv()? {
///     match message {
///         Message::Text(text) => println!("{text}"),
///         other => println!("{other:?}"),
///     }
/// }
/// # Ok::<(), ffence::Error>(())
/// ```
/// Two threads cannot use it at the same time:
/// ```compile_fail,E0277
/// # fn f(socket: ffence::http::websocket::WebSocket) {
/// std::thread::scope(|scope| {
///     scope.spawn(|| println!("{socket:?}")); // `WebSocket` cannot be shared between threads safely
/// });
/// # }
/// ```
pub struct WebSocket {
    frames: Frames,
    wire: Wire,
    headers: HeaderMap,
    closing: Duration,
}

/// A connection with the multi that it belongs to.
struct Wire {
    // In this order: the copy of the socket goes before the multi closes its own.
    wired: Option<Wired>,
    id: Option<Id>,
    tunnel: Arc<Tunnel>,
    _hook: Option<Hook>,
    cancel: Option<CancelHandle>,
    multi: Multi<Conduct>,
    client: Client,
}

impl WebSocket {
    pub(super) fn connect(client: &Client, parts: Parts) -> Result<Self> {
        client.check()?;
        let mut approach = Approach::new(&client.shared().config, parts)?;
        loop {
            approach.begin();
            let outcome = Wire::attempt(client, &mut approach);
            if let Some(Arrived { frames, headers, closing, wire }) = approach.arrived(outcome)? {
                return Ok(Self { frames, wire, headers, closing });
            }
        }
    }

    /// Sends a message; it is with the operating system then.
    ///
    /// What comes meanwhile is taken in, up to 256 KiB. A [`Message::Close`] is sent like any other:
    /// nothing may be sent after it, and the peer's answer is received.
    ///
    /// # Errors
    /// [`ErrorKind::Closed`] after either side's good-bye; [`ErrorKind::Length`] and
    /// [`ErrorKind::Parameter`] for what must not be sent, after which it works as before;
    /// [`ErrorKind::Transport`] when the connection fails; [`ErrorKind::Cancelled`];
    /// [`ErrorKind::Poisoned`] after any of the last two.
    pub fn send(&mut self, message: impl Into<Message>) -> Result<()> {
        self.wire.check()?;
        self.frames.send(message.into())?;
        self.flush(None).map(drop)
    }

    /// Sends what was taken; `false` when the time is over.
    fn flush(&mut self, due: Option<Instant>) -> Result<bool> {
        loop {
            let in_time = match self.frames.flush() {
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Ready(Ok(())) if self.wire.tunnel.is_sent() => return self.frames.sent(),
                Poll::Ready(Ok(())) => self.wire.turn(due, Tunnel::is_sent)?,
                Poll::Pending => self.wire.turn(due, Tunnel::has_room)?,
            };
            if !in_time {
                return Ok(false);
            }
        }
    }

    /// The next message; `None` after the peer's good-bye, which is a [`Message::Close`].
    ///
    /// # Errors
    /// [`ErrorKind::Transport`] when the connection ended without a good-bye, or when the peer broke
    /// the rules; [`ErrorKind::Length`] for a message beyond the limit, and [`ErrorKind::Encoding`]
    /// for a text that is not UTF-8, of which the peer is told; [`ErrorKind::Cancelled`];
    /// [`ErrorKind::Poisoned`] after any of them.
    pub fn recv(&mut self) -> Result<Option<Message>> {
        match self.next(None)? {
            Some(message) => Ok(message),
            None => Err(Error::of(ErrorKind::Timeout)), // not without a limit
        }
    }

    /// The same, for as long as `limit` at most.
    ///
    /// # Errors
    /// Those of [`recv`](WebSocket::recv); [`ErrorKind::Timeout`] when nothing came. Nothing is lost
    /// then.
    pub fn recv_timeout(&mut self, limit: Duration) -> Result<Option<Message>> {
        let due = Instant::now().checked_add(limit);
        self.next(due)?.ok_or_else(|| too_late(limit))
    }

    /// The inner `None` is the end, the outer one that the time is over.
    #[allow(clippy::option_option)]
    fn next(&mut self, due: Option<Instant>) -> Result<Option<Option<Message>>> {
        self.wire.check()?;
        loop {
            if let Poll::Ready(message) = self.frames.receive() {
                // The answers to pings and to a good-bye.
                self.wire.pump()?;
                return message.map(Some);
            }
            if !self.wire.turn(due, Tunnel::is_readable)? {
                return Ok(None);
            }
        }
    }

    /// Says good-bye and waits for the peer's; messages that come before it are dropped.
    ///
    /// # Errors
    /// [`ErrorKind::Parameter`] for a code that must not be sent (RFC 6455 section 7.4),
    /// [`ErrorKind::Length`] for a reason beyond 123 bytes; [`ErrorKind::Timeout`] when the peer does
    /// not answer in [`closing_timeout`](super::WebSocketBuilder::closing_timeout); those of
    /// [`recv`](WebSocket::recv). The connection is ended in any case but the first two.
    pub fn close(mut self, code: u16, reason: &str) -> Result<()> {
        self.wire.check()?;
        let due = Instant::now().checked_add(self.closing);
        if !self.frames.is_closing() {
            self.frames.send(Message::close(code, reason))?;
            if !self.flush(due)? {
                return Err(closed_late(self.closing));
            }
        }
        loop {
            match self.next(due)? {
                None => return Err(closed_late(self.closing)),
                Some(None) => return Ok(()),
                Some(Some(_)) if self.frames.is_over() => return Ok(()),
                Some(Some(_)) => {}
            }
        }
    }

    /// The protocol that the server chose of those offered.
    pub fn protocol(&self) -> Option<&str> {
        protocol(&self.headers)
    }

    /// The headers of the server's answer to the opening handshake.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

impl Drop for WebSocket {
    fn drop(&mut self) {
        if self.wire.check().is_ok() {
            self.frames.leave();
            let _ = self.wire.pump();
        }
    }
}

impl Wire {
    /// One opening handshake.
    fn attempt(client: &Client, approach: &mut Approach) -> Result<(Answer, Self)> {
        let permit = turn(client, approach)?;
        let mut wire = Self::new(client.clone(), approach.wants.cancel.clone())?;
        let (opening, request) = approach.depart(&wire.tunnel, permit)?;
        wire.open(&opening)?;
        let mut handshake = Handshake::begin(&wire.tunnel, request, approach.wants.most)?;
        loop {
            match handshake.advance() {
                Poll::Ready(answer) => return Ok((answer?, wire)),
                Poll::Pending if wire.turn(approach.due, Tunnel::is_readable)? => {}
                Poll::Pending => return Err(opened_late()),
            }
        }
    }

    fn new(client: Client, cancel: Option<CancelHandle>) -> Result<Self> {
        let multi = connections(Multi::new()?)?;
        let waker = Waker::from(Arc::new(Nudge(multi.waker())));
        let hook = cancel.as_ref().map(|cancel| cancel.hook(waker));
        let tunnel = Tunnel::new(None);
        Ok(Self { wired: None, id: None, tunnel, _hook: hook, cancel, multi, client })
    }

    fn check(&self) -> Result<()> {
        if self.client.is_forked() { Err(Error::of(ErrorKind::Forked)) } else { Ok(()) }
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.as_ref().is_some_and(CancelHandle::is_cancelled)
    }

    /// Makes the connection.
    fn open(&mut self, opening: &Opening) -> Result<()> {
        let client = self.client.clone();
        let calls = &client.shared().calls;
        let _call = calls.enter(Some(self.multi.waker()))?;
        let (line, mut due) = opening.line(&client.shared().config)?;
        let id = self.multi.add(line)?;
        self.id = Some(id);
        loop {
            self.multi.perform()?;
            if let Some(Done { result, .. }) = self.multi.next_done() {
                if let Err(error) = result {
                    let mut line = self.multi.remove(id)?;
                    return conclude(Err(error), &mut line, &mut Names::default())
                        .outcome
                        .map(drop);
                }
                let socket = Wired::socket(&self.multi, id)?;
                let timings = self.multi.get(id).map(|line| line.info().timings());
                self.tunnel.opened(0, timings.unwrap_or_default());
                self.wired = Some(Wired::new(socket, id, Held(Arc::clone(&self.tunnel))));
                return Ok(());
            }
            if self.is_cancelled() {
                return give_up(&mut self.multi, id, cancelled).outcome.map(drop);
            }
            if calls.is_closed() {
                return give_up(&mut self.multi, id, closed).outcome.map(drop);
            }
            let wait = due.map_or(LONG, |due| due.saturating_duration_since(Instant::now()));
            if wait.is_zero() {
                let progress = self.multi.get(id).map(|line| line.info().into());
                let run = self.multi.handler_mut(id).map(|conduct| &mut conduct.run);
                let checked = progress.zip(run).map(|(progress, run)| run.check(progress));
                match checked {
                    Some(Err(limit)) => {
                        let why = |line: &_| late(limit, line);
                        return give_up(&mut self.multi, id, why).outcome.map(drop);
                    }
                    Some(Ok(next)) => due = next,
                    None => due = None,
                }
                continue;
            }
            self.multi.poll(wait)?;
        }
    }

    /// Moves what can be moved.
    fn pump(&mut self) -> Result<()> {
        if self.is_cancelled() || self.client.shared().calls.is_closed() {
            self.end();
            self.tunnel.end(Err(Error::of(ErrorKind::Cancelled)));
            return Err(Error::of(ErrorKind::Cancelled));
        }
        if let Some(wired) = &mut self.wired
            && !wired.pump(&mut self.multi)
        {
            self.end();
        }
        Ok(())
    }

    /// Moves bytes until there are `enough`, or nothing more will ever come; `false` when the time
    /// is over.
    fn turn(&mut self, due: Option<Instant>, enough: impl Fn(&Tunnel) -> bool) -> Result<bool> {
        let client = self.client.clone();
        let mut call = None;
        loop {
            self.pump()?;
            if enough(&self.tunnel) {
                return Ok(true);
            }
            let Some(wired) = &self.wired else { return Ok(true) };
            let wait = due.map_or(LONG, |due| due.saturating_duration_since(Instant::now()));
            if wait.is_zero() {
                return Ok(false);
            }
            if call.is_none() {
                call = client.shared().calls.enter(Some(self.multi.waker())).ok();
                if call.is_none() {
                    continue; // it was closed meanwhile
                }
            }
            let mut watched = [wired.watched()];
            let watched = if wired.waits() { &mut watched[..] } else { &mut [] };
            self.multi.poll_with(wait, watched)?;
        }
    }

    fn end(&mut self) {
        self.wired = None;
        if let Some(id) = self.id.take() {
            // It is there.
            let _ = self.multi.cancel(id);
        }
    }
}

/// Waits for the handshake's turn.
fn turn(client: &Client, approach: &Approach) -> Result<Option<Permit>> {
    let Some(gate) = &client.shared().gate else { return Ok(None) };
    let cancel = approach.wants.cancel.as_ref();
    let mut place = client.wire()?;
    let calls = &client.shared().calls;
    let call = calls.enter(Some(place.signal()))?;
    let hook = place.hook(cancel);
    let permit = place.wait_for(&mut gate.enter(approach.url()), calls, cancel, approach.due);
    drop((hook, call));
    client.give(place);
    permit.map(Some)
}

impl fmt::Debug for WebSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket").field("over", &self.frames.is_over()).finish_non_exhaustive()
    }
}
