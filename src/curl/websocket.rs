//! WebSocket (RFC 6455) over a handle's connection.

mod message;
mod wire;

use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, Instant};

use super::easy::Easy;
use super::handler::Handler;
use super::info::Info;
use super::newer;
use super::option::{self, value};
use crate::capabilities::{Libcurl, Version};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::curl as ffi;

pub use self::message::{CloseReason, Message, Payload};
#[cfg(all(feature = "websocket", unix))]
pub(crate) use self::message::{close as check_close, control as check_control};

/// A WebSocket that libcurl has connected: through the proxies, with the TLS settings and the
/// authentication of the [`Easy`] that it is made of.
///
/// Nothing blocks: [`receive`](WebSocket::receive) answers `None` while nothing is there, and what
/// cannot be sent yet is kept here, in order, until [`flush`](WebSocket::flush) (or any other call)
/// can send it. [`wait`](WebSocket::wait) waits for either; [`next`](WebSocket::next) does it all.
///
/// Pings are answered by libcurl, unless [`option::WsOptions`] says otherwise. Fragments are put
/// together. The closing handshake is answered here. Dropping it ends the connection at once: call
/// [`close`](WebSocket::close) before.
///
/// `Send` where the handler is, and not `Sync`.
///
/// Needs a libcurl from 8.12 on that was built with WebSocket: before, what could be sent only in
/// part was corrupted ([curl #15901](https://github.com/curl/curl/pull/15901)).
///
/// ```no_run
/// use std::time::Duration;
/// use ffence::curl::{Easy, Message, WebSocket, option};
///
/// let mut easy = Easy::new()?;
/// easy.set(option::Url("wss://example.org/chat"))?;
/// let mut socket = WebSocket::connect(easy)?;
/// socket.send_text("hello")?;
/// match socket.next(Duration::from_secs(5))? {
///     Message::Text(text) => println!("{text}"),
///     other => println!("{other:?}"),
/// }
/// socket.close(1000, "done")?;
/// # Ok::<(), ffence::Error>(())
/// ```
#[doc(alias = "curl_ws_recv")]
#[doc(alias = "curl_ws_send")]
pub struct WebSocket<H: Handler = ()> {
    easy: Easy<H>,
    /// Frames that libcurl has not taken whole. The first may have gone in part.
    outgoing: VecDeque<Frame>,
    buffer: Box<[u8]>,
    /// The message whose fragments are coming, and the control frame that came in part.
    message: Vec<u8>,
    control: Vec<u8>,
    limit: usize,
    state: State,
}

struct Frame {
    bytes: Vec<u8>,
    at: usize,
    flags: u32,
}

#[derive(Clone, Copy, Default)]
struct State {
    /// A message of which not all parts were given yet.
    parts: Option<Payload>,
    /// This side has said that it closes.
    closing: bool,
    /// The peer has.
    closed: bool,
    /// The connection failed.
    broken: bool,
}

/// What became of what was to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It went to the operating system, all of it.
    Done,
    /// It is kept here, behind what waits already, until it can go.
    Waiting,
}

/// Bytes received at once.
const ROOM: usize = 16 * 1024;

/// The longest message, unless [`set_limit`](WebSocket::set_limit) says otherwise.
const LIMIT: usize = 64 << 20;

