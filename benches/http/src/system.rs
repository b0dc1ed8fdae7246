//! What the operating system allows and measures.

use std::time::{Duration, Instant};

/// As many descriptors as the system lets this process have.
pub fn allow_descriptors() -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the place is writable.
    assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) }, 0);
    limit.rlim_cur = limit.rlim_max;
    // SAFETY: the limit is readable. Refused, the old one is kept.
    unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) };
    limit.rlim_cur
}

/// Keeps this process on one processor: where the scheduler puts the two sides of a conversation
/// changes what waking the other one costs threefold. Refused, it only means less steady figures.
pub fn stay_on(processor: usize) {
    // SAFETY: a set of processors is an array of bits, and all zeroes is the empty set.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: the set is ours, and the number below its size.
    unsafe { libc::CPU_SET(processor, &mut set) };
    // SAFETY: 0 is this thread, and the size is that of the set.
    unsafe { libc::sched_setaffinity(0, size_of_val(&set), &raw const set) };
}

/// Processor time and time, since a moment.
pub struct Watch {
    cpu: Duration,
    wall: Instant,
}

impl Watch {
    pub fn start() -> Self {
        Self { cpu: cpu(), wall: Instant::now() }
    }

    pub fn cpu(&self) -> Duration {
        cpu().saturating_sub(self.cpu)
    }

    pub fn wall(&self) -> Duration {
        self.wall.elapsed()
    }
}

/// Of all threads of this process, user and system.
fn cpu() -> Duration {
    // SAFETY: numbers, of which all zeroes is a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the place is writable.
    assert_eq!(unsafe { libc::getrusage(libc::RUSAGE_SELF, &raw mut usage) }, 0);
    let of = |time: libc::timeval| {
        let micros = u64::try_from(time.tv_sec * 1_000_000 + time.tv_usec);
        Duration::from_micros(micros.unwrap_or_default())
    };
    of(usage.ru_utime) + of(usage.ru_stime)
}

/// The most memory that was resident at once, in KiB.
pub fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.split_whitespace().next().and_then(|it| it.parse().ok()).expect("a number")
}

/// Whether others work on this machine, in the words of a table.
pub fn busy() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: f64 = load.split(' ').next().and_then(|it| it.parse().ok()).unwrap_or_default();
    if load < 0.7 {
        return String::new();
    }
    format!(", on a machine that others used meanwhile (load {load:.1})")
}

/// Of what was measured.
pub fn versions() -> String {
    let libcurl = curl::Version::get();
    format!("libcurl {} with {};", libcurl.version(), libcurl.ssl_version().unwrap_or("no TLS"))
}
