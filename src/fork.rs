//! Tells a forked process from its parent.
//!
//! What must not exist twice (nonces that were drawn ahead), or not be used any more (a secret that
//! was wiped), is tied to an epoch, a number that grows with each fork. A process cannot ask the
//! kernel for that without a call, so a page is set up that the kernel itself wipes in the child.

#![allow(unsafe_code)]

use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

use crate::sync::OnceLock;

/// Nothing here tells whether this process was forked.
pub(crate) const UNKNOWN: u64 = 0;

/// The epoch; 0 in a process that was just forked, and `None` where the kernel cannot do that.
static MARK: OnceLock<Option<&'static AtomicU64>> = OnceLock::new();

/// The same, for the way that nearly every message goes; NULL until it was set up.
static KNOWN: AtomicPtr<AtomicU64> = AtomicPtr::new(ptr::null_mut());

/// No epoch of this process or of one that it was forked from is larger.
static LAST: AtomicU64 = AtomicU64::new(1);

/// A number that a process has never shared with one that it was forked from, and that stays the
/// same while it lives.
#[inline]
pub(crate) fn epoch() -> u64 {
    // SAFETY: NULL, or a mark, which is never freed.
    match unsafe { KNOWN.load(Ordering::Acquire).as_ref() } {
        Some(mark) => match mark.load(Ordering::Acquire) {
            0 => forked(mark),
            epoch => epoch,
        },
        None => first(),
    }
}

/// A number that tells this process from one that it was forked from, also where [`epoch`] does not:
/// the kernel is asked there.
#[inline]
pub(crate) fn process() -> u64 {
    match epoch() {
        UNKNOWN => u64::from(std::process::id()),
        epoch => epoch,
    }
}

#[cold]
fn first() -> u64 {
    MARK.get_or_init(mark).map_or(UNKNOWN, |mark| match mark.load(Ordering::Acquire) {
        0 => forked(mark),
        epoch => epoch,
    })
}

#[cold]
fn forked(mark: &AtomicU64) -> u64 {
    // Known as taken before it can be seen: a child that is forked in between takes another one.
    let next = LAST.fetch_add(1, Ordering::AcqRel) + 1;
    match mark.compare_exchange(0, next, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => next,
        // Another thread was first; all threads agree on its number.
        Err(epoch) => epoch,
    }
}

/// madvise(2): "present the child with zero-filled memory", since Linux 4.14.
#[cfg(target_os = "linux")]
fn mark() -> Option<&'static AtomicU64> {
    let len = size_of::<AtomicU64>();
    let access = libc::PROT_READ | libc::PROT_WRITE;
    let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping of a page, wherever the kernel likes.
    let page = unsafe { libc::mmap(std::ptr::null_mut(), len, access, kind, -1, 0) };
    if page == libc::MAP_FAILED {
        return None;
    }
    // SAFETY: the page is ours, and nothing is on it yet.
    if unsafe { libc::madvise(page, len, libc::MADV_WIPEONFORK) } != 0 {
        return None;
    }
    // SAFETY: the page is aligned, holds zeroes, and is never unmapped.
    let mark = unsafe { &*page.cast::<AtomicU64>() };
    mark.store(1, Ordering::Release);
    KNOWN.store(page.cast(), Ordering::Release);
    Some(mark)
}

#[cfg(not(target_os = "linux"))]
fn mark() -> Option<&'static AtomicU64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[test]
    fn threads_that_notice_the_same_fork_agree_on_its_number() {
        const ROUNDS: usize = 20_000;
        // What the kernel does to the one mark of this process, done to marks of our own.
        let marks: Vec<_> = (0..ROUNDS).map(|_| AtomicU64::new(0)).collect();
        let arrived = AtomicUsize::new(0);
        let notice = || {
            let mut epochs = Vec::with_capacity(ROUNDS);
            for (round, mark) in marks.iter().enumerate() {
                arrived.fetch_add(1, Ordering::SeqCst);
                let mut spins = 0_u32;
                while arrived.load(Ordering::SeqCst) < 2 * (round + 1) {
                    spins += 1;
                    if spins.is_multiple_of(1_000) {
                        std::thread::yield_now();
                    }
                }
                epochs.push(forked(mark));
            }
            epochs
        };
        let (one, two) = std::thread::scope(|scope| {
            let other = scope.spawn(notice);
            (notice(), other.join().unwrap())
        });
        assert!(one == two, "each round has one number");
        assert!(one.windows(2).all(|pair| pair[0] < pair[1]), "and no round that of another");
    }
}
