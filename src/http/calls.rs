//! The calls that threads are in: closing a client ends them, and waits for them.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use parking_lot::lock_api::GetThreadId as _;
use parking_lot::{Condvar, Mutex, RawThreadId};
use slab::Slab;

use super::foreign::wake;
use crate::error::{Error, ErrorKind, Result};
use crate::{curl, fork};

/// Which threads are in a blocking call of a client's, and whether it was closed.
///
/// The lock is held for moments only, and never while code of a user's runs.
#[derive(Default)]
pub(super) struct Calls {
    closed: AtomicBool,
    state: Mutex<State>,
    /// A call is over.
    over: Condvar,
}

#[derive(Default)]
struct State {
    calls: Slab<Entry>,
    /// Tasks that wait until there is none.
    tasks: Vec<Waker>,
}

struct Entry {
    thread: NonZeroUsize,
    /// What ends its wait.
    waker: Option<curl::Waker>,
}

/// A call that a thread is in, for as long as this lives.
pub(super) struct Call<'a> {
    calls: &'a Calls,
    key: usize,
    born: u64,
}

impl Calls {
    /// This thread begins a call, or a part of one; `waker` ends its wait.
    ///
    /// # Errors
    /// [`ErrorKind::Closed`].
    pub(super) fn enter(&self, waker: Option<curl::Waker>) -> Result<Call<'_>> {
        let mut state = self.state.lock();
        // Under the lock: whoever comes later is not woken any more.
        if self.is_closed() {
            return Err(Error::of(ErrorKind::Closed));
        }
        let key = state.calls.insert(Entry { thread: here(), waker });
        Ok(Call { calls: self, key, born: fork::epoch() })
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// Lets no other call begin, and ends the waits of those that are there.
    pub(super) fn close(&self) {
        let state = self.state.lock();
        self.closed.store(true, Ordering::SeqCst);
        for (_, call) in &state.calls {
            if let Some(waker) = &call.waker {
                // It cannot fail in the process that the multi belongs to.
                let _ = waker.wake();
            }
        }
    }

    /// Waits until no thread is in a call.
    ///
    /// # Errors
    /// [`ErrorKind::Reentrant`] where this one is: it would wait for itself.
    pub(super) fn wait_until_over(&self) -> Result<()> {
        let mut state = self.state.lock();
        let here = here();
        if state.calls.iter().any(|(_, call)| call.thread == here) {
            return Err(Error::of(ErrorKind::Reentrant));
        }
        while !state.calls.is_empty() {
            self.over.wait(&mut state);
        }
        Ok(())
    }

    /// The same for a task; what polls it from within a call does not wait for that one.
    pub(super) fn poll_over(&self, context: &mut Context<'_>) -> Poll<()> {
        let mine = context.waker().clone();
        let mut state = self.state.lock();
        let here = here();
        if state.calls.iter().all(|(_, call)| call.thread == here) {
            return Poll::Ready(());
        }
        state.tasks.push(mine);
        Poll::Pending
    }
}

impl Call<'_> {
    /// From now on this ends its wait.
    pub(super) fn on(&self, waker: curl::Waker) {
        let mut state = self.calls.state.lock();
        if let Some(entry) = state.calls.get_mut(self.key) {
            entry.waker = Some(waker);
        }
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        // Of a process forked meanwhile, a thread that is gone may hold the lock.
        if self.born != fork::epoch() {
            return;
        }
        let tasks = {
            let mut state = self.calls.state.lock();
            state.calls.try_remove(self.key);
            self.calls.over.notify_all();
            std::mem::take(&mut state.tasks)
        };
        for task in tasks {
            wake(Some(task));
        }
    }
}

/// This thread, unlike all others that there are.
fn here() -> NonZeroUsize {
    RawThreadId::INIT.nonzero_thread_id()
}
