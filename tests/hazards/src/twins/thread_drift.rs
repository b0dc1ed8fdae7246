//! Twin of `thread_drift.go`.

use std::thread;

use ffence::thread::PinnedThread;

/// A `PinnedThread` is one thread for as long as it lives: every closure runs on it, and what must
/// not leave it cannot.
pub fn twin() -> ffence::Result<()> {
    let pinned = PinnedThread::spawn(|_| Ok(thread::current().id()))?;
    for _ in 0..80 {
        let same = pinned.run(|on| **on == thread::current().id())?;
        assert!(same);
    }
    assert!(pinned.run(|_| thread::current().id())? != thread::current().id());
    Ok(())
}
