//! The one trampoline: no panic crosses C.
//!
//! Every callback that C may call runs its Rust part inside [`guard`]. A panic is caught, kept in
//! the [`Slot`] of the handle that the callback belongs to, and answered to C with that callback's
//! value for failure. When the call that entered C returns, its wrapper asks the slot and answers
//! [`ErrorKind::Panicked`](crate::ErrorKind::Panicked), from which
//! [`Error::resume`](crate::Error::resume) can start the panic again.
//!
//! This module holds the crate's only `catch_unwind`.
//!
//! ```
//! use ffence::unwind::{Slot, guard};
//!
//! let mut slot = Slot::new();
//! let answer = guard(&mut slot, -1, || -> i32 { panic!("in a callback") });
//! assert_eq!(answer, -1); // what C is told
//! let panic = slot.take().expect("kept for the caller");
//! assert_eq!(panic.message(), Some("in a callback"));
//! ```

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;

/// Runs `callback`; a panic goes to `slot`, and C gets `failure`.
///
/// Once a panic waits in the slot, `callback` is not run any more and C gets `failure` at once: the
/// transfer or operation is lost already, and user code must not be entered again behind its back.
#[inline]
pub fn guard<R>(slot: &mut Slot, failure: R, callback: impl FnOnce() -> R) -> R {
    if slot.panic.is_some() {
        return failure;
    }
    // Unwind safety: state that `callback` left half-changed belongs to the same handle as the
    // slot, and its wrapper reports the panic before it hands that state out again.
    match catch_unwind(AssertUnwindSafe(callback)) {
        Ok(answer) => answer,
        Err(payload) => {
            slot.panic = Some(Panic::new(payload));
            failure
        }
    }
}

/// Where a handle keeps the panic of one of its callbacks until its owner asks.
#[derive(Debug, Default)]
pub struct Slot {
    panic: Option<Panic>,
}

impl Slot {
    /// An empty slot.
    pub const fn new() -> Self {
        Self { panic: None }
    }

    /// Whether no panic waits.
    #[cfg(feature = "http")]
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.panic.is_none()
    }

    /// Takes the panic out, so that callbacks run again.
    pub fn take(&mut self) -> Option<Panic> {
        self.panic.take()
    }
}

/// A caught panic.
///
/// Dropping it drops the payload, and that is guarded too: the panic of a payload's own `Drop` goes
/// no further.
pub struct Panic {
    text: Option<Box<str>>,
    /// A payload is `Send` but not `Sync`; only `&mut self` and `self` open this lock.
    payload: Mutex<Option<Box<dyn Any + Send>>>,
}

impl Panic {
    fn new(payload: Box<dyn Any + Send>) -> Self {
        let text = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        Self { text: text.map(Into::into), payload: Mutex::new(Some(payload)) }
    }

    /// Starts the panic again, as if it had never been caught.
    pub fn resume(mut self) -> ! {
        match self.take_payload() {
            Some(payload) => resume_unwind(payload),
            // Only a panic caught by this module makes a `Panic`, and only `drop` empties it.
            None => unreachable!("a panic without a payload"),
        }
    }

    /// The text of the panic, when it has one (`panic!("…")` does).
    pub fn message(&self) -> Option<&str> {
        self.text.as_deref()
    }

    fn take_payload(&mut self) -> Option<Box<dyn Any + Send>> {
        match self.payload.get_mut() {
            Ok(held) => held.take(),
            Err(poisoned) => poisoned.into_inner().take(),
        }
    }
}

impl Drop for Panic {
    fn drop(&mut self) {
        let mut next = self.take_payload();
        // What a payload's drop panicked with is dropped in its turn, but not for ever.
        for _ in 0..8 {
            let Some(payload) = next else { return };
            let mut slot = Slot::new();
            guard(&mut slot, (), || drop(payload));
            next = slot.take().and_then(|mut panic| panic.take_payload());
        }
        std::mem::forget(next);
    }
}

impl fmt::Debug for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Panic").field(&self.text).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct PanicsOnDrop;

    impl Drop for PanicsOnDrop {
        fn drop(&mut self) {
            panic!("in the payload's drop");
        }
    }

    #[test]
    fn after_a_panic_user_code_is_not_entered_again() {
        let mut slot = Slot::new();
        assert_eq!(guard(&mut slot, 0, || panic!("first")), 0);
        assert_eq!(guard(&mut slot, 0, || 7), 0);
        let panic = slot.take();
        assert_eq!(panic.as_ref().and_then(Panic::message), Some("first"));
        assert_eq!(guard(&mut slot, 0, || 7), 7);
    }

    #[test]
    fn a_payload_that_panics_when_dropped_stops_here() {
        let mut slot = Slot::new();
        guard(&mut slot, (), || std::panic::panic_any(PanicsOnDrop));
        drop(slot);
    }

    #[test]
    fn a_panic_resumes_with_its_own_payload() {
        let mut slot = Slot::new();
        guard(&mut slot, (), || std::panic::panic_any(42_u8));
        let Some(panic) = slot.take() else { panic!("the slot kept nothing") };
        let mut outer = Slot::new();
        guard(&mut outer, (), || panic.resume());
        let payload = outer.take().and_then(|mut panic| panic.take_payload());
        assert_eq!(payload.and_then(|it| it.downcast_ref().copied()), Some(42_u8));
    }
}
