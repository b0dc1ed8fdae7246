//! The locks that the crate's own queue and pool stand on: those of `parking_lot`.
//!
//! The files that use them import them from here, so that `tests/loom` can compile the same files
//! against a stand-in that tries every order of events.

pub(crate) use parking_lot::{Condvar, Mutex};
