//! A bounded queue for one thread that takes and any number that put.
//!
//! It knows neither threads nor jobs; `tests/loom` models this very file.

use std::collections::VecDeque;
use std::task::{Poll, Waker};

use crate::sync::{Condvar, Mutex};

/// The room that is reserved at once; a longer queue grows as it fills.
const RESERVED: usize = 1024;

/// Jobs on their way to their thread.
pub(crate) struct Queue<J> {
    state: Mutex<State<J>>,
    /// A job came, or the end did.
    filled: Condvar,
    /// A place became free, or the end came.
    freed: Condvar,
    capacity: usize,
}

struct State<J> {
    jobs: VecDeque<J>,
    end: Option<End>,
    /// Futures that wait for a place, under the number that each was given.
    waiting: Vec<(u64, Waker)>,
    last: u64,
}

/// Why nothing more is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// What is queued is done; nothing more comes.
    Drain,
    /// What is queued is not done any more.
    Cancel,
    /// A job panicked, and what is queued is not done any more.
    Poison,
}

/// Why a job was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Full,
    Ended(End),
}

impl<J> Queue<J> {
    /// A queue for as many jobs, at least one; `None` without memory.
    pub(crate) fn new(capacity: usize) -> Option<Self> {
        let capacity = capacity.max(1);
        let mut jobs = VecDeque::new();
        jobs.try_reserve_exact(capacity.min(RESERVED)).ok()?;
        let state = State { jobs, end: None, waiting: Vec::new(), last: 0 };
        Some(Self {
            state: Mutex::new(state),
            filled: Condvar::new(),
            freed: Condvar::new(),
            capacity,
        })
    }

    /// Puts a job in, and waits for a place where there is none; hands it back after the end.
    pub(crate) fn push(&self, job: J) -> Result<(), (J, Refusal)> {
        let mut state = self.state.lock();
        while state.end.is_none() && state.jobs.len() >= self.capacity {
            self.freed.wait(&mut state);
        }
        self.put(&mut state, job)
    }

    /// Puts a job in if there is a place.
    pub(crate) fn try_push(&self, job: J) -> Result<(), (J, Refusal)> {
        let mut state = self.state.lock();
        self.put(&mut state, job)
    }

    /// Puts the job in if there is a place, and has the waker called otherwise when there is one.
    ///
    /// `ticket` is `None` at first and belongs to the one future that waits with it.
    pub(crate) fn poll_push(
        &self,
        job: &mut Option<J>,
        ticket: &mut Option<u64>,
        waker: &Waker,
    ) -> Poll<Result<(), Refusal>> {
        // A waker's clone and drop are foreign code: both happen outside of the lock.
        let mut mine = Some(waker.clone());
        let (outcome, before) = {
            let mut state = self.state.lock();
            let before = ticket.take().and_then(|ticket| state.leave(ticket));
            let outcome = match job.take() {
                None => Poll::Ready(Ok(())),
                Some(taken) => match self.put(&mut state, taken) {
                    Ok(()) => Poll::Ready(Ok(())),
                    Err((back, Refusal::Full)) => {
                        *job = Some(back);
                        state.last += 1;
                        let number = state.last;
                        state.waiting.extend(mine.take().map(|waker| (number, waker)));
                        *ticket = Some(number);
                        Poll::Pending
                    }
                    Err((back, refusal)) => {
                        *job = Some(back);
                        Poll::Ready(Err(refusal))
                    }
                },
            };
            (outcome, before)
        };
        drop((mine, before));
        outcome
    }

    /// A future that waited for a place is gone.
    pub(crate) fn forget(&self, ticket: u64) {
        let waker = self.state.lock().leave(ticket);
        drop(waker);
    }

    /// The next job, waited for, and the wakers of all futures that wait for a place, to be called
    /// at once; `None` when no more are to be done.
    pub(crate) fn pop(&self) -> Option<(J, Vec<Waker>)> {
        let mut state = self.state.lock();
        let job = loop {
            if matches!(state.end, Some(End::Cancel | End::Poison)) {
                return None;
            }
            match state.jobs.pop_front() {
                Some(job) => break job,
                None if state.end.is_some() => return None,
                None => self.filled.wait(&mut state),
            }
        };
        self.freed.notify_one();
        // All are woken: one that was dropped meanwhile would keep the place from the others.
        let waiting = state.waiting.drain(..).map(|(_, waker)| waker).collect();
        Some((job, waiting))
    }

    /// Takes nothing more; the first end counts.
    pub(crate) fn end(&self, end: End) {
        let waiting = {
            let mut state = self.state.lock();
            state.end.get_or_insert(end);
            std::mem::take(&mut state.waiting)
        };
        self.filled.notify_all();
        self.freed.notify_all();
        for (_, waker) in waiting {
            waker.wake();
        }
    }

    /// Why nothing is taken any more.
    pub(crate) fn ended(&self) -> Option<End> {
        self.state.lock().end
    }

    /// What was not done, after the end.
    pub(crate) fn rest(&self) -> VecDeque<J> {
        std::mem::take(&mut self.state.lock().jobs)
    }

    fn put(&self, state: &mut State<J>, job: J) -> Result<(), (J, Refusal)> {
        if let Some(end) = state.end {
            return Err((job, Refusal::Ended(end)));
        }
        if state.jobs.len() >= self.capacity {
            return Err((job, Refusal::Full));
        }
        state.jobs.push_back(job);
        self.filled.notify_one();
        Ok(())
    }
}

impl<J> State<J> {
    fn leave(&mut self, ticket: u64) -> Option<Waker> {
        let at = self.waiting.iter().position(|(number, _)| *number == ticket)?;
        Some(self.waiting.swap_remove(at).1)
    }
}
