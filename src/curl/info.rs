//! What a handle knows about its last transfer.

#![allow(unsafe_code)]

mod becoming;
mod certificates;
mod headers;
mod table;

use std::ffi::{CStr, c_long};
use std::fmt;
use std::net::SocketAddr;
#[cfg(unix)]
use std::os::fd::BorrowedFd;
use std::ptr;
use std::time::{Duration, Instant};

use super::attempts::Handshake;
use super::handle::Handle;
use super::list::List;
use super::option::Policy;
use crate::error::libcurl::check;
use crate::error::{Phase, Result, Timings, Transfer};
use crate::ffi::curl as ffi;

pub use self::certificates::{Certificate, CertificateChain};
pub use self::headers::{Header, HeaderIter, Headers, Origin};

/// What a handle knows about its last transfer.
///
/// It borrows the handle: nothing that it tells outlives the next transfer. A method whose answer is
/// newer than the oldest libcurl that this crate works with answers `None` where the linked one does
/// not have it.
///
/// In a process that was forked it goes on telling what the handle remembers: that is memory of the
/// handle's, a copy as everything else, and nothing of it changes any more. What asks the connection,
/// or takes a lock, is refused there: [`active_socket`](Info::active_socket),
/// [`cookies`](Info::cookies).
#[derive(Clone, Copy)]
pub struct Info<'a> {
    handle: &'a Handle,
    handshake: Option<&'a Handshake>,
}

impl<'a> Info<'a> {
    pub(super) fn new(handle: &'a Handle, handshake: Option<&'a Handshake>) -> Self {
        Self { handle, handshake }
    }

