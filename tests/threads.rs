//! Threads that own their state: who gives them work, what becomes of it, and how they end.

use std::cell::Cell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread, ThreadId};

use ffence::thread::{OnDrop, OnPanic, PinnedThread};
use ffence::{ErrorKind, Result};

/// A state that no other thread may have, which tells where it was dropped.
struct Local {
    count: Rc<Cell<u32>>,
    gone: Sender<ThreadId>,
}

impl Drop for Local {
    fn drop(&mut self) {
        let _ = self.gone.send(thread::current().id());
    }
}

fn local() -> (impl FnOnce() -> Local + Send, Receiver<ThreadId>) {
    let (gone, dropped) = mpsc::channel();
    (move || Local { count: Rc::default(), gone }, dropped)
}

/// Holds a pinned thread up until it is opened.
struct Gate(Sender<()>);

impl Gate {
    /// Returns when the thread stands before the gate.
    fn before<S>(thread: &PinnedThread<S>) -> Self {
        let (open, opened) = mpsc::channel();
        let (here, arrived) = mpsc::channel();
        thread
            .send(move |_| {
                here.send(()).unwrap();
                let _ = opened.recv();
            })
            .unwrap();
        arrived.recv().unwrap();
        Self(open)
    }

    fn open(self) {
        self.0.send(()).unwrap();
    }
}

/// The executor of a few lines: nothing of the future knows of it.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls once, with a waker that counts.
fn poll<F: Future + Unpin>(future: &mut F, woken: &Arc<Woken>) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(&Waker::from(Arc::clone(woken))))
}

#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn the_state_is_made_used_and_dropped_on_its_thread() {
    let (make, dropped) = local();
    let thread = PinnedThread::builder("keeper").spawn(move |_| Ok(make())).unwrap();
    assert_eq!(thread.name(), "keeper");
    let (id, name) = thread
        .run(|on| {
            on.count.set(on.count.get() + 1);
            let current = std::thread::current();
            (current.id(), current.name().map(str::to_owned))
        })
        .unwrap();
    assert_eq!(name.as_deref(), Some("keeper"));
    assert_ne!(id, thread::current().id());
    assert_eq!(thread.run(|on| on.count.get()).unwrap(), 1);
    assert!(!thread.is_here() && thread.run(|_| thread.is_here()).unwrap());
    drop(thread);
    assert_eq!(dropped.recv().unwrap(), id);
}

#[test]
fn what_is_waited_for_may_borrow() {
    let thread = PinnedThread::spawn(|_| Ok(String::new())).unwrap();
    let words = vec![String::from("one"), String::from("two")];
    let mut lengths = Vec::new();
    thread
        .run(|on| {
            for word in &words {
                on.push_str(word);
                lengths.push(word.len());
            }
        })
        .unwrap();
    assert_eq!(lengths, [3, 3]);
    // What it answers may borrow from the caller as well.
    let longest: &str = thread.run(|_| words[1].as_str()).unwrap();
    assert_eq!(longest, "two");
    assert_eq!(thread.run(|on| (**on).clone()).unwrap(), "onetwo");
}

#[test]
fn many_threads_share_one() {
    const THREADS: usize = 4;
    const EACH: usize = 200;
    let counter = PinnedThread::builder("counter").queue(2).spawn(|_| Ok(0_usize)).unwrap();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for round in 0..EACH {
                    match round % 3 {
                        0 => counter.run(|on| **on += 1).unwrap(),
                        1 => counter.send(|on| **on += 1).unwrap(),
                        _ => block_on(counter.run_async(|on| **on += 1)).unwrap(),
                    }
                }
            });
        }
    });
    assert_eq!(counter.run(|on| **on).unwrap(), THREADS * EACH);
    counter.close().unwrap();
}

#[test]
fn a_panic_comes_back_with_its_payload_and_the_thread_goes_on() {
    let thread = PinnedThread::spawn(|_| Ok(7)).unwrap();
    let error = thread.run(|_| panic!("in the closure")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
    assert!(error.to_string().contains("in the closure"), "{error}");

    let error = block_on(thread.run_async(|_| panic_any(42_u8))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
    let resumed = catch_unwind(AssertUnwindSafe(|| error.resume()));
    assert_eq!(resumed.unwrap_err().downcast_ref(), Some(&42_u8));

    assert_eq!(thread.run(|on| **on).unwrap(), 7);
    thread.close().expect("both panics were told");
}

#[test]
fn a_poisoned_thread_drops_its_state_and_takes_nothing_more() {
    let (make, dropped) = local();
    let thread =
        PinnedThread::builder("fragile").on_panic(OnPanic::Poison).spawn(|_| Ok(make())).unwrap();
    let id = thread.run(|_| thread::current().id()).unwrap();
    let gate = Gate::before(&thread);
    let woken = Arc::default();
    let (mut panics, mut queued) =
        (thread.run_async(|_| panic!("half-way")), thread.run_async(|on| on.count.get()));
    assert!(poll(&mut panics, &woken).is_pending() && poll(&mut queued, &woken).is_pending());
    gate.open();
    assert_eq!(block_on(panics).unwrap_err().kind(), ErrorKind::Panicked);
    assert_eq!(block_on(queued).unwrap_err().kind(), ErrorKind::Poisoned);
    assert_eq!(thread.run(|on| on.count.get()).unwrap_err().kind(), ErrorKind::Poisoned);
    assert_eq!(thread.send(|_| ()).unwrap_err().kind(), ErrorKind::Poisoned);
    assert_eq!(dropped.recv().unwrap(), id);
    thread.close().expect("the panic was told to its caller");
}

struct PanicsOnDrop;

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        panic!("in the state's drop");
    }
}

