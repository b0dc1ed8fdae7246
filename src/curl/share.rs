//! Data that several handles use together.

#![allow(unsafe_code)]

mod local;
mod sessions;

use std::ffi::c_void;
use std::fmt;
use std::mem::ManuallyDrop;
use std::sync::Arc;

pub use self::local::{LocalShare, LocalShareBuilder};
pub use self::sessions::Session;
use super::kept::Kept;
use super::newer;
use crate::capabilities::Version;
use crate::error::libcurl::{check_share, out_of_memory};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::curl as ffi;
use crate::locks::curl::{Table, on_lock, on_unlock};
use crate::owned::Owned;
use crate::{fork, init};

/// Data that handles on several threads use together.
///
/// libcurl keeps what it learns (addresses of names, TLS sessions, cookies …) in each handle. A
/// share makes handles use one copy of it. Which kinds may be shared **across threads** is a
/// question of type: [`Share`] goes to every thread and offers the kinds that are sound there;
/// [`LocalShare`] offers all of them and stays on its thread, and so do its handles.
///
/// | kind | [`Share`] | [`LocalShare`] |
/// |---|---|---|
/// | addresses of host names | yes | yes |
/// | the public suffix list | yes | yes |
/// | TLS sessions | from libcurl 8.12.1 | yes |
/// | cookies | no: documented as unsupported | yes |
/// | connections | no: races even with correct locks | yes |
/// | HSTS | no: races even with correct locks | yes, from 7.88 |
///
/// The locks are always there and are this crate's; nothing has to be provided.
///
/// Cloning it is cheap; all clones are the same share. A handle keeps the share that it was given
/// alive.
///
/// `Send` and `Sync`: any thread may give it to its handles.
///
/// ```
/// use ffence::curl::{Easy, Share};
///
/// let share = Share::builder().names().build()?;
/// let workers: Vec<_> = (0..2)
///     .map(|_| {
///         let share = share.clone();
///         std::thread::spawn(move || -> ffence::Result<()> {
///             let mut easy = Easy::new()?;
///             easy.share(&share)?;
///             // … what one thread resolves, the others need not.
///             Ok(())
///         })
///     })
///     .collect();
/// for worker in workers {
///     worker.join().unwrap()?;
/// }
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// What must not cross threads is not offered:
/// ```compile_fail,E0599
/// # use ffence::curl::Share;
/// let share = Share::builder().cookies();
/// ```
/// ```compile_fail,E0599
/// # use ffence::curl::Share;
/// let share = Share::builder().connections();
/// ```
/// ```compile_fail,E0599
/// # use ffence::curl::Share;
/// let share = Share::builder().hsts();
/// ```
/// nor can a kind be added once the share is in use:
/// ```compile_fail,E0599
/// # use ffence::curl::Share;
/// let share = Share::builder().names().build().unwrap();
/// share.public_suffixes();
/// ```
#[derive(Clone)]
#[doc(alias = "CURLSH")]
#[doc(alias = "curl_share_init")]
pub struct Share(Arc<Shared>);

impl Share {
    /// Chooses what is shared.
    pub fn builder() -> ShareBuilder {
        ShareBuilder { kinds: Kinds::default(), sessions: Vec::new() }
    }

    /// The TLS sessions that it holds, to be kept for another process: see
    /// [`ShareBuilder::import`].
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] before libcurl 8.12 and where it was built without the export;
    /// [`ErrorKind::Forked`] in a process that inherited the share.
    ///
    /// [`curl_easy_ssls_export`](https://curl.se/libcurl/c/curl_easy_ssls_export.html)
    #[doc(alias = "curl_easy_ssls_export")]
    pub fn export_sessions(&self) -> Result<Vec<Session>> {
        sessions::export(&self.0)
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.0
    }
}

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Share").field(&self.0.kinds).finish()
    }
}

/// Chooses what a [`Share`] shares.
#[derive(Clone, Debug)]
#[must_use = "nothing is shared before `build`"]
pub struct ShareBuilder {
    kinds: Kinds,
    sessions: Vec<Session>,
}

impl ShareBuilder {
    /// Addresses of host names, for as long as each handle's own limit says.
    #[doc(alias = "CURL_LOCK_DATA_DNS")]
    pub fn names(mut self) -> Self {
        self.kinds.add(ffi::CURL_LOCK_DATA_DNS);
        self
    }

    /// The list of domains under which cookies must not be set, read once instead of by each handle.
    #[doc(alias = "CURL_LOCK_DATA_PSL")]
    pub fn public_suffixes(mut self) -> Self {
        self.kinds.add(ffi::CURL_LOCK_DATA_PSL);
        self
    }

    /// TLS sessions, so that a handshake is shorter the second time.
    #[doc(alias = "CURL_LOCK_DATA_SSL_SESSION")]
    pub fn tls_sessions(mut self) -> Self {
        self.kinds.add(ffi::CURL_LOCK_DATA_SSL_SESSION);
        self
    }

