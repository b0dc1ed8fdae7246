//! Giving requests up from elsewhere.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};

use parking_lot::Mutex;
use slab::Slab;

use super::foreign::wake;
use crate::{curl, fork};

/// Gives up the requests that it was [handed to](super::RequestBuilder::cancel_with), whichever
/// phase they are in, from any thread.
///
/// They end with [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled), and so does reading a body
/// that is still arriving; the error's [`Transfer`](crate::error::Transfer) says how far they had come.
/// A clone is the same handle. It stays cancelled: a request that is sent
/// with it afterwards ends at once.
///
/// ```
/// use ffence::ErrorKind;
/// use ffence::http::{CancelHandle, Client};
///
/// # let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
/// # let url = format!("http://{}/", listener.local_addr().unwrap());
/// let client = Client::new()?;
/// let cancel = CancelHandle::new();
/// let request = client.get(url).cancel_with(&cancel); // nobody will ever answer it
/// let other = std::thread::spawn(move || cancel.cancel());
/// assert_eq!(request.send().unwrap_err().kind(), ErrorKind::Cancelled);
/// # other.join().unwrap();
/// # Ok::<(), ffence::Error>(())
/// ```
#[derive(Clone)]
pub struct CancelHandle(Arc<Shared>);

struct Shared {
    cancelled: AtomicBool,
    hooks: Mutex<Slab<Waker>>,
    born: u64,
}

impl CancelHandle {
    /// A handle that was handed to nothing yet.
    pub fn new() -> Self {
        let (cancelled, hooks) = (AtomicBool::new(false), Mutex::new(Slab::new()));
        Self(Arc::new(Shared { cancelled, hooks, born: fork::epoch() }))
    }

    /// Gives the requests up; does not wait for anything.
    ///
    /// In a process that inherited the handle it only counts for requests of that process.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::SeqCst);
        if self.0.born != fork::epoch() {
            return; // a thread that is gone may hold the lock
        }
        let hooks: Vec<Waker> = self.0.hooks.lock().iter().map(|(_, it)| it.clone()).collect();
        for hook in hooks {
            wake(Some(hook));
        }
    }

    /// Whether [`cancel`](CancelHandle::cancel) was called.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::SeqCst)
    }

    /// Has `waker` woken when this is cancelled, at once if it was, for as long as the hook lives.
    pub(super) fn hook(&self, waker: Waker) -> Hook {
        let key = (self.0.born == fork::epoch()).then(|| self.0.hooks.lock().insert(waker.clone()));
        if self.is_cancelled() {
            wake(Some(waker));
        }
        Hook { handle: self.clone(), key }
    }
}

impl Default for CancelHandle {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for CancelHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelHandle").field("cancelled", &self.is_cancelled()).finish()
    }
}

/// What a cancelled handle wakes.
pub(super) struct Hook {
    handle: CancelHandle,
    key: Option<usize>,
}

impl Drop for Hook {
    fn drop(&mut self) {
        let shared = &self.handle.0;
        if shared.born != fork::epoch() {
            return;
        }
        let waker = self.key.and_then(|key| shared.hooks.lock().try_remove(key));
        drop(waker); // after the lock is released
    }
}

/// Ends the poll of a thread that drives a multi.
pub(super) struct Nudge(pub(super) curl::Waker);

impl Wake for Nudge {
    fn wake(self: Arc<Self>) {
        // It cannot fail where the multi is this process's, and elsewhere it must do nothing.
        let _ = self.0.wake();
    }
}
