//! Twin of `needless_thread_lock.go`.

use std::thread;

use crate::fixtures::Bell;

/// A thread of Rust's is one of the system's: nothing moves between them, and there is nothing to
/// lock. C calls back on the thread that called it, or on one of its own.
pub fn twin() -> ffence::Result<()> {
    let here = thread::current().id();
    let mut home = 0;
    let mut bell = Bell::new(|| home += usize::from(thread::current().id() == here));
    for _ in 0..200 {
        bell.ring()?;
    }
    bell.ring_elsewhere()?;
    assert_eq!(bell.rung(), 201);
    drop(bell);
    assert_eq!(home, 200);
    Ok(())
}
