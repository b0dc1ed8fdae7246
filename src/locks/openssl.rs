//! Locks for a libcrypto before 1.1.0.
//!
//! Until 1.0.2, OpenSSL locked nothing by itself: a program with threads had to register callbacks,
//! and one that did not had corrupted counts and wrong signatures. From 1.1.0 on the library locks
//! for itself and the functions are gone; this crate links 3.0 or newer, which needs nothing. But an
//! old copy may still be in the process, brought by a plug-in or by another language's package, and
//! then somebody must give it its locks, once, before threads use it:
//!
//! ```
//! use ffence::locks::openssl::{Locking, install_early};
//!
//! fn main() -> ffence::Result<()> {
//!     match install_early()? {                    // first thing in `main`
//!         Locking::Installed { version } => println!("{version} has its locks"),
//!         Locking::AlreadyOwned { version } => println!("{version} has somebody's locks"),
//!         Locking::BuiltIn { version } => println!("{version} locks for itself"),
//!         _ => println!("no libcrypto here"),
//!     }
//! #   Ok(())
//! }
//! ```
//!
//! # What is registered
//! A static table of `parking_lot::RawMutex`es, which is never freed because the library calls until
//! the process ends; a number for each thread; dynamic locks; and for each thread that took a lock,
//! the removal of its error state when it ends (`ERR_remove_thread_state`), which the library
//! does not do by itself. Whether a lock is taken for reading or for writing is not looked at: the
//! library also writes under its read locks, so that a read-write lock loses counts (measured under
//! `ThreadSanitizer`).
//!
//! A lock that is given back but was not taken, or a number that is not in the table, ends the
//! process: going on would mean running unlocked.
//!
//! # Fork
//! A lock that another thread held stays locked in a forked child. There only `exec` or `_exit` is
//! safe once the old library was in use.
//!
//! Source: [threads(3)](https://docs.openssl.org/1.0.2/man3/threads/) of OpenSSL 1.0.2.

#![allow(unsafe_code)]

mod callbacks;
mod search;

use std::ffi::c_void;

use self::search::{Library, Old};
use crate::error::{Error, ErrorKind, Result};
use crate::sync::Mutex;

/// What was found out about a libcrypto and its locks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Locking {
    /// It is new enough to lock for itself; there was nothing to do.
    BuiltIn {
        /// The library's own text, such as `OpenSSL 3.0.19 27 Jan 2026`.
        version: String,
    },
    /// No libcrypto was found.
    Absent,
    /// Somebody else has registered callbacks, which were left alone.
    AlreadyOwned {
        /// The library's own text.
        version: String,
    },
    /// An old library has our locks, from this call or from an earlier one.
    Installed {
        /// The library's own text, such as `OpenSSL 1.0.2o  27 Mar 2018`.
        version: String,
    },
}

/// Gives locks to the libcrypto before 1.1.0 that is loaded in this process, if there is one.
///
/// Every loaded library is looked at, also one that was loaded with `RTLD_LOCAL` (on Linux; on
/// other systems what `dlsym` finds in the global scope). Of several copies the answer tells the one
/// that matters most: one that got its locks, then one that somebody else looks after, then one that
/// needs none.
///
/// # Errors
/// [`ErrorKind::Unsupported`] for a library before 1.0.0, and for a second old library: there is one
/// table.
///
/// # Safety
/// No other thread is inside an old libcrypto, or enters one before this returns.
#[doc(alias = "CRYPTO_set_locking_callback")]
#[doc(alias = "CRYPTO_THREADID_set_callback")]
pub unsafe fn install() -> Result<Locking> {
    give(search::loaded())
}

/// [`install`] for one library, named by its handle of `dlopen`, which nobody else may know.
///
/// # Errors
/// As for [`install`].
///
/// # Safety
/// As for [`install`]. `handle` is an open handle of `dlopen`, and the library stays loaded until
/// the process ends.
pub unsafe fn install_in(handle: *mut c_void) -> Result<Locking> {
    // SAFETY: the caller vouches for the handle.
    give(unsafe { search::behind(handle) })
}

/// [`install`] while the process has one thread: then no other can be inside the library.
///
/// # Errors
/// [`ErrorKind::Init`] when there is a second thread already; [`ErrorKind::Unsupported`] where the
/// threads cannot be counted: they are counted in `/proc/self/task`, so on Linux only, and with
/// `/proc`. And as for [`install`].
pub fn install_early() -> Result<Locking> {
    match threads() {
        Some(1) => {
            // SAFETY: this is the only thread, and it starts no other before the call returns.
            unsafe { install() }
        }
        Some(count) => Err(Error::ours(
            ErrorKind::Init,
            format!("{count} threads run already: call install_early first thing in main"),
        )),
        None => Err(Error::ours(
            ErrorKind::Unsupported,
            "the threads of this process cannot be counted here: call install, and vouch for it",
        )),
    }
}

/// How many threads the process has.
fn threads() -> Option<usize> {
    if cfg!(target_os = "linux") {
        Some(std::fs::read_dir("/proc/self/task").ok()?.count())
    } else {
        None
    }
}

/// The old library that has our locks, by the address of one of its functions.
static OWNED: Mutex<Option<usize>> = Mutex::new(None);

fn give(libraries: Vec<Library>) -> Result<Locking> {
    let mut answer = Locking::Absent;
    for library in libraries {
        let found = match library {
            Library::New { version } => Locking::BuiltIn { version },
            Library::TooOld { version } => {
                let text = format!("{version} is too old: callbacks are registered from 1.0.0 on");
                return Err(Error::ours(ErrorKind::Unsupported, text));
            }
            Library::Old(old) => register(&old)?,
        };
        if found.weight() > answer.weight() {
            answer = found;
        }
    }
    Ok(answer)
}

impl Locking {
    fn weight(&self) -> u8 {
        match self {
            Self::Absent => 0,
            Self::BuiltIn { .. } => 1,
            Self::AlreadyOwned { .. } => 2,
            Self::Installed { .. } => 3,
        }
    }
}

fn register(old: &Old) -> Result<Locking> {
    let mut owned = OWNED.lock();
    let version = old.version.clone();
    if *owned == Some(old.identity()) {
        return Ok(Locking::Installed { version });
    }
    if old.is_owned() {
        return Ok(Locking::AlreadyOwned { version });
    }
    let refused = |why: String| Err(Error::ours(ErrorKind::Unsupported, why));
    if owned.is_some() {
        return refused(format!(
            "{version} is a second old libcrypto; there is one table of locks"
        ));
    }
    let locks = old.locks();
    if locks > callbacks::LOCKS {
        return refused(format!("{version} wants {locks} locks; there are {}", callbacks::LOCKS));
    }
    callbacks::register(old);
    *owned = Some(old.identity());
    Ok(Locking::Installed { version })
}
