//! The options that may be set from outside this layer, each with the type of its value.
//!
//! An option that makes libcurl keep a pointer is not here: [`Easy`] sets those itself.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_long};
use std::ptr;

use super::Easy;
use crate::error::Result;
use crate::error::libcurl::{refused, text_of};
use crate::ffi::curl as ffi;

/// An option whose value is a `long`.
#[derive(Clone, Copy)]
pub(crate) struct Long(ffi::CURLoption, &'static str);

/// An option whose value is text, which libcurl copies.
#[derive(Clone, Copy)]
pub(crate) struct Text(ffi::CURLoption, &'static str);

/// An option whose value is a block of bytes, which libcurl copies.
#[derive(Clone, Copy)]
pub(crate) struct Blob(ffi::CURLoption, &'static str);

macro_rules! options {
    ($kind:ident: $($name:ident = $option:ident),+ $(,)?) => {
        $(pub(crate) const $name: $kind = $kind(ffi::$option, stringify!($option));)+
    };
}

options! { Long:
    CONNECTTIMEOUT_MS = CURLOPT_CONNECTTIMEOUT_MS,
    FOLLOWLOCATION = CURLOPT_FOLLOWLOCATION,
    HTTPGET = CURLOPT_HTTPGET,
    HTTP_VERSION = CURLOPT_HTTP_VERSION,
    MAXREDIRS = CURLOPT_MAXREDIRS,
    NOBODY = CURLOPT_NOBODY,
    NOPROGRESS = CURLOPT_NOPROGRESS,
    NOSIGNAL = CURLOPT_NOSIGNAL,
    PROTOCOLS = CURLOPT_PROTOCOLS,
    REDIR_PROTOCOLS = CURLOPT_REDIR_PROTOCOLS,
    SSLVERSION = CURLOPT_SSLVERSION,
    SSL_VERIFYHOST = CURLOPT_SSL_VERIFYHOST,
    SSL_VERIFYPEER = CURLOPT_SSL_VERIFYPEER,
    SUPPRESS_CONNECT_HEADERS = CURLOPT_SUPPRESS_CONNECT_HEADERS,
    TIMEOUT_MS = CURLOPT_TIMEOUT_MS,
}

options! { Text:
    CAINFO = CURLOPT_CAINFO,
    CAPATH = CURLOPT_CAPATH,
    CUSTOMREQUEST = CURLOPT_CUSTOMREQUEST,
    NOPROXY = CURLOPT_NOPROXY,
    PROTOCOLS_STR = CURLOPT_PROTOCOLS_STR,
    REDIR_PROTOCOLS_STR = CURLOPT_REDIR_PROTOCOLS_STR,
    URL = CURLOPT_URL,
    USERAGENT = CURLOPT_USERAGENT,
}

options! { Blob:
    CAINFO_BLOB = CURLOPT_CAINFO_BLOB,
}

impl Easy {
    /// Sets an option of the `long` kind.
    pub(crate) fn set_long(&mut self, option: Long, value: c_long) -> Result<()> {
        // SAFETY: the handle is ours, and `Long` names only options that take a `long`.
        let code = unsafe { ffi::ffence_easy_setopt_long(self.as_ptr(), option.0, value) };
        answered(option.1, code)
    }

    /// Sets an option of the text kind; `None` is NULL, which takes the option back.
    pub(crate) fn set_text(&mut self, option: Text, value: Option<&CStr>) -> Result<()> {
        let value = value.map_or(ptr::null(), CStr::as_ptr);
        // SAFETY: the handle is ours, `Text` names only options that take text, and it is copied.
        let code = unsafe { ffi::ffence_easy_setopt_string(self.as_ptr(), option.0, value) };
        answered(option.1, code)
    }

    /// Sets an option of the blob kind.
    pub(crate) fn set_blob(&mut self, option: Blob, value: &[u8]) -> Result<()> {
        let data = value.as_ptr().cast();
        // SAFETY: the handle is ours, `Blob` names only options that take a blob, and the shim asks
        // for a copy of exactly these bytes.
        let code =
            unsafe { ffi::ffence_easy_setopt_blob(self.as_ptr(), option.0, data, value.len()) };
        answered(option.1, code)
    }
}

/// Ends every call of a setter; the error names the option.
#[inline]
pub(super) fn answered(option: &'static str, code: ffi::CURLcode) -> Result<()> {
    if code == ffi::CURLE_OK {
        return Ok(());
    }
    Err(refused("curl_easy_setopt", code, format!("{option}: {}", text_of(code))))
}
