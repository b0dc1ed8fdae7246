//! A process of its own, because it forks: a child must not touch what its parent drives and shares,
//! makes its own instead, and the parent goes on as if nothing had been.
#![cfg(all(feature = "http", unix))]

mod common;

use std::time::Duration;

use common::server::Server;
use common::transfers::{Body, LONG, drive, drive_one, engines, get};
use ffence::curl::multi::option::MaxConnects;
use ffence::curl::{Easy, Id, LocalShare, Multi, Pauses, Share};
use ffence::{ErrorKind, Result};

fn main() {
    let server = Server::plain();
    for multi in engines() {
        inherited(&server, multi);
    }
}

fn inherited(server: &Server, mut multi: Multi<Body>) {
    let share = Share::builder().names().build().unwrap();
    let local = LocalShare::builder().connections().cookies().build().unwrap();
    let mut local_easy = local.easy(Body::default()).unwrap();
    let mut easy = get(&server.url("/bytes/10"), Body::default());
    easy.share(&share).unwrap();
    // One connection is in use, another one is kept.
    let running = multi.add(get(&server.url("/hang"), Body::default())).unwrap();
    let done = multi.add(easy).unwrap();
    assert_eq!(drive_one(&mut multi).id, done);
    let waker = multi.waker();

    // SAFETY: the child uses nothing that another thread (the server's) may have held.
    let child = unsafe { libc::fork() };
    assert!(child >= 0);
    if child == 0 {
        let fine = refuses(&mut multi, &[done, running])
            && waker.wake().is_err_and(|error| error.kind() == ErrorKind::Forked)
            && forked(local.easy(Body::default()))
            && Easy::new().is_ok_and(|mut easy| forked(easy.share(&share)))
            && forked(local_easy.perform())
            && own(server);
        // Their drops say nothing to the parent's peers, and wait for no lock.
        drop((multi, waker, local_easy, local, share));
        // SAFETY: ends the process without running what the parent registered.
        unsafe { libc::_exit(i32::from(!fine)) };
    }
    let mut status = -1;
    // SAFETY: the child is ours, and the place is writable.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert_eq!(status, 0, "the child found something wrong");

    // The parent's connections are as they were.
    assert_eq!(multi.remove(done).unwrap().into_handler().0.len(), 10);
    multi.cancel(running).unwrap();
    let before = server.connections();
    let id = multi.add(get(&server.url("/bytes/20"), Body::default())).unwrap();
    assert!(drive(&mut multi)[&id].is_ok());
    assert_eq!(server.connections(), before, "the kept connection still works");
    waker.wake().unwrap();
    multi.poll(LONG).unwrap();
}

fn forked<T>(outcome: Result<T>) -> bool {
    outcome.is_err_and(|error| error.kind() == ErrorKind::Forked)
}

fn refuses(multi: &mut Multi<Body>, ids: &[Id]) -> bool {
    let each = |multi: &mut Multi<Body>, id: Id| {
        forked(multi.cancel(id))
            && forked(multi.remove(id))
            && forked(multi.pause(id, Pauses::default()))
    };
    forked(multi.perform())
        && forked(multi.poll(Duration::ZERO))
        && forked(multi.timeout())
        && forked(multi.set(MaxConnects(1)))
        && forked(multi.add(get("http://127.0.0.1", Body::default())))
        && multi.next_done().is_none()
        && ids.iter().all(|id| each(multi, *id))
}

/// What the child makes itself works.
fn own(server: &Server) -> bool {
    let share = Share::builder().names().build().unwrap();
    engines().into_iter().all(|mut multi| {
        let mut easy = get(&server.url("/bytes/30"), Body::default());
        easy.share(&share).unwrap();
        let id = multi.add(easy).unwrap();
        drive(&mut multi)[&id].is_ok()
    })
}
