//! A value at an address that C may keep.

#![allow(unsafe_code)]

use std::fmt;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

/// A box that C points into.
///
/// A `Box` would not do: moving one asserts that nobody else holds its pointer. Here every access,
/// C's and ours, goes through the one raw pointer.
///
/// # Invariants
/// The pointer came from a box and is freed by `drop` or `into_value`, once.
pub(super) struct Kept<T>(NonNull<T>);

impl<T> Kept<T> {
    pub(super) fn new(value: T) -> Self {
        Self(NonNull::from(Box::leak(Box::new(value))))
    }

    pub(super) fn as_ptr(&self) -> *mut T {
        self.0.as_ptr()
    }

    /// The value, which C must not point to any more.
    pub(super) fn into_value(self) -> T {
        let kept = ManuallyDrop::new(self);
        // SAFETY: the invariant: this pointer came from a box and is freed here, once.
        *unsafe { Box::from_raw(kept.0.as_ptr()) }
    }
}

impl<T> Drop for Kept<T> {
    fn drop(&mut self) {
        // SAFETY: the invariant: this pointer came from a box and is freed here, once.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

impl<T> fmt::Debug for Kept<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}

// SAFETY: the value is owned, as by a `Box`.
unsafe impl<T: Send> Send for Kept<T> {}
