//! The memory of both C libraries, counted and refused on demand: how tests show what happens when
//! memory fails. Feature `torture`; not for programs.
//!
//! [`install`] puts functions of this module between the libraries and `malloc`, before anything else
//! in a process. [`refusing`] then says which request of C's is refused while some code runs: one of
//! them, or one and all after it. Requests of all threads count, because libcurl asks for memory on its
//! resolver's threads too; what other parts of the libraries ask of `malloc` themselves (zlib, nghttp2,
//! `getaddrinfo`) does not. Rust's own memory never fails here. Where it does fail, buffers that grow by
//! what a peer sends, and copies as long as what C or a caller hands over, answer
//! [`ErrorKind::OutOfMemory`]; for all that is small (boxes, names, messages of errors) Rust ends the
//! process, by design.
//!
//! `make torture` drives it (tests/torture/).

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout};
use std::ffi::{c_char, c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, Ordering};

use parking_lot::Mutex;

use crate::error::{Error, ErrorKind, Result};
use crate::ffi::openssl::CRYPTO_set_mem_functions;

/// Which requests for memory are refused, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refuse {
    /// None: requests are only counted.
    Nothing,
    /// This one alone.
    One(u64),
    /// This one and all that follow.
    From(u64),
}

/// What code did while its requests were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Counted<R> {
    /// What it answered.
    pub value: R,
    /// How often C asked for memory, what was refused included.
    pub asked: u64,
    /// How often C was refused.
    pub refused: u64,
}

/// Where C was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// OpenSSL tells its source file and line.
    OpenSsl(&'static str, u32),
    /// libcurl tells nothing.
    Libcurl,
}

static INSTALLED: AtomicBool = AtomicBool::new(false);
/// One piece of code is counted at a time.
static RUNNING: Mutex<()> = Mutex::new(());
static ASKED: AtomicU64 = AtomicU64::new(0);
static REFUSED: AtomicU64 = AtomicU64::new(0);
/// The requests from `FIRST` to `LAST` are refused.
static FIRST: AtomicU64 = AtomicU64::new(u64::MAX);
static LAST: AtomicU64 = AtomicU64::new(0);
/// A `fn(Place)`, or NULL.
static WATCHER: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());

/// Puts this module between both libraries and `malloc`.
///
/// # Errors
/// [`ErrorKind::Init`] when libcrypto has asked for memory before: call this first thing in `main`.
///
/// [CRYPTO_set_mem_functions](https://docs.openssl.org/3.0/man3/OPENSSL_malloc/),
/// [curl_global_init_mem](https://curl.se/libcurl/c/curl_global_init_mem.html)
///
/// ```
/// use ffence::crypto::Sha256;
/// use ffence::mem::{self, Refuse};
///
/// mem::install()?;
/// let expected = Sha256::digest(b"abc")?;
/// let asked = mem::refusing(Refuse::Nothing, || Sha256::digest(b"abc")).asked;
/// for k in 1..=asked {
///     let outcome = mem::refusing(Refuse::One(k), || Sha256::digest(b"abc"));
///     assert_eq!(outcome.refused, 1);
///     assert!(outcome.value.is_err() || outcome.value? == expected);
/// }
/// # Ok::<(), ffence::Error>(())
/// ```
#[doc(alias = "CRYPTO_set_mem_functions")]
#[doc(alias = "curl_global_init_mem")]
pub fn install() -> Result<()> {
    // SAFETY: CRYPTO_set_mem_functions(3): the three belong together, and do what malloc(3), realloc(3)
    // and free(3) do.
    let taken =
        unsafe { CRYPTO_set_mem_functions(Some(allocate), Some(reallocate), Some(release)) };
    if taken != 1 {
        return Err(Error::ours(
            ErrorKind::Init,
            "libcrypto has memory already: call mem::install first thing in main",
        ));
    }
    INSTALLED.store(true, Ordering::Relaxed);
    Ok(())
}

/// Runs `work`, counts what C asks for meanwhile, on every thread, and refuses what `refuse` says.
///
/// One piece of work runs at a time; another thread waits. A second one inside `work` never begins.
pub fn refusing<R>(refuse: Refuse, work: impl FnOnce() -> R) -> Counted<R> {
    /// Nothing is refused any more, whatever `work` did.
    struct Over;
    impl Drop for Over {
        fn drop(&mut self) {
            FIRST.store(u64::MAX, Ordering::SeqCst);
        }
    }

    let _alone = RUNNING.lock();
    let (first, last) = match refuse {
        Refuse::Nothing => (u64::MAX, 0),
        Refuse::One(k) => (k, k),
        Refuse::From(k) => (k, u64::MAX),
    };
    ASKED.store(0, Ordering::SeqCst);
    REFUSED.store(0, Ordering::SeqCst);
    LAST.store(last, Ordering::SeqCst);
    FIRST.store(first, Ordering::SeqCst);
    let over = Over;
    let value = work();
    drop(over);
    let asked = ASKED.load(Ordering::SeqCst);
    Counted { value, asked, refused: REFUSED.load(Ordering::SeqCst) }
}

