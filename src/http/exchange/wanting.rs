//! What the side does that wants a response.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use super::{Answer, Exchange, LOW, Next, State};
use crate::error::{Error, ErrorKind, Result};
use crate::http::link::Command;
use crate::http::response::Response;

impl Exchange {
    pub(in crate::http) fn poll_answer(
        &self,
        context: &mut Context<'_>,
    ) -> Poll<Result<Response<Vec<u8>>>> {
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
    pub(in crate::http) fn take_answer(&self) -> Option<Result<Response<Vec<u8>>>> {
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
    pub(in crate::http) fn next(&self) -> Next {
        Self::next_of(&mut self.state.lock())
    }

    /// Whether there is a next piece, or the end.
    pub(in crate::http) fn has_next(&self) -> bool {
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

    pub(in crate::http) fn poll_next(self: &Arc<Self>, context: &mut Context<'_>) -> Poll<Next> {
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

    /// Nobody wants the response any more: the transfer is given up, whatever phase it is in.
    pub(in crate::http) fn leave(self: &Arc<Self>) {
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
    pub(in crate::http) fn may_resume(&self) -> bool {
        self.resumes.swap(false, Ordering::Relaxed)
    }
}
