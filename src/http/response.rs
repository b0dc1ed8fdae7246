//! What came back.

use std::fmt;
use std::time::Duration;

use ::http::{HeaderMap, StatusCode, Version};

use super::wire::Wire;
use crate::curl::option::value::HttpVersion;
use crate::error::libcurl::transfer;
use crate::error::{Error, ErrorKind, Phase, Result, Transfer};
use crate::ffi::curl as ffi;

/// A response, with its body as a `B`: the bytes, or how many were written elsewhere.
#[derive(Clone)]
pub struct Response<B> {
    status: StatusCode,
    version: Version,
    headers: HeaderMap,
    timings: Timings,
    received: u64,
    body: B,
}

/// When each phase of a call ended, counted from its start.
///
/// Redirects that were followed count towards the total. On a connection that was kept from an
/// earlier call, `connect` and `tls` are zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timings {
    /// The host name was resolved.
    ///
    /// [`CURLINFO_NAMELOOKUP_TIME_T`](https://curl.se/libcurl/c/CURLINFO_NAMELOOKUP_TIME_T.html)
    #[doc(alias = "CURLINFO_NAMELOOKUP_TIME_T")]
    pub name: Duration,
    /// The connection stood; zero where an earlier one was used again.
    ///
    /// [`CURLINFO_CONNECT_TIME_T`](https://curl.se/libcurl/c/CURLINFO_CONNECT_TIME_T.html)
    #[doc(alias = "CURLINFO_CONNECT_TIME_T")]
    pub connect: Duration,
    /// The TLS handshake was done; zero where there was none.
    ///
    /// [`CURLINFO_APPCONNECT_TIME_T`](https://curl.se/libcurl/c/CURLINFO_APPCONNECT_TIME_T.html)
    #[doc(alias = "CURLINFO_APPCONNECT_TIME_T")]
    pub tls: Duration,
    /// The request was about to be sent.
    ///
    /// [`CURLINFO_PRETRANSFER_TIME_T`](https://curl.se/libcurl/c/CURLINFO_PRETRANSFER_TIME_T.html)
    #[doc(alias = "CURLINFO_PRETRANSFER_TIME_T")]
    pub request: Duration,
    /// The first header line of the response was there.
    ///
    /// This is measured here: `CURLINFO_STARTTRANSFER_TIME_T` of a request with a body can be the
    /// time at which sending the body began.
    #[doc(alias = "CURLINFO_STARTTRANSFER_TIME_T")]
    pub first_byte: Duration,
    /// The last byte of the response was there.
    ///
    /// [`CURLINFO_TOTAL_TIME_T`](https://curl.se/libcurl/c/CURLINFO_TOTAL_TIME_T.html)
    #[doc(alias = "CURLINFO_TOTAL_TIME_T")]
    pub total: Duration,
}

impl<B> Response<B> {
    /// The response that `wire` has just received.
    pub(super) fn of(wire: &Wire, headers: HeaderMap, body: B) -> Result<Self> {
        let info = wire.info();
        let status = info.response_code().unwrap_or_default();
        let total = info.total_time();
        Ok(Self {
            status: StatusCode::from_u16(status).map_err(|_| {
                Error::ours(
                    ErrorKind::Transport,
                    format!("the response's status is no HTTP status: {status}"),
                )
            })?,
            version: version(info.http_version()),
            headers,
            timings: Timings {
                name: info.namelookup_time(),
                connect: info.connect_time(),
                tls: info.appconnect_time(),
                request: info.pretransfer_time(),
                // The two clocks start a few instructions apart.
                first_byte: wire.first_byte().min(total),
                total,
            },
            received: info.size_download(),
            body,
        })
    }

    /// The status.
    ///
    /// [`CURLINFO_RESPONSE_CODE`](https://curl.se/libcurl/c/CURLINFO_RESPONSE_CODE.html)
    #[doc(alias = "CURLINFO_RESPONSE_CODE")]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The version of HTTP that was spoken.
    ///
    /// [`CURLINFO_HTTP_VERSION`](https://curl.se/libcurl/c/CURLINFO_HTTP_VERSION.html)
    #[doc(alias = "CURLINFO_HTTP_VERSION")]
    pub fn version(&self) -> Version {
        self.version
    }

    /// The headers of the last response, without those of interim responses (1xx) and of redirects
    /// that were followed, and without trailers.
    ///
    /// [`CURLOPT_HEADERFUNCTION`](https://curl.se/libcurl/c/CURLOPT_HEADERFUNCTION.html)
    #[doc(alias = "CURLOPT_HEADERFUNCTION")]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body.
    pub fn body(&self) -> &B {
        &self.body
    }

    /// The body, without the rest.
    pub fn into_body(self) -> B {
        self.body
    }

    /// When each phase of the call ended.
    pub fn timings(&self) -> &Timings {
        &self.timings
    }

    /// The response itself, unless its status is 400 or above.
    ///
    /// # Errors
    /// [`ErrorKind::Status`], with libcurl's code 22 and the status in
    /// [`Error::transfer`]. The body is dropped.
    pub fn error_for_status(self) -> Result<Self> {
        let status = self.status.as_u16();
        if status < 400 {
            return Ok(self);
        }
        // The text is the one that libcurl writes under CURLOPT_FAILONERROR, which keeps no body.
        Err(transfer(
            ffi::CURLE_HTTP_RETURNED_ERROR,
            format!("The requested URL returned error: {status}"),
            Transfer {
                status: Some(status),
                received: self.received,
                elapsed: self.timings.total,
                phase: Phase::Body,
                ..Transfer::default()
            },
        ))
    }
}

/// Without the body, which may be long.
impl<B> fmt::Debug for Response<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("version", &self.version)
            .field("headers", &self.headers)
            .field("timings", &self.timings)
            .finish_non_exhaustive()
    }
}

impl Response<Vec<u8>> {
    /// The body as text.
    ///
    /// # Errors
    /// [`ErrorKind::Encoding`] when it is not UTF-8, whatever character set the headers name.
    pub fn text(&self) -> Result<&str> {
        std::str::from_utf8(&self.body).map_err(|error| {
            Error::ours(
                ErrorKind::Encoding,
                format!(
                    "the body is not UTF-8 from byte {} of {} on",
                    error.valid_up_to(),
                    self.body.len()
                ),
            )
        })
    }
}

impl<B> From<Response<B>> for ::http::Response<B> {
    /// The same response as the `http` crate has it, with the [`Timings`] among its extensions.
    fn from(response: Response<B>) -> Self {
        let mut converted = Self::new(response.body);
        *converted.status_mut() = response.status;
        *converted.version_mut() = response.version;
        *converted.headers_mut() = response.headers;
        converted.extensions_mut().insert(response.timings);
        converted
    }
}

fn version(spoken: Option<HttpVersion>) -> Version {
    match spoken {
        Some(HttpVersion::Http10) => Version::HTTP_10,
        Some(HttpVersion::Http2) => Version::HTTP_2,
        Some(HttpVersion::Http3) => Version::HTTP_3,
        _ => Version::HTTP_11,
    }
}
