//! One answer on its way back, for a thread or for a future that waits.
//!
//! It knows neither threads nor jobs; `tests/loom` models this very file.

use std::task::{Poll, Waker};

use crate::sync::{Arc, Condvar, Mutex};

struct Shared<R> {
    state: Mutex<State<R>>,
    settled: Condvar,
}

struct State<R> {
    answer: Option<R>,
    /// There is an answer, or there will be none.
    settled: bool,
    /// Somebody waits.
    wanted: bool,
    waker: Option<Waker>,
}

/// The end that answers. Dropped, it says that there will be no answer.
pub(crate) struct Answer<R>(Arc<Shared<R>>);

/// The end that waits.
pub(crate) struct Wait<R>(Arc<Shared<R>>);

/// Both ends.
pub(crate) fn reply<R>() -> (Answer<R>, Wait<R>) {
    let state = State { answer: None, settled: false, wanted: true, waker: None };
    let shared = Arc::new(Shared { state: Mutex::new(state), settled: Condvar::new() });
    (Answer(Arc::clone(&shared)), Wait(shared))
}

impl<R> Answer<R> {
    /// Whether somebody still waits.
    pub(crate) fn is_wanted(&self) -> bool {
        self.0.state.lock().wanted
    }

    /// Answers; what nobody waits for any more comes back.
    pub(crate) fn send(self, answer: R) -> Option<R> {
        self.settle(Some(answer))
    }

    fn settle(&self, answer: Option<R>) -> Option<R> {
        let (surplus, waker) = {
            let mut state = self.0.state.lock();
            if state.settled {
                return answer;
            }
            state.settled = true;
            let surplus = if state.wanted {
                state.answer = answer;
                None
            } else {
                answer
            };
            self.0.settled.notify_one();
            (surplus, state.waker.take())
        };
        // Foreign code: outside of the lock.
        if let Some(waker) = waker {
            waker.wake();
        }
        surplus
    }
}

impl<R> Drop for Answer<R> {
    fn drop(&mut self) {
        self.settle(None);
    }
}

impl<R> Wait<R> {
    /// The answer, waited for; `None` when there will be none.
    pub(crate) fn wait(self) -> Option<R> {
        let mut state = self.0.state.lock();
        while !state.settled {
            self.0.settled.wait(&mut state);
        }
        state.answer.take()
    }

    /// The answer, or a promise that the waker is called when there is one.
    pub(crate) fn poll(&mut self, waker: &Waker) -> Poll<Option<R>> {
        let mut mine = Some(waker.clone());
        let (outcome, before) = {
            let mut state = self.0.state.lock();
            if state.settled {
                (Poll::Ready(state.answer.take()), None)
            } else {
                let before = state.waker.take();
                state.waker = mine.take();
                (Poll::Pending, before)
            }
        };
        drop((mine, before));
        outcome
    }
}

impl<R> Drop for Wait<R> {
    fn drop(&mut self) {
        let left = {
            let mut state = self.0.state.lock();
            state.wanted = false;
            (state.answer.take(), state.waker.take())
        };
        drop(left);
    }
}
