//! The handles that wait for the next call.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::wire::Wire;

/// How many handles a client keeps. More may be in use at once; those beyond are closed afterwards.
pub(super) const MOST_IDLE: usize = 32;

/// How long libcurl keeps an idle connection (`CURLOPT_MAXAGE_CONN`) unless it is told.
pub(super) const USUAL_LIFE: Duration = Duration::from_secs(118);

/// Idle handles, the one used last on top: its connection is the warmest. They are boxed, as they go
/// from hand to hand.
///
/// Nobody looks after them while there is nothing to do. Those whose connections are too old to be
/// used again are closed when any of them is asked for or comes back.
///
/// The lock is held to push and to pop, never while a handle works, is made or is closed.
#[allow(clippy::vec_box)]
pub(super) struct Pool {
    /// Since when; the first is idle longest.
    idle: Mutex<Vec<(Instant, Box<Wire>)>>,
    life: Duration,
}

impl Pool {
    /// Of handles whose connections may be idle for so long.
    pub(super) fn new(life: Option<Duration>) -> Self {
        let life = life.unwrap_or(USUAL_LIFE);
        Self { idle: Mutex::new(Vec::with_capacity(MOST_IDLE)), life }
    }

    pub(super) fn take(&self) -> Option<Box<Wire>> {
        let (wire, stale) = {
            let mut idle = self.idle.lock();
            let stale = self.stale(&mut idle, Instant::now());
            (idle.pop(), stale)
        };
        drop(stale); // closes connections, and so comes after the lock is released
        wire.map(|(_, wire)| wire)
    }

    pub(super) fn give(&self, wire: Box<Wire>) {
        let surplus = self.keep(wire);
        drop(surplus); // the same
    }

    fn stale(
        &self,
        idle: &mut Vec<(Instant, Box<Wire>)>,
        now: Instant,
    ) -> Vec<(Instant, Box<Wire>)> {
        // Most often there is none, and nothing is looked up or allocated.
        let Some((oldest, _)) = idle.first() else { return Vec::new() };
        let Some(limit) = now.checked_sub(self.life) else { return Vec::new() };
        if *oldest > limit {
            return Vec::new();
        }
        let fresh = idle.iter().position(|(since, _)| *since > limit).unwrap_or(idle.len());
        idle.drain(..fresh).collect()
    }

    /// Closes what is idle.
    pub(super) fn clear(&self) {
        let idle = std::mem::take(&mut *self.idle.lock());
        drop(idle);
    }

    fn keep(&self, wire: Box<Wire>) -> Vec<(Instant, Box<Wire>)> {
        let now = Instant::now();
        if !wire.is_plain() {
            return vec![(now, wire)];
        }
        let mut idle = self.idle.lock();
        let mut surplus = self.stale(&mut idle, now);
        if idle.len() < MOST_IDLE {
            idle.push((now, wire));
        } else {
            surplus.push((now, wire));
        }
        surplus
    }
}
