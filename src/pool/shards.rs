//! Idle objects in several places, so that threads seldom meet.
//!
//! Nothing here ever waits: a place that another thread is at is passed by. `tests/loom` models this
//! very file.

use crate::sync::Mutex;

/// Places, each on cache lines of its own: processors fetch them in pairs.
#[repr(align(128))]
struct Shard<T>(Mutex<Vec<T>>);

pub(crate) struct Shards<T> {
    shards: Box<[Shard<T>]>,
    /// How many each place holds.
    most: usize,
}

impl<T> Shards<T> {
    /// `count` places (a power of two, at least one) for `most` each; `None` without memory.
    pub(crate) fn new(count: usize, most: usize) -> Option<Self> {
        let count = count.next_power_of_two();
        let mut shards = Vec::new();
        shards.try_reserve_exact(count).ok()?;
        for _ in 0..count {
            let mut idle = Vec::new();
            // Reserved now: giving back must not allocate under the lock, and cannot fail.
            idle.try_reserve_exact(most).ok()?;
            shards.push(Shard(Mutex::new(idle)));
        }
        Some(Self { shards: shards.into_boxed_slice(), most })
    }

    /// An idle object, from the place of `home` if there is one, and from the others otherwise.
    pub(crate) fn take(&self, home: usize) -> Option<T> {
        self.from(home).find_map(|shard| shard.0.try_lock()?.pop())
    }

    /// Gives an object back, to the place of `home` if it can be; what finds no place is handed back.
    pub(crate) fn give(&self, home: usize, object: T) -> Option<T> {
        let mut object = Some(object);
        for shard in self.from(home) {
            if let Some(mut idle) = shard.0.try_lock()
                && idle.len() < self.most
            {
                idle.extend(object.take());
                break;
            }
        }
        object
    }

    /// How many are idle, without those of a place that somebody is at.
    pub(crate) fn idle(&self) -> usize {
        self.shards.iter().filter_map(|shard| Some(shard.0.try_lock()?.len())).sum()
    }

    /// All places, the one of `home` first.
    fn from(&self, home: usize) -> impl Iterator<Item = &Shard<T>> {
        let mask = self.shards.len() - 1;
        (0..self.shards.len()).map(move |step| &self.shards[home.wrapping_add(step) & mask])
    }
}
