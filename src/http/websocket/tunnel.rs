//! The bytes of a WebSocket, between who drives the connection and who speaks through it.

use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use bytes::{Buf as _, Bytes, BytesMut};
use parking_lot::Mutex;

use crate::curl::Id;
use crate::error::{Error, ErrorKind, Result, Timings};
use crate::fork;
use crate::http::foreign::wake;
use crate::http::link::{Command, Link};

/// How much waits in each direction before the faster side stands still.
pub(in crate::http) const HIGH: usize = 256 * 1024;
/// With how little left it goes on.
const LOW: usize = HIGH / 2;
/// How much is handed to the connection at once.
const PIECE: usize = 64 * 1024;

/// A connection's bytes, both ways. Its lock is held for moments, and never while other code runs.
pub(in crate::http) struct Tunnel {
    state: Mutex<State>,
    /// The driver; `None` where the caller drives the connection.
    link: Option<Arc<Link>>,
    born: u64,
}

#[derive(Default)]
#[allow(clippy::struct_excessive_bools)] // each is a question of its own
struct State {
    /// Where the driver has it: the handle, and once the connection stands, the place.
    id: Option<Id>,
    place: Option<usize>,
    /// What making it took.
    timings: Timings,
    /// Nobody speaks through it any more.
    left: bool,
    incoming: BytesMut,
    /// The driving side has stopped receiving.
    full: bool,
    outgoing: BytesMut,
    /// What was written and has not gone to the operating system, with what is in flight.
    unsent: usize,
    /// The driving side has nothing to send.
    idle: bool,
    end: Option<Result<()>>,
    over: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Tunnel {
    pub(in crate::http) fn new(link: Option<Arc<Link>>) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), link, born: fork::epoch() })
    }

    /// Another process has the thread at the other side, and perhaps the lock.
    pub(in crate::http) fn is_forked(&self) -> bool {
        self.born != fork::epoch()
    }

    // What the driving side does.

    /// The connection is being made; `false` when nobody wants it any more.
    pub(in crate::http) fn begun(&self, id: Id) -> bool {
        let mut state = self.state.lock();
        state.id = Some(id);
        !state.left
    }

    /// The connection stands.
    pub(in crate::http) fn opened(&self, place: usize, timings: Timings) {
        let woken = {
            let mut state = self.state.lock();
            (state.place, state.timings) = (Some(place), timings);
            (state.reader.take(), state.writer.take())
        };
        wake(woken.0);
        wake(woken.1);
    }

    pub(in crate::http) fn id(&self) -> Option<Id> {
        self.state.lock().id
    }

    pub(in crate::http) fn place(&self) -> Option<usize> {
        self.state.lock().place
    }

    pub(super) fn timings(&self) -> Timings {
        self.state.lock().timings
    }

    pub(in crate::http) fn is_left(&self) -> bool {
        self.state.lock().left
    }

    /// How much may be received; where that is nothing, a [`Command::Pump`] will say when to go on.
    pub(in crate::http) fn room(&self) -> usize {
        let mut state = self.state.lock();
        let room = HIGH.saturating_sub(state.incoming.len());
        state.full = room == 0;
        room
    }

    pub(in crate::http) fn push(&self, bytes: &[u8]) {
        let reader = {
            let mut state = self.state.lock();
            if !state.left {
                state.incoming.extend_from_slice(bytes);
            }
            state.reader.take()
        };
        wake(reader);
    }

    /// The next to send; where that is nothing, a [`Command::Pump`] will say when there is more.
    pub(in crate::http) fn pull(&self) -> Bytes {
        let mut state = self.state.lock();
        let len = state.outgoing.len().min(PIECE);
        state.idle = len == 0;
        state.outgoing.split_to(len).freeze()
    }

    /// So much went to the operating system.
    pub(in crate::http) fn sent(&self, len: usize) {
        let writer = {
            let mut state = self.state.lock();
            state.unsent = state.unsent.saturating_sub(len);
            if state.unsent > LOW {
                return;
            }
            state.writer.take()
        };
        wake(writer);
    }

    /// The connection is over: the peer closed it, or it failed.
    pub(in crate::http) fn end(&self, outcome: Result<()>) {
        let woken = {
            let mut state = self.state.lock();
            if state.over {
                return;
            }
            state.over = true;
            state.end = Some(outcome);
            (state.reader.take(), state.writer.take())
        };
        wake(woken.0);
        wake(woken.1);
    }

    // What the speaking side does.

    /// Waits until the connection stands, or could not be made.
    pub(super) fn poll_open(&self, context: &mut Context<'_>) -> Poll<Result<()>> {
        self.poll(context, true, |state| match (&state.place, state.end.take()) {
            (_, Some(Err(error))) => Some(Err(error)),
            (Some(_), end) => {
                state.end = end;
                Some(Ok(()))
            }
            (None, Some(Ok(()))) => Some(Err(Error::of(ErrorKind::Closed))),
            (None, None) if state.over => Some(Err(Error::of(ErrorKind::Closed))),
            (None, None) => None,
        })
    }

    /// Waits until there is something to read, or never will be.
    pub(super) fn poll_readable(&self, context: &mut Context<'_>) -> Poll<()> {
        self.poll(context, true, |state| state.is_readable().then_some(()))
    }

    /// Waits until there is room to write.
    pub(super) fn poll_writable(&self, context: &mut Context<'_>) -> Poll<()> {
        self.poll(context, false, |state| (state.over || state.unsent < HIGH).then_some(()))
    }

    /// Waits until everything went to the operating system.
    pub(super) fn poll_sent(&self, context: &mut Context<'_>) -> Poll<()> {
        self.poll(context, false, |state| (state.over || state.unsent == 0).then_some(()))
    }

    fn poll<T>(
        &self,
        context: &mut Context<'_>,
        reads: bool,
        ask: impl FnOnce(&mut State) -> Option<T>,
    ) -> Poll<T> {
        let mut mine = Some(context.waker().clone());
        let (answer, before) = {
            let mut state = self.state.lock();
            match ask(&mut state) {
                Some(answer) => (Poll::Ready(answer), None),
                None if reads => (Poll::Pending, std::mem::replace(&mut state.reader, mine.take())),
                None => (Poll::Pending, std::mem::replace(&mut state.writer, mine.take())),
            }
        };
        drop((mine, before));
        answer
    }

    pub(super) fn is_readable(&self) -> bool {
        self.state.lock().is_readable()
    }

    pub(super) fn has_room(&self) -> bool {
        let state = self.state.lock();
        state.over || state.unsent < HIGH
    }

    /// Whether the connection ended before all that was written had gone out.
    pub(super) fn has_lost(&self) -> bool {
        let state = self.state.lock();
        state.over && state.unsent > 0
    }

    pub(super) fn is_over(&self) -> bool {
        self.state.lock().over
    }

    pub(super) fn is_sent(&self) -> bool {
        let state = self.state.lock();
        state.over || state.unsent == 0
    }

    /// Why the connection failed, once.
    pub(super) fn take_failure(&self) -> Option<Error> {
        self.state.lock().end.take().and_then(Result::err)
    }

    /// Reads what came; a failure is the end, and [`take_failure`](Tunnel::take_failure) has it.
    pub(super) fn read(self: &Arc<Self>, buffer: &mut [u8]) -> io::Result<usize> {
        let (len, goes_on) = {
            let mut state = self.state.lock();
            if state.incoming.is_empty() {
                return if state.over { Ok(0) } else { Err(io::ErrorKind::WouldBlock.into()) };
            }
            let len = buffer.len().min(state.incoming.len());
            state.incoming.copy_to_slice(&mut buffer[..len]);
            let goes_on = state.full && state.incoming.len() <= LOW;
            if goes_on {
                state.full = false;
            }
            (len, goes_on)
        };
        if goes_on {
            self.tell(Command::Pump);
        }
        Ok(len)
    }

    /// Writes what there is room for. After the connection's end it goes nowhere: what came before
    /// the end is still to be read.
    pub(super) fn write(self: &Arc<Self>, bytes: &[u8]) -> io::Result<usize> {
        let (len, was_idle) = {
            let mut state = self.state.lock();
            if state.over || bytes.is_empty() {
                return Ok(bytes.len());
            }
            let len = bytes.len().min(HIGH.saturating_sub(state.unsent));
            if len == 0 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            state.outgoing.extend_from_slice(&bytes[..len]);
            state.unsent += len;
            (len, std::mem::take(&mut state.idle))
        };
        if was_idle {
            self.tell(Command::Pump);
        }
        Ok(len)
    }

    /// Nobody speaks any more: the connection ends, with what can be sent at once.
    pub(super) fn leave(self: &Arc<Self>) {
        if self.is_forked() {
            return;
        }
        let dropped = {
            let mut state = self.state.lock();
            state.left = true;
            (std::mem::take(&mut state.incoming), state.reader.take(), state.writer.take())
        };
        drop(dropped);
        self.tell(Command::HangUp);
    }

    fn tell(self: &Arc<Self>, command: fn(Arc<Self>) -> Command) {
        if let Some(link) = &self.link {
            // A driver that is gone has ended the tunnel already.
            let _ = link.send(command(Arc::clone(self)));
        }
    }
}

impl State {
    fn is_readable(&self) -> bool {
        self.over || !self.incoming.is_empty()
    }
}

/// A [`CancelHandle`](crate::http::CancelHandle) was used.
impl Wake for Tunnel {
    fn wake(self: Arc<Self>) {
        if self.is_forked() {
            return;
        }
        self.end(Err(Error::of(ErrorKind::Cancelled)));
        self.leave();
    }
}

/// The driving side's end of a tunnel: dropped, it ends.
pub(in crate::http) struct Held(pub(in crate::http) Arc<Tunnel>);

impl Drop for Held {
    fn drop(&mut self) {
        if !self.0.is_forked() {
            self.0.end(Err(Error::of(ErrorKind::Cancelled)));
        }
    }
}
