//! The handles that wait for the next call.

use parking_lot::Mutex;

use super::wire::Wire;

/// How many handles a client keeps. More may be in use at once; those beyond are closed afterwards.
pub(super) const MOST_IDLE: usize = 32;

/// Idle handles, the one used last on top: its connection is the warmest.
///
/// The lock is held to push and to pop, never while a handle works, is made or is closed.
pub(super) struct Pool {
    idle: Mutex<Vec<Wire>>,
}

impl Pool {
    pub(super) fn new() -> Self {
        Self { idle: Mutex::new(Vec::with_capacity(MOST_IDLE)) }
    }

    pub(super) fn take(&self) -> Option<Wire> {
        self.idle.lock().pop()
    }

    pub(super) fn give(&self, wire: Wire) {
        let surplus = self.keep(wire);
        drop(surplus); // closes connections, and so comes after the lock is released
    }

    /// Closes what is idle.
    pub(super) fn clear(&self) {
        let idle = std::mem::take(&mut *self.idle.lock());
        drop(idle);
    }

    fn keep(&self, wire: Wire) -> Option<Wire> {
        if !wire.is_plain() {
            return Some(wire);
        }
        let mut idle = self.idle.lock();
        if idle.len() < MOST_IDLE {
            idle.push(wire);
            None
        } else {
            Some(wire)
        }
    }
}