impl<H: Handler> WebSocket<H> {
    /// Connects as the options of `easy` say, and becomes a WebSocket.
    ///
    /// [`CURLOPT_CONNECT_ONLY`](https://curl.se/libcurl/c/CURLOPT_CONNECT_ONLY.html)
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] where the linked libcurl is older than 8.12 or was built without
    /// WebSocket; [`ErrorKind::Status`] when the server refuses; else those of
    /// [`Easy::perform`].
    pub fn connect(mut easy: Easy<H>) -> Result<Self> {
        newer::ws_send()?;
        newer::ws_receive()?;
        let linked = Libcurl::known()?;
        newer::require("WebSocket that sends reliably", Version::new(8, 12, 0))?;
        if !linked.speaks("ws") {
            let text = format!("libcurl {} was built without WebSocket", linked.version());
            return Err(Error::ours(ErrorKind::Unsupported, text));
        }
        easy.set(option::ConnectOnly(value::ConnectOnly::WebSocket))?;
        easy.perform()?;
        Ok(Self {
            easy,
            outgoing: VecDeque::new(),
            buffer: vec![0; ROOM].into(),
            message: Vec::new(),
            control: Vec::new(),
            limit: LIMIT,
            state: State::default(),
        })
    }

    /// Sets the length, in bytes, beyond which a received message is an error; 64 MiB at first.
    pub fn set_limit(&mut self, bytes: usize) {
        self.limit = bytes;
    }

    /// Sends a text.
    ///
    /// # Errors
    /// [`ErrorKind::Closed`] after either side closed; [`ErrorKind::Transport`] when the connection
    /// fails, and [`ErrorKind::Poisoned`] from then on; [`ErrorKind::Parameter`] between the parts of
    /// another message.
    pub fn send_text(&mut self, text: &str) -> Result<Sent> {
        self.between_messages()?;
        self.send(text.as_bytes(), ffi::CURLWS_TEXT)
    }

    /// Sends bytes.
    ///
    /// # Errors
    /// Those of [`send_text`](WebSocket::send_text).
    pub fn send_binary(&mut self, bytes: &[u8]) -> Result<Sent> {
        self.between_messages()?;
        self.send(bytes, ffi::CURLWS_BINARY)
    }

    /// Sends a part of a message, of which `last` is the last. Between the parts of one message,
    /// pings and pongs may be sent, but no other message. The parts of a text together must be UTF-8;
    /// the peer closes where they are not.
    ///
    /// # Errors
    /// Those of [`send_text`](WebSocket::send_text).
    pub fn send_fragment(&mut self, payload: Payload, bytes: &[u8], last: bool) -> Result<Sent> {
        if self.state.parts.is_some_and(|begun| begun != payload) {
            let text = "the parts of a message are all text or all bytes";
            return Err(Error::ours(ErrorKind::Parameter, text));
        }
        let kind = match payload {
            Payload::Text => ffi::CURLWS_TEXT,
            Payload::Binary => ffi::CURLWS_BINARY,
        };
        let sent = self.send(bytes, if last { kind } else { kind | ffi::CURLWS_CONT })?;
        self.state.parts = (!last).then_some(payload);
        Ok(sent)
    }

    /// libcurl would take another message for the last part.
    fn between_messages(&self) -> Result<()> {
        if self.state.parts.is_none() {
            return Ok(());
        }
        Err(Error::ours(ErrorKind::Parameter, "the last part of a message was not sent yet"))
    }

    /// Asks the peer for a pong with the same bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Length`] beyond 125 bytes; those of [`send_text`](WebSocket::send_text).
    pub fn ping(&mut self, bytes: &[u8]) -> Result<Sent> {
        message::control(bytes)?;
        self.send(bytes, ffi::CURLWS_PING)
    }

    /// Answers a ping, where libcurl was told not to.
    ///
    /// # Errors
    /// Those of [`ping`](WebSocket::ping).
    pub fn pong(&mut self, bytes: &[u8]) -> Result<Sent> {
        message::control(bytes)?;
        self.send(bytes, ffi::CURLWS_PONG)
    }

    /// Says that this side sends nothing more. The peer answers with its own
    /// [`Message::Close`], for which to [`receive`](WebSocket::receive) until it comes.
    ///
    /// # Errors
    /// [`ErrorKind::Parameter`] for a code that must not be sent (RFC 6455 section 7.4),
    /// [`ErrorKind::Length`] for a reason beyond 123 bytes; those of
    /// [`send_text`](WebSocket::send_text).
    pub fn close(&mut self, code: u16, reason: &str) -> Result<Sent> {
        let payload = message::close(code, reason)?;
        let sent = self.send(&payload, ffi::CURLWS_CLOSE)?;
        self.state.closing = true;
        Ok(sent)
    }

    fn send(&mut self, bytes: &[u8], flags: u32) -> Result<Sent> {
        self.usable()?;
        if self.state.closing || self.state.closed {
            return Err(closed());
        }
        self.enqueue(bytes, flags)
    }

    /// Sends at once what can go, if nothing waits before it, and keeps the rest.
    fn enqueue(&mut self, bytes: &[u8], flags: u32) -> Result<Sent> {
        let mut at = 0;
        if self.flush()? == Sent::Done && self.offer(bytes, &mut at, flags)? {
            return Ok(Sent::Done);
        }
        let mut rest = Vec::new();
        let reserved = rest.try_reserve_exact(bytes.len() - at);
        if reserved.is_err() || self.outgoing.try_reserve(1).is_err() {
            // libcurl may have begun the frame, and it cannot be taken back.
            self.state.broken = true;
            return Err(Error::of(ErrorKind::OutOfMemory));
        }
        rest.extend_from_slice(&bytes[at..]);
        self.outgoing.push_back(Frame { bytes: rest, at: 0, flags });
        Ok(Sent::Waiting)
    }

    /// Sends what waits, as far as it can go.
    ///
    /// # Errors
    /// Those of [`send_text`](WebSocket::send_text).
    pub fn flush(&mut self) -> Result<Sent> {
        self.usable()?;
        while let Some(mut frame) = self.outgoing.pop_front() {
            let done = self.offer(&frame.bytes, &mut frame.at, frame.flags)?;
            if !done {
                self.outgoing.push_front(frame);
                return Ok(Sent::Waiting);
            }
        }
        Ok(Sent::Done)
    }

    /// How many bytes wait to be sent.
    pub fn waiting(&self) -> usize {
        self.outgoing.iter().map(|frame| frame.bytes.len() - frame.at).sum()
    }

    /// Hands the rest of a frame to libcurl; whether it took all of it.
    fn offer(&mut self, bytes: &[u8], at: &mut usize, flags: u32) -> Result<bool> {
        let outcome = wire::offer(self.easy.transfer_mut(), bytes, at, flags);
        self.state.broken |= outcome.is_err();
        outcome
    }

    /// The next message; `None` while none is there, or while it is there only in part.
    ///
    /// # Errors
    /// [`ErrorKind::Closed`] after the peer's [`Message::Close`]; [`ErrorKind::Transport`] when the
    /// connection ended without one; [`ErrorKind::Length`] for a message beyond the limit, and
    /// [`ErrorKind::Encoding`] for a text that is not UTF-8, both of which close the WebSocket.
    pub fn receive(&mut self) -> Result<Option<Message>> {
        self.usable()?;
        if self.state.closed {
            return Err(closed());
        }
        self.flush()?;
        loop {
            let received = wire::receive(self.easy.transfer_mut(), &mut self.buffer);
            self.state.broken |= received.is_err();
            let Some(chunk) = received? else { return Ok(None) };
            if let Some(message) = self.take(chunk)? {
                return Ok(Some(message));
            }
        }
    }

    /// Appends a chunk to what it belongs to; the message, once it is whole.
    fn take(&mut self, chunk: wire::Chunk) -> Result<Option<Message>> {
        const CONTROL: u32 = ffi::CURLWS_CLOSE | ffi::CURLWS_PING | ffi::CURLWS_PONG;

        let bytes = self.buffer.get(..chunk.len).unwrap_or_default();
        if chunk.flags & CONTROL != 0 {
            if self.control.try_reserve(bytes.len()).is_err() {
                return Err(self.give_up(1009, Error::of(ErrorKind::OutOfMemory)));
            }
            self.control.extend_from_slice(bytes);
            if chunk.left != 0 {
                return Ok(None);
            }
            let payload = std::mem::take(&mut self.control);
            return Ok(Some(self.take_control(chunk.flags, payload)));
        }
        let len = (self.message.len() as u64).saturating_add(chunk.len as u64);
        if len.saturating_add(chunk.left) > self.limit as u64 {
            let text = format!("a message is longer than the limit of {} bytes", self.limit);
            return Err(self.give_up(1009, Error::ours(ErrorKind::Length, text)));
        }
        if self.message.try_reserve(bytes.len()).is_err() {
            return Err(self.give_up(1009, Error::of(ErrorKind::OutOfMemory)));
        }
        self.message.extend_from_slice(bytes);
        if chunk.left != 0 || chunk.flags & ffi::CURLWS_CONT != 0 {
            return Ok(None);
        }
        let message = std::mem::take(&mut self.message);
        if chunk.flags & ffi::CURLWS_TEXT == 0 {
            return Ok(Some(Message::Binary(message)));
        }
        let Ok(text) = String::from_utf8(message) else {
            let error = Error::ours(ErrorKind::Encoding, "a text message is not UTF-8");
            return Err(self.give_up(1007, error));
        };
        Ok(Some(Message::Text(text)))
    }

    fn take_control(&mut self, flags: u32, payload: Vec<u8>) -> Message {
        if flags & ffi::CURLWS_PING != 0 {
            return Message::Ping(payload);
        }
        if flags & ffi::CURLWS_PONG != 0 {
            return Message::Pong(payload);
        }
        self.state.closed = true;
        if !self.state.closing {
            self.state.closing = true;
            // RFC 6455 section 5.5.1: the code that was received. That the peer is gone already is
            // no failure any more.
            let code = payload.get(..2).unwrap_or_default().to_vec();
            let _ = self.enqueue(&code, ffi::CURLWS_CLOSE);
            self.state.broken = false;
        }
        Message::Close(CloseReason::read(&payload))
    }

    /// Closes for a fault of the peer's.
    fn give_up(&mut self, code: u16, error: Error) -> Error {
        if let Ok(payload) = message::close(code, "") {
            let _ = self.enqueue(&payload, ffi::CURLWS_CLOSE);
        }
        self.state.broken = true;
        error
    }

    /// Waits until something can be received, or what waits can be sent on; `false` when neither
    /// happened in `timeout`. Wait only after [`receive`](WebSocket::receive) answered `None`: what
    /// libcurl has read already does not count.
    ///
    /// # Errors
    /// [`ErrorKind::Transport`] when the connection is gone.
    #[cfg(unix)]
    pub fn wait(&self, timeout: Duration) -> Result<bool> {
        self.usable()?;
        let socket = self.socket().ok_or_else(|| {
            Error::ours(ErrorKind::Transport, "the WebSocket's connection is gone")
        })?;
        wire::wait(socket, !self.outgoing.is_empty(), timeout)
    }

    /// The connection's socket, for an event loop: readable, and writable while
    /// [`waiting`](WebSocket::waiting) is not 0.
    #[cfg(unix)]
    pub fn socket(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        self.info().active_socket()
    }

    /// Sends what waits, and waits for the next message.
    ///
    /// # Errors
    /// Those of [`receive`](WebSocket::receive); [`ErrorKind::Timeout`] when none came in `timeout`.
    #[cfg(unix)]
    pub fn next(&mut self, timeout: Duration) -> Result<Message> {
        let deadline = Instant::now().checked_add(timeout);
        loop {
            if let Some(message) = self.receive()? {
                return Ok(message);
            }
            self.wait_until(deadline)?;
        }
    }

    /// Waits until everything is sent.
    ///
    /// # Errors
    /// Those of [`send_text`](WebSocket::send_text); [`ErrorKind::Timeout`] when it was not in
    /// `timeout`. Nothing is lost then.
    #[cfg(unix)]
    pub fn flush_within(&mut self, timeout: Duration) -> Result<()> {
        let deadline = Instant::now().checked_add(timeout);
        while self.flush()? == Sent::Waiting {
            let left = left(deadline)?;
            let socket = self.socket().ok_or_else(closed)?;
            wire::wait_to_send(socket, left)?;
        }
        Ok(())
    }

    #[cfg(unix)]
    fn wait_until(&self, deadline: Option<Instant>) -> Result<()> {
        self.wait(left(deadline)?).map(drop)
    }

    /// What the handle knows about the connection.
    pub fn info(&self) -> Info<'_> {
        self.easy.info()
    }

    /// The handler.
    pub fn handler(&self) -> &H {
        self.easy.handler()
    }

    /// The handler.
    pub fn handler_mut(&mut self) -> &mut H {
        self.easy.handler_mut()
    }

    /// Ends the connection, and gives the handler back.
    pub fn into_handler(self) -> H {
        self.easy.into_handler()
    }

    fn usable(&self) -> Result<()> {
        if self.state.broken {
            return Err(Error::of(ErrorKind::Poisoned));
        }
        Ok(())
    }
}

#[cfg(unix)]
fn left(deadline: Option<Instant>) -> Result<Duration> {
    let Some(deadline) = deadline else { return Ok(Duration::MAX) };
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(Error::ours(ErrorKind::Timeout, "the WebSocket's peer did not keep up"));
    }
    Ok(left)
}

#[cold]
fn closed() -> Error {
    Error::ours(ErrorKind::Closed, "the WebSocket is closed")
}

impl<H: Handler> fmt::Debug for WebSocket<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket")
            .field("waiting", &self.waiting())
            .field("closing", &self.state.closing)
            .field("closed", &self.state.closed)
            .finish_non_exhaustive()
    }
}
