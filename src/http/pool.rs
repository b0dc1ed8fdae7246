//! The handles that wait for the next call.

use parking_lot::Mutex;

use crate::curl::Easy;

/// How many handles a client keeps. More may be in use at once; those beyond are closed afterwards.
const MOST_IDLE: usize = 32;

/// Idle handles, the one used last on top: its connection is the warmest.
///
/// The lock is held to push and to pop, never while a handle works, is made or is closed.
pub(super) struct Pool {
    idle: Mutex<Vec<Easy>>,
}

impl Pool {
    pub(super) fn new() -> Self {
        Self { idle: Mutex::new(Vec::with_capacity(MOST_IDLE)) }
    }

    pub(super) fn take(&self) -> Option<Easy> {
        self.idle.lock().pop()
    }

    pub(super) fn give(&self, easy: Easy) {
        let surplus = self.keep(easy);
        drop(surplus); // closes connections, and so comes after the lock is released
    }

    fn keep(&self, easy: Easy) -> Option<Easy> {
        let mut idle = self.idle.lock();
        if easy.is_plain() && idle.len() < MOST_IDLE {
            idle.push(easy);
            None
        } else {
            Some(easy)
        }
    }
}
