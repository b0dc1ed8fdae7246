//! What a library has fetched.

use crate::error::Result;
use crate::owned::{CType, Owned};
use crate::sync::OnceLock;

/// A list that only grows: whoever reads takes no lock, and what was found stays where it is.
pub(in crate::crypto) struct Cache<T: CType> {
    first: OnceLock<Box<Kept<T>>>,
}

struct Kept<T: CType> {
    /// The address of the static that names the algorithm.
    of: usize,
    fetched: Owned<T>,
    next: OnceLock<Box<Kept<T>>>,
}

impl<T: CType> Cache<T> {
    pub(super) const fn new() -> Self {
        Self { first: OnceLock::new() }
    }

    /// What was fetched for `of`; what `fetch` answers otherwise, kept from then on.
    pub(in crate::crypto) fn get_or_fetch(
        &self,
        of: usize,
        fetch: impl Fn() -> Result<Owned<T>>,
    ) -> Result<&Owned<T>> {
        let (mut place, mut fresh) = (&self.first, None);
        loop {
            if let Some(kept) = place.get() {
                if kept.of == of {
                    return Ok(&kept.fetched);
                }
                place = &kept.next;
                continue;
            }
            let kept = match fresh.take() {
                Some(kept) => kept,
                None => Box::new(Kept { of, fetched: fetch()?, next: OnceLock::new() }),
            };
            // Another thread was first: its entry may be the one, else the list goes on behind it.
            fresh = place.set(kept).err();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(unsafe_code, reason = "a C type of the test's own")]

    use std::ptr::NonNull;
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::owned::{Frozen, Movable};

    static LIVE: AtomicUsize = AtomicUsize::new(0);

    struct Thing(usize);

    // SAFETY: `thing` leaks a box, which this takes back.
    unsafe impl CType for Thing {
        unsafe fn free(ptr: NonNull<Self>) {
            LIVE.fetch_sub(1, Ordering::SeqCst);
            // SAFETY: made by `thing`, and passed here once.
            drop(unsafe { Box::from_raw(ptr.as_ptr()) });
        }
    }
    // SAFETY: a number is not tied to a thread.
    unsafe impl Movable for Thing {}
    // SAFETY: nothing changes it.
    unsafe impl Frozen for Thing {}

    #[allow(clippy::unnecessary_wraps)]
    fn thing(number: usize) -> Result<Owned<Thing>> {
        LIVE.fetch_add(1, Ordering::SeqCst);
        // SAFETY: a fresh box.
        Ok(unsafe { Owned::from_raw(Box::into_raw(Box::new(Thing(number)))) }.unwrap())
    }

    #[test]
    fn threads_that_fetch_the_same_agree_on_one() {
        const THREADS: usize = 4;
        const KINDS: usize = 50;
        let (cache, start) = (Cache::<Thing>::new(), Barrier::new(THREADS));
        let look = |from: usize| {
            start.wait();
            let found = (0..KINDS).map(|step| {
                let of = (step + from) % KINDS;
                let found = cache.get_or_fetch(of, || thing(of)).unwrap();
                // SAFETY: the cache owns it.
                assert_eq!(unsafe { &*found.as_ptr() }.0, of);
                (of, found.as_ptr() as usize)
            });
            let mut found: Vec<_> = found.collect();
            found.sort_unstable();
            found
        };
        let found = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS).map(|n| scope.spawn(move || look(n * 7))).collect();
            threads.into_iter().map(|it| it.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(found.windows(2).all(|pair| pair[0] == pair[1]));
        assert_eq!(LIVE.load(Ordering::SeqCst), KINDS, "what lost the race was freed");
        drop(cache);
        assert_eq!(LIVE.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn a_failed_fetch_is_tried_again() {
        let cache = Cache::<Thing>::new();
        let failed = || Err(crate::Error::of(crate::ErrorKind::Unsupported));
        assert!(cache.get_or_fetch(1, failed).is_err());
        assert!(cache.first.get().is_none());
    }
}
