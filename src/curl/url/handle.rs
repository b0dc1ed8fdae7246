//! libcurl's parsed URL, owned.

#![allow(unsafe_code)]

use std::ffi::CStr;
use std::ptr;

use super::locale::in_utf8;
use super::{UrlFlags, UrlPart};
use crate::buf;
use crate::cstr::{CText, copied, lend};
use crate::ctypes::CurlMemory;
use crate::curl::newer;
use crate::error::libcurl::{out_of_memory, url_refused};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::curl as ffi;
use crate::init;
use crate::owned::Owned;

/// A parsed URL, whole or not.
#[derive(Debug)]
pub(in crate::curl) struct Handle(Owned<ffi::CURLU>);

type Text = CText<CurlMemory>;

/// What makes libcurl convert the host's name.
const CONVERTS: u32 = ffi::CURLU_PUNYCODE | ffi::CURLU_PUNY2IDN;

impl Handle {
    /// [`curl_url`](https://curl.se/libcurl/c/curl_url.html)
    pub(in crate::curl) fn new() -> Result<Self> {
        // The memory functions are chosen by then, and stay.
        init::libcurl::ready()?;
        // SAFETY: takes nothing.
        let handle = unsafe { ffi::curl_url() };
        // SAFETY: curl_url(3): NULL, or a handle that is the caller's.
        let handle = unsafe { Owned::from_raw(handle) };
        Ok(Self(handle.ok_or_else(|| out_of_memory("curl_url"))?))
    }

    pub(in crate::curl) fn as_ptr(&self) -> *mut ffi::CURLU {
        self.0.as_ptr()
    }

    /// [`curl_url_dup`](https://curl.se/libcurl/c/curl_url_dup.html)
    pub(super) fn copy(&self) -> Result<Self> {
        // SAFETY: the handle is ours, and only read.
        let copy = unsafe { ffi::curl_url_dup(self.0.as_ptr()) };
        // SAFETY: curl_url_dup(3): NULL, or a handle that is the caller's.
        let copy = unsafe { Owned::from_raw(copy) };
        let mut copy = Self(copy.ok_or_else(|| out_of_memory("curl_url_dup"))?);
        // Old versions forget the zone.
        if let Some(zone) = self.get(UrlPart::ZoneId, UrlFlags::NONE)? {
            copy.set(UrlPart::ZoneId, Some(&zone), UrlFlags::NONE)?;
        }
        Ok(copy)
    }

    /// [`curl_url_set`](https://curl.se/libcurl/c/curl_url_set.html)
    pub(in crate::curl) fn set(
        &mut self,
        part: UrlPart,
        value: Option<&str>,
        flags: UrlFlags,
    ) -> Result<()> {
        let flags = flags.bits()?;
        let value = match value {
            Some(value) => Some(lend(copied(value.as_bytes())?, part.name())?),
            None => None,
        };
        let value = value.as_deref().map_or(ptr::null(), CStr::as_ptr);
        // SAFETY: the handle is ours, and the text is copied.
        let code = unsafe { ffi::curl_url_set(self.0.as_ptr(), part.number(), value, flags) };
        if code == ffi::CURLUE_OK { Ok(()) } else { Err(refused("curl_url_set", part, code)) }
    }

    /// [`curl_url_get`](https://curl.se/libcurl/c/curl_url_get.html)
    fn read(&self, part: UrlPart, flags: u32) -> Result<Text, ffi::CURLUcode> {
        let mut text = ptr::null_mut();
        let mut call = || {
            // SAFETY: the handle is ours and only read; `text` takes the answer.
            unsafe { ffi::curl_url_get(self.0.as_ptr(), part.number(), &raw mut text, flags) }
        };
        let code = if flags & CONVERTS == 0 {
            call()
        } else {
            match in_utf8(call) {
                // Of old versions it may mean as well that there is no such name.
                ffi::CURLUE_OUT_OF_MEMORY => ffi::CURLUE_BAD_HOSTNAME,
                code => code,
            }
        };
        // SAFETY: curl_url_get(3): NULL, or text that the caller frees with curl_free.
        let text = unsafe { Text::from_raw(text) };
        match text {
            Some(text) if code == ffi::CURLUE_OK => Ok(text),
            None if code == ffi::CURLUE_OK => Err(ffi::CURLUE_OUT_OF_MEMORY),
            _ => Err(code),
        }
    }

    /// The part's bytes; `None` when the URL lacks it.
    pub(super) fn bytes(&self, part: UrlPart, flags: UrlFlags) -> Result<Option<Vec<u8>>> {
        match self.read(part, flags.bits()?) {
            Ok(text) => Ok(Some(buf::copied(text.to_bytes())?)),
            Err(ffi::CURLUE_NO_SCHEME..=ffi::CURLUE_NO_ZONEID) => Ok(None),
            Err(code) => Err(refused("curl_url_get", part, code)),
        }
    }

    /// The part as text; `None` when the URL lacks it.
    pub(super) fn get(&self, part: UrlPart, flags: UrlFlags) -> Result<Option<String>> {
        let Some(bytes) = self.bytes(part, flags)? else { return Ok(None) };
        utf8(part, bytes).map(Some)
    }

    /// The part as text; an error says why there is none.
    pub(in crate::curl) fn text(&self, part: UrlPart, flags: UrlFlags) -> Result<String> {
        let text = self.read(part, flags.bits()?);
        let text = text.map_err(|code| refused("curl_url_get", part, code))?;
        utf8(part, buf::copied(text.to_bytes())?)
    }
}

fn utf8(part: UrlPart, bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes)
        .map_err(|_| Error::ours(ErrorKind::Encoding, format!("{} is not UTF-8", part.name())))
}

#[cold]
fn refused(function: &'static str, part: UrlPart, code: ffi::CURLUcode) -> Error {
    let reason = newer::url_text().ok().and_then(|url_strerror| {
        // SAFETY: curl_url_strerror(3) answers a static string for every number.
        let text = unsafe { url_strerror(code) };
        if text.is_null() {
            return None;
        }
        // SAFETY: not NULL, and static.
        Some(unsafe { CStr::from_ptr(text) }.to_string_lossy())
    });
    let name = part.name();
    url_refused(
        function,
        code,
        reason.map_or(name.to_owned(), |reason| format!("{name}: {reason}")),
    )
}
