//! Which thread may use what, and threads that own what must not leave them.
//!
//! # The table
//!
//! | object of C | rule | who keeps it | the fact of C |
//! |---|---|---|---|
//! | OpenSSL's error queue | the thread's: read in the call that failed | every call that fails takes its own records and makes an [`Error`](crate::Error), which is `Send + Sync`; there is no "last error" to ask for | [ERR_get_error(3)](https://docs.openssl.org/3.0/man3/ERR_get_error/): each thread has its own |
//! | what libcrypto keeps for a thread (error queue, random generators) | freed when the thread ends | a [`PinnedThread`] calls `OPENSSL_thread_stop` after its last drop; other threads leave it to libcrypto | [OPENSSL_init_crypto(3)](https://docs.openssl.org/3.0/man3/OPENSSL_init_crypto/) |
//! | `EVP_CIPHER_CTX`, `EVP_MD_CTX`, `EVP_MAC_CTX` | moves between calls, one thread at a time | `crypto`'s `Sealer`, `Opener`, `Hasher`, `Hmac`, …: `Send`, not `Sync`, used through `&mut` | [openssl-threads(7)](https://docs.openssl.org/3.2/man7/openssl-threads/) |
//! | fetched algorithms, keys | shared once built | fetched once a process; `crypto::Key` is `Send + Sync` and never handed to C as it is | crypto(7), "Explicit fetching" |
//! | `CURL` (easy) | moves between calls, one thread at a time | inside `http::Client`, which is `Send + Sync` because each call takes a handle of its own | [libcurl-thread(3)](https://curl.se/libcurl/c/threadsafe.html) |
//! | `CURLM` (multi) and the handles added to it | moves only as one unit; from other threads only `curl_multi_wakeup` | whoever owns the multi owns its handles; those of `http::Client`'s drivers stay on a thread that nobody joins, those of its blocking calls move between calls | [libcurl-multi(3)](https://curl.se/libcurl/c/libcurl-multi.html) |
//! | `CURLSH` with DNS, PSL, and from libcurl 8.12.1 TLS sessions | shared | locked through `parking_lot`: `Send + Sync` | [CURLSHOPT_SHARE(3)](https://curl.se/libcurl/c/CURLSHOPT_SHARE.html) |
//! | `CURLSH` with connections, HSTS or cookies, and its handles | one thread | neither `Send` nor `Sync`; can live in a [`PinnedThread`] | the same page: "not supported", and measured to race |
//! | locks of OpenSSL before 1.1.0 | the program's to give | [`locks::openssl`](crate::locks::openssl) | threads(3) of OpenSSL 1.0.2 |
//!
//! So nothing in these libraries must stay on one thread for good but the last but one; all else is
//! a matter of types. A [`PinnedThread`] is for that one, for C libraries with rules of their own,
//! and for whoever wants one owner, one core or one order of work: it is what Go's
//! `runtime.LockOSThread` is for, as a type.
//!
//! `tests/thread_rules.rs` compares these rules with the types.

mod affinity;
mod builder;
#[cfg(feature = "http")]
mod detached;
mod future;
mod pinned;
mod queue;
mod reply;
mod token;
mod worker;

pub use self::builder::{Builder, OnDrop, OnPanic};
#[cfg(feature = "http")]
pub(crate) use self::detached::detached;
pub use self::future::RunAsync;
pub use self::pinned::PinnedThread;
pub use self::token::{OnThread, Pinned};
use crate::error::Result;

/// The CPUs that the calling thread may run on, in ascending order.
///
/// # Errors
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) on another system than Linux.
///
/// ```
/// # #[cfg(target_os = "linux")]
/// assert!(!ffence::thread::cpus()?.is_empty());
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// [`sched_getaffinity`](https://man7.org/linux/man-pages/man2/sched_setaffinity.2.html)
#[doc(alias = "sched_getaffinity")]
pub fn cpus() -> Result<Vec<usize>> {
    affinity::bound()
}
