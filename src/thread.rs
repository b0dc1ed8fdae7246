//! Which thread may use what, and threads that own what must not leave them.
//!
//! # The table
//!
//! | object of C | rule | who keeps it | the fact of C |
//! |---|---|---|---|
//! | OpenSSL's error queue | the thread's: read in the call that failed | every call that fails takes its own records and makes an [`Error`](crate::Error), which is `Send + Sync`; there is no "last error" to ask for | [ERR_get_error(3)](https://docs.openssl.org/3.0/man3/ERR_get_error/): each thread has its own |
//! | what libcrypto keeps for a thread (error queue, random generators) | freed when the thread ends | a [`PinnedThread`] calls `OPENSSL_thread_stop` after its last drop; other threads leave it to libcrypto | [OPENSSL_init_crypto(3)](https://docs.openssl.org/3.0/man3/OPENSSL_init_crypto/) |
//! | `EVP_CIPHER_CTX`, `EVP_MD_CTX`, `EVP_MAC_CTX` | moves between calls, one thread at a time | [`Sealer`](crate::crypto::Sealer), [`Opener`](crate::crypto::Opener), [`Hasher`](crate::crypto::Hasher), [`Xof`](crate::crypto::Xof), [`Hmac`](crate::crypto::Hmac), … and the ciphers of [`unauthenticated`](crate::crypto::unauthenticated): `Send`, not `Sync`, used through `&mut` | [openssl-threads(7)](https://docs.openssl.org/3.2/man7/openssl-threads/) |
//! | `OSSL_LIB_CTX`, its providers, fetched algorithms | shared once built | [`Library`](crate::crypto::Library): `Send + Sync`; each algorithm is fetched once in it | the same page; crypto(7), "Explicit fetching" |
//! | the generators of an `OSSL_LIB_CTX` | two for each thread, which that thread frees when it ends, in a context that may be gone (a crash in 3.0.19) | nobody asks for them: a [`Library`](crate::crypto::Library) draws from its primary generator, which has a lock | [RAND_get0_primary(3)](https://docs.openssl.org/3.0/man3/RAND_get0_primary/) |
//! | keys | shared | [`Key`](crate::crypto::Key), [`StreamKey`](crate::crypto::StreamKey): `Send + Sync`, bytes that C is lent when a context is keyed | none is needed |
//! | `CURL` (easy) | moves between calls, one thread at a time | [`Easy`](crate::curl::Easy): `Send` if its handler is, not `Sync`, `perform(&mut self)`; [`http::Client`](crate::http::Client) is `Send + Sync` because each call takes a handle of its own | [libcurl-thread(3)](https://curl.se/libcurl/c/threadsafe.html) |
//! | `CURLM` (multi) and the handles added to it | moves only as one unit; from other threads only `curl_multi_wakeup` | [`Multi`](crate::curl::Multi) owns its handles: `Send`, not `Sync`; its [`Waker`](crate::curl::Waker) is `Send + Sync`. Those of [`http::Client`](crate::http::Client)'s drivers stay on a thread that nobody joins, those of its blocking calls move between calls | [libcurl-multi(3)](https://curl.se/libcurl/c/libcurl-multi.html), [curl_multi_wakeup(3)](https://curl.se/libcurl/c/curl_multi_wakeup.html) |
//! | `CURLSH` with DNS, PSL, and from libcurl 8.12.1 TLS sessions | shared | [`Share`](crate::curl::Share), locked through `parking_lot`: `Send + Sync` | [CURLSHOPT_SHARE(3)](https://curl.se/libcurl/c/CURLSHOPT_SHARE.html) |
//! | `CURLSH` with connections, HSTS or cookies, and its handles | one thread | [`LocalShare`](crate::curl::LocalShare) and [`LocalEasy`](crate::curl::LocalEasy): neither `Send` nor `Sync`; they can live in a [`PinnedThread`] | the same page: "not supported", and measured to race |
//! | `CURLU` (URL) | one thread at a time | [`Url`](crate::curl::Url), behind a lock: `Send + Sync` | [libcurl-thread(3)](https://curl.se/libcurl/c/threadsafe.html) |
//! | locks of OpenSSL before 1.1.0 | the program's to give | [`locks::openssl`](crate::locks::openssl) | threads(3) of OpenSSL 1.0.2 |
//!
//! So nothing in these libraries must stay on one thread for good but a share of connections, HSTS or
//! cookies; all else is a matter of types. A [`PinnedThread`] is for that one, for C libraries with rules of their own,
//! and for whoever wants one owner, one core or one order of work: it is what Go's
//! `runtime.LockOSThread` is for, as a type.
//!
//! `tests/thread_rules.rs` compares these rules with the types, which refuse what breaks them. A handle
//! of a share that stays on its thread is not sent to another:
//! ```compile_fail,E0277
//! # use ffence::curl::LocalShare;
//! let share = LocalShare::builder().connections().build()?;
//! let easy = share.easy(())?;
//! std::thread::spawn(move || drop(easy)); // cannot be sent between threads safely
//! # Ok::<(), ffence::Error>(())
//! ```
//! nor is one handle used by two threads:
//! ```compile_fail,E0277
//! # use ffence::curl::Easy;
//! let easy = Easy::new()?;
//! std::thread::scope(|scope| {
//!     scope.spawn(|| { let shared = &easy; }); // cannot be shared between threads safely
//! });
//! # Ok::<(), ffence::Error>(())
//! ```
//! nor one context:
//! ```compile_fail,E0277
//! # use ffence::crypto::{Hasher, Sha256};
//! let hasher = Hasher::<Sha256>::new()?;
//! std::thread::scope(|scope| {
//!     scope.spawn(|| { let shared = &hasher; }); // cannot be shared between threads safely
//! });
//! # Ok::<(), ffence::Error>(())
//! ```
//! What was pinned does not leave its thread ([`Pinned`]), and the proof of being there does not leave
//! the closure that was lent it ([`OnThread`]).

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
