//! What users hand in, called and dropped on whichever thread that falls to.

use std::task::Waker;

use crate::unwind::{Slot, guard};

/// Something of a user's whose drop may panic: the panic goes no further, because whoever drops it
/// here serves others as well.
pub(super) struct Foreign<T>(Option<T>);

impl<T> Foreign<T> {
    pub(super) fn new(value: T) -> Self {
        Self(Some(value))
    }

    pub(super) fn get(&mut self) -> Option<&mut T> {
        self.0.as_mut()
    }
}

impl<T> Drop for Foreign<T> {
    fn drop(&mut self) {
        let value = self.0.take();
        guard(&mut Slot::new(), (), || drop(value));
    }
}

/// Wakes a task of a user's. Never while a lock is held: a waker may run anything.
pub(super) fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        guard(&mut Slot::new(), (), || waker.wake());
    }
}
