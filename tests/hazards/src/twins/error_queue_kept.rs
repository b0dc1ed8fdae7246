//! Twin of `error_queue_kept.go`.

use std::thread;

use ffence::thread::PinnedThread;

use crate::fixtures::{fail, take_failure};

const FAILURES: i32 = 50;

/// What Go locks a thread for is a type: a `PinnedThread` runs what it is given on one thread, so
/// that a failure and the question for it meet, whoever asks. Other threads have queues of their
/// own. `ffence::Error` needs none of it: it is a value.
pub fn twin() -> ffence::Result<()> {
    let pinned = PinnedThread::spawn(|_| Ok(()))?;
    for reason in 1..=FAILURES {
        pinned.run(|_| fail(reason))?;
        let elsewhere = thread::scope(|scope| scope.spawn(take_failure).join());
        assert!(elsewhere.is_ok_and(|found| found.is_none()));
        assert_eq!(pinned.run(|_| take_failure())?, Some(reason));
    }
    pinned.close()
}
