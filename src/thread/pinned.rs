//! The owner of the thread.

#![allow(unsafe_code)]

use std::fmt;
use std::mem;
use std::thread::JoinHandle;

use super::affinity;
use super::builder::{Builder, OnDrop};
use super::future::RunAsync;
use super::queue::End;
use super::reply::reply;
use super::token::OnThread;
use super::worker::{Core, Job, Task, Work};
use crate::error::{Error, ErrorKind, Result};
use crate::sync::Arc;

/// A thread that owns its state and runs closures on it.
///
/// The state is made on the thread, used there and dropped there, so it need not be `Send`: what C
/// ties to a thread can live in it. `Send` and `Sync`: any number of threads may give it work, which
/// is done one after the other, in the order in which it came. It takes no `unsafe`.
///
/// ```
/// use ffence::crypto::{Aes256Gcm, Key, RandomNonce};
/// use ffence::thread::PinnedThread;
///
/// let key = Key::<Aes256Gcm>::generate()?;
/// let mut opener = key.opener()?;
/// let sealer = PinnedThread::spawn(move |_| key.sealer(RandomNonce))?;
///
/// let text = String::from("hello");
/// let sealed = sealer.run(|on| on.seal(b"", text.as_bytes()))??; // borrows `text`, and waits
/// assert_eq!(opener.open(b"", &sealed)?, b"hello");
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// # Panics in closures
/// A panic neither ends the thread nor gets lost. [`run`](Self::run) and
/// [`run_async`](Self::run_async) answer it as [`ErrorKind::Panicked`], from which
/// [`Error::resume`] can start it again with its own payload; that of a closure that was
/// [sent](Self::send) is told by [`close`](Self::close). The thread goes on, or
/// [is poisoned](super::OnPanic).
///
/// # Dropping
/// It waits: for what is queued, or only for the closure that is running ([`OnDrop`]), then for the
/// state's own drop, on the thread. At last libcrypto's state of the thread is freed
/// ([`OPENSSL_thread_stop`](https://docs.openssl.org/3.0/man3/OPENSSL_init_crypto/)). Where the last
/// owner is a closure on the thread itself nothing is waited for: the thread ends by itself.
///
/// # Fork
/// A forked child does not have the thread. There every call answers [`ErrorKind::Forked`], and
/// dropping leaks: nobody could be waited for.
///
/// # What does not compile
/// Letting a reference into the state out:
/// ```compile_fail
/// # use ffence::thread::PinnedThread;
/// let thread = PinnedThread::spawn(|_| Ok(String::new()))?;
/// let escaped = thread.run(|on| on.as_str())?; // lifetime may not live long enough
/// # Ok::<(), ffence::Error>(())
/// ```
/// work that holds what must stay on its own thread:
/// ```compile_fail,E0277
/// # use ffence::thread::PinnedThread;
/// let thread = PinnedThread::spawn(|_| Ok(()))?;
/// let local = std::rc::Rc::new(7);
/// thread.run(|_| *local)?; // `Rc<i32>` cannot be shared between threads safely
/// # Ok::<(), ffence::Error>(())
/// ```
/// a context that two threads would use at the same time:
/// ```compile_fail,E0277
/// # use ffence::crypto::{Hmac, Sha256};
/// # use ffence::thread::PinnedThread;
/// let thread = PinnedThread::spawn(|_| Ok(()))?;
/// let hmac = Hmac::<Sha256>::new(b"key")?;
/// thread.run(|_| format!("{:?}", &hmac))?; // cannot be shared between threads safely
/// # Ok::<(), ffence::Error>(())
/// ```
/// and work that borrows but is not waited for:
/// ```compile_fail,E0597
/// # use ffence::thread::PinnedThread;
/// let thread = PinnedThread::spawn(|_| Ok(()))?;
/// let text = String::new();
/// let borrowed = &text; // `text` does not live long enough
/// thread.send(move |_| println!("{borrowed}"))?;
/// # Ok::<(), ffence::Error>(())
/// ```
#[doc(alias = "LockOSThread")]
pub struct PinnedThread<S: 'static> {
    core: Arc<Core<S>>,
    /// `None` once the thread was joined.
    handle: Option<JoinHandle<()>>,
    name: String,
    on_drop: OnDrop,
}

