//! What a handle knows about its last transfer.

#![allow(unsafe_code)]

use std::ffi::c_long;
use std::time::Duration;

use super::Easy;
use crate::error::{Phase, Transfer};
use crate::ffi::curl as ffi;

/// When each phase of a transfer ended, counted from its start.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Times {
    pub(crate) name: Duration,
    pub(crate) connect: Duration,
    pub(crate) tls: Duration,
    pub(crate) request: Duration,
    pub(crate) first_byte: Duration,
    pub(crate) total: Duration,
}

impl Easy {
    /// The status of the last response; `None` before there was one.
    pub(crate) fn status(&self) -> Option<u16> {
        u16::try_from(self.long(ffi::CURLINFO_RESPONSE_CODE)).ok().filter(|status| *status != 0)
    }

    /// `CURL_HTTP_VERSION_…` of the last response.
    pub(crate) fn http_version(&self) -> c_long {
        self.long(ffi::CURLINFO_HTTP_VERSION)
    }

    pub(crate) fn times(&self) -> Times {
        let total = self.time(ffi::CURLINFO_TOTAL_TIME_T);
        Times {
            name: self.time(ffi::CURLINFO_NAMELOOKUP_TIME_T),
            connect: self.time(ffi::CURLINFO_CONNECT_TIME_T),
            tls: self.time(ffi::CURLINFO_APPCONNECT_TIME_T),
            request: self.time(ffi::CURLINFO_PRETRANSFER_TIME_T),
            // The two clocks start a few instructions apart.
            first_byte: self.first_byte().unwrap_or_default().min(total),
            total,
        }
    }

    /// Body bytes of the last response.
    pub(crate) fn received(&self) -> u64 {
        self.count(ffi::CURLINFO_SIZE_DOWNLOAD_T)
    }

    /// The operating system's number for the last connection that failed; it stays there when a
    /// later one succeeds (`CURLINFO_OS_ERRNO(3)`).
    pub(super) fn os_errno(&self) -> i32 {
        i32::try_from(self.long(ffi::CURLINFO_OS_ERRNO)).unwrap_or_default()
    }

    /// How far the last transfer came.
    pub(crate) fn progress(&self) -> Transfer {
        let times = self.times();
        Transfer {
            status: self.status(),
            received: self.received(),
            sent: self.count(ffi::CURLINFO_SIZE_UPLOAD_T),
            os_errno: 0,
            elapsed: times.total,
            phase: self.phase(&times),
        }
    }

    fn time(&self, info: ffi::CURLINFO) -> Duration {
        Duration::from_micros(self.count(info))
    }

    fn count(&self, info: ffi::CURLINFO) -> u64 {
        let mut value = 0;
        // SAFETY: the handle is ours, and every caller in this file names an info of the curl_off_t
        // kind. What is refused (an info that this libcurl lacks) leaves 0.
        unsafe { ffi::ffence_easy_getinfo_off(self.as_ptr(), info, &raw mut value) };
        u64::try_from(value).unwrap_or_default()
    }

    fn long(&self, info: ffi::CURLINFO) -> c_long {
        let mut value = 0;
        // SAFETY: as above, for the long kind.
        unsafe { ffi::ffence_easy_getinfo_long(self.as_ptr(), info, &raw mut value) };
        value
    }

    /// The last phase that was reached: libcurl leaves the times of those that were not at 0.
    fn phase(&self, times: &Times) -> Phase {
        let reached = |time: Duration| !time.is_zero();
        if self.first_byte().is_some() {
            Phase::Body
        } else if self.long(ffi::CURLINFO_REQUEST_SIZE) > 0 {
            // Not CURLINFO_PRETRANSFER_TIME_T: libcurl 8 stamps it on transfers that end before.
            Phase::FirstByte
        } else if reached(times.connect) || self.long(ffi::CURLINFO_LOCAL_PORT) != 0 {
            // Of a connection without TLS nothing stands between this and the request. With TLS the
            // time comes after the handshake, and only the port tells that TCP is connected.
            Phase::Tls
        } else if reached(times.name) {
            Phase::Connect
        } else {
            Phase::Name
        }
    }
}