    /// Begins with TLS sessions that another process [exported](Share::export_sessions).
    ///
    /// Only here and not on the finished share: up to 8.22 at least, libcurl gives back a lock that
    /// another thread may hold when it is handed a session that it cannot read.
    ///
    /// [`curl_easy_ssls_import`](https://curl.se/libcurl/c/curl_easy_ssls_import.html)
    #[doc(alias = "curl_easy_ssls_import")]
    pub fn import(mut self, sessions: impl IntoIterator<Item = Session>) -> Self {
        self.sessions.extend(sessions);
        self
    }

    /// Makes the share.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] for a kind that this libcurl does not share, or not safely across
    /// threads; the text names the version that does. [`ErrorKind::Malformed`] for a session that
    /// is none. [`ErrorKind::OutOfMemory`].
    pub fn build(self) -> Result<Share> {
        if self.kinds.has(ffi::CURL_LOCK_DATA_SSL_SESSION) {
            // CURLSHOPT_SHARE(3), CURL_LOCK_DATA_SSL_SESSION: not safe across threads up to 8.12.0.
            newer::require("sharing TLS sessions across threads", Version::new(8, 12, 1))?;
        }
        Ok(Share(Shared::new(self.kinds, &self.sessions)?))
    }
}

/// Which kinds of data; bit `n` is the kind `n` of `curl_lock_data`.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Kinds(u32);

/// The kinds, and what they are called here.
const NAMES: [(ffi::curl_lock_data, &str); 6] = [
    (ffi::CURL_LOCK_DATA_COOKIE, "cookies"),
    (ffi::CURL_LOCK_DATA_DNS, "names"),
    (ffi::CURL_LOCK_DATA_SSL_SESSION, "TLS sessions"),
    (ffi::CURL_LOCK_DATA_CONNECT, "connections"),
    (ffi::CURL_LOCK_DATA_PSL, "public suffixes"),
    (ffi::CURL_LOCK_DATA_HSTS, "HSTS"),
];

impl Kinds {
    pub(super) fn add(&mut self, kind: ffi::curl_lock_data) {
        self.0 |= 1 << kind;
    }

    fn has(self, kind: ffi::curl_lock_data) -> bool {
        self.0 & (1 << kind) != 0
    }

    fn each(self) -> impl Iterator<Item = (ffi::curl_lock_data, &'static str)> {
        NAMES.into_iter().filter(move |(kind, _)| self.has(*kind))
    }
}

impl fmt::Debug for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.each().map(|(_, name)| name)).finish()
    }
}

/// A libcurl share and its locks.
///
/// # Invariants
/// libcurl calls the locks of `table` for all that it shares, and `table` is freed only after the
/// share is. Each handle that uses the share holds an `Arc` of this for as long as it does.
pub(super) struct Shared {
    share: ManuallyDrop<Owned<ffi::CURLSH>>,
    table: ManuallyDrop<Kept<Table>>,
    kinds: Kinds,
    born: u64,
}

