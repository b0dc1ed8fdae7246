//! Pages of their own, between two that nothing may touch.

#![allow(unsafe_code)]

use std::ptr::NonNull;

use libc::{c_int, c_void};

use super::Protection;
use crate::fork;

/// What may be done with the pages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    None,
    Read,
    Write,
}

impl Access {
    fn flags(self) -> c_int {
        match self {
            Self::None => libc::PROT_NONE,
            Self::Read => libc::PROT_READ,
            Self::Write => libc::PROT_READ | libc::PROT_WRITE,
        }
    }
}

/// Whole pages with a guard page on each side.
///
/// # Invariants
/// `start` begins a private anonymous mapping of `guard + len + guard` bytes, which belongs to this
/// value. The outer two stay without access; no reference into them ever exists.
pub(super) struct Pages {
    start: NonNull<u8>,
    guard: usize,
    len: usize,
}

// SAFETY: a mapping belongs to the process, not to a thread.
unsafe impl Send for Pages {}

// SAFETY: through a shared reference it gives out pointers and advice to the kernel alone; who reads
// or writes through them answers for it.
unsafe impl Sync for Pages {}

impl Pages {
    /// Room for `bytes` and at least one page, zeroed and without access yet.
    fn new(bytes: usize) -> Option<Self> {
        // SAFETY: sysconf only answers.
        let guard = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).ok()?;
        let len = bytes.max(1).checked_next_multiple_of(guard)?;
        // A slice is never longer than that.
        let whole =
            guard.checked_mul(2)?.checked_add(len).filter(|it| isize::try_from(*it).is_ok())?;
        let kind = libc::MAP_PRIVATE | libc::MAP_ANON;
        // SAFETY: a new mapping, wherever the kernel likes.
        let start =
            unsafe { libc::mmap(std::ptr::null_mut(), whole, libc::PROT_NONE, kind, -1, 0) };
        if start == libc::MAP_FAILED {
            return None;
        }
        NonNull::new(start.cast()).map(|start| Self { start, guard, len })
    }

    /// Writable pages with room for `bytes`, and what the kernel granted for them.
    pub(super) fn protected(bytes: usize) -> Option<(Self, Protection)> {
        let pages = Self::new(bytes)?;
        let protection = Protection {
            excluded_from_dumps: pages.exclude_from_dumps(),
            // Where a child could not be told from its parent, zeroes must not be handed to it.
            wiped_on_fork: fork::epoch() != fork::UNKNOWN && pages.wipe_on_fork(),
            ..Protection::default()
        };
        // SAFETY: there is no reference yet.
        if !unsafe { pages.allow(Access::Write) } {
            return None;
        }
        let locked = pages.lock();
        Some((pages, Protection { locked, ..protection }))
    }

    /// The first byte between the guards.
    pub(super) fn inside(&self) -> NonNull<u8> {
        // SAFETY: the mapping is larger than its guard.
        unsafe { self.start.add(self.guard) }
    }

    /// The bytes between the guards.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Gives or takes access, to all bytes between the guards; `false` when the kernel refused, and
    /// then nothing has changed.
    ///
    /// # Safety
    /// No reference into the pages is alive that needs more than `access`.
    pub(super) unsafe fn allow(&self, access: Access) -> bool {
        // SAFETY: mprotect(2) on our own pages; the caller answers for references into them.
        unsafe { libc::mprotect(self.raw(), self.len, access.flags()) == 0 }
    }

    /// Keeps the pages out of the swap; `false` when the limit (`RLIMIT_MEMLOCK`) is reached.
    ///
    /// The kernel touches the pages for that, so they must be accessible. munmap(2) unlocks.
    fn lock(&self) -> bool {
        // SAFETY: mlock(2) changes no byte.
        unsafe { libc::mlock(self.raw(), self.len) == 0 }
    }

    /// Keeps the pages out of core dumps.
    fn exclude_from_dumps(&self) -> bool {
        #[cfg(target_os = "linux")]
        return self.advise(libc::MADV_DONTDUMP);
        #[cfg(not(target_os = "linux"))]
        return false;
    }

    /// Lets a forked child find zeroes instead of the bytes; since Linux 4.14.
    fn wipe_on_fork(&self) -> bool {
        #[cfg(target_os = "linux")]
        return self.advise(libc::MADV_WIPEONFORK);
        #[cfg(not(target_os = "linux"))]
        return false;
    }

    #[cfg(target_os = "linux")]
    fn advise(&self, advice: c_int) -> bool {
        // SAFETY: madvise(2), with advice that changes no byte in this process.
        unsafe { libc::madvise(self.raw(), self.len, advice) == 0 }
    }

    fn raw(&self) -> *mut c_void {
        self.inside().as_ptr().cast()
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // It can fail only where the range is not a mapping.
        // SAFETY: the mapping is ours, and this value is the last to know it.
        unsafe { libc::munmap(self.start.as_ptr().cast(), 2 * self.guard + self.len) };
    }
}
