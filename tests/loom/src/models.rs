//! What is tried.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Poll, Wake, Waker};

use loom::sync::Notify;
use loom::thread;

use crate::queue::{End, Queue, Refusal};
use crate::reply::reply;
use crate::shards::Shards;

/// Tries all interleavings of `model`, with at most three preemptions in each where it is said, and
/// prints how many there were.
fn explore(name: &str, preemptions: Option<usize>, model: impl Fn() + Sync + Send + 'static) {
    static RUNNING: std::sync::Mutex<()> = std::sync::Mutex::new(());
    // Printed one after the other; loom itself has one model at a time in a thread.
    let _one = RUNNING.lock();
    let tried = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&tried);
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = preemptions;
    builder.check(move || {
        count.fetch_add(1, Ordering::Relaxed);
        model();
    });
    let bound =
        preemptions.map_or_else(String::new, |most| format!(" (at most {most} preemptions)"));
    println!("loom: {name}: {} interleavings{bound}", tried.load(Ordering::Relaxed));
    assert!(tried.load(Ordering::Relaxed) > 1, "there was something to try");
}

/// Wakes a thread that waits as an executor's would.
struct Signal(Notify);

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

fn signal() -> (Arc<Signal>, Waker) {
    let signal = Arc::new(Signal(Notify::new()));
    (Arc::clone(&signal), Waker::from(signal))
}

/// Pops as the pinned thread does, and wakes who waits.
fn drain(queue: &Queue<u32>) -> Vec<u32> {
    let mut done = Vec::new();
    while let Some((job, waiting)) = queue.pop() {
        waiting.into_iter().for_each(Waker::wake);
        done.push(job);
    }
    done
}

#[test]
fn no_job_is_lost_or_done_twice() {
    explore("two senders and a queue of one", Some(3), || {
        let queue = Arc::new(Queue::new(1).unwrap());
        let senders: Vec<_> = (1..=2)
            .map(|number| {
                let queue = Arc::clone(&queue);
                thread::spawn(move || queue.push(number).is_ok())
            })
            .collect();
        let worker = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || drain(&queue))
        };
        let sent = senders.into_iter().map(|it| it.join().unwrap()).filter(|sent| *sent).count();
        queue.end(End::Drain);
        let mut done = worker.join().unwrap();
        done.sort_unstable();
        assert_eq!((sent, done), (2, vec![1, 2]));
    });
}

#[test]
fn the_end_reaches_a_sender_that_waits() {
    for end in [End::Drain, End::Cancel, End::Poison] {
        explore(&format!("a sender, and the end {end:?}"), None, move || {
            let queue = Arc::new(Queue::new(1).unwrap());
            queue.push(1).unwrap();
            let sender = {
                let queue = Arc::clone(&queue);
                thread::spawn(move || queue.push(2))
            };
            queue.end(end);
            assert_eq!(queue.ended(), Some(end));
            let refused = sender.join().unwrap().unwrap_err();
            assert_eq!(refused, (2, Refusal::Ended(end)), "the job came back");
            let done = drain(&queue);
            let rest: Vec<_> = queue.rest().into();
            match end {
                End::Drain => assert_eq!((done, rest), (vec![1], vec![])),
                _ => assert_eq!((done, rest), (vec![], vec![1])),
            }
        });
    }
}

#[test]
fn a_future_gets_its_place_or_is_told_the_end() {
    explore("a future that waits for a place, and a sender", Some(3), || {
        let queue = Arc::new(Queue::new(1).unwrap());
        queue.push(1).unwrap();
        let waits = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || {
                let (signal, waker) = signal();
                let (mut job, mut ticket) = (Some(2), None);
                loop {
                    match queue.poll_push(&mut job, &mut ticket, &waker) {
                        Poll::Ready(outcome) => return outcome.is_ok(),
                        Poll::Pending => signal.0.wait(),
                    }
                }
            })
        };
        let worker = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || drain(&queue))
        };
        let taken = waits.join().unwrap();
        queue.end(End::Drain);
        assert!(taken);
        assert_eq!(worker.join().unwrap(), [1, 2]);
    });
}

#[test]
fn a_future_that_goes_keeps_nobody_from_the_place() {
    explore("two futures that wait for a place, of which one goes", Some(2), || {
        let queue = Arc::new(Queue::new(1).unwrap());
        queue.push(1).unwrap();
        // Both wait.
        let (other, others) = signal();
        let (mut gone, mut ticket) = (Some(7), None);
        assert!(queue.poll_push(&mut gone, &mut ticket, &others).is_pending());
        drop(other);
        let waits = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || {
                let (signal, waker) = signal();
                let (mut job, mut ticket) = (Some(2), None);
                while queue.poll_push(&mut job, &mut ticket, &waker).is_pending() {
                    signal.0.wait();
                }
            })
        };
        let worker = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || drain(&queue))
        };
        if let Some(ticket) = ticket {
            queue.forget(ticket);
        }
        waits.join().unwrap();
        queue.end(End::Drain);
        assert_eq!(worker.join().unwrap(), [1, 2]);
    });
}

#[test]
fn an_answer_comes_or_is_known_not_to() {
    explore("an answer and a thread that waits", None, || {
        let (answer, wait) = reply();
        let sender = thread::spawn(move || assert_eq!(answer.send(7), None));
        assert_eq!(wait.wait(), Some(7));
        sender.join().unwrap();
    });
    explore("no answer and a thread that waits", None, || {
        let (answer, wait) = reply::<u32>();
        let sender = thread::spawn(move || drop(answer));
        assert_eq!(wait.wait(), None);
        sender.join().unwrap();
    });
    explore("an answer and a future that waits", None, || {
        let (answer, mut wait) = reply();
        let sender = thread::spawn(move || assert_eq!(answer.send(7), None));
        let (signal, waker) = signal();
        let answer = loop {
            match wait.poll(&waker) {
                Poll::Ready(answer) => break answer,
                Poll::Pending => signal.0.wait(),
            }
        };
        assert_eq!(answer, Some(7));
        sender.join().unwrap();
    });
    explore("an answer and a future that goes", None, || {
        let (answer, wait) = reply();
        let value = Arc::new(());
        let sent = Arc::clone(&value);
        let sender = thread::spawn(move || drop(answer.send(sent)));
        drop(wait);
        sender.join().unwrap();
        assert_eq!(Arc::strong_count(&value), 1, "it is dropped by one side or the other");
    });
}

#[test]
fn an_object_of_the_pool_has_one_user() {
    explore("a pool of two places and two threads", Some(3), || {
        let pool = Arc::new(Shards::new(2, 1).unwrap());
        assert!(pool.give(0, loom::cell::Cell::new(0)).is_none());
        let users: Vec<_> = (0..2)
            .map(|home| {
                let pool = Arc::clone(&pool);
                thread::spawn(move || {
                    let mut kept = 0;
                    if let Some(object) = pool.take(home) {
                        // loom's cell complains of two users at once.
                        object.set(object.get() + 1);
                        kept = usize::from(pool.give(home, object).is_none());
                    }
                    kept
                })
            })
            .collect();
        let uses: usize = users.into_iter().map(|it| it.join().unwrap()).sum();
        // It is idle unless it found both places busy, and is then handed back to its user.
        assert!(pool.idle() <= 1 && uses <= 2);
        if let Some(object) = pool.take(0) {
            assert_eq!(object.get(), uses);
        }
    });
}
