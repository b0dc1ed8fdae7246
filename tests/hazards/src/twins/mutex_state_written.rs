//! Twin of `mutex_state_written.go`.

use std::sync::Mutex;

/// Who locked has a guard, and gives it back once.
///
/// ```compile_fail,E0382
/// use std::sync::Mutex;
/// let lock = Mutex::new(41);
/// let held = lock.lock().unwrap();
/// drop(held);
/// drop(held);
/// ```
///
/// Once, it compiles:
///
/// ```
/// use std::sync::Mutex;
/// let lock = Mutex::new(41);
/// let held = lock.lock().unwrap();
/// drop(held);
/// ```
pub fn twin() -> ffence::Result<()> {
    let lock = Mutex::new(41);
    if let Ok(mut held) = lock.lock() {
        *held += 1;
    }
    assert_eq!(lock.into_inner().ok(), Some(42));
    Ok(())
}
