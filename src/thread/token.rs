//! The proof of being on a pinned thread, and what it pins.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

/// The proof of being on a pinned thread, and the way to its state, which it dereferences to.
///
/// Only closures that run on a [`PinnedThread`](super::PinnedThread) are lent one. It cannot leave
/// them:
/// ```compile_fail,E0277
/// # use ffence::thread::PinnedThread;
/// let thread = PinnedThread::spawn(|_| Ok(()))?;
/// let mut escaped = None;
/// thread.run(|on| { escaped = Some(on); })?; // cannot be sent between threads safely
/// # Ok::<(), ffence::Error>(())
/// ```
/// and it is not handed to another thread:
/// ```compile_fail,E0277
/// # use ffence::thread::PinnedThread;
/// let thread = PinnedThread::spawn(|_| Ok(()))?;
/// thread.run(|on| {
///     std::thread::scope(|scope| {
///         scope.spawn(|| { let there = &on; }); // cannot be shared between threads safely
///     });
/// })?;
/// # Ok::<(), ffence::Error>(())
/// ```
pub struct OnThread<'a, S = ()> {
    state: &'a mut S,
    here: PhantomData<*mut ()>,
}

impl<'a, S> OnThread<'a, S> {
    pub(super) fn new(state: &'a mut S) -> Self {
        Self { state, here: PhantomData }
    }
}

impl<S> Deref for OnThread<'_, S> {
    type Target = S;

    fn deref(&self) -> &S {
        self.state
    }
}

impl<S> DerefMut for OnThread<'_, S> {
    fn deref_mut(&mut self) -> &mut S {
        self.state
    }
}

impl<S> fmt::Debug for OnThread<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnThread")
    }
}

/// A value that a pinned thread keeps: it is used and dropped there and nowhere else.
///
/// A value that could move between threads is tied to one by it. Making one takes the
/// [proof](OnThread) of being on a pinned thread, and it is not `Send`, so no safe code can let it
/// out:
/// ```compile_fail,E0277
/// # use ffence::thread::{Pinned, PinnedThread};
/// let thread = PinnedThread::spawn(|_| Ok(()))?;
/// let escaped = thread.run(|on| Pinned::new(7, on))?; // cannot be sent between threads safely
/// # Ok::<(), ffence::Error>(())
/// ```
/// It belongs into the thread's state:
/// ```
/// use ffence::crypto::{Hasher, Sha256};
/// use ffence::thread::{Pinned, PinnedThread};
///
/// let thread = PinnedThread::spawn(|on| Ok(Pinned::new(Hasher::<Sha256>::new()?, on)))?;
/// thread.run(|on| on.update(b"abc"))??;
/// let digest = thread.run(|on| on.finish_reset())??;
/// assert_eq!(digest, Sha256::digest(b"abc")?);
/// # Ok::<(), ffence::Error>(())
/// ```
#[derive(Debug)]
pub struct Pinned<T> {
    value: T,
    here: PhantomData<*mut ()>,
}

impl<T> Pinned<T> {
    /// Ties `value` to the thread that this runs on.
    pub fn new<S>(value: T, _on: &OnThread<'_, S>) -> Self {
        Self { value, here: PhantomData }
    }
}

impl<T> Deref for Pinned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Pinned<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}
