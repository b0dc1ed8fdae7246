//! Keeping contexts for whoever needs one next, with nothing of the last user left in them.
//!
//! A [`Pool`] hands out objects and takes them back when they are dropped. Before one is kept it is
//! [reset](Reset): no byte of what it was fed is left in it, neither in Rust's memory nor in C's.
//! `tests/pool_residue.rs` looks for such bytes in every block that libcrypto has, and had.
//!
//! Not every object can be had from a pool:
//!
//! | object | why not |
//! |---|---|
//! | [`Poly1305`](crate::crypto::Poly1305) | its key is for one message |
//! | [`Keystream`](crate::crypto::unauthenticated::Keystream), [`CbcEncryptor`](crate::crypto::unauthenticated::CbcEncryptor), [`CbcDecryptor`](crate::crypto::unauthenticated::CbcDecryptor) | each is made for one IV; as new, it would use that again |
//! | streams | each is one stream |
//! | [`Easy`](crate::curl::Easy) | libcurl frees what it was fed without wiping it, and its reset takes back what the maker set; [`Easy::reset`](crate::curl::Easy::reset) is for its owner, and [`http::Client`](crate::http::Client) keeps handles |
//!
//! # Is it worth it?
//! Seldom by itself. A context that is taken from a pool and given its algorithm and its key anew
//! costs nearly what a new one does; what costs is looking the algorithm up and setting the key.
//! This crate looks up once in a process, and its objects keep their key, so a pool is for where many
//! threads seal under one key, or digest, and none of them lasts long enough to keep an object
//! of its own. A thread that lasts needs no pool. The figures are in docs/threads.md.
//!
//! # Threads
//! A pool has several places, and each thread prefers one: while there are no more threads than
//! places, no two ever touch the same lock, and none waits for another in any case: where all places
//! are busy, a new object is made. So a forked child does not wait either for a thread that it does
//! not have.
//!
//! [`http::Client`](crate::http::Client) keeps its handles in another way: there the connection that
//! was used last is the one to take, whoever used it, and a lock taken twice for a transfer is no
//! cost beside it.

pub(crate) mod shards;

use std::cell::Cell;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use self::shards::Shards;
use crate::error::{Error, ErrorKind, Result};

/// An object that can forget all that it was fed.
///
/// The key that it was made with, and what it computed for others to have, are not meant: a pool is
/// of one maker, and all that it makes are alike.
pub trait Reset {
    /// Forgets: afterwards the object is as new, and no byte of a text or a message that it was fed
    /// is left in it, nor in memory that it freed.
    ///
    /// # Errors
    /// What kept it from that; the object is then of no more use, and a pool drops it.
    fn reset(&mut self) -> Result<()>;
}

/// Objects that are alike, made when none is idle.
///
/// `Send` and `Sync`.
///
/// ```
/// use ffence::crypto::{Aes256Gcm, Key, RandomNonce};
/// use ffence::pool::Pool;
///
/// let key = Key::<Aes256Gcm>::generate()?;
/// let mut opener = key.opener()?;
/// let sealers = Pool::new(move || key.sealer(RandomNonce))?;
/// std::thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| sealers.take()?.seal(b"", b"hello")); // given back at the end of the line
///     }
/// });
/// let sealed = sealers.take()?.seal(b"", b"hello")?;
/// assert_eq!(opener.open(b"", &sealed)?, b"hello");
/// # Ok::<(), ffence::Error>(())
/// ```
/// What was taken cannot outlive its pool:
/// ```compile_fail,E0505
/// # use ffence::crypto::{Hasher, Sha256};
/// # use ffence::pool::Pool;
/// let pool = Pool::new(Hasher::<Sha256>::new)?;
/// let mut hasher = pool.take()?;
/// drop(pool); // cannot move out of `pool` because it is borrowed
/// hasher.update(b"abc")?;
/// # Ok::<(), ffence::Error>(())
/// ```
pub struct Pool<T: Reset> {
    shards: Shards<T>,
    make: Box<dyn Fn() -> Result<T> + Send + Sync>,
}

impl<T: Reset> Pool<T> {
    /// A pool that keeps at most four idle objects for each of twice the processors.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`].
    pub fn new(make: impl Fn() -> Result<T> + Send + Sync + 'static) -> Result<Self> {
        let places = thread::available_parallelism().map_or(1, usize::from).saturating_mul(2);
        let shards = Shards::new(places, 4).ok_or_else(|| Error::of(ErrorKind::OutOfMemory))?;
        Ok(Self { shards, make: Box::new(make) })
    }

    /// An object as good as new, which comes back when it is dropped.
    ///
    /// # Errors
    /// What the maker answers, when none is idle.
    #[inline]
    pub fn take(&self) -> Result<Pooled<'_, T>> {
        let object = match self.shards.take(home()) {
            Some(object) => object,
            None => (self.make)()?,
        };
        Ok(Pooled { object: Some(object), pool: self })
    }

    /// How many objects are idle, just now. Those of a place that another thread is at are not seen.
    pub fn idle(&self) -> usize {
        self.shards.idle()
    }
}

impl<T: Reset> fmt::Debug for Pool<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("idle", &self.idle()).finish_non_exhaustive()
    }
}

/// The place that this thread prefers, counted through all threads that ever asked.
#[inline]
fn home() -> usize {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static HOME: Cell<usize> = const { Cell::new(usize::MAX) };
    }
    if HOME.get() == usize::MAX {
        HOME.set(THREADS.fetch_add(1, Ordering::Relaxed));
    }
    HOME.get()
}

/// An object of a [`Pool`], on loan.
///
/// Dropping it resets the object and gives it back. It is dropped for good where that fails, while
/// a panic unwinds (nobody knows what was left half-done), and where the pool keeps enough.
#[must_use = "it goes back at once"]
pub struct Pooled<'a, T: Reset> {
    /// `None` only while it is dropped.
    object: Option<T>,
    pool: &'a Pool<T>,
}

impl<T: Reset> Deref for Pooled<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        match &self.object {
            Some(object) => object,
            None => unreachable!("the object goes when this is dropped"),
        }
    }
}

impl<T: Reset> DerefMut for Pooled<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.object {
            Some(object) => object,
            None => unreachable!("the object goes when this is dropped"),
        }
    }
}

impl<T: Reset> Drop for Pooled<'_, T> {
    fn drop(&mut self) {
        let Some(mut object) = self.object.take() else { return };
        if !thread::panicking() && object.reset().is_ok() {
            let surplus = self.pool.shards.give(home(), object);
            drop(surplus); // after the lock is released
        }
    }
}

impl<T: Reset + fmt::Debug> fmt::Debug for Pooled<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
