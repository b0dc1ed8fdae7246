//! Percent-codes (RFC 3986 section 2.1), by libcurl.

#![allow(unsafe_code)]

use std::ffi::c_int;
use std::ptr;

use crate::buf::{CBuf, copied};
use crate::cstr::CText;
use crate::ctypes::CurlMemory;
use crate::error::libcurl::out_of_memory;
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::curl as ffi;
use crate::init;

/// The longest input, in bytes: libcurl's own limit for text.
const LONGEST: usize = 8_000_000;

/// Percent-codes every byte but `A-Z a-z 0-9 - . _ ~`.
///
/// [`curl_easy_escape`](https://curl.se/libcurl/c/curl_easy_escape.html)
///
/// # Errors
/// [`Length`](ErrorKind::Length) beyond 8,000,000 bytes, libcurl's own limit for text.
///
/// ```
/// assert_eq!(ffence::curl::escape("a b/é\0")?, "a%20b%2F%C3%A9%00");
/// # Ok::<(), ffence::Error>(())
/// ```
#[doc(alias = "curl_easy_escape")]
pub fn escape(bytes: impl AsRef<[u8]>) -> Result<String> {
    let bytes = bytes.as_ref();
    if bytes.is_empty() {
        return Ok(String::new()); // for libcurl, 0 is "up to the NUL byte"
    }
    let len = length(bytes)?;
    init::libcurl::ready()?;
    // SAFETY: curl_easy_escape(3) reads `len` bytes; a handle served character sets that were never
    // ASCII, and every libcurl since 7.76 takes NULL for it.
    let text = unsafe { ffi::curl_easy_escape(ptr::null_mut(), bytes.as_ptr().cast(), len) };
    // SAFETY: curl_easy_escape(3): NULL, or text that the caller frees with curl_free.
    let text = unsafe { CText::<CurlMemory>::from_raw(text) };
    let text = text.ok_or_else(|| out_of_memory("curl_easy_escape"))?;
    // Nothing but ASCII comes out.
    String::from_utf8(copied(text.to_bytes())?).map_err(|_| Error::of(ErrorKind::Encoding))
}

/// Decodes percent-codes; what is none is left as it is, and `+` stays `+`.
///
/// [`curl_easy_unescape`](https://curl.se/libcurl/c/curl_easy_unescape.html)
///
/// # Errors
/// [`Length`](ErrorKind::Length) beyond 8,000,000 bytes.
///
/// ```
/// assert_eq!(ffence::curl::unescape("a%20b%00c+%zz")?, b"a b\0c+%zz");
/// # Ok::<(), ffence::Error>(())
/// ```
#[doc(alias = "curl_easy_unescape")]
pub fn unescape(text: impl AsRef<[u8]>) -> Result<Vec<u8>> {
    let text = text.as_ref();
    if text.is_empty() {
        return Ok(Vec::new()); // as above
    }
    let len = length(text)?;
    init::libcurl::ready()?;
    let mut decoded: c_int = 0;
    // SAFETY: curl_easy_unescape(3) reads `len` bytes and writes the length of what it answers; NULL
    // for the handle as above.
    let start = unsafe {
        ffi::curl_easy_unescape(ptr::null_mut(), text.as_ptr().cast(), len, &raw mut decoded)
    };
    let decoded = usize::try_from(decoded).unwrap_or_default();
    // SAFETY: curl_easy_unescape(3): NULL, or `decoded` bytes that the caller frees with curl_free.
    let bytes = unsafe { CBuf::<CurlMemory>::from_raw(start.cast(), decoded) };
    let bytes = bytes.ok_or_else(|| out_of_memory("curl_easy_unescape"))?;
    Ok(copied(&bytes)?)
}

fn length(bytes: &[u8]) -> Result<c_int> {
    c_int::try_from(bytes.len()).ok().filter(|_| bytes.len() <= LONGEST).ok_or_else(|| {
        let text = format!("libcurl takes up to {LONGEST} bytes of text, not {}", bytes.len());
        Error::ours(ErrorKind::Length, text)
    })
}