impl<S: 'static> PinnedThread<S> {
    /// Starts a thread called `pinned`, with the defaults of [`Builder`].
    ///
    /// # Errors
    /// As for [`Builder::spawn`].
    pub fn spawn(
        make: impl FnOnce(&mut OnThread<'_>) -> Result<S> + Send + 'static,
    ) -> Result<Self> {
        PinnedThread::builder("pinned").spawn(make)
    }

    pub(super) fn new(
        core: Arc<Core<S>>,
        handle: JoinHandle<()>,
        name: String,
        on_drop: OnDrop,
    ) -> Self {
        Self { core, handle: Some(handle), name, on_drop }
    }

    /// Runs `work` on the thread and waits for what it answers.
    ///
    /// `work` may borrow. While the queue is full, a place is waited for as well. Two pinned threads
    /// that run closures on each other wait for ever, as two locks would that are taken in both
    /// orders.
    ///
    /// # Errors
    /// [`ErrorKind::Panicked`] when `work` panics; [`ErrorKind::Reentrant`] on the thread itself;
    /// [`ErrorKind::Poisoned`], [`ErrorKind::Cancelled`], [`ErrorKind::Forked`]: it was not run.
    pub fn run<R: Send>(&self, work: impl FnOnce(&mut OnThread<'_, S>) -> R + Send) -> Result<R> {
        self.check()?;
        if self.core.is_here() {
            return Err(Error::of(ErrorKind::Reentrant));
        }
        let (answer, wait) = reply();
        let task = Task { work, answer };
        let job: Work<'_, S> = Box::new(move |on, core| task.run(on, core));
        // SAFETY: only the lifetime of what the job borrows is forgotten. `wait` comes back when the
        // job was run or dropped and its closure is gone (the invariant of `Task`), nothing between
        // here and there can unwind, and a job that was not taken is dropped before we return.
        let job = unsafe { mem::transmute::<Work<'_, S>, Job<S>>(job) };
        if let Err((job, refusal)) = self.core.queue.push(job) {
            drop(job);
            return Err(refusal.into());
        }
        match wait.wait() {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(panic)) => Err(panic.into()),
            None => Err(self.core.undone()),
        }
    }

    /// Runs `work` on the thread; the future waits for what it answers, under any executor.
    ///
    /// ```
    /// use ffence::thread::PinnedThread;
    ///
    /// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    /// # runtime.block_on(async {
    /// let counter = PinnedThread::spawn(|_| Ok(41))?;
    /// let answer = counter.run_async(|on| { **on += 1; **on }).await?;
    /// assert_eq!(answer, 42);
    /// # Ok::<(), ffence::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// The future answers what [`run`](Self::run) does.
    pub fn run_async<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut OnThread<'_, S>) -> R + Send + 'static,
    ) -> RunAsync<S, R> {
        let (answer, wait) = reply();
        let task = Task { work, answer };
        let job: Job<S> = Box::new(move |on, core| task.run(on, core));
        RunAsync::new(Arc::clone(&self.core), job, wait)
    }

    /// Has `work` run on the thread, without waiting for it; while the queue is full, waits for a
    /// place.
    ///
    /// # Errors
    /// [`ErrorKind::Reentrant`] on the thread itself if the queue is full, because then nobody would
    /// empty it; [`ErrorKind::Poisoned`], [`ErrorKind::Cancelled`], [`ErrorKind::Forked`]. `work` is
    /// dropped then.
    pub fn send(&self, work: impl FnOnce(&mut OnThread<'_, S>) + Send + 'static) -> Result<()> {
        if self.core.is_here() {
            let reentrant = |error: Error| match error.kind() {
                ErrorKind::Full => Error::of(ErrorKind::Reentrant),
                _ => error,
            };
            return self.try_send(work).map_err(reentrant);
        }
        self.check()?;
        self.core.queue.push(Box::new(move |on, _| work(on))).map_err(|(_, why)| why.into())
    }

    /// Has `work` run on the thread, without waiting for anything.
    ///
    /// # Errors
    /// [`ErrorKind::Full`] when there is no place in the queue, and as for [`send`](Self::send).
    pub fn try_send(&self, work: impl FnOnce(&mut OnThread<'_, S>) + Send + 'static) -> Result<()> {
        self.check()?;
        self.core.queue.try_push(Box::new(move |on, _| work(on))).map_err(|(_, why)| why.into())
    }

    /// Ends the thread as dropping does, and tells what dropping cannot.
    ///
    /// # Errors
    /// [`ErrorKind::Panicked`] with the first panic that nobody was told: of a closure that was
    /// [sent](Self::send), or of the drop of the state or of a closure.
    /// [`ErrorKind::Reentrant`] on the thread itself, which then ends by itself.
    pub fn close(mut self) -> Result<()> {
        self.check()?;
        if self.core.is_here() {
            return Err(Error::of(ErrorKind::Reentrant));
        }
        self.end();
        self.core.take_untold().map_or(Ok(()), |panic| Err(panic.into()))
    }

    /// The thread's name. Linux shows 15 bytes of it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The CPUs that the thread may run on, in ascending order, as the kernel has it.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] on another system than Linux, and as for [`run`](Self::run).
    #[doc(alias = "sched_getaffinity")]
    pub fn cpus(&self) -> Result<Vec<usize>> {
        self.run(|_| affinity::bound())?
    }

    /// Whether this is called on the thread itself.
    pub fn is_here(&self) -> bool {
        self.core.is_here()
    }

    fn check(&self) -> Result<()> {
        if self.core.is_forked() { Err(Error::of(ErrorKind::Forked)) } else { Ok(()) }
    }

    fn end(&mut self) {
        let Some(handle) = self.handle.take() else { return };
        if self.core.is_forked() {
            // The locks may be held by a thread that this process does not have; and that thread's
            // own reference keeps all the rest, here as well.
            mem::forget(handle);
            return;
        }
        self.core.queue.end(match self.on_drop {
            OnDrop::Drain => End::Drain,
            OnDrop::Cancel => End::Cancel,
        });
        if !self.core.is_here()
            && let Err(payload) = handle.join()
        {
            // All foreign code on the thread is guarded: this is no panic of the user's.
            mem::forget(payload);
        }
    }
}

impl PinnedThread<()> {
    /// Chooses the thread's name and more; [`Builder::spawn`] says what its state is.
    pub fn builder(name: impl Into<String>) -> Builder {
        Builder::new(name.into())
    }
}

impl<S: 'static> Drop for PinnedThread<S> {
    fn drop(&mut self) {
        self.end();
    }
}

impl<S: 'static> fmt::Debug for PinnedThread<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PinnedThread").field("name", &self.name).finish_non_exhaustive()
    }
}
