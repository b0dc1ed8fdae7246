//! How a pinned thread is set up.

use std::io;

use super::pinned::PinnedThread;
use super::reply::reply;
use super::token::OnThread;
use super::worker::{Core, live};
use crate::cstr;
use crate::error::{Error, ErrorKind, Result};
use crate::sync::Arc;

/// What becomes of queued closures when the [`PinnedThread`] is dropped or closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnDrop {
    /// They are run.
    #[default]
    Drain,
    /// They are dropped, on the thread; only the one that is running is waited for.
    Cancel,
}

/// What a panic in a closure does to the thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnPanic {
    /// It goes on, with the state as the closure left it.
    #[default]
    Survive,
    /// It drops the state and takes nothing more: later calls, and those that are queued, answer
    /// [`ErrorKind::Poisoned`].
    Poison,
}

/// Settings of a [`PinnedThread`]; [`PinnedThread::builder`] makes one.
///
/// ```
/// use ffence::thread::{self, OnPanic, PinnedThread};
///
/// let builder = PinnedThread::builder("counter").queue(16).on_panic(OnPanic::Poison);
/// # #[cfg(target_os = "linux")]
/// let builder = builder.cpus(thread::cpus()?.into_iter().take(1));
/// let counter = builder.spawn(|_| Ok(0_u64))?;
/// counter.send(|on| **on += 1)?;
/// assert_eq!(counter.run(|on| **on)?, 1);
/// # Ok::<(), ffence::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "there is no thread before `spawn`"]
pub struct Builder {
    name: String,
    cpus: Option<Vec<usize>>,
    capacity: usize,
    stack_size: Option<usize>,
    on_drop: OnDrop,
    on_panic: OnPanic,
}

impl Builder {
    pub(super) fn new(name: String) -> Self {
        Self {
            name,
            cpus: None,
            capacity: 64,
            stack_size: None,
            on_drop: OnDrop::default(),
            on_panic: OnPanic::default(),
        }
    }

    /// Binds the thread to these CPUs, as the system numbers them from 0; [`cpus`](super::cpus)
    /// tells which there are. Linux only.
    ///
    /// [`sched_setaffinity`](https://man7.org/linux/man-pages/man2/sched_setaffinity.2.html)
    #[doc(alias = "sched_setaffinity")]
    pub fn cpus(mut self, cpus: impl IntoIterator<Item = usize>) -> Self {
        self.cpus = Some(cpus.into_iter().collect());
        self
    }

    /// How many closures may wait; 64 if nothing is said, at least 1. Who comes then waits for a
    /// place, or is refused by [`try_send`](PinnedThread::try_send).
    pub fn queue(mut self, capacity: usize) -> Self {
        self.capacity = capacity;
        self
    }

    /// The size of the thread's stack in bytes; Rust's own default if nothing is said.
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.stack_size = Some(bytes);
        self
    }

    /// What becomes of queued closures when the owner is dropped.
    pub fn on_drop(mut self, on_drop: OnDrop) -> Self {
        self.on_drop = on_drop;
        self
    }

    /// What a panic does to the thread.
    pub fn on_panic(mut self, on_panic: OnPanic) -> Self {
        self.on_panic = on_panic;
        self
    }

    /// Starts the thread and waits until `make` has made the state, on the thread.
    ///
    /// # Errors
    /// What `make` answers, and [`ErrorKind::Panicked`] if it panics; [`ErrorKind::Parameter`] for
    /// a CPU that is not there, [`ErrorKind::Unsupported`] for CPUs on another system than Linux;
    /// [`ErrorKind::InteriorNul`] for a NUL in the name; [`ErrorKind::System`] when the operating
    /// system gives no thread; [`ErrorKind::OutOfMemory`]. No thread is left behind then.
    pub fn spawn<S: 'static>(
        self,
        make: impl FnOnce(&mut OnThread<'_>) -> Result<S> + Send + 'static,
    ) -> Result<PinnedThread<S>> {
        cstr::lend(self.name.as_bytes(), "the name of a thread")?;
        let core = Arc::new(Core::new(self.capacity, self.on_panic)?);
        let (started, wait) = reply();
        let (shared, cpus) = (Arc::clone(&core), self.cpus);
        let mut thread = std::thread::Builder::new().name(self.name.clone());
        if let Some(bytes) = self.stack_size {
            thread = thread.stack_size(bytes);
        }
        let handle = thread
            .spawn(move || live(&shared, cpus.as_deref(), make, started))
            .map_err(|error| no_thread(&error))?;
        let outcome = wait.wait().unwrap_or_else(|| Err(Error::of(ErrorKind::Cancelled)));
        let thread = PinnedThread::new(core, handle, self.name, self.on_drop);
        outcome.map(|()| thread)
    }
}

pub(super) fn no_thread(error: &io::Error) -> Error {
    Error::ours(ErrorKind::System, format!("no thread could be started: {error}"))
}
