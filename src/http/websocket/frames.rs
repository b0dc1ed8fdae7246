//! Messages over a tunnel: tungstenite does the frames, and never waits.

use std::io;
use std::sync::Arc;
use std::task::Poll;

use ::http::{Request, Response};
use tungstenite::Error as Wrong;
use tungstenite::error::ProtocolError;
use tungstenite::handshake::client::ClientHandshake;
use tungstenite::handshake::{HandshakeError, MidHandshake};
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::{CloseFrame, Message as Frame, WebSocketConfig};

use super::approach::Answer;
use super::message::Message;
use super::tunnel::Tunnel;
use crate::error::libcurl::given_up;
use crate::error::{Error, ErrorKind, Phase, Result, Transfer};

/// A tunnel as a stream that would block.
pub(super) struct Pipe(Arc<Tunnel>);

impl io::Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl io::Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The opening handshake.
pub(super) struct Handshake {
    machine: Option<MidHandshake<ClientHandshake<Pipe>>>,
    tunnel: Arc<Tunnel>,
}

impl Handshake {
    pub(super) fn begin(tunnel: &Arc<Tunnel>, request: Request<()>, most: usize) -> Result<Self> {
        /// What is read at once; longer messages grow it.
        const ROOM: usize = 4 * 1024;

        let config = WebSocketConfig::default()
            .read_buffer_size(ROOM)
            // Each message goes on at once: there is no system call to save.
            .write_buffer_size(0)
            .max_message_size(Some(most))
            .max_frame_size(Some(most));
        let machine = ClientHandshake::start(Pipe(Arc::clone(tunnel)), request, Some(config))
            .map_err(|error| Error::ours(ErrorKind::InvalidRequest, error.to_string()))?;
        Ok(Self { machine: Some(machine), tunnel: Arc::clone(tunnel) })
    }

    /// Goes on as far as it can.
    pub(super) fn advance(&mut self) -> Poll<Result<Answer>> {
        let Some(machine) = self.machine.take() else {
            return Poll::Ready(Err(Error::of(ErrorKind::Poisoned)));
        };
        match machine.handshake() {
            Ok((socket, response)) => {
                let frames =
                    Frames { socket, tunnel: Arc::clone(&self.tunnel), over: false, broken: false };
                Poll::Ready(Ok(self.answered(response, Some(frames))))
            }
            Err(HandshakeError::Interrupted(machine)) => {
                self.machine = Some(machine);
                Poll::Pending
            }
            Err(HandshakeError::Failure(Wrong::Http(response))) => {
                Poll::Ready(Ok(self.answered(*response, None)))
            }
            Err(HandshakeError::Failure(error)) => Poll::Ready(Err(self.failed(&error))),
        }
    }

    fn answered<B>(&self, response: Response<B>, frames: Option<Frames>) -> Answer {
        let (head, _) = response.into_parts();
        let timings = self.tunnel.timings();
        Answer { status: head.status, headers: head.headers, frames, timings }
    }

    fn failed(&self, error: &Wrong) -> Error {
        if let Some(failure) = self.tunnel.take_failure() {
            return failure;
        }
        let transfer = Transfer { phase: Phase::FirstByte, ..Transfer::default() };
        let text = format!("the answer to the opening handshake: {error}");
        given_up(ErrorKind::Transport, text, transfer)
    }
}

/// An open WebSocket. Nothing waits here.
pub(super) struct Frames {
    socket: tungstenite::WebSocket<Pipe>,
    tunnel: Arc<Tunnel>,
    /// The peer has closed.
    over: bool,
    /// Something failed, and was told.
    broken: bool,
}

