//! Twin of `schedtrace_of_a_race.go`.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

/// Two threads that count in one variable do not get as far as a tool.
///
/// ```compile_fail,E0499
/// let mut count = 0;
/// std::thread::scope(|scope| {
///     scope.spawn(|| count += 1);
///     scope.spawn(|| count += 1);
/// });
/// assert_eq!(count, 2);
/// ```
///
/// With an atomic it compiles:
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
/// let count = AtomicU32::new(0);
/// std::thread::scope(|scope| {
///     scope.spawn(|| count.fetch_add(1, Ordering::Relaxed));
///     scope.spawn(|| count.fetch_add(1, Ordering::Relaxed));
/// });
/// assert_eq!(count.into_inner(), 2);
/// ```
pub fn twin() -> ffence::Result<()> {
    let count = AtomicU32::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..1000 {
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(count.into_inner(), 2000);
    Ok(())
}
