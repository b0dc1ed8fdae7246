//! A transfer between the one who wants it and the thread that drives it.

use std::collections::VecDeque;
use std::io;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use ::http::HeaderMap;
use bytes::{Buf as _, Bytes};
use parking_lot::{Condvar, Mutex};

use super::conduct::Whole;
use super::foreign::{Foreign, wake};
use super::head::no_memory;
use super::link::{Command, Link};
use super::response::Response;
use super::sink::Failure;
use crate::curl::{Id, Pauses, Read, Upload, Write};
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

    // What the driving side does.

    /// The transfer has begun.
    pub(super) fn begun(&self, id: Id) {
        self.state.lock().id = Some(id);
    }

    pub(super) fn is_left(&self) -> bool {
        self.state.lock().left
    }

    pub(super) fn id(&self) -> Option<Id> {
        self.state.lock().id
    }

    /// Which directions stand still, as both sides have left it.
    pub(super) fn pauses(&self) -> Pauses {
        let state = self.state.lock();
        Pauses { receiving: state.down.paused, sending: state.up.paused }
    }

    /// Takes a piece of the response's body.
    pub(super) fn push(&self, bytes: &[u8]) -> Result<Write> {
        let task = {
            let mut state = self.state.lock();
            if state.left || state.cancelled {
                return Ok(Write::Stop);
            }
            let down = &mut state.down;
            if down.len >= HIGH {
                down.paused = true;
                return Ok(Write::Pause);
            }
            let mut piece = Vec::new();
            let reserved = piece.try_reserve_exact(bytes.len());
            reserved.map_err(|_| no_memory("body", bytes.len()))?;
            piece.extend_from_slice(bytes);
            down.len += piece.len();
            down.pieces.push_back(piece.into());
            state.task.take()
        };
        wake(task);
        Ok(Write::Taken)
    }

    /// Gives what there is of the request's body.
    pub(super) fn pull(&self, out: &mut Upload<'_>) -> Result<Read, Failure> {
        let task = {
            let mut state = self.state.lock();
            // What is left of the body must not look like its end.
            if state.left || state.cancelled {
                return Ok(Read::Stop);
            }
            let up = &mut state.up;
            up.asked = true;
            while let Some(piece) = up.pieces.front_mut() {
                let taken = out.append(piece);
                piece.advance(taken);
                up.len -= taken;
                if !piece.is_empty() {
                    break;
                }
                up.pieces.pop_front();
            }
            if out.is_empty() {
                if let Some(failure) = up.failure.take() {
                    return Err(failure);
                }
                if !up.ended {
                    up.paused = true;
                    return Ok(Read::Pause);
                }
            }
            if up.len > LOW {
                return Ok(Read::Sent);
            }
            self.room.notify_all();
            up.task.take()
        };
        wake(task);
        Ok(Read::Sent)
    }

    /// It goes to its driver now; an error if it was cancelled before.
    pub(super) fn send(&self) -> Result<()> {
        let mut state = self.state.lock();
        if state.cancelled {
            return Err(Error::of(ErrorKind::Cancelled));
        }
        state.sent = true;
        Ok(())
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.state.lock().cancelled
    }

    /// What gives the request's body failed before libcurl asked for any of it, which it may not do
    /// for long.
    pub(super) fn early_failure(&self) -> Option<Failure> {
        let up = &mut self.state.lock().up;
        if up.asked { None } else { up.failure.take() }
    }

    /// The head of the response is there, or the response as a whole.
    pub(super) fn answer(&self, answer: Result<Response<Vec<u8>>>) {
        let task = {
            let mut state = self.state.lock();
            if !matches!(state.answer, Answer::Awaited) {
                return;
            }
            state.answer = Answer::Here(Box::new(answer));
            state.task.take()
        };
        wake(task);
    }

    /// The head went another way.
    pub(super) fn answered(&self) {
        self.state.lock().answer = Answer::Taken;
    }

    /// The transfer is over. What failed before there was a response is the response's error, and
    /// the body's afterwards.
    pub(super) fn end(&self, outcome: Result<Whole>) {
        let (task, uploader) = {
            let mut state = self.state.lock();
            if state.down.end.is_some() || state.down.over || state.left {
                state.down.over |= state.left;
                drop(state);
                // It may hold what came from a user, and this may be a driver's thread.
                return drop(Foreign::new(outcome));
            }
            match (&state.answer, outcome) {
                (Answer::Awaited, Err(error)) => {
                    state.answer = Answer::Here(Box::new(Err(error)));
                    state.down.over = true;
                }
                (Answer::Awaited, Ok(Whole::Response(response, taken))) => {
                    state.down.end = Some(Ok(End::of(&response, taken)));
                    state.answer = Answer::Here(Box::new(Ok(response)));
                }
                (_, outcome) => {
                    state.down.end = Some(outcome.map(|whole| match whole {
                        Whole::Response(response, taken) => End::of(&response, taken),
                        Whole::Rest(end) => end,
                    }));
                }
            }
            // Nobody takes the request's body any more.
            state.up.ended = true;
            self.room.notify_all();
            (state.task.take(), state.up.task.take())
        };
        wake(task);
        wake(uploader);
    }

    // What the wanting side does.

    pub(super) fn poll_answer(&self, context: &mut Context<'_>) -> Poll<Result<Response<Vec<u8>>>> {
        match self.poll_taken(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Answer::Here(answer)) => Poll::Ready(*answer),
            Poll::Ready(_) => Poll::Ready(Err(Error::of(ErrorKind::Closed))),
        }
    }

    /// What is no longer awaited.
    fn poll_taken(&self, context: &mut Context<'_>) -> Poll<Answer> {
        let mut state = self.state.lock();
        if !matches!(state.answer, Answer::Awaited) {
            return Poll::Ready(std::mem::replace(&mut state.answer, Answer::Taken));
        }
        if state.task.as_ref().is_some_and(|task| task.will_wake(context.waker())) {
            return Poll::Pending;
        }
        // A waker may run anything when it is cloned or dropped.
        drop(state);
        let mut mine = Some(context.waker().clone());
        let (outcome, before) = {
            let mut state = self.state.lock();
            match std::mem::replace(&mut state.answer, Answer::Taken) {
                Answer::Awaited => {
                    state.answer = Answer::Awaited;
                    (Poll::Pending, std::mem::replace(&mut state.task, mine.take()))
                }
                answer => (Poll::Ready(answer), None),
            }
        };
        drop((mine, before));
        outcome
    }

    /// The response, if it is there.
    pub(super) fn take_answer(&self) -> Option<Result<Response<Vec<u8>>>> {
        let mut state = self.state.lock();
        match std::mem::replace(&mut state.answer, Answer::Taken) {
            Answer::Here(answer) => Some(*answer),
            other => {
                state.answer = other;
                None
            }
        }
    }

    /// The next piece of the body, for whoever drives the transfer itself.
    pub(super) fn next(&self) -> Next {
        Self::next_of(&mut self.state.lock())
    }

    /// Whether there is a next piece, or the end.
    pub(super) fn has_next(&self) -> bool {
        let state = self.state.lock();
        !state.down.pieces.is_empty() || state.down.end.is_some() || state.left || state.down.over
    }

    fn next_of(state: &mut State) -> Next {
        let down = &mut state.down;
        if let Some(piece) = down.pieces.pop_front() {
            down.len -= piece.len();
            let resumes = down.paused && down.len <= LOW;
            if resumes {
                down.paused = false;
            }
            return Next::Piece(piece, resumes);
        }
        if down.over {
            return Next::Over;
        }
        match down.end.take() {
            Some(end) => {
                down.over = true;
                Next::End(end)
            }
            None if state.left => {
                down.over = true;
                Next::End(Err(Error::of(ErrorKind::Cancelled)))
            }
            None => Next::Later,
        }
    }

    pub(super) fn poll_next(self: &Arc<Self>, context: &mut Context<'_>) -> Poll<Next> {
        let mut mine = Some(context.waker().clone());
        let (next, before) = {
            let mut state = self.state.lock();
            let next = Self::next_of(&mut state);
            let before = match next {
                Next::Later => std::mem::replace(&mut state.task, mine.take()),
                _ => None,
            };
            (next, before)
        };
        drop((mine, before));
        match next {
            Next::Later => Poll::Pending,
            Next::Piece(_, true) => {
                self.tell(Command::Resume);
                Poll::Ready(next)
            }
            next => Poll::Ready(next),
        }
    }

    /// Room for the request's body, or a promise to wake the task when there is; an error when
    /// nobody takes it any more.
    pub(super) fn poll_room(&self, context: &mut Context<'_>) -> Poll<Result<(), ()>> {
        let mut mine = Some(context.waker().clone());
        let (outcome, before) = {
            let mut state = self.state.lock();
            if state.left || state.cancelled || state.up.ended {
                (Poll::Ready(Err(())), None)
            } else if state.up.len < HIGH {
                (Poll::Ready(Ok(())), None)
            } else {
                (Poll::Pending, std::mem::replace(&mut state.up.task, mine.take()))
            }
        };
        drop((mine, before));
        outcome
    }

    /// The same, on a thread that can wait.
    pub(super) fn wait_for_room(&self) -> Result<(), ()> {
        let mut state = self.state.lock();
        loop {
            if state.left || state.cancelled || state.up.ended {
                return Err(());
            }
            if state.up.len < HIGH {
                return Ok(());
            }
            self.room.wait(&mut state);
        }
    }

    /// More of the request's body.
    pub(super) fn give(self: &Arc<Self>, piece: Bytes) {
        self.change_up(|up| {
            up.len += piece.len();
            if !piece.is_empty() {
                up.pieces.push_back(piece);
            }
        });
    }

    /// The request's body is complete, or will never be.
    pub(super) fn give_end(self: &Arc<Self>, outcome: Result<(), Failure>) {
        let failed = outcome.is_err();
        self.change_up(|up| {
            up.ended = true;
            up.failure = outcome.err();
        });
        if failed && !self.state.lock().up.asked {
            self.tell(Command::Cancel);
        }
    }

    /// Whoever gave the request's body is gone; one that is not complete then never will be.
    pub(super) fn abandon_up(self: &Arc<Self>) {
        if !self.state.lock().up.ended {
            let text = "what gives the body ended before it was complete";
            self.give_end(Err(Failure::Reader(io::Error::other(text))));
        }
    }

    fn change_up(self: &Arc<Self>, change: impl FnOnce(&mut Up)) {
        let resumes = {
            let mut state = self.state.lock();
            change(&mut state.up);
            std::mem::take(&mut state.up.paused)
        };
        if resumes {
            self.tell(Command::Resume);
        }
    }

    /// Nobody wants the response any more: the transfer is given up, whatever phase it is in.
    pub(super) fn leave(self: &Arc<Self>) {
        if self.is_forked() {
            return;
        }
        let (dropped, over) = {
            let mut state = self.state.lock();
            let over = state.down.over || state.down.end.is_some();
            state.left = true;
            self.room.notify_all();
            let answer = match state.answer {
                Answer::Here(_) => std::mem::replace(&mut state.answer, Answer::Taken),
                _ => Answer::Taken,
            };
            let down = std::mem::take(&mut state.down.pieces);
            let up = std::mem::take(&mut state.up.pieces);
            (state.down.len, state.up.len) = (0, 0);
            let ends = (state.down.end.take(), state.up.failure.take());
            ((answer, down, up, ends, state.task.take(), state.up.task.take()), over)
        };
        drop(dropped);
        if !over {
            self.tell(Command::Cancel);
        }
    }

    /// Whether a direction that stood still may go on; for whoever drives the transfer itself.
    pub(super) fn may_resume(&self) -> bool {
        self.resumes.swap(false, Ordering::Relaxed)
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