impl Frames {
    /// The next message; `None` after the last.
    pub(super) fn receive(&mut self) -> Poll<Result<Option<Message>>> {
        if self.broken {
            return Poll::Ready(Err(Error::of(ErrorKind::Poisoned)));
        }
        if self.over {
            return Poll::Ready(Ok(None));
        }
        match self.socket.read() {
            Ok(frame) => {
                if frame.is_close() {
                    self.over = true;
                    // The answer; what cannot go now goes with the next flush.
                    let _ = self.socket.flush();
                }
                Poll::Ready(Message::of(frame).map(Some))
            }
            Err(Wrong::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
            Err(Wrong::ConnectionClosed | Wrong::AlreadyClosed) => {
                self.over = true;
                Poll::Ready(Ok(None))
            }
            Err(error) => Poll::Ready(Err(self.fail(&error))),
        }
    }

    /// Takes a message, to be sent by [`flush`](Frames::flush).
    pub(super) fn send(&mut self, message: Message) -> Result<()> {
        let frame = message.into_frame()?;
        self.check_sending()?;
        self.done(|socket| socket.write(frame)).map(drop)
    }

    /// Hands what was taken to the tunnel; pending while it has no room for all of it.
    pub(super) fn flush(&mut self) -> Poll<Result<()>> {
        if self.broken {
            return Poll::Ready(Err(Error::of(ErrorKind::Poisoned)));
        }
        match self.done(tungstenite::WebSocket::flush) {
            Ok(true) => Poll::Ready(Ok(())),
            Ok(false) => Poll::Pending,
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    /// Whether what was flushed has gone out, now that nothing of it waits any more; `true`.
    pub(super) fn sent(&mut self) -> Result<bool> {
        if self.tunnel.has_lost() && !self.is_over() {
            return Err(self.fail(&ProtocolError::ResetWithoutClosingHandshake.into()));
        }
        Ok(true)
    }

    /// Whether something can be sent.
    pub(super) fn check_sending(&mut self) -> Result<()> {
        if self.broken {
            return Err(Error::of(ErrorKind::Poisoned));
        }
        if self.over || !self.socket.can_write() {
            return Err(Error::ours(ErrorKind::Closed, "the WebSocket is closed"));
        }
        if self.tunnel.is_over() {
            return Err(self.fail(&ProtocolError::ResetWithoutClosingHandshake.into()));
        }
        Ok(())
    }

    /// Says good-bye, if that was not done and can be.
    pub(super) fn leave(&mut self) {
        if !self.broken && !self.over && self.socket.can_write() {
            let away = CloseFrame { code: CloseCode::Away, reason: "".into() };
            let _ = self.socket.close(Some(away));
        }
    }

    /// Whether this side has said good-bye, or has no need to.
    pub(super) fn is_closing(&self) -> bool {
        self.over || self.broken || !self.socket.can_write()
    }

    pub(super) fn is_over(&self) -> bool {
        self.over || self.broken
    }

    /// `false` where the tunnel has no room: tungstenite keeps what it was given.
    fn done(
        &mut self,
        act: impl FnOnce(&mut tungstenite::WebSocket<Pipe>) -> Result<(), Wrong>,
    ) -> Result<bool> {
        match act(&mut self.socket) {
            Ok(()) | Err(Wrong::ConnectionClosed) => Ok(true),
            Err(Wrong::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(self.fail(&error)),
        }
    }

    /// Ends it for a fault, of which the peer is told where it is the peer's.
    fn fail(&mut self, error: &Wrong) -> Error {
        self.broken = true;
        if let Some(failure) = self.tunnel.take_failure() {
            return failure;
        }
        let (kind, code, text) = match error {
            Wrong::Utf8(_) => {
                (ErrorKind::Encoding, CloseCode::Invalid, "a text message is not UTF-8".to_owned())
            }
            Wrong::Capacity(it) => (ErrorKind::Length, CloseCode::Size, it.to_string()),
            Wrong::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
                let text = "the connection ended without a closing handshake";
                return Error::ours(ErrorKind::Transport, text);
            }
            other => (ErrorKind::Transport, CloseCode::Protocol, other.to_string()),
        };
        if self.socket.can_write() {
            let _ = self.socket.write(Frame::Close(Some(CloseFrame { code, reason: "".into() })));
            let _ = self.socket.flush();
        }
        Error::ours(kind, text)
    }
}