    /// The certificates that the peer showed; with [`option::CertInfo`](super::option::CertInfo).
    ///
    /// [`CURLINFO_CERTINFO`](https://curl.se/libcurl/c/CURLINFO_CERTINFO.html), since 7.19.1
    #[doc(alias = "CURLINFO_CERTINFO")]
    pub fn certificates(self) -> CertificateChain<'a> {
        let chain = self.pointer(34).cast::<ffi::curl_certinfo>();
        // SAFETY: the manual: NULL, or a structure of the handle, which `'a` borrows.
        unsafe { CertificateChain::from_raw(chain) }
    }

    /// The TLS library of the handle; `None` without TLS.
    ///
    /// [`CURLINFO_TLS_SSL_PTR`](https://curl.se/libcurl/c/CURLINFO_TLS_SSL_PTR.html), since 7.48.0
    #[doc(alias = "CURLINFO_TLS_SSL_PTR")]
    pub fn tls_backend(self) -> Option<TlsBackend> {
        let session = self.pointer(45).cast::<ffi::curl_tlssessioninfo>();
        if session.is_null() {
            return None;
        }
        // SAFETY: the manual: a structure of the handle. Its pointer into the TLS library is not
        // looked at.
        match unsafe { (*session).backend } {
            0 => None,
            1 => Some(TlsBackend::OpenSsl),
            2 => Some(TlsBackend::GnuTls),
            7 => Some(TlsBackend::WolfSsl),
            8 => Some(TlsBackend::Schannel),
            9 => Some(TlsBackend::SecureTransport),
            11 => Some(TlsBackend::MbedTls),
            14 => Some(TlsBackend::Rustls),
            _ => Some(TlsBackend::Other),
        }
    }

    /// The connection's socket, if it is still open; libcurl keeps owning it. `None` in a process that
    /// was forked, whose parent speaks on it.
    ///
    /// [`CURLINFO_ACTIVESOCKET`](https://curl.se/libcurl/c/CURLINFO_ACTIVESOCKET.html), since 7.45.0
    #[cfg(unix)]
    #[doc(alias = "CURLINFO_ACTIVESOCKET")]
    pub fn active_socket(self) -> Option<BorrowedFd<'a>> {
        // libcurl looks whether it is alive, and may read from it to see.
        self.handle.here().ok()?;
        let mut socket = ffi::CURL_SOCKET_BAD;
        let info = Kind::Socket.base() + 44;
        // SAFETY: the handle is ours, and the info is of the socket kind.
        unsafe { ffi::ffence_easy_getinfo_socket(self.handle.as_ptr(), info, &raw mut socket) };
        if socket == ffi::CURL_SOCKET_BAD {
            return None;
        }
        // SAFETY: libcurl closes it only when the handle is used, which `'a` forbids.
        Some(unsafe { BorrowedFd::borrow_raw(socket) })
    }

    /// All cookies, as lines of a cookie file.
    ///
    /// [`CURLINFO_COOKIELIST`](https://curl.se/libcurl/c/CURLINFO_COOKIELIST.html), since 7.14.1
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`](crate::ErrorKind::OutOfMemory),
    /// [`ErrorKind::Forked`](crate::ErrorKind::Forked).
    #[doc(alias = "CURLINFO_COOKIELIST")]
    pub fn cookies(self) -> Result<List> {
        // A share's lock, if they are shared.
        self.handle.here()?;
        self.list(28)
    }

    /// The engines of the TLS library.
    ///
    /// [`CURLINFO_SSL_ENGINES`](https://curl.se/libcurl/c/CURLINFO_SSL_ENGINES.html), since 7.12.3
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`](crate::ErrorKind::OutOfMemory).
    #[doc(alias = "CURLINFO_SSL_ENGINES")]
    pub fn ssl_engines(self) -> Result<List> {
        self.list(27)
    }

    /// How far the last transfer came.
    pub(crate) fn transfer(self) -> Transfer {
        Transfer {
            status: self.response_code(),
            received: self.size_download(),
            sent: self.size_upload(),
            os_errno: 0,
            elapsed: self.total_time(),
            phase: self.phase(),
            limit: None,
            peer: self.peer(),
            timings: self.timings(),
        }
    }

    fn peer(self) -> Option<SocketAddr> {
        let libcurls = || {
            let ip = self.primary_ip()?.to_str().ok()?.parse().ok()?;
            Some(SocketAddr::new(ip, self.primary_port()))
        };
        libcurls().or_else(|| self.handshake?.peer)
    }

    /// What libcurl measured of the last transfer; the first byte is not among it.
    pub(crate) fn timings(self) -> Timings {
        Timings {
            name: self.namelookup_time(),
            connect: self.connect_time(),
            tls: self.appconnect_time(),
            request: self.pretransfer_time(),
            redirect: self.redirect_time(),
            total: self.total_time(),
            ..Timings::default()
        }
    }

    /// The same of a handle that does not follow redirects itself, with or without TLS.
    pub(crate) fn own_timings(self, uses_tls: bool) -> Timings {
        Timings {
            name: self.namelookup_time(),
            connect: self.connect_time(),
            tls: if uses_tls { self.appconnect_time() } else { Duration::ZERO },
            request: self.pretransfer_time(),
            total: self.total_time(),
            ..Timings::default()
        }
    }

    /// The last phase that was reached.
    ///
    /// Not from the times alone: from libcurl 8 on a failure stamps the phases that it skipped.
    pub(crate) fn phase(self) -> Phase {
        if self.response_code().is_some() || self.size_download() != 0 {
            Phase::Body
        } else if self.request_size() != 0 {
            Phase::FirstByte
        } else if self.local_port() != 0 || self.handshake.is_some() {
            // TCP is connected. Of a connection without TLS nothing more stands before the request.
            Phase::Tls
        } else if self.namelookup_time().is_zero() {
            Phase::Name
        } else {
            Phase::Connect
        }
    }

    /// When the TLS handshake of a new connection began, where libcurl does not tell when TCP was
    /// connected.
    pub(crate) fn handshake_began(self) -> Option<Instant> {
        self.handshake.map(|it| it.since)
    }

    /// The answer to the question with this number among those of a kind; `None` when the linked
    /// libcurl does not know it.
    fn answer<K: kinds::Ask<'a>>(self, number: ffi::CURLINFO) -> Option<K::Answer> {
        K::ask(self.handle, number)
    }

    fn pointer(self, number: ffi::CURLINFO) -> *mut std::ffi::c_void {
        let mut value = ptr::null_mut();
        let info = Kind::Pointer.base() + number;
        // SAFETY: the handle is ours, and the info is of the pointer kind.
        unsafe { ffi::ffence_easy_getinfo_pointer(self.handle.as_ptr(), info, &raw mut value) };
        value
    }

    /// libcurl answers no list and no error where it has none, and where it has no memory for one
    /// (tests/torture shows it for 7.88.1). So an empty answer counts when a second one is as empty, and there is memory.
    fn list(self, number: ffi::CURLINFO) -> Result<List> {
        for _ in 0..2 {
            let list = self.list_once(number)?;
            if !list.is_empty() {
                return Ok(list);
            }
        }
        List::new().append(c"")?;
        Ok(List::new())
    }

    fn list_once(self, number: ffi::CURLINFO) -> Result<List> {
        let mut value = ptr::null_mut();
        let info = Kind::List.base() + number;
        // SAFETY: the handle is ours, and the info is of the list kind.
        let code =
            unsafe { ffi::ffence_easy_getinfo_slist(self.handle.as_ptr(), info, &raw mut value) };
        // SAFETY: CURLINFO_COOKIELIST(3), CURLINFO_SSL_ENGINES(3): NULL, or a list to be freed.
        let list = unsafe { List::from_raw(value) };
        check("curl_easy_getinfo", code)?;
        Ok(list)
    }
}

