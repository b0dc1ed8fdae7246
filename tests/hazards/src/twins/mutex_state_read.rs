//! Twin of `mutex_state_read.go`.

use std::sync::{Mutex, TryLockError};

/// What a lock is made of is private.
///
/// ```compile_fail,E0616
/// use std::sync::Mutex;
/// let lock = Mutex::new(());
/// let held = lock.lock();
/// let state = lock.inner;
/// # drop(held);
/// ```
///
/// It answers who wants to lock it:
///
/// ```
/// use std::sync::Mutex;
/// let lock = Mutex::new(());
/// let held = lock.lock();
/// assert!(lock.try_lock().is_err());
/// # drop(held);
/// ```
pub fn twin() -> ffence::Result<()> {
    let lock = Mutex::new(());
    let held = lock.lock();
    assert!(matches!(lock.try_lock(), Err(TryLockError::WouldBlock)));
    drop(held);
    assert!(lock.try_lock().is_ok());
    Ok(())
}
