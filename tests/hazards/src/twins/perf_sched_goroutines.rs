//! Twin of `perf_sched_goroutines.go`.

use std::fs;

use ffence::thread::PinnedThread;

/// A `PinnedThread` is a thread, and the name that it is given is the kernel's for it: what perf
/// counts for a thread is this thread's.
pub fn twin() -> ffence::Result<()> {
    let worker = PinnedThread::builder("hz-worker").spawn(|_| Ok(()))?;
    let name = worker.run(|_| fs::read_to_string("/proc/thread-self/comm").ok())?;
    assert!(name.is_none_or(|it| it.trim_end() == "hz-worker"));
    Ok(())
}
