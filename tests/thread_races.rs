//! Pinned threads and the pool, worked by several threads at once, for `ThreadSanitizer`: it knows
//! the locks of `parking_lot` and the start and end of a thread, and is confused by others of std's.

use std::thread::{self, JoinHandle};

use ffence::crypto::{Hasher, Sha256};
use ffence::pool::Pool;
use ffence::thread::PinnedThread;
use parking_lot::Mutex;

const THREADS: usize = 4;
const EACH: usize = 500;

/// For the rest of the process, so that no count of owners is needed.
fn shared<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn spawn_all(work: impl Fn(usize) + Copy + Send + 'static) -> Vec<JoinHandle<()>> {
    (0..THREADS).map(|number| thread::spawn(move || work(number))).collect()
}

fn join_all(threads: Vec<JoinHandle<()>>) {
    for thread in threads {
        thread.join().expect("no panic");
    }
}

#[test]
fn a_pinned_thread_is_given_work_by_many() {
    let counter = shared(
        PinnedThread::builder("counter").queue(4).spawn(|_| Ok(vec![0_usize; THREADS])).unwrap(),
    );
    join_all(spawn_all(move |number| {
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
    }));
    assert_eq!(counter.run(|on| (**on).clone()).unwrap(), [EACH; THREADS]);
}

#[test]
fn a_pool_is_used_by_many() {
    let (pool, digests) =
        (shared(Pool::new(Hasher::<Sha256>::new).unwrap()), shared(Mutex::new(Vec::new())));
    join_all(spawn_all(move |_| {
        for _ in 0..EACH {
            let mut hasher = pool.take().unwrap();
            hasher.update(b"abc").unwrap();
            let digest = hasher.finish_reset().unwrap();
            drop(hasher);
            digests.lock().push(digest);
        }
    }));
    let digests = digests.lock();
    assert_eq!(digests.len(), THREADS * EACH);
    assert!(digests.iter().all(|digest| *digest == Sha256::digest(b"abc").unwrap()));
}
