//! What the side does that drives a transfer.

use bytes::Buf as _;

use super::{Answer, End, Exchange, HIGH, LOW};
use crate::curl::{Id, Pauses, Read, Upload, Write};
use crate::error::{Error, ErrorKind, Result};
use crate::http::conduct::Whole;
use crate::http::foreign::{Foreign, wake};
use crate::http::head::no_memory;
use crate::http::response::Response;
use crate::http::sink::Failure;

impl Exchange {
    /// The transfer has begun.
    pub(in crate::http) fn begun(&self, id: Id) {
        self.state.lock().id = Some(id);
    }

    pub(in crate::http) fn is_left(&self) -> bool {
        self.state.lock().left
    }

    pub(in crate::http) fn id(&self) -> Option<Id> {
        self.state.lock().id
    }

    /// Which directions stand still, as both sides have left it.
    pub(in crate::http) fn pauses(&self) -> Pauses {
        let state = self.state.lock();
        Pauses { receiving: state.down.paused, sending: state.up.paused }
    }

    /// Takes a piece of the response's body.
    pub(in crate::http) fn push(&self, bytes: &[u8]) -> Result<Write> {
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
    pub(in crate::http) fn pull(&self, out: &mut Upload<'_>) -> Result<Read, Failure> {
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
    pub(in crate::http) fn send(&self) -> Result<()> {
        let mut state = self.state.lock();
        if state.cancelled {
            return Err(Error::of(ErrorKind::Cancelled));
        }
        state.sent = true;
        Ok(())
    }

    pub(in crate::http) fn is_cancelled(&self) -> bool {
        self.state.lock().cancelled
    }

    /// What gives the request's body failed before libcurl asked for any of it, which it may not do
    /// for long.
    pub(in crate::http) fn early_failure(&self) -> Option<Failure> {
        let up = &mut self.state.lock().up;
        if up.asked { None } else { up.failure.take() }
    }

    /// The head of the response is there, or the response as a whole.
    pub(in crate::http) fn answer(&self, answer: Result<Response<Vec<u8>>>) {
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
    pub(in crate::http) fn answered(&self) {
        self.state.lock().answer = Answer::Taken;
    }

    /// The transfer is over. What failed before there was a response is the response's error, and
    /// the body's afterwards.
    pub(in crate::http) fn end(&self, outcome: Result<Whole>) {
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
}
