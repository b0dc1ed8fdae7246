//! Host names that take their time.
//!
//! A process of its own: it puts a `getaddrinfo` of its own in the place of the C library's, which
//! answers for `slow.test` only when the test lets it.
#![cfg(all(feature = "http", target_os = "linux"))]

mod common;

use std::ffi::{CStr, c_char, c_int};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use common::server::Server;
use common::transfers::{Body, LONG, drive_one, engines, get};
use ffence::ErrorKind;
use ffence::curl::{Easy, Id, Multi, option};

/// How many look-ups of `slow.test` are held up, and whether they may go on.
static SLOW: Mutex<(usize, bool)> = Mutex::new((0, false));
static CHANGED: Condvar = Condvar::new();

/// One test at a time holds names up.
static ALONE: Mutex<()> = Mutex::new(());

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

fn wait_until(what: impl Fn(&(usize, bool)) -> bool) {
    let slow = SLOW.lock().unwrap();
    let (slow, over) =
        CHANGED.wait_timeout_while(slow, LONG, |slow| !what(slow)).expect("nobody panicked");
    assert!(!over.timed_out(), "{slow:?}");
}

fn let_go(may: bool) {
    SLOW.lock().unwrap().1 = may;
    CHANGED.notify_all();
}

/// A transfer from `slow.test`, whose name is looked up once.
fn slow(server: &Server) -> Easy<Body> {
    let url = server.url("/bytes/10").replace("127.0.0.1", "slow.test");
    let mut easy = get(&url, Body::default());
    easy.set(option::IpResolve(option::value::IpResolve::V4)).unwrap();
    easy
}

/// Adds a transfer from `slow.test` and drives until its name is being looked up.
fn add_slow(multi: &mut Multi<Body>, server: &Server) -> Id {
    let id = multi.add(slow(server)).unwrap();
    multi.perform().unwrap();
    id
}

/// Whether this libcurl can give a look-up up; see [`Multi::cancel`].
fn can_let_go() -> bool {
    let number = ffence::capabilities().unwrap().libcurl().number();
    (number.major, number.minor) >= (7, 87)
}

#[test]
fn a_name_that_is_slow_holds_nobody_up() {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let server = Server::plain();
    for mut multi in engines() {
        let_go(false);
        let ids = [(); 3].map(|()| add_slow(&mut multi, &server));
        wait_until(|slow| slow.0 == 3);
        let fast = multi.add(get(&server.url("/bytes/1000"), Body::default())).unwrap();
        // Nothing here may wait for the names: they come only after all of it.
        multi.cancel(ids[0]).unwrap();
        assert!(multi.get(ids[0]).is_none());
        if can_let_go() {
            let easy = multi.remove(ids[1]).unwrap();
            assert!(easy.handler().0.is_empty());
            drop(easy);
        }
        let done = drive_one(&mut multi);
        assert_eq!(done.id, fast);
        done.result.unwrap();
        let_go(true);
        wait_until(|slow| slow.0 == 0);
        // The one that was not given up is resolved and fetched.
        let done = drive_one(&mut multi);
        done.result.unwrap();
        assert!(ids[1..].contains(&done.id));
        assert_eq!(multi.remove(done.id).unwrap().into_handler().0.len(), 10);
    }
}

#[test]
fn a_multi_that_goes_waits_for_no_name() {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if !can_let_go() {
        return;
    }
    let server = Server::plain();
    for mut multi in engines() {
        let_go(false);
        add_slow(&mut multi, &server);
        wait_until(|slow| slow.0 == 1);
        drop(multi);
        let_go(true);
        wait_until(|slow| slow.0 == 0);
    }
}

#[test]
fn a_time_limit_counts_while_a_name_is_slow() {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let server = Server::plain();
    for mut multi in engines() {
        let_go(false);
        let mut easy = slow(&server);
        easy.set(option::TimeoutMs(Duration::from_millis(50))).unwrap();
        multi.add(easy).unwrap();
        multi.perform().unwrap();
        wait_until(|slow| slow.0 == 1);
        // libcurl waits for its thread where it was not told to let go: the name comes by another one.
        let helper = (!can_let_go()).then(|| std::thread::spawn(|| let_go(true)));
        let done = drive_one(&mut multi);
        assert_eq!(done.result.unwrap_err().kind(), ErrorKind::Timeout);
        drop(helper.map(std::thread::JoinHandle::join));
        let_go(true);
        wait_until(|slow| slow.0 == 0);
    }
}
