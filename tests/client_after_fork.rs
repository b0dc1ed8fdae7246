//! A process of its own, because it forks: a client, what it has on its way and what it reads are the
//! parent's. The child is refused them, waits for nobody, and leaves them alone when it drops them.

#![cfg(all(unix, feature = "http"))]

#[path = "common/cases.rs"]
mod cases;
mod common;

use std::io::Read as _;
use std::task::Poll;

use cases::{Case, End, in_child, main as run};
use common::executor::{block_on, poll_once};
use common::phases::{Held, PART, Until};
use common::server::{Server, bytes};
use ffence::ErrorKind;
use ffence::http::{CancelHandle, Client, Limits};

fn main() {
    const CASES: &[Case] =
        &[("everything_of_a_client_is_its_own_process_s", everything, End::Well)];
    run(CASES);
}

fn forked<T>(outcome: ffence::Result<T>) -> bool {
    outcome.is_err_and(|error| error.kind() == ErrorKind::Forked)
}

fn everything() {
    let server = Server::plain();
    let client = Client::builder().limits(Limits::new().total(4)).build().unwrap();
    let url = server.url("/bytes/3000");
    client.get(&url).send().unwrap();
    block_on(client.get(&url).send_async()).unwrap();

    // One that is answered in part, in each way; one that waits for its answer; one that waits for
    // its turn; and one that was never polled.
    let parts = [Held::new(Until::Body), Held::new(Until::Body)];
    let mut reading = client.post(parts[0].url()).body("text").open().unwrap().into_body();
    let mut arriving =
        block_on(client.post(parts[1].url()).body("text").open_async()).unwrap().into_body();
    let silent = [Held::new(Until::FirstByte), Held::new(Until::FirstByte)];
    let cancel = CancelHandle::new();
    let mut waiting = silent.each_ref().map(|held| {
        let mut sending = client.get(held.url()).cancel_with(&cancel).send_async();
        assert!(poll_once(&mut sending).is_pending());
        held.wait_until_reached();
        sending
    });
    let mut queued = client.get(&url).send_async();
    assert!(poll_once(&mut queued).is_pending());
    let mut fresh = client.get(&url).send_async();

    let mut all = Some((client.clone(), reading, arriving, waiting, queued, fresh, cancel.clone()));
    let child = |all: &mut Option<_>| {
        let Some((client, mut reading, mut arriving, waiting, mut queued, mut fresh, cancel)) =
            all.take()
        else {
            return false;
        };
        let polled = |outcome: Poll<_>| match outcome {
            Poll::Ready(outcome) => forked(outcome),
            Poll::Pending => false,
        };
        let client: Client = client;
        let read: std::io::Result<usize> = std::io::Read::read(&mut reading, &mut [0; 10]);
        let refused = forked(client.get(&url).send())
            && forked(client.get(&url).open())
            && polled(poll_once(&mut fresh))
            && polled(poll_once(&mut queued))
            && read.is_err()
            && forked(client.close_blocking())
            && forked(block_on(client.close()))
            && forked(block_on(ffence::http::Body::chunk(&mut arriving)));
        CancelHandle::cancel(&cancel);
        drop((reading, arriving, queued, fresh, cancel, client));
        let waiting: [_; 2] = waiting;
        drop(waiting);
        let own = Client::new().unwrap();
        refused
            && own.get(&url).send().is_ok_and(|it| *it.body() == bytes(3000))
            && block_on(own.get(&url).send_async()).is_ok_and(|it| *it.body() == bytes(3000))
            && block_on(own.close()).is_ok()
    };
    assert!(in_child(|| child(&mut all)));

    // The parent's are as they were: nothing was closed or sent on its connections.
    let Some((_, taken_reading, taken_arriving, taken_waiting, taken_queued, taken_fresh, _)) = all
    else {
        unreachable!("only the child took it");
    };
    (reading, arriving, waiting) = (taken_reading, taken_arriving, taken_waiting);
    (queued, fresh) = (taken_queued, taken_fresh);
    assert!(!parts.iter().chain(&silent).any(Held::is_gone));
    reading.read_exact(&mut [0; PART]).unwrap();
    let piece = block_on(arriving.chunk()).unwrap().unwrap();
    assert!(bytes(PART).starts_with(&piece));
    cancel.cancel();
    for sending in &mut waiting {
        assert_eq!(block_on(sending).unwrap_err().kind(), ErrorKind::Cancelled);
    }
    silent.iter().for_each(Held::wait_until_gone);
    assert!(block_on(queued).unwrap().into_body() == bytes(3000));
    assert!(block_on(fresh).unwrap().into_body() == bytes(3000));
    drop((reading, arriving));
    parts.iter().for_each(Held::wait_until_gone);
}
