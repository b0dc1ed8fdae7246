//! Objects that are handed out and come back.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use ffence::pool::{Pool, Reset};
use ffence::{Error, ErrorKind, Result};

/// An object that counts its users, and can be told not to reset.
#[derive(Debug)]
struct Thing {
    uses: AtomicUsize,
    fed: usize,
    broken: bool,
    alive: Arc<AtomicUsize>,
}

impl Thing {
    fn new(alive: Arc<AtomicUsize>) -> Self {
        Self { uses: AtomicUsize::new(0), fed: 0, broken: false, alive }
    }
}

impl Reset for Thing {
    fn reset(&mut self) -> Result<()> {
        self.fed = 0;
        if self.broken { Err(broken()) } else { Ok(()) }
    }
}

impl Drop for Thing {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, Ordering::SeqCst);
    }
}

fn broken() -> Error {
    ffence::crypto::Key::<ffence::crypto::Aes256Gcm>::from_slice(&[]).err().expect("too short")
}

/// A pool, how many were made, and how many there are.
fn pool() -> (Pool<Thing>, Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let (made, alive) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counts, lives) = (Arc::clone(&made), Arc::clone(&alive));
    let pool = Pool::new(move || {
        counts.fetch_add(1, Ordering::SeqCst);
        lives.fetch_add(1, Ordering::SeqCst);
        Ok(Thing::new(Arc::clone(&lives)))
    });
    (pool.expect("a pool"), made, alive)
}

#[test]
fn what_comes_back_is_handed_out_again_and_is_as_new() {
    let (pool, made, _) = pool();
    pool.take().unwrap().fed = 7;
    assert_eq!(pool.take().unwrap().fed, 0);
    assert_eq!((made.load(Ordering::SeqCst), pool.idle()), (1, 1));
    // Another thread finds it as well.
    thread::scope(|scope| scope.spawn(|| pool.take().unwrap().fed = 1).join().unwrap());
    assert_eq!((made.load(Ordering::SeqCst), pool.idle()), (1, 1));
}

#[test]
fn what_cannot_be_reset_or_met_a_panic_is_dropped() {
    let (pool, made, alive) = pool();
    pool.take().unwrap().broken = true;
    assert_eq!((alive.load(Ordering::SeqCst), pool.idle()), (0, 0));
    let panicked = thread::scope(|scope| {
        let user = scope.spawn(|| {
            let mut thing = pool.take().unwrap();
            thing.fed = 1;
            panic!("while it was in use");
        });
        user.join()
    });
    assert!(panicked.is_err());
    assert_eq!((alive.load(Ordering::SeqCst), pool.idle()), (0, 0));
    assert_eq!(made.load(Ordering::SeqCst), 2);
}

#[test]
fn a_maker_that_fails_is_told_and_asked_again() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let pool = Pool::new(move || match count.fetch_add(1, Ordering::SeqCst) {
        0 => Err(broken()),
        _ => Ok(Thing::new(Arc::new(AtomicUsize::new(1)))),
    })
    .unwrap();
    assert_eq!(pool.take().unwrap_err().kind(), ErrorKind::Length);
    assert!(pool.take().is_ok());
}

#[test]
fn no_object_has_two_users_and_not_too_many_are_kept() {
    const THREADS: usize = 8;
    let (pool, made, alive) = pool();
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                start.wait();
                for round in 0..2_000 {
                    let one = pool.take().unwrap();
                    assert_eq!(one.uses.fetch_add(1, Ordering::SeqCst), 0);
                    let second = (round % 7 == 0).then(|| pool.take().unwrap());
                    if let Some(second) = &second {
                        assert_eq!(second.uses.fetch_add(1, Ordering::SeqCst), 0);
                        second.uses.fetch_sub(1, Ordering::SeqCst);
                    }
                    one.uses.fetch_sub(1, Ordering::SeqCst);
                }
            });
        }
    });
    assert_eq!(pool.idle(), alive.load(Ordering::SeqCst), "all that live are in the pool");
    let places = (2 * thread::available_parallelism().unwrap().get()).next_power_of_two();
    assert!(pool.idle() <= 4 * places);
    println!("made {} for {} uses", made.load(Ordering::SeqCst), THREADS * 2_000 * 8 / 7);
    drop(pool);
    assert_eq!(alive.load(Ordering::SeqCst), 0);
}
