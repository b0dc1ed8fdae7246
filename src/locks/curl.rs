//! The locks of a libcurl share (`CURLSHOPT_LOCKFUNC`, `CURLSHOPT_UNLOCKFUNC`).
//!
//! What libcurl promises, and what follows from it:
//!
//! - Unlocking is not told how the lock was taken, so there is one exclusive lock for each kind of
//!   data and the access mode is ignored. Only the public suffix list is ever taken shared.
//! - Locks nest (cookies before the suffix list, connections before names), so there is one lock
//!   for each kind, never one for all.
//! - A lock is given back inside the same call of libcurl, by the thread that took it. That is
//!   checked: whoever breaks it would work on shared data without a lock.
//! - The handle may be NULL or one of libcurl's own: it is never touched.
//! - Cleaning the share up calls back as well: the table must outlive it.
//!
//! Nothing here allocates, calls user code, or calls libcurl. Whatever goes wrong ends the process,
//! because a callback cannot refuse: going on would mean running unlocked.

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use parking_lot::RawMutex;
use parking_lot::lock_api::RawMutex as _;

use crate::ffi::curl as ffi;

#[cfg(test)]
pub(crate) use tests::trace;

/// As many as libcurl's `curl_lock_data` has names, with the one for none.
const KINDS: usize = 8;

/// One lock for each kind of data.
pub(crate) struct Table {
    locks: [Lock; KINDS],
}

/// # Invariants
/// `holder` is not NULL while a thread holds `mutex`; only that thread changes it.
struct Lock {
    mutex: RawMutex,
    /// The thread that holds the lock, as [`here`] names it.
    holder: AtomicPtr<u8>,
}

impl Table {
    pub(crate) const fn new() -> Self {
        Self { locks: [const { Lock::new() }; KINDS] }
    }

    fn lock(&self, kind: ffi::curl_lock_data) -> &Lock {
        match usize::try_from(kind).ok().and_then(|kind| self.locks.get(kind)) {
            Some(lock) => lock,
            None => give_up("ffence: libcurl asked for a lock of a kind that does not exist\n"),
        }
    }
}

impl Lock {
    const fn new() -> Self {
        Self { mutex: RawMutex::INIT, holder: AtomicPtr::new(ptr::null_mut()) }
    }

    fn take(&self) {
        // Relaxed: the value can only be this thread's if this thread wrote it.
        if self.holder.load(Ordering::Relaxed) == here() {
            give_up("ffence: libcurl locked shared data twice on one thread\n");
        }
        self.mutex.lock();
        self.holder.store(here(), Ordering::Relaxed);
    }

    fn give_back(&self) {
        if self.holder.load(Ordering::Relaxed) != here() {
            give_up("ffence: libcurl unlocked shared data that this thread had not locked\n");
        }
        self.holder.store(ptr::null_mut(), Ordering::Relaxed);
        // SAFETY: the invariant: this thread holds the lock.
        unsafe { self.mutex.unlock() };
    }
}

/// A name for the running thread that no other running thread has: an address of its own.
fn here() -> *mut u8 {
    // Without a destructor, so that it can still be read while the thread ends.
    thread_local!(static HERE: u8 = const { 0 });
    HERE.with(|here| ptr::from_ref(here).cast_mut())
}

/// Ends the process; the text goes out without a lock and without a buffer.
#[cold]
fn give_up(text: &'static str) -> ! {
    #[cfg(unix)]
    {
        // SAFETY: write(2) reads so many bytes of the text.
        unsafe { libc::write(libc::STDERR_FILENO, text.as_ptr().cast(), text.len()) };
    }
    #[cfg(not(unix))]
    {
        let _ = text;
    }
    std::process::abort()
}

/// `CURLSHOPT_LOCKFUNC`, with a [`Table`] for `CURLSHOPT_USERDATA`.
///
/// A panic could not leave it: a function with C's calling convention aborts instead.
pub(crate) extern "C" fn on_lock(
    _: *mut ffi::CURL,
    kind: ffi::curl_lock_data,
    _: ffi::curl_lock_access,
    table: *mut c_void,
) {
    // SAFETY: the share's owner passed a table that outlives the share, and only shared references
    // to it exist.
    let table = unsafe { &*table.cast_const().cast::<Table>() };
    table.lock(kind).take();
    #[cfg(test)]
    trace::locked(kind);
}

