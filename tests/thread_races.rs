//! The crate's own threads and what threads share of it, worked by several at once. `make tsan` runs
//! it with this crate instrumented, where it must be silent, and once more with the crate's locks left
//! out (`--cfg ffence_without_locks`), where it must not be.
//!
//! A process of its own, whose first case is everybody's first use of libcrypto. What it uses itself is
//! what the sanitizer understands without an instrumented standard library: threads that are spawned
//! and joined, and `parking_lot`. What is shared is leaked, so that std counts no owners.

use std::future::Future as _;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::thread::{self, JoinHandle};

use ffence::ErrorKind;
use ffence::crypto::{Aes256Gcm, Hasher, Key, RandomNonce, Sha256, Sha512};
use ffence::pool::Pool;
use ffence::thread::PinnedThread;
use parking_lot::Mutex;

const THREADS: usize = 4;
const EACH: usize = 300;

const CASES: [(&str, fn()); 7] = [
    ("everybody_is_first", everybody_is_first),
    ("a_pinned_thread_is_given_work_by_many", a_pinned_thread_is_given_work_by_many),
    ("futures_wait_for_places_and_answers", futures_wait_for_places_and_answers),
    ("answers_that_nobody_waits_for", answers_that_nobody_waits_for),
    ("panics_come_back_to_who_asked", panics_come_back_to_who_asked),
    ("a_pool_is_used_by_many", a_pool_is_used_by_many),
    ("one_key_seals_everywhere", one_key_seals_everywhere),
];

fn main() {
    println!("running {} tests", CASES.len());
    for (name, case) in CASES {
        case();
        println!("test {name} ... ok");
    }
    println!(
        "\ntest result: ok. {} passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n",
        CASES.len()
    );
}

/// For the rest of the process.
fn shared<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// Does `work` on all threads at once; what they answer.
fn on_all<T: Send + 'static>(work: impl Fn(usize) -> T + Copy + Send + 'static) -> Vec<T> {
    let gate = shared(Mutex::new(()));
    let closed = gate.lock();
    let threads: Vec<JoinHandle<T>> = (0..THREADS)
        .map(|number| {
            thread::spawn(move || {
                drop(gate.lock());
                work(number)
            })
        })
        .collect();
    drop(closed);
    threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
}

fn everybody_is_first() {
    let digests = on_all(|_| {
        ffence::init().unwrap();
        assert!(!ffence::capabilities().unwrap().openssl().version().to_string().is_empty());
        (Sha256::digest(b"abc").unwrap(), Sha512::digest(b"abc").unwrap())
    });
    assert!(digests.iter().all(|digest| *digest == digests[0]));
}

fn a_pinned_thread_is_given_work_by_many() {
    let counter = shared(
        PinnedThread::builder("counter").queue(4).spawn(|_| Ok(vec![0_usize; THREADS])).unwrap(),
    );
    on_all(move |number| {
        for round in 0..EACH {
            if round % 2 == 0 {
                counter.send(move |on| on[number] += 1).unwrap();
            } else {
                let mut own = 0;
                counter
                    .run(|on| {
                        on[number] += 1;
                        own = on[number];
                    })
                    .unwrap();
                assert_eq!(own, round + 1);
            }
        }
    });
    assert_eq!(counter.run(|on| (**on).clone()).unwrap(), [EACH; THREADS]);
}

fn futures_wait_for_places_and_answers() {
    let counter = shared(PinnedThread::builder("counter").queue(1).spawn(|_| Ok(0_usize)).unwrap());
    on_all(move |_| {
        let context = &mut Context::from_waker(Waker::noop());
        for round in 0..EACH {
            let mut future = pin!(counter.run_async(|on| {
                **on += 1;
                Box::new(**on)
            }));
            // Some go before they have a place, some before their answer comes.
            if round % 8 == 0 {
                let _ = future.as_mut().poll(context);
                continue;
            }
            let answer = loop {
                match future.as_mut().poll(context) {
                    Poll::Ready(answer) => break answer.unwrap(),
                    Poll::Pending => thread::yield_now(),
                }
            };
            assert!(*answer > 0);
        }
    });
    let done = counter.run(|on| **on).unwrap();
    let awaited = THREADS * (EACH - EACH.div_ceil(8));
    assert!((awaited..=THREADS * EACH).contains(&done), "{done}");
}

/// Threads begin and end, and take their queues with them, while others are on their way.
fn answers_that_nobody_waits_for() {
    on_all(|number| {
        for _ in 0..EACH / 20 {
            let thread = PinnedThread::spawn(move |_| Ok(vec![number])).unwrap();
            let mut future = pin!(thread.run_async(|on| on.len()));
            let _ = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            thread.send(|on| on.push(7)).unwrap();
            thread.close().unwrap();
        }
    });
}

fn panics_come_back_to_who_asked() {
    let thread = shared(PinnedThread::spawn(|_| Ok(())).unwrap());
    std::panic::set_hook(Box::new(|_| ()));
    on_all(move |number| {
        for round in 0..EACH / 10 {
            let error = thread.run(|_| panic!("{number} in {round}")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Panicked);
            assert!(error.to_string().contains(&format!("{number} in {round}")), "{error}");
        }
    });
    drop(std::panic::take_hook());
}

fn a_pool_is_used_by_many() {
    let pool = shared(Pool::new(Hasher::<Sha256>::new).unwrap());
    let digests = shared(Mutex::new(Vec::new()));
    on_all(move |_| {
        for _ in 0..EACH {
            let mut hasher = pool.take().unwrap();
            hasher.update(b"abc").unwrap();
            let digest = hasher.finish_reset().unwrap();
            drop(hasher);
            // Looks at the places of all, where a thread otherwise prefers its own.
            let _ = pool.idle();
            digests.lock().push(digest);
        }
    });
    let digests = digests.lock();
    assert_eq!(digests.len(), THREADS * EACH);
    assert!(digests.iter().all(|digest| *digest == Sha256::digest(b"abc").unwrap()));
}

fn one_key_seals_everywhere() {
    let key = Key::<Aes256Gcm>::generate().unwrap();
    let mut opener = key.opener().unwrap();
    let key = shared(key);
    let sealed = on_all(move |_| {
        (0..EACH)
            .map(|_| {
                let mut sealer = key.sealer(RandomNonce).unwrap();
                sealer.seal(b"", b"hello").unwrap()
            })
            .collect::<Vec<_>>()
    });
    for sealed in sealed.iter().flatten() {
        assert_eq!(opener.open(b"", sealed).unwrap(), b"hello");
    }
}
