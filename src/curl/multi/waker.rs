//! Waking a multi from other threads.

#![allow(unsafe_code)]

use std::fmt;
use std::ptr::NonNull;
use std::sync::Arc;

use parking_lot::Mutex;

#[cfg(target_os = "linux")]
use super::events::Signal;
use crate::error::libcurl::check_multi;
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::curl as ffi;
use crate::fork;

/// Ends a [`Multi::poll`](super::Multi::poll) from another thread.
///
/// `Send`, `Sync` and cheap to clone. It may be used at any time: what is not being polled keeps the
/// wake-up for its next poll, and once the multi is gone waking it does nothing.
///
/// ```
/// use ffence::curl::Multi;
/// use std::time::Duration;
///
/// let mut multi: Multi = Multi::new()?;
/// let waker = multi.waker();
/// let other = std::thread::spawn(move || waker.wake());
/// multi.poll(Duration::from_secs(3600))?; // an hour, unless somebody wakes us
/// other.join().unwrap()?;
/// # Ok::<(), ffence::Error>(())
/// ```
#[derive(Clone)]
#[doc(alias = "curl_multi_wakeup")]
pub struct Waker(Arc<Target>);

struct Target {
    kind: Kind,
    born: u64,
}

enum Kind {
    /// The multi, as long as it is there. It is taken away under this lock before it is freed.
    Poll(Mutex<Option<Alive>>),
    #[cfg(target_os = "linux")]
    Events(Signal),
}

struct Alive(NonNull<ffi::CURLM>);

// SAFETY: curl_multi_wakeup(3): the one function that any thread may call at any time; nothing else
// is done with the pointer here.
unsafe impl Send for Alive {}

impl Waker {
    pub(super) fn of_poll(multi: *mut ffi::CURLM) -> Self {
        let alive = NonNull::new(multi).map(Alive);
        Self(Arc::new(Target { kind: Kind::Poll(Mutex::new(alive)), born: fork::epoch() }))
    }

    #[cfg(target_os = "linux")]
    pub(super) fn of_events(signal: Signal) -> Self {
        Self(Arc::new(Target { kind: Kind::Events(signal), born: fork::epoch() }))
    }

    /// Ends the poll that runs now, or else the next one, at once.
    ///
    /// [`curl_multi_wakeup`](https://curl.se/libcurl/c/curl_multi_wakeup.html)
    ///
    /// # Errors
    /// [`ErrorKind::Forked`] in a process that inherited it: it would wake the parent.
    pub fn wake(&self) -> Result<()> {
        // First: a thread that is gone may hold the lock.
        if self.0.born != fork::epoch() {
            return Err(Error::of(ErrorKind::Forked));
        }
        match &self.0.kind {
            Kind::Poll(multi) => {
                let multi = multi.lock();
                let Some(Alive(multi)) = &*multi else { return Ok(()) };
                // SAFETY: the multi is not freed while this lock is held.
                let code = unsafe { ffi::curl_multi_wakeup(multi.as_ptr()) };
                check_multi("curl_multi_wakeup", code)
            }
            #[cfg(target_os = "linux")]
            Kind::Events(signal) => signal.raise(),
        }
    }

    /// The multi is about to be freed; nobody is in `curl_multi_wakeup` after this.
    pub(super) fn retire(&self) {
        match &self.0.kind {
            Kind::Poll(multi) => *multi.lock() = None,
            #[cfg(target_os = "linux")]
            Kind::Events(_) => {}
        }
    }
}

impl fmt::Debug for Waker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Waker")
    }
}