/// The questions of each kind, which only ask for what C then writes.
mod kinds {
    use super::{CStr, Handle, Kind, c_long, ffi, ptr};

    pub(super) trait Ask<'a> {
        type Answer;
        fn ask(handle: &'a Handle, number: ffi::CURLINFO) -> Option<Self::Answer>;
    }

    pub(super) enum Long {}

    impl Ask<'_> for Long {
        type Answer = c_long;

        fn ask(handle: &Handle, number: ffi::CURLINFO) -> Option<c_long> {
            let mut value = 0;
            let info = Kind::Long.base() | number;
            // SAFETY: the handle is ours, and the info is of the long kind.
            let code =
                unsafe { ffi::ffence_easy_getinfo_long(handle.as_ptr(), info, &raw mut value) };
            (code == ffi::CURLE_OK).then_some(value)
        }
    }

    pub(super) enum OffT {}

    impl Ask<'_> for OffT {
        type Answer = ffi::curl_off_t;

        fn ask(handle: &Handle, number: ffi::CURLINFO) -> Option<ffi::curl_off_t> {
            let mut value = 0;
            let info = Kind::OffT.base() | number;
            // SAFETY: the handle is ours, and the info is of the curl_off_t kind.
            let code =
                unsafe { ffi::ffence_easy_getinfo_off(handle.as_ptr(), info, &raw mut value) };
            (code == ffi::CURLE_OK).then_some(value)
        }
    }

    pub(super) enum Text {}

    impl<'a> Ask<'a> for Text {
        type Answer = &'a CStr;

        fn ask(handle: &'a Handle, number: ffi::CURLINFO) -> Option<&'a CStr> {
            let mut value = ptr::null();
            let info = Kind::Text.base() | number;
            // SAFETY: the handle is ours, and the info is of the string kind.
            let code =
                unsafe { ffi::ffence_easy_getinfo_string(handle.as_ptr(), info, &raw mut value) };
            if code != ffi::CURLE_OK || value.is_null() {
                return None;
            }
            // SAFETY: text of the handle, which `'a` keeps from being used for anything that changes
            // it.
            Some(unsafe { CStr::from_ptr(value) })
        }
    }
}

/// The TLS library of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsBackend {
    /// OpenSSL, or one of its descendants.
    OpenSsl,
    /// GnuTLS
    GnuTls,
    /// wolfSSL
    WolfSsl,
    /// Schannel
    Schannel,
    /// Secure Transport
    SecureTransport,
    /// Mbed TLS
    MbedTls,
    /// Rustls
    Rustls,
    /// One that this crate does not know.
    Other,
}

/// One thing that libcurl can tell.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Row {
    /// libcurl's name, such as `CURLINFO_TOTAL_TIME_T`.
    pub name: &'static str,
    /// Its number.
    pub number: u32,
    /// What C answers.
    pub kind: Kind,
    /// The version that brought it.
    pub since: &'static str,
    /// [`Safe`](Policy::Safe) where a method asks for it, [`Refused`](Policy::Refused) where none does.
    pub policy: Policy,
    /// The method of [`Info`]; empty where there is none.
    pub ours: &'static str,
    /// What it is; or why nobody asks for it.
    pub text: &'static str,
}

/// What C answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Text of the handle.
    Text,
    /// A `long`.
    Long,
    /// A `double`.
    Double,
    /// A list for the caller.
    List,
    /// A pointer to something of the handle.
    Pointer,
    /// A socket.
    Socket,
    /// A `curl_off_t`.
    OffT,
}

impl Kind {
    /// libcurl's number for it, to which the question's own is added.
    const fn base(self) -> u32 {
        match self {
            Self::Text => 0x10_0000,
            Self::Long => 0x20_0000,
            Self::Double => 0x30_0000,
            Self::List | Self::Pointer => 0x40_0000,
            Self::Socket => 0x50_0000,
            Self::OffT => 0x60_0000,
        }
    }
}

/// Everything that libcurl can tell, also what the linked one does not.
pub fn all() -> impl Iterator<Item = &'static Row> {
    [table::TYPED, table::OTHERS].into_iter().flatten()
}

impl fmt::Debug for Info<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Info")
            .field("response_code", &self.response_code())
            .field("effective_url", &self.effective_url())
            .field("total_time", &self.total_time())
            .finish_non_exhaustive()
    }
}
