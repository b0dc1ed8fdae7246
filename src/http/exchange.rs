//! A transfer between the one who wants it and the thread that drives it.

mod driving;
mod giving;
mod wanting;

use std::collections::VecDeque;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};

use ::http::HeaderMap;
use bytes::Bytes;
use parking_lot::{Condvar, Mutex};

use super::link::{Command, Link};
use super::response::Response;
use super::sink::Failure;
use crate::curl::Id;
use crate::error::{Error, ErrorKind, Result, Timings};
use crate::fork;

/// How much of a body waits between the two sides, in each direction, before the faster one stands
/// still. What libcurl has read already comes on top of it.
pub(super) const HIGH: usize = 256 * 1024;
/// With how little left the faster side goes on.
const LOW: usize = HIGH / 2;

/// How a body ended.
#[derive(Debug)]
pub(super) struct End {
    pub(super) trailers: Option<Box<HeaderMap>>,
    pub(super) timings: Timings,
    /// How much a closure took.
    pub(super) taken: u64,
}

impl End {
    fn of(response: &Response<Vec<u8>>, taken: u64) -> Self {
        let trailers = response.trailers().cloned().map(Box::new);
        Self { trailers, timings: *response.timings(), taken }
    }
}

/// One transfer, seen from both sides. Its lock is held for moments only, never while code of a
/// user's runs.
pub(super) struct Exchange {
    state: Mutex<State>,
    /// A thread that gives the body waits here for room.
    room: Condvar,
    /// The driver; `None` where the caller drives the transfer.
    link: Option<Arc<Link>>,
    resumes: AtomicBool,
    born: u64,
}

#[derive(Default)]
struct State {
    /// Where the driver has it.
    id: Option<Id>,
    /// Nobody wants the response any more.
    left: bool,
    /// It was cancelled; whoever has the transfer says how far it came.
    cancelled: bool,
    /// The driver has it, or will have it by the next command.
    sent: bool,
    answer: Answer,
    /// The task that waits for the response or its body.
    task: Option<Waker>,
    down: Down,
    up: Up,
}

#[derive(Default)]
enum Answer {
    #[default]
    Awaited,
    /// Not in place: most of a transfer's life there is none.
    Here(Box<Result<Response<Vec<u8>>>>),
    Taken,
}

/// The response's body.
#[derive(Default)]
struct Down {
    pieces: VecDeque<Bytes>,
    len: usize,
    paused: bool,
    end: Option<Result<End>>,
    over: bool,
}

/// The request's body.
#[derive(Default)]
struct Up {
    pieces: VecDeque<Bytes>,
    len: usize,
    paused: bool,
    ended: bool,
    failure: Option<Failure>,
    /// libcurl has asked for it.
    asked: bool,
    task: Option<Waker>,
}

/// What a reader of a body finds.
pub(super) enum Next {
    /// A piece, and whether the transfer must be told to go on.
    Piece(Bytes, bool),
    /// Nothing yet.
    Later,
    End(Result<End>),
    /// The end was told already.
    Over,
}

impl Exchange {
    pub(super) fn new(link: Option<Arc<Link>>) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            room: Condvar::new(),
            link,
            resumes: AtomicBool::new(false),
            born: fork::epoch(),
        })
    }

    /// The driver; `None` where the caller drives the transfer.
    pub(super) fn link(&self) -> Option<&Arc<Link>> {
        self.link.as_ref()
    }

    /// Another process has the thread at the other side, and perhaps the lock.
    pub(super) fn is_forked(&self) -> bool {
        self.born != fork::epoch()
    }

    fn tell(self: &Arc<Self>, command: fn(Arc<Self>) -> Command) {
        match &self.link {
            // A driver that is gone has ended the exchange already.
            Some(link) => _ = link.send(command(Arc::clone(self))),
            None => self.resumes.store(true, Ordering::Relaxed),
        }
    }
}

/// A [`CancelHandle`](super::CancelHandle) was used.
impl Wake for Exchange {
    fn wake(self: Arc<Self>) {
        if self.is_forked() {
            return;
        }
        let sent = {
            let mut state = self.state.lock();
            state.cancelled = true;
            self.room.notify_all();
            state.sent
        };
        if sent {
            self.tell(Command::Cancel);
        } else {
            // Nobody else has it.
            self.end(Err(Error::of(ErrorKind::Cancelled)));
        }
    }
}

/// An exchange whose transfer is on its way: dropped, it ends.
pub(super) struct Wanted(pub(super) Arc<Exchange>);

impl Deref for Wanted {
    type Target = Arc<Exchange>;

    fn deref(&self) -> &Arc<Exchange> {
        &self.0
    }
}

impl Drop for Wanted {
    fn drop(&mut self) {
        if !self.0.is_forked() {
            self.0.end(Err(Error::of(ErrorKind::Cancelled)));
        }
    }
}