/// Names the function that is told of each refusal, on the thread that is refused, before C knows.
///
/// It must not panic: C is on the stack.
pub fn watch(watcher: fn(Place)) {
    WATCHER.store(watcher as *mut c_void, Ordering::SeqCst);
}

/// Whether libcurl is to be set up with [`GATE`].
pub(crate) fn is_installed() -> bool {
    INSTALLED.load(Ordering::Relaxed)
}

/// Where libcurl asks, by the functions of `init/memory.rs`.
pub(crate) static GATE: Gate = Gate;

/// C's heap behind the counter, for requests of libcurl's.
#[derive(Debug)]
pub(crate) struct Gate;

// SAFETY: malloc(3) and its like keep what the trait asks for, up to their alignment of 16 bytes, which
// nothing that libcurl asks for exceeds; a refusal is NULL, and leaves a block as it was.
unsafe impl GlobalAlloc for Gate {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !granted(|| Place::Libcurl) {
            return ptr::null_mut();
        }
        // SAFETY: malloc(3) takes any length.
        unsafe { libc::malloc(layout.size()) }.cast()
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if !granted(|| Place::Libcurl) {
            return ptr::null_mut();
        }
        // SAFETY: calloc(3) takes any lengths.
        unsafe { libc::calloc(1, layout.size()) }.cast()
    }

    unsafe fn realloc(&self, block: *mut u8, _: Layout, len: usize) -> *mut u8 {
        if !granted(|| Place::Libcurl) {
            return ptr::null_mut();
        }
        // SAFETY: the block is the caller's, from here.
        unsafe { libc::realloc(block.cast(), len) }.cast()
    }

    unsafe fn dealloc(&self, block: *mut u8, _: Layout) {
        // SAFETY: the block is the caller's, from here, and is not used again.
        unsafe { libc::free(block.cast()) };
    }
}

/// Counts a request; whether it is granted.
fn granted(place: impl FnOnce() -> Place) -> bool {
    let number = ASKED.fetch_add(1, Ordering::SeqCst) + 1;
    if number < FIRST.load(Ordering::SeqCst) || number > LAST.load(Ordering::SeqCst) {
        return true;
    }
    REFUSED.fetch_add(1, Ordering::SeqCst);
    let watcher = WATCHER.load(Ordering::SeqCst);
    if !watcher.is_null() {
        // SAFETY: only `watch` stores there, and it stores a function of this type.
        let watcher = unsafe { std::mem::transmute::<*mut c_void, fn(Place)>(watcher) };
        watcher(place());
    }
    false
}

/// OpenSSL's `__FILE__` and `__LINE__`.
fn openssl_place(file: *const c_char, line: c_int) -> Place {
    if file.is_null() {
        return Place::OpenSsl("", 0);
    }
    // SAFETY: OPENSSL_FILE is a string literal of the library, which is never unloaded.
    let file = unsafe { std::ffi::CStr::from_ptr(file) };
    Place::OpenSsl(file.to_str().unwrap_or(""), line.unsigned_abs())
}

// What follows is C's heap with a gate before it: blocks come from malloc and go to free, so that a
// sanitizer sees each with the stack of the code that asked.

/// As `CRYPTO_malloc`: nothing for a length of 0.
unsafe extern "C" fn allocate(len: usize, file: *const c_char, line: c_int) -> *mut c_void {
    if len == 0 || !granted(|| openssl_place(file, line)) {
        return ptr::null_mut();
    }
    // SAFETY: malloc(3) takes any length.
    unsafe { libc::malloc(len) }
}

/// As `CRYPTO_realloc`: frees for a length of 0; a refusal leaves the block as it was.
unsafe extern "C" fn reallocate(
    block: *mut c_void,
    len: usize,
    file: *const c_char,
    line: c_int,
) -> *mut c_void {
    if len == 0 {
        // SAFETY: the block is the caller's, from `allocate`.
        unsafe { libc::free(block) };
        return ptr::null_mut();
    }
    if !granted(|| openssl_place(file, line)) {
        return ptr::null_mut();
    }
    // SAFETY: the block is the caller's, from `allocate`, or NULL.
    unsafe { libc::realloc(block, len) }
}

unsafe extern "C" fn release(block: *mut c_void, _file: *const c_char, _line: c_int) {
    // SAFETY: the block is the caller's, from `allocate`, or NULL.
    unsafe { libc::free(block) };
}