/// `CURLSHOPT_UNLOCKFUNC`
pub(crate) extern "C" fn on_unlock(
    _: *mut ffi::CURL,
    kind: ffi::curl_lock_data,
    table: *mut c_void,
) {
    // SAFETY: as above.
    let table = unsafe { &*table.cast_const().cast::<Table>() };
    #[cfg(test)]
    trace::unlocked(kind);
    table.lock(kind).give_back();
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Output};

    /// What the callbacks were asked for, for the unit tests.
    pub(crate) mod trace {
        use super::super::ffi;
        use std::cell::RefCell;
        use std::collections::BTreeSet;

        use parking_lot::Mutex;

        thread_local!(static HELD: RefCell<Vec<ffi::curl_lock_data>> = const { RefCell::new(Vec::new()) });

        /// Which kinds were locked, and within which other one.
        pub(crate) static SEEN: Mutex<
            BTreeSet<(Option<ffi::curl_lock_data>, ffi::curl_lock_data)>,
        > = Mutex::new(BTreeSet::new());

        pub(in crate::locks::curl) fn locked(kind: ffi::curl_lock_data) {
            HELD.with_borrow_mut(|held| {
                assert!(!held.contains(&kind), "kind {kind} is locked twice by one thread");
                SEEN.lock().insert((held.last().copied(), kind));
                held.push(kind);
            });
        }

        pub(in crate::locks::curl) fn unlocked(kind: ffi::curl_lock_data) {
            HELD.with_borrow_mut(|held| {
                assert_eq!(
                    held.pop(),
                    Some(kind),
                    "the last lock is given back first, by its thread"
                );
            });
        }
    }

    const DNS: ffi::curl_lock_data = ffi::CURL_LOCK_DATA_DNS;

    fn lock(table: &Table, kind: ffi::curl_lock_data) {
        let table = ptr::from_ref(table).cast_mut().cast();
        on_lock(ptr::null_mut(), kind, 1, table); // CURL_LOCK_ACCESS_SHARED
    }

    fn unlock(table: &Table, kind: ffi::curl_lock_data) {
        on_unlock(ptr::null_mut(), kind, ptr::from_ref(table).cast_mut().cast());
    }

    #[test]
    fn the_table_has_a_lock_for_each_kind() {
        // Not through the callbacks: their trace is for what libcurl does.
        let table = Table::new();
        for kind in ffi::CURL_LOCK_DATA_SHARE..=ffi::CURL_LOCK_DATA_HSTS {
            table.lock(kind).take();
        }
        for kind in ffi::CURL_LOCK_DATA_SHARE..=ffi::CURL_LOCK_DATA_HSTS {
            table.lock(kind).give_back();
        }
    }

    #[test]
    fn a_counter_under_the_lock_loses_nothing() {
        const EACH: u64 = 20_000;
        let table = Table::new();
        // Load and store apart: without the lock, counts would be lost.
        let counter = std::sync::atomic::AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..EACH {
                        lock(&table, DNS);
                        let before = counter.load(Ordering::Relaxed);
                        counter.store(before + 1, Ordering::Relaxed);
                        unlock(&table, DNS);
                    }
                });
            }
        });
        assert_eq!(counter.into_inner(), 4 * EACH);
    }

    /// Runs this file's `misuse` in a process of its own, which has to abort.
    fn in_a_child(misuse: &str) -> Output {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "locks::curl::tests::misuse", "--nocapture"])
            .env("FFENCE_LOCK_MISUSE", misuse)
            .output()
            .unwrap()
    }

    #[test]
    fn misuse() {
        let Ok(misuse) = std::env::var("FFENCE_LOCK_MISUSE") else { return };
        let table = Table::new();
        match misuse.as_str() {
            "twice" => {
                // Not through the callback, whose trace would notice first.
                table.lock(DNS).take();
                table.lock(DNS).take();
            }
            "unlocked" => table.lock(DNS).give_back(),
            "elsewhere" => {
                table.lock(DNS).take();
                std::thread::scope(|scope| {
                    scope.spawn(|| table.lock(DNS).give_back());
                });
            }
            _ => lock(&table, 8),
        }
    }

    #[test]
    fn what_would_run_unlocked_ends_the_process() {
        for (misuse, text) in [
            ("twice", "locked shared data twice on one thread"),
            ("unlocked", "unlocked shared data that this thread had not locked"),
            ("elsewhere", "unlocked shared data that this thread had not locked"),
            ("kind", "a lock of a kind that does not exist"),
        ] {
            let output = in_a_child(misuse);
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(errors.contains(text), "{misuse}: {errors}");
            #[cfg(unix)]
            {
                use std::os::unix::process::ExitStatusExt as _;
                assert_eq!(output.status.signal(), Some(libc::SIGABRT), "{misuse}");
            }
        }
    }
}
