//! What runs on the thread.

#![allow(unsafe_code)]

use std::cell::Cell;
use std::ptr;

use super::affinity;
use super::builder::OnPanic;
use super::queue::{End, Queue, Refusal};
use super::reply::Answer;
use super::token::OnThread;
use crate::error::{Error, ErrorKind, Result};
use crate::fork;
use crate::sync::{Arc, Mutex};
use crate::unwind::{Panic, Slot, guard};

/// What the thread and its owners share.
pub(super) struct Core<S> {
    pub(super) queue: Queue<Job<S>>,
    on_panic: OnPanic,
    /// The first panic that no caller was waiting for.
    untold: Mutex<Option<Panic>>,
    /// The process that the thread is in.
    process: u64,
}

/// A closure that may be queued for as long as what it borrows lives.
pub(super) type Work<'w, S> = Box<dyn FnOnce(&mut OnThread<'_, S>, &Core<S>) + Send + 'w>;

pub(super) type Job<S> = Work<'static, S>;

thread_local! {
    /// The `Core` whose thread this is. It has no destructor, and so can always be read.
    static HERE: Cell<*const ()> = const { Cell::new(ptr::null()) };
}

impl<S> Core<S> {
    pub(super) fn new(capacity: usize, on_panic: OnPanic) -> Result<Self> {
        let queue = Queue::new(capacity).ok_or_else(|| Error::of(ErrorKind::OutOfMemory))?;
        Ok(Self { queue, on_panic, untold: Mutex::new(None), process: fork::process() })
    }

    /// Whether the calling thread is the one that all this is about.
    pub(super) fn is_here(&self) -> bool {
        HERE.get() == ptr::from_ref(self).cast()
    }

    /// Whether the thread is in another process, and nothing of it may be touched here.
    pub(super) fn is_forked(&self) -> bool {
        self.process != fork::process()
    }

    /// A closure panicked.
    fn panicked(&self) {
        if self.on_panic == OnPanic::Poison {
            self.queue.end(End::Poison);
        }
    }

    /// Keeps a panic that nobody waits for until somebody asks.
    fn keep(&self, panic: Option<Panic>) {
        let Some(panic) = panic else { return };
        self.panicked();
        let surplus = {
            let mut untold = self.untold.lock();
            if untold.is_some() { Some(panic) } else { untold.replace(panic) }
        };
        drop(surplus); // foreign code, and so after the lock is released
    }

    pub(super) fn take_untold(&self) -> Option<Panic> {
        self.untold.lock().take()
    }

    /// Why a job that was taken was not done.
    pub(super) fn undone(&self) -> Error {
        match self.queue.ended() {
            Some(End::Poison) => Error::of(ErrorKind::Poisoned),
            _ => Error::of(ErrorKind::Cancelled),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::of(match refusal {
            Refusal::Full => ErrorKind::Full,
            Refusal::Ended(End::Poison) => ErrorKind::Poisoned,
            Refusal::Ended(End::Drain | End::Cancel) => ErrorKind::Cancelled,
        })
    }
}

/// A closure whose caller waits for what it answers.
///
/// # Invariants
/// The fields are dropped in this order: who waits is told only when the closure, and whatever it
/// borrows, is gone.
pub(super) struct Task<F, R> {
    pub(super) work: F,
    pub(super) answer: Answer<Result<R, Panic>>,
}

impl<F, R> Task<F, R> {
    pub(super) fn run<S>(self, on: &mut OnThread<'_, S>, core: &Core<S>)
    where
        F: FnOnce(&mut OnThread<'_, S>) -> R,
    {
        // Locals are dropped in the reverse order: as the invariant has it.
        let answer = self.answer;
        let work = self.work;
        if !answer.is_wanted() {
            return;
        }
        let mut slot = Slot::new();
        let done = guard(&mut slot, None, || Some(work(on)));
        let outcome = match (done, slot.take()) {
            (Some(done), _) => Ok(done),
            (None, Some(panic)) => {
                core.panicked();
                Err(panic)
            }
            (None, None) => return,
        };
        drop(answer.send(outcome));
    }
}

/// The whole life of the thread.
pub(super) fn live<S>(
    core: &Arc<Core<S>>,
    cpus: Option<&[usize]>,
    make: impl FnOnce(&mut OnThread<'_>) -> Result<S>,
    started: Answer<Result<()>>,
) {
    let _last = Leave; // declared first, and so dropped after all that is made here
    HERE.set(Arc::as_ptr(core).cast());
    let mut state = match start(cpus, make) {
        Ok(state) => state,
        Err(error) => {
            core.queue.end(End::Cancel);
            drop(started.send(Err(error)));
            return;
        }
    };
    drop(started.send(Ok(())));
    while let Some((job, waiting)) = core.queue.pop() {
        for waker in waiting {
            guard(&mut Slot::new(), (), || waker.wake());
        }
        let mut slot = Slot::new();
        guard(&mut slot, (), || job(&mut OnThread::new(&mut state), core));
        core.keep(slot.take());
    }
    // Each is foreign code, and one that panics must not keep the next from being dropped.
    for job in core.queue.rest() {
        quietly(core, || drop(job));
    }
    quietly(core, || drop(state));
}

fn quietly<S>(core: &Core<S>, drops: impl FnOnce()) {
    let mut slot = Slot::new();
    guard(&mut slot, (), drops);
    core.keep(slot.take());
}

fn start<S>(
    cpus: Option<&[usize]>,
    make: impl FnOnce(&mut OnThread<'_>) -> Result<S>,
) -> Result<S> {
    cpus.map_or(Ok(()), affinity::bind)?;
    let mut slot = Slot::new();
    let made = guard(&mut slot, None, || Some(make(&mut OnThread::new(&mut ()))));
    match (made, slot.take()) {
        (Some(made), _) => made,
        (None, Some(panic)) => Err(panic.into()),
        (None, None) => Err(Error::of(ErrorKind::Cancelled)),
    }
}

/// The end of the thread's use of C.
pub(super) struct Leave;

impl Drop for Leave {
    fn drop(&mut self) {
        HERE.set(ptr::null());
        #[cfg(feature = "crypto")]
        // SAFETY: OPENSSL_init_crypto(3): frees what libcrypto keeps for the calling thread, and may
        // be called by any thread; all that lived on this one is dropped.
        unsafe {
            crate::ffi::openssl::OPENSSL_thread_stop();
        }
    }
}
