//! What a handle knows about its last transfer.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_long};
use std::fmt;
use std::ptr;
use std::time::Duration;

use super::handle::Handle;
use crate::error::{Phase, Transfer};
use crate::ffi::curl as ffi;

/// What a handle knows about its last transfer.
///
/// It borrows the handle: nothing that it tells outlives the next transfer.
#[derive(Clone, Copy)]
pub struct Info<'a> {
    handle: &'a Handle,
}

impl<'a> Info<'a> {
    pub(super) fn new(handle: &'a Handle) -> Self {
        Self { handle }
    }

    /// The status of the last response; `None` before there was one.
    ///
    /// [`CURLINFO_RESPONSE_CODE`](https://curl.se/libcurl/c/CURLINFO_RESPONSE_CODE.html)
    #[doc(alias = "CURLINFO_RESPONSE_CODE")]
    pub fn response_code(self) -> Option<u16> {
        u16::try_from(self.long(ffi::CURLINFO_RESPONSE_CODE)).ok().filter(|status| *status != 0)
    }

    /// `CURL_HTTP_VERSION_…` of the last response.
    pub(crate) fn http_version_number(self) -> c_long {
        self.long(ffi::CURLINFO_HTTP_VERSION)
    }

    /// The URL that was used in the end.
    ///
    /// [`CURLINFO_EFFECTIVE_URL`](https://curl.se/libcurl/c/CURLINFO_EFFECTIVE_URL.html)
    #[doc(alias = "CURLINFO_EFFECTIVE_URL")]
    pub fn effective_url(self) -> Option<&'a CStr> {
        self.text(ffi::CURLINFO_EFFECTIVE_URL)
    }

    /// Body bytes of the last response.
    ///
    /// [`CURLINFO_SIZE_DOWNLOAD_T`](https://curl.se/libcurl/c/CURLINFO_SIZE_DOWNLOAD_T.html)
    #[doc(alias = "CURLINFO_SIZE_DOWNLOAD_T")]
    pub fn downloaded(self) -> u64 {
        self.count(ffi::CURLINFO_SIZE_DOWNLOAD_T)
    }

    /// The name was resolved.
    pub(crate) fn name_lookup_time(self) -> Duration {
        self.time(ffi::CURLINFO_NAMELOOKUP_TIME_T)
    }

    /// The connection stood.
    pub(crate) fn connect_time(self) -> Duration {
        self.time(ffi::CURLINFO_CONNECT_TIME_T)
    }

    /// The TLS handshake was done.
    pub(crate) fn app_connect_time(self) -> Duration {
        self.time(ffi::CURLINFO_APPCONNECT_TIME_T)
    }

    /// The request was about to be sent.
    pub(crate) fn pre_transfer_time(self) -> Duration {
        self.time(ffi::CURLINFO_PRETRANSFER_TIME_T)
    }

    /// The transfer was over.
    pub(crate) fn total_time(self) -> Duration {
        self.time(ffi::CURLINFO_TOTAL_TIME_T)
    }

    /// The operating system's number for the last connection that failed; it stays there when a
    /// later one succeeds (`CURLINFO_OS_ERRNO(3)`).
    pub(crate) fn os_errno(self) -> i32 {
        i32::try_from(self.long(ffi::CURLINFO_OS_ERRNO)).unwrap_or_default()
    }

    /// How far the last transfer came.
    pub(crate) fn transfer(self) -> Transfer {
        Transfer {
            status: self.response_code(),
            received: self.downloaded(),
            sent: self.count(ffi::CURLINFO_SIZE_UPLOAD_T),
            os_errno: 0,
            elapsed: self.total_time(),
            phase: self.phase(),
        }
    }

    /// The last phase that was reached.
    ///
    /// Not from the times alone: from libcurl 8 on a failure stamps the phases that it skipped.
    fn phase(self) -> Phase {
        if self.response_code().is_some() || self.downloaded() != 0 {
            Phase::Body
        } else if self.long(ffi::CURLINFO_REQUEST_SIZE) != 0 {
            Phase::FirstByte
        } else if self.long(ffi::CURLINFO_LOCAL_PORT) != 0 {
            // TCP is connected. Of a connection without TLS nothing more stands before the request.
            Phase::Tls
        } else if self.name_lookup_time().is_zero() {
            Phase::Name
        } else {
            Phase::Connect
        }
    }

    fn time(self, info: ffi::CURLINFO) -> Duration {
        Duration::from_micros(self.count(info))
    }

    fn count(self, info: ffi::CURLINFO) -> u64 {
        let mut value = 0;
        // SAFETY: the handle is ours, and every caller in this file names an info of the curl_off_t
        // kind. What is refused (an info that this libcurl lacks) leaves 0.
        unsafe { ffi::ffence_easy_getinfo_off(self.handle.as_ptr(), info, &raw mut value) };
        u64::try_from(value).unwrap_or_default()
    }

    fn long(self, info: ffi::CURLINFO) -> c_long {
        let mut value = 0;
        // SAFETY: as above, for the long kind.
        unsafe { ffi::ffence_easy_getinfo_long(self.handle.as_ptr(), info, &raw mut value) };
        value
    }

    fn text(self, info: ffi::CURLINFO) -> Option<&'a CStr> {
        let mut value = ptr::null();
        // SAFETY: as above, for the string kind.
        unsafe { ffi::ffence_easy_getinfo_string(self.handle.as_ptr(), info, &raw mut value) };
        if value.is_null() {
            return None;
        }
        // SAFETY: text of the handle, which `'a` keeps from being used for anything that changes it.
        Some(unsafe { CStr::from_ptr(value) })
    }
}

impl fmt::Debug for Info<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Info")
            .field("response_code", &self.response_code())
            .field("effective_url", &self.effective_url())
            .finish_non_exhaustive()
    }
}
