//! Rust over the C library. `BUG` in the environment switches one bug on: overflow, leak, race,
//! uninitialised.

use std::ffi::{CStr, CString, c_char, c_int, c_long};

unsafe extern "C" {
    fn notes_sum(numbers: *const c_int, count: usize, bug: *const c_char) -> c_long;
    fn notes_copy(text: *const c_char) -> *mut c_char;
    fn notes_free(text: *mut c_char);
    fn notes_count(bug: *const c_char);
    fn notes_counted() -> c_long;
    fn notes_is_even(number: c_int, bug: *const c_char) -> c_int;
}

/// The bug that is switched on; empty for none.
pub fn bug() -> CString {
    CString::new(std::env::var("BUG").unwrap_or_default()).unwrap_or_default()
}

/// The sum of some numbers.
///
/// ```
/// let total = sanitized_project::sum(&[1, 2, 3]);
/// assert!(total == 6 || sanitized_project::bug().as_bytes() == b"overflow");
/// ```
pub fn sum(numbers: &[c_int]) -> c_long {
    // SAFETY: so many numbers are there, and the bug's name ends in NUL.
    unsafe { notes_sum(numbers.as_ptr(), numbers.len(), bug().as_ptr()) }
}

/// A copy of a text, made and freed by C.
pub fn copy(text: &CStr) -> String {
    // SAFETY: the text ends in NUL.
    let made = unsafe { notes_copy(text.as_ptr()) };
    assert!(!made.is_null());
    // SAFETY: it is C's copy, which ends in NUL and lives until it is freed.
    let copy = unsafe { CStr::from_ptr(made) }.to_string_lossy().into_owned();
    if bug().as_bytes() != b"leak" {
        // SAFETY: it is ours, and not used afterwards.
        unsafe { notes_free(made) };
    }
    copy
}

/// Counts up from as many threads; how often it was counted by now.
pub fn count(threads: usize) -> c_long {
    let threads: Vec<_> = (0..threads)
        .map(|_| {
            std::thread::spawn(|| {
                let bug = bug();
                for _ in 0..1000 {
                    // SAFETY: the bug's name ends in NUL.
                    unsafe { notes_count(bug.as_ptr()) };
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("it does not panic");
    }
    // SAFETY: takes nothing.
    unsafe { notes_counted() }
}

/// Whether a number is even.
pub fn is_even(number: c_int) -> bool {
    // SAFETY: the bug's name ends in NUL.
    unsafe { notes_is_even(number, bug().as_ptr()) == 1 }
}
