//! A process of its own, because it forks: a pinned thread is not in the child, which is told so
//! and neither waits for it nor ends it for the parent.

#![cfg(unix)]

use std::future::Future as _;
use std::pin::Pin;
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};

use ffence::ErrorKind;
use ffence::thread::{PinnedThread, RunAsync};

fn main() {
    let thread = PinnedThread::builder("parent").queue(1).spawn(|_| Ok(7)).expect("a thread");
    // The child is forked while the thread is busy, its queue is full, and a future waits for a place.
    let (open, gate) = mpsc::channel::<()>();
    let (here, arrived) = mpsc::channel();
    thread
        .send(move |_| {
            here.send(()).expect("main waits");
            let _ = gate.recv();
        })
        .expect("sent");
    arrived.recv().expect("the thread is there");
    let context = &mut Context::from_waker(Waker::noop());
    let mut queued = thread.run_async(|on| **on);
    let mut waiting = thread.run_async(|on| **on);
    assert!(Pin::new(&mut queued).poll(context).is_pending());
    assert!(Pin::new(&mut waiting).poll(context).is_pending());

    // SAFETY: the child calls what refuses before it takes a lock, and what is made for a child.
    let child = unsafe { libc::fork() };
    assert!(child >= 0);
    if child == 0 {
        // SAFETY: takes a number; a child that waits is ended by the alarm, and not by an exit.
        unsafe { libc::alarm(20) };
        let forked = |outcome: ffence::Result<i32>| {
            outcome.is_err_and(|error| error.kind() == ErrorKind::Forked)
        };
        let poll = |future: &mut RunAsync<i32, i32>| match Pin::new(future)
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(outcome) => forked(outcome),
            Poll::Pending => false,
        };
        let refused = forked(thread.run(|on| **on))
            && forked(thread.send(|_| ()).map(|()| 0))
            && forked(thread.try_send(|_| ()).map(|()| 0))
            && forked(thread.cpus().map(|_| 0))
            && poll(&mut queued)
            && poll(&mut waiting);
        drop((queued, waiting));
        drop(thread); // waits for nobody
        let own = PinnedThread::spawn(|_| Ok(1));
        let works = own.is_ok_and(|own| own.run(|on| **on).is_ok_and(|it| it == 1));
        // SAFETY: ends the process without running what the parent registered.
        unsafe { libc::_exit(i32::from(!(refused && works))) };
    }
    let mut status = -1;
    // SAFETY: the status is written during the call.
    unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(status, 0, "the child waited, or saw what it should not");
    drop((queued, waiting));
    drop(open);
    assert_eq!(thread.run(|on| **on).expect("the parent's thread goes on"), 7);
    println!("running 1 test\ntest a_child_is_refused_the_thread_of_its_parent ... ok\n");
    println!("test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n");
}
