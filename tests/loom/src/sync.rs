//! The stand-in for `parking_lot`: as much of it as the modelled files use.

use std::ops::{Deref, DerefMut};

use loom::sync;
/// `portable_atomic_util::Arc`; loom's also tells an owner that was never dropped.
pub(crate) use loom::sync::Arc;

/// `parking_lot::Mutex`
pub(crate) struct Mutex<T>(sync::Mutex<T>);

/// `parking_lot::MutexGuard`; loom's is taken out while a condition is waited for.
pub(crate) struct Guard<'a, T>(Option<sync::MutexGuard<'a, T>>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> Guard<'_, T> {
        Guard(self.0.lock().ok())
    }

    pub(crate) fn try_lock(&self) -> Option<Guard<'_, T>> {
        self.0.try_lock().ok().map(|guard| Guard(Some(guard)))
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect("it is held, and no model poisons it")
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.as_mut().expect("it is held, and no model poisons it")
    }
}

/// `parking_lot::Condvar`
pub(crate) struct Condvar(sync::Condvar);

impl Condvar {
    pub(crate) fn new() -> Self {
        Self(sync::Condvar::new())
    }

    pub(crate) fn wait<T>(&self, guard: &mut Guard<'_, T>) {
        let held = guard.0.take().expect("it is held");
        guard.0 = self.0.wait(held).ok();
    }

    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }
}