#[test]
fn the_panic_of_a_sent_closure_is_told_at_the_end() {
    let thread = PinnedThread::spawn(|_| Ok(())).unwrap();
    thread.send(|_| panic!("first")).unwrap();
    thread.send(|_| panic!("second")).unwrap();
    let error = thread.close().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
    assert!(error.to_string().ends_with("first"), "{error}");

    let error = PinnedThread::spawn(|_| Ok(PanicsOnDrop)).unwrap().close().unwrap_err();
    assert!(error.to_string().ends_with("in the state's drop"), "{error}");
    drop(PinnedThread::spawn(|_| Ok(PanicsOnDrop)).unwrap()); // goes no further
}

#[test]
fn nothing_waits_for_itself() {
    let thread = Arc::new(PinnedThread::builder("itself").queue(1).spawn(|_| Ok(0)).unwrap());
    let own = Arc::clone(&thread);
    let (run, future, filled, full) = thread
        .run(move |_| {
            let run = own.run(|on| **on).unwrap_err().kind();
            let future = block_on(own.run_async(|on| **on)).unwrap_err().kind();
            let filled = own.send(|on| **on += 1);
            (run, future, filled, own.send(|on| **on += 1).unwrap_err().kind())
        })
        .unwrap();
    assert_eq!((run, future), (ErrorKind::Reentrant, ErrorKind::Reentrant));
    filled.expect("there was a place");
    assert_eq!(full, ErrorKind::Reentrant);
    assert_eq!(thread.run(|on| **on).unwrap(), 1);
}

#[test]
fn a_full_queue_pushes_back() {
    let thread = PinnedThread::builder("slow").queue(2).spawn(|_| Ok(Vec::new())).unwrap();
    let gate = Gate::before(&thread);
    thread.try_send(|on| on.push(1)).unwrap();
    thread.try_send(|on| on.push(2)).unwrap();
    assert_eq!(thread.try_send(|on| on.push(0)).unwrap_err().kind(), ErrorKind::Full);

    thread::scope(|scope| {
        let (thread, (begun, begins)) = (&thread, mpsc::channel());
        let sender = scope.spawn(move || {
            begun.send(()).unwrap();
            thread.send(|on| on.push(3)).unwrap();
        });
        begins.recv().unwrap();
        assert!(!sender.is_finished(), "there is no place before the gate opens");
        assert_eq!(thread.try_send(|on| on.push(0)).unwrap_err().kind(), ErrorKind::Full);
        gate.open();
        sender.join().unwrap();
    });
    assert_eq!(thread.run(|on| std::mem::take(&mut **on)).unwrap(), [1, 2, 3]);
}

#[test]
fn futures_wait_for_a_place_without_a_thread() {
    let thread = PinnedThread::builder("slow").queue(1).spawn(|_| Ok(Vec::new())).unwrap();
    let gate = Gate::before(&thread);
    let woken = Arc::new(Woken::default());
    let mut futures: Vec<_> =
        (0..4).map(|number| thread.run_async(move |on| on.push(number))).collect();
    for future in &mut futures {
        assert!(poll(future, &woken).is_pending());
    }
    // The first is queued, the others wait for a place; one that goes keeps nobody from it.
    drop(futures.remove(1));
    gate.open();
    for future in futures {
        block_on(future).unwrap();
    }
    assert!(woken.0.load(Ordering::SeqCst) >= 2, "those that waited were woken");
    let mut done = thread.run(|on| std::mem::take(&mut **on)).unwrap();
    done.sort_unstable();
    assert_eq!(done, [0, 2, 3]);
}

#[test]
fn a_future_that_is_dropped_before_its_turn_is_not_run() {
    let thread = PinnedThread::spawn(|_| Ok(0)).unwrap();
    let gate = Gate::before(&thread);
    let guard = Arc::new(());
    let held = Arc::clone(&guard);
    let mut future = thread.run_async(move |on| {
        **on += 1;
        drop(held);
    });
    assert!(poll(&mut future, &Arc::default()).is_pending());
    drop(future);
    drop(thread.run_async(|on| **on += 1)); // never polled
    gate.open();
    assert_eq!(thread.run(|on| **on).unwrap(), 0);
    assert_eq!(Arc::strong_count(&guard), 1, "what it held is gone");
}

