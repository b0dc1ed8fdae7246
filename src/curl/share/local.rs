//! Sharing on one thread.

use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

use super::{Kinds, Session, Shared, sessions};
use crate::curl::easy::LocalEasy;
use crate::curl::handler::Handler;
use crate::error::Result;
use crate::ffi::curl as ffi;

/// Data that handles on one thread use together.
///
/// Cloning it is cheap; all clones are the same share. Its handles are
/// [`LocalEasy`](crate::curl::LocalEasy)s, which keep it alive.
///
/// It stays on its thread:
/// ```compile_fail,E0277
/// # use ffence::curl::LocalShare;
/// let share = LocalShare::builder().cookies().build().unwrap();
/// std::thread::spawn(move || drop(share));
/// ```
/// and a handle that may leave it cannot use it:
/// ```compile_fail,E0277
/// # use ffence::curl::{Easy, LocalShare};
/// let share = LocalShare::builder().cookies().build().unwrap();
/// Easy::new().unwrap().share(&share);
/// ```
#[derive(Clone)]
#[doc(alias = "CURLSH")]
#[doc(alias = "curl_share_init")]
pub struct LocalShare {
    shared: Arc<Shared>,
    /// What makes it stay: the count itself could cross threads.
    here: PhantomData<Rc<()>>,
}

impl LocalShare {
    /// Chooses what is shared.
    pub fn builder() -> LocalShareBuilder {
        LocalShareBuilder { kinds: Kinds::default(), sessions: Vec::new() }
    }

    /// A handle that uses what is shared, and calls `handler` back.
    ///
    /// # Errors
    /// As for [`Easy::with`](crate::curl::Easy::with); [`ErrorKind::Forked`](crate::ErrorKind::Forked)
    /// in a process that inherited the share.
    pub fn easy<H: Handler>(&self, handler: H) -> Result<LocalEasy<H>> {
        LocalEasy::of(self, handler)
    }

    /// The TLS sessions that it holds; see [`Share::export_sessions`](super::Share::export_sessions).
    ///
    /// # Errors
    /// As there.
    #[doc(alias = "curl_easy_ssls_export")]
    pub fn export_sessions(&self) -> Result<Vec<Session>> {
        sessions::export(&self.shared)
    }

    pub(in crate::curl) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

impl fmt::Debug for LocalShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LocalShare").field(&self.shared.kinds).finish()
    }
}

/// Chooses what a [`LocalShare`] shares.
#[derive(Clone, Debug)]
#[must_use = "nothing is shared before `build`"]
pub struct LocalShareBuilder {
    kinds: Kinds,
    sessions: Vec<Session>,
}

impl LocalShareBuilder {
    fn with(mut self, kind: ffi::curl_lock_data) -> Self {
        self.kinds.add(kind);
        self
    }

    /// Cookies. Each handle switches them on for itself, by
    /// [`CookieFile("")`](crate::curl::option::CookieFile).
    #[doc(alias = "CURL_LOCK_DATA_COOKIE")]
    pub fn cookies(self) -> Self {
        self.with(ffi::CURL_LOCK_DATA_COOKIE)
    }

    /// Addresses of host names, for as long as each handle's own limit says.
    #[doc(alias = "CURL_LOCK_DATA_DNS")]
    pub fn names(self) -> Self {
        self.with(ffi::CURL_LOCK_DATA_DNS)
    }

    /// TLS sessions, so that a handshake is shorter the second time.
    #[doc(alias = "CURL_LOCK_DATA_SSL_SESSION")]
    pub fn tls_sessions(self) -> Self {
        self.with(ffi::CURL_LOCK_DATA_SSL_SESSION)
    }

    /// Connections that are kept open.
    #[doc(alias = "CURL_LOCK_DATA_CONNECT")]
    pub fn connections(self) -> Self {
        self.with(ffi::CURL_LOCK_DATA_CONNECT)
    }

    /// The list of domains under which cookies must not be set.
    #[doc(alias = "CURL_LOCK_DATA_PSL")]
    pub fn public_suffixes(self) -> Self {
        self.with(ffi::CURL_LOCK_DATA_PSL)
    }

    /// Hosts that asked for HTTPS alone; since libcurl 7.88.
    #[doc(alias = "CURL_LOCK_DATA_HSTS")]
    pub fn hsts(self) -> Self {
        self.with(ffi::CURL_LOCK_DATA_HSTS)
    }

    /// Begins with TLS sessions that another process exported.
    #[doc(alias = "curl_easy_ssls_import")]
    pub fn import(mut self, sessions: impl IntoIterator<Item = Session>) -> Self {
        self.sessions.extend(sessions);
        self
    }

    /// Makes the share.
    ///
    /// # Errors
    /// As for [`ShareBuilder::build`](super::ShareBuilder::build), but TLS sessions are shared by
    /// every libcurl.
    pub fn build(self) -> Result<LocalShare> {
        let shared = Shared::new(self.kinds, &self.sessions)?;
        Ok(LocalShare { shared, here: PhantomData })
    }
}
