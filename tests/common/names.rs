//! A host name that takes its time: a `getaddrinfo` in the place of the C library's, which answers
//! for `slow.test` only when the test lets it. Only for processes of their own.

use std::ffi::{CStr, c_char, c_int};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

/// Longer than anything takes that a test waits for.
const LONG: Duration = Duration::from_secs(300);

/// How many look-ups of `slow.test` are held up, and whether they may go on.
static SLOW: Mutex<(usize, bool)> = Mutex::new((0, false));
static CHANGED: Condvar = Condvar::new();

/// # Safety
/// As for the C library's own, which it calls in the end.
#[unsafe(no_mangle)]
unsafe extern "C" fn getaddrinfo(
    name: *const c_char,
    service: *const c_char,
    hints: *const libc::addrinfo,
    found: *mut *mut libc::addrinfo,
) -> c_int {
    type Real = unsafe extern "C" fn(
        *const c_char,
        *const c_char,
        *const libc::addrinfo,
        *mut *mut libc::addrinfo,
    ) -> c_int;

    // SAFETY: NULL or a string, as the caller promises.
    let asked = (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) });
    let mut name = name;
    if asked == Some(c"slow.test") {
        let mut slow = SLOW.lock().unwrap();
        slow.0 += 1;
        CHANGED.notify_all();
        while !slow.1 {
            slow = CHANGED.wait(slow).unwrap();
        }
        slow.0 -= 1;
        CHANGED.notify_all();
        name = c"127.0.0.1".as_ptr();
    }
    // SAFETY: the name ends in NUL.
    let real = unsafe { libc::dlsym(libc::RTLD_NEXT, c"getaddrinfo".as_ptr()) };
    assert!(!real.is_null());
    // SAFETY: the C library's function of that name has this type.
    let real = unsafe { std::mem::transmute::<*mut libc::c_void, Real>(real) };
    // SAFETY: as the caller promises.
    unsafe { real(name, service, hints, found) }
}

pub fn wait_until(what: impl Fn(&(usize, bool)) -> bool) {
    let slow = SLOW.lock().unwrap();
    let (slow, over) =
        CHANGED.wait_timeout_while(slow, LONG, |slow| !what(slow)).expect("nobody panicked");
    assert!(!over.timed_out(), "{slow:?}");
}

pub fn let_go(may: bool) {
    SLOW.lock().unwrap().1 = may;
    CHANGED.notify_all();
}

/// How many look-ups are held up.
#[allow(dead_code)] // not each test asks
pub fn held_up() -> usize {
    SLOW.lock().unwrap().0
}