// SAFETY: libcurl-share(3): handles on several threads may use a share whose lock callbacks are set.
// For which kinds that is not enough, only `LocalShare` asks, which stays on its thread.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl Shared {
    pub(super) fn new(kinds: Kinds, sessions: &[Session]) -> Result<Arc<Self>> {
        init::libcurl::ready()?;
        // SAFETY: libcurl is set up.
        let share = unsafe { ffi::curl_share_init() };
        // SAFETY: curl_share_init(3): NULL, or a share that is the caller's.
        let share = unsafe { Owned::from_raw(share) };
        let share = share.ok_or_else(|| out_of_memory("curl_share_init"))?;
        let shared = Self {
            share: ManuallyDrop::new(share),
            table: ManuallyDrop::new(Kept::new(Table::new())),
            kinds,
            born: fork::epoch(),
        };
        #[cfg(not(ffence_without_share_locks))]
        shared.register()?;
        for (kind, name) in kinds.each() {
            // SAFETY: CURLSHOPT_SHARE(3) takes one of these numbers.
            let code = unsafe {
                ffi::ffence_share_setopt_kind(shared.as_ptr(), ffi::CURLSHOPT_SHARE, kind)
            };
            check_share("curl_share_setopt", code).map_err(|error| match error.kind() {
                ErrorKind::Unsupported => {
                    Error::ours(ErrorKind::Unsupported, format!("this libcurl cannot share {name}"))
                }
                _ => error,
            })?;
        }
        let shared = Arc::new(shared);
        if !sessions.is_empty() {
            sessions::import(&shared, sessions)?;
        }
        Ok(shared)
    }

    /// Both callbacks, and before any kind: libcurl tests each of the two alone.
    #[cfg_attr(ffence_without_share_locks, allow(dead_code))]
    fn register(&self) -> Result<()> {
        let table: *mut c_void = self.table.as_ptr().cast();
        // SAFETY: CURLSHOPT_USERDATA(3): the pointer is for the callbacks below.
        let code = unsafe {
            ffi::ffence_share_setopt_pointer(self.as_ptr(), ffi::CURLSHOPT_USERDATA, table)
        };
        check_share("curl_share_setopt", code)?;
        // SAFETY: `on_unlock` is the callback that CURLSHOPT_UNLOCKFUNC(3) describes.
        let code = unsafe {
            ffi::ffence_share_setopt_unlock(self.as_ptr(), ffi::CURLSHOPT_UNLOCKFUNC, on_unlock)
        };
        check_share("curl_share_setopt", code)?;
        // SAFETY: `on_lock` is the callback that CURLSHOPT_LOCKFUNC(3) describes.
        let code = unsafe {
            ffi::ffence_share_setopt_lock(self.as_ptr(), ffi::CURLSHOPT_LOCKFUNC, on_lock)
        };
        check_share("curl_share_setopt", code)
    }

    /// The share belongs to this process: in a forked one a thread that is gone may hold its locks.
    pub(super) fn here(&self) -> Result<()> {
        if self.born == fork::epoch() { Ok(()) } else { Err(Error::of(ErrorKind::Forked)) }
    }

    pub(super) fn as_ptr(&self) -> *mut ffi::CURLSH {
        self.share.as_ptr()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if self.here().is_err() {
            return;
        }
        // SAFETY: curl_share_cleanup(3): the last use of the share, which it frees if it answers OK.
        // No handle uses it any more: each held an `Arc` of this.
        let code = unsafe { ffi::curl_share_cleanup(self.as_ptr()) };
        // CURLSHE_IN_USE leaves the share as it was, and it may still ask for a lock.
        if code == ffi::CURLSHE_OK {
            // SAFETY: the share is gone, and with it the last that pointed to the table.
            unsafe { ManuallyDrop::drop(&mut self.table) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curl::{Easy, option};
    use crate::locks::curl::trace;
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::{TcpListener, TcpStream};

    /// Answers each request with a cookie and closes, until it is asked for `/stop`.
    fn server() -> (String, std::thread::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answer = |stream: TcpStream| {
            let mut lines = BufReader::new(&stream).lines().map(Result::unwrap);
            let first = lines.next().unwrap();
            lines.take_while(|line| !line.is_empty()).for_each(drop);
            let head =
                "HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Domain=a.test\r\nContent-Length: 0\r\n\r\n";
            (&stream).write_all(head.as_bytes()).unwrap();
            first.contains("/stop")
        };
        let thread =
            std::thread::spawn(move || while !listener.incoming().any(|it| answer(it.unwrap())) {});
        (url, thread)
    }

    fn get<S>(easy: &mut Easy<(), S>, url: &str) {
        let port = url.rsplit(':').next().unwrap().split('/').next().unwrap();
        let mut addresses = crate::curl::List::new();
        addresses.push(&format!("a.test:{port}:127.0.0.1")).unwrap();
        easy.set(option::Resolve(addresses)).unwrap();
        easy.set(option::CookieFile("")).unwrap();
        easy.set(option::Url(&url.replace("127.0.0.1", "a.test"))).unwrap();
        easy.perform().unwrap();
    }

    /// That no thread locks a kind twice, and each gives back what it took last, the trace itself
    /// looks at; here is within which lock libcurl takes another one.
    #[test]
    fn libcurl_locks_as_the_table_expects() {
        let (url, server) = server();
        let local = LocalShare::builder().cookies().names().connections().tls_sessions();
        let local = local.public_suffixes().build();
        let local =
            local.or_else(|_| LocalShare::builder().cookies().names().connections().build());
        let local = local.unwrap();
        for _ in 0..3 {
            get(&mut local.easy(()).unwrap(), &url);
        }
        drop(local);
        let share = Share::builder().names().build().unwrap();
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let (share, url) = (share.clone(), url.clone());
                std::thread::spawn(move || {
                    for _ in 0..5 {
                        let mut easy = Easy::new().unwrap();
                        easy.share(&share).unwrap();
                        get(&mut easy, &url);
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        drop(share);
        let mut easy = Easy::new().unwrap();
        get(&mut easy, &format!("{url}/stop"));
        server.join().unwrap();

        let seen = trace::SEEN.lock().clone();
        for kind in [
            ffi::CURL_LOCK_DATA_SHARE,
            ffi::CURL_LOCK_DATA_COOKIE,
            ffi::CURL_LOCK_DATA_DNS,
            ffi::CURL_LOCK_DATA_CONNECT,
        ] {
            assert!(seen.contains(&(None, kind)), "{kind} was locked: {seen:?}");
        }
        let nested = seen.iter().filter_map(|(outer, inner)| Some(((*outer)?, *inner)));
        for (outer, inner) in nested {
            let expected = [
                (ffi::CURL_LOCK_DATA_COOKIE, ffi::CURL_LOCK_DATA_PSL),
                (ffi::CURL_LOCK_DATA_CONNECT, ffi::CURL_LOCK_DATA_DNS),
            ];
            assert!(expected.contains(&(outer, inner)), "{inner} was locked within {outer}");
        }
    }
}
