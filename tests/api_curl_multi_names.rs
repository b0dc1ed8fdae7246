//! Host names that take their time.
//!
//! A process of its own, because of `names`.
#![cfg(all(feature = "http", target_os = "linux"))]

mod common;
#[path = "common/names.rs"]
mod names;

use std::sync::Mutex;
use std::time::Duration;

use common::server::Server;
use common::transfers::{Body, drive_one, engines, get};
use ffence::ErrorKind;
use ffence::curl::{Easy, Id, Multi, option};
use names::{let_go, wait_until};

/// One test at a time holds names up.
static ALONE: Mutex<()> = Mutex::new(());

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
