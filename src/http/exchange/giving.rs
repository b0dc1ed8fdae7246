//! What the side does that gives a request's body.

use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;

use super::{Exchange, HIGH, Up};
use crate::error::Result;
use crate::http::link::Command;
use crate::http::sink::Failure;

impl Exchange {
    /// Room for the request's body, or a promise to wake the task when there is; an error when
    /// nobody takes it any more.
    pub(in crate::http) fn poll_room(&self, context: &mut Context<'_>) -> Poll<Result<(), ()>> {
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
    pub(in crate::http) fn wait_for_room(&self) -> Result<(), ()> {
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
    pub(in crate::http) fn give(self: &Arc<Self>, piece: Bytes) {
        self.change_up(|up| {
            up.len += piece.len();
            if !piece.is_empty() {
                up.pieces.push_back(piece);
            }
        });
    }

    /// The request's body is complete, or will never be.
    pub(in crate::http) fn give_end(self: &Arc<Self>, outcome: Result<(), Failure>) {
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
    pub(in crate::http) fn abandon_up(self: &Arc<Self>) {
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
}