#[test]
fn it_works_under_tokio() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let thread = PinnedThread::spawn(|_| Ok(Rc::new(Cell::new(0)))).unwrap();
    let sum = runtime.block_on(async {
        let tasks: Vec<_> = (1..=10)
            .map(|number| {
                tokio::spawn(thread.run_async(move |on| {
                    on.set(on.get() + number);
                    number
                }))
            })
            .collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.unwrap().unwrap();
        }
        sum
    });
    assert_eq!(sum, 55);
    assert_eq!(thread.run(|on| on.get()).unwrap(), 55);
}

#[test]
fn dropping_does_what_is_queued_or_gives_it_up() {
    for on_drop in [OnDrop::Drain, OnDrop::Cancel] {
        let done = Arc::new(AtomicUsize::new(0));
        let builder = PinnedThread::builder("ends").queue(4).on_drop(on_drop);
        let thread = builder.spawn(|_| Ok(())).unwrap();
        let gate = Gate::before(&thread);
        for _ in 0..3 {
            let done = Arc::clone(&done);
            thread
                .send(move |_| {
                    done.fetch_add(1, Ordering::SeqCst);
                })
                .unwrap();
        }
        let (mut queued, mut late) = (thread.run_async(|_| ()), thread.run_async(|_| ()));
        assert!(poll(&mut queued, &Arc::default()).is_pending());
        assert!(poll(&mut late, &Arc::default()).is_pending(), "there is no place for it");
        let ends = thread::spawn(move || drop(thread));
        // Once the thread's end has begun, who waits for a place is told so.
        assert_eq!(block_on(late).unwrap_err().kind(), ErrorKind::Cancelled);
        gate.open();
        ends.join().unwrap();
        let (count, answered) = (done.load(Ordering::SeqCst), block_on(queued));
        if on_drop == OnDrop::Drain {
            assert!(count == 3 && answered.is_ok(), "{count} {answered:?}");
        } else {
            assert_eq!(count, 0);
            assert_eq!(answered.unwrap_err().kind(), ErrorKind::Cancelled);
        }
        assert_eq!(Arc::strong_count(&done), 1, "every closure is gone");
    }
}

#[test]
fn the_last_owner_may_be_the_thread_itself() {
    let (make, dropped) = local();
    let thread = Arc::new(PinnedThread::spawn(move |_| Ok(make())).unwrap());
    let id = thread.run(|_| thread::current().id()).unwrap();
    let (own, gate) = (Arc::clone(&thread), Gate::before(&thread));
    thread.send(move |_| drop(own)).unwrap();
    drop(thread);
    gate.open();
    assert_eq!(dropped.recv().unwrap(), id, "it ended by itself");
}

/// Whatever the closure held is gone, so the thread is.
fn refused<S: 'static>(
    builder: ffence::thread::Builder,
    make: impl FnOnce() -> Result<S> + Send + 'static,
) -> (ffence::Error, Weak<()>) {
    let held = Arc::new(());
    let gone = Arc::downgrade(&held);
    let outcome = builder.spawn(move |_| {
        let made = make();
        drop(held);
        made
    });
    (outcome.expect_err("it does not start"), gone)
}

#[test]
fn a_thread_that_cannot_start_leaves_nothing() {
    let (error, gone) = refused(PinnedThread::builder("a"), || {
        PinnedThread::builder("inner\0").spawn(|_| Ok(())).map(drop)
    });
    assert_eq!(error.kind(), ErrorKind::InteriorNul);
    assert_eq!(gone.strong_count(), 0);

    let (error, gone) = refused(PinnedThread::builder("b"), || -> Result<()> { panic_any(7_u8) });
    assert_eq!(error.kind(), ErrorKind::Panicked);
    assert_eq!(gone.strong_count(), 0);
    let resumed = catch_unwind(AssertUnwindSafe(|| error.resume()));
    assert_eq!(resumed.unwrap_err().downcast_ref(), Some(&7_u8));
}

/// A panic in a waker stops where it is raised, and the thread goes on.
#[test]
fn a_waker_that_panics_does_no_harm() {
    struct Panics;
    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("in a waker");
        }
    }
    let thread = PinnedThread::builder("woken").queue(1).spawn(|_| Ok(1)).unwrap();
    let gate = Gate::before(&thread);
    let waker = Waker::from(Arc::new(Panics));
    let mut queued = thread.run_async(|on| **on);
    let mut waiting = thread.run_async(|on| **on);
    for future in [&mut queued, &mut waiting] {
        assert!(Pin::new(future).poll(&mut Context::from_waker(&waker)).is_pending());
    }
    gate.open();
    assert_eq!(thread.run(|on| **on).unwrap(), 1);
    assert_eq!((block_on(queued).unwrap(), block_on(waiting).unwrap()), (1, 1));
}
