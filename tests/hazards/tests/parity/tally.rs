//! What was compared, by test and by algorithm: looked at in one place when all tests have run.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What was compared so far.
#[derive(Debug, Default)]
pub struct Tally {
    /// How many results each test compared.
    pub comparisons: BTreeMap<String, u64>,
    /// What the operations came to, by Go's name of the operation and OpenSSL's of the algorithm.
    pub operations: BTreeMap<(&'static str, &'static str), Outcomes>,
    /// Tests that had no Go to talk to.
    pub skipped: usize,
}

/// What an operation came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcomes {
    /// The same bytes.
    pub results: u64,
    /// The same class of error.
    pub refusals: u64,
    /// Asked of an OpenSSL that has not got it.
    pub absent: u64,
}

static TALLY: Mutex<Tally> =
    Mutex::new(Tally { comparisons: BTreeMap::new(), operations: BTreeMap::new(), skipped: 0 });

impl Tally {
    /// The one of this process.
    pub fn lock() -> MutexGuard<'static, Self> {
        TALLY.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What an operation came to.
    pub fn of(&mut self, op: &'static str, algorithm: &'static str) -> &mut Outcomes {
        self.operations.entry((op, algorithm)).or_default()
    }

    /// How many results were compared in all.
    pub fn total(&self) -> u64 {
        self.comparisons.values().sum()
    }
}
