//! What the crate's own threads meet at: locks, counted owners, values that are set once.
//!
//! All of it is compiled in the build that uses it. What std has of the kind is compiled beforehand,
//! and so `ThreadSanitizer` does not see it in a build with an ordinary toolchain: it would report
//! races in correct programs (`Arc`'s last drop, the value of a `OnceLock`), ours and our users'.
//!
//! The files that use locks import them from here also so that `tests/loom` can compile the same
//! files against a stand-in that tries every order of events.

#[cfg(ffence_without_locks)]
mod without;

pub(crate) use once_cell::sync::OnceCell as OnceLock;
#[cfg(not(ffence_without_locks))]
pub(crate) use parking_lot::{Condvar, Mutex};
pub(crate) use portable_atomic_util::Arc;

#[cfg(ffence_without_locks)]
pub(crate) use self::without::{Condvar, Mutex};
