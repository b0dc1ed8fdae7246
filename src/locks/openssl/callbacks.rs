//! What an old libcrypto calls.
//!
//! No panic can leave these functions: `extern "C"` aborts, as is right here, and they call nothing
//! that panics. They neither allocate (but for a dynamic lock) nor call back into the library.

#![allow(unsafe_code)]

use std::alloc::{Layout, alloc, dealloc};
use std::cell::Cell;
use std::ffi::{c_char, c_int, c_ulong, c_void};
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::RawMutex;
use parking_lot::lock_api::RawMutex as _;

use super::search::Old;
use crate::ffi::old_libcrypto as ffi;
use crate::sync::OnceLock;

/// 1.0.2 has 41, and gives engines that ask for one of their own the numbers after them.
pub(super) const LOCKS: usize = 128;

/// Each on a cache line of its own.
#[repr(align(64))]
struct Padded(RawMutex);

static TABLE: [Padded; LOCKS] = [const { Padded(RawMutex::INIT) }; LOCKS];

/// What the callbacks call.
struct Functions {
    set_numeric: ffi::SetNumeric,
    remove_thread_state: ffi::RemoveThreadState,
}

static FUNCTIONS: OnceLock<Functions> = OnceLock::new();

pub(super) fn register(old: &Old) {
    FUNCTIONS.get_or_init(|| Functions {
        set_numeric: old.set_numeric,
        remove_thread_state: old.remove_thread_state,
    });
    // The order is that of need: a thread has its number before it takes the first lock.
    // SAFETY: threads(3): the callback must tell threads apart. 0 says that somebody has registered
    // one before, which is as good.
    unsafe { (old.set_identify)(Some(identify)) };
    // SAFETY: threads(3): what this callback makes is handed to the next two only.
    unsafe { (old.set_create_dynamic)(Some(create_dynamic)) };
    // SAFETY: threads(3): locks and unlocks what the first one made.
    unsafe { (old.set_lock_dynamic)(Some(lock_dynamic)) };
    // SAFETY: threads(3): frees what the first one made.
    unsafe { (old.set_destroy_dynamic)(Some(destroy_dynamic)) };
    // SAFETY: threads(3): `lock` sets and releases the numbered lock; the table has as many as the
    // library wants, and lives as long as the process.
    unsafe { (old.set_lock)(Some(lock)) };
}

thread_local! {
    /// This thread's number, 0 for none yet. Without a destructor it is there to the very end.
    static NUMBER: Cell<usize> = const { Cell::new(0) };
    /// Whether [`LEAVE`] was asked to be dropped when the thread ends.
    static NOTED: Cell<bool> = const { Cell::new(false) };
    static LEAVE: Leave = const { Leave };
}

static LAST: AtomicUsize = AtomicUsize::new(0);

/// Numbers are not used again, so that no thread finds the errors of one that has ended.
fn number() -> usize {
    if NUMBER.get() == 0 {
        NUMBER.set(LAST.fetch_add(1, Ordering::Relaxed) + 1);
    }
    NUMBER.get()
}

unsafe extern "C" fn identify(id: *mut ffi::ThreadId) {
    if let Some(functions) = FUNCTIONS.get() {
        #[allow(clippy::cast_possible_truncation, reason = "an unsigned long is a word on Unix")]
        let number = number() as c_ulong;
        // SAFETY: the library handed `id` over for this very call.
        unsafe { (functions.set_numeric)(id, number) };
    }
}

/// What a thread owes the library when it ends.
struct Leave;

impl Drop for Leave {
    fn drop(&mut self) {
        if let Some(functions) = FUNCTIONS.get() {
            // SAFETY: ERR_remove_state(3): NULL is the calling thread; may be called at any time.
            unsafe { (functions.remove_thread_state)(ptr::null()) };
        }
    }
}

unsafe extern "C" fn lock(mode: c_int, index: c_int, _file: *const c_char, _line: c_int) {
    let Some(Padded(mutex)) = usize::try_from(index).ok().and_then(|at| TABLE.get(at)) else {
        stop(b"ffence: an old libcrypto wants a lock that is not in the table\n");
    };
    if mode & ffi::CRYPTO_LOCK != 0 && !NOTED.replace(true) {
        // Refused while the thread's own destructors run: then nothing more is owed.
        let _ = LEAVE.try_with(|_| ());
    }
    turn(mutex, mode);
}

fn turn(mutex: &RawMutex, mode: c_int) {
    if mode & ffi::CRYPTO_LOCK != 0 {
        mutex.lock();
    } else if mutex.is_locked() {
        // SAFETY: it is locked, and threads(3): a thread unlocks what it has locked itself.
        unsafe { mutex.unlock() };
    } else {
        stop(b"ffence: an old libcrypto gave back a lock that nobody held\n");
    }
}

const DYNAMIC: Layout = Layout::new::<RawMutex>();

/// NULL where there is no memory: the library then answers no lock.
unsafe extern "C" fn create_dynamic(_file: *const c_char, _line: c_int) -> *mut c_void {
    // SAFETY: a mutex is not of size zero.
    let place = unsafe { alloc(DYNAMIC) }.cast::<RawMutex>();
    if !place.is_null() {
        // SAFETY: the place was made for one mutex.
        unsafe { place.write(RawMutex::INIT) };
    }
    place.cast()
}

unsafe extern "C" fn lock_dynamic(
    mode: c_int,
    place: *mut c_void,
    _file: *const c_char,
    _line: c_int,
) {
    // SAFETY: made by `create_dynamic`, and not destroyed while the library counts its users.
    turn(unsafe { &*place.cast::<RawMutex>() }, mode);
}

unsafe extern "C" fn destroy_dynamic(place: *mut c_void, _file: *const c_char, _line: c_int) {
    // SAFETY: made by `create_dynamic`; the library drops its last use of it here.
    unsafe { dealloc(place.cast(), DYNAMIC) };
}

/// Ends the process. Nothing is allocated: the thread may hold any lock.
fn stop(why: &[u8]) -> ! {
    // SAFETY: writes bytes that are there to the standard error; that it may fail changes nothing.
    unsafe { libc::write(libc::STDERR_FILENO, why.as_ptr().cast(), why.len()) };
    std::process::abort();
}
