//! The fault that `--cfg ffence_without_locks` builds in, to prove that `ThreadSanitizer` sees it: locks
//! that let everybody in.

#![allow(unsafe_code)]

use std::thread;

use parking_lot::lock_api::{self, GuardNoSend, RawMutex};

pub(crate) type Mutex<T> = lock_api::Mutex<Open, T>;

pub(crate) struct Open;

// SAFETY: none, on purpose: nobody is kept out.
unsafe impl RawMutex for Open {
    type GuardMarker = GuardNoSend;

    #[allow(clippy::declare_interior_mutable_const, reason = "as the trait has it")]
    const INIT: Self = Self;

    fn lock(&self) {}

    fn try_lock(&self) -> bool {
        true
    }

    unsafe fn unlock(&self) {}
}

pub(crate) struct Condvar;

impl Condvar {
    pub(crate) fn new() -> Self {
        Self
    }

    /// Whoever waits looks again.
    pub(crate) fn wait<T>(&self, _: &mut lock_api::MutexGuard<'_, Open, T>) {
        thread::yield_now();
    }

    pub(crate) fn notify_one(&self) {}

    pub(crate) fn notify_all(&self) {}
}
