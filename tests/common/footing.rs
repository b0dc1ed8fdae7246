//! What a process holds of the system: back to where it was, once the work is done.

use std::time::{Duration, Instant};

/// Longer than anything takes that a test waits for.
const LONG: Duration = Duration::from_secs(300);

/// The descriptors and threads of this process.
#[derive(Clone, Copy, Debug)]
pub struct Footing {
    descriptors: usize,
    threads: usize,
}

impl Footing {
    pub fn now() -> Self {
        let count = |folder: &str| std::fs::read_dir(folder).map_or(0, Iterator::count);
        Self { descriptors: count("/proc/self/fd"), threads: count("/proc/self/task") }
    }

    /// Waits until there are no more than there were: threads that nobody joins end in their own time.
    pub fn comes_back(self) {
        let start = Instant::now();
        loop {
            let now = Self::now();
            if now.descriptors <= self.descriptors && now.threads <= self.threads {
                return;
            }
            assert!(start.elapsed() < LONG, "{now:?} are left, of {self:?} before");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
