//! A libcurl handle with all that does not depend on whom it calls back.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_long, c_void};
use std::mem::ManuallyDrop;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bytes::Bytes;
use zeroize::Zeroize;

use super::info::Info;
use super::kept::Kept;
use super::list::List;
use super::mime::Built;
use super::newer;
use super::share::Shared;
use super::url::{self, UrlFlags, UrlPart};
use crate::cstr::InteriorNul;
use crate::error::libcurl::{option_refused, out_of_memory};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::curl as ffi;
use crate::fork;
use crate::init;
use crate::owned::Owned;

/// A handle, and what it points to that is not a callback's.
///
/// # Invariants
/// Whatever the handle points to is owned here, at an address that does not change, until libcurl was
/// told of something else or the handle is gone.
#[derive(Debug)]
pub struct Handle {
    // Fields are dropped in this order: the handle goes before what it points to, because
    // curl_easy_cleanup may still write to the error buffer and look at the rest.
    curl: Connected,
    error: Kept<[c_char; ffi::CURL_ERROR_SIZE]>,
    lists: Vec<(ffi::CURLoption, List)>,
    body: Option<Bytes>,
    mime: Option<Built>,
    url: Option<url::Handle>,
    /// A source of `mime` had nothing to send, and sending stands still.
    source_waits: Arc<AtomicBool>,
    /// Text on its way to libcurl, which copies it.
    scratch: Vec<u8>,
    /// libcurl keeps names of files to read cookies from.
    cookie_files: bool,
}

/// What must not be closed by a process that was forked: `curl_easy_cleanup` would say good-bye on
/// the parent's connections.
struct Connected {
    curl: ManuallyDrop<Owned<ffi::CURL>>,
    born: u64,
}

impl Drop for Connected {
    fn drop(&mut self) {
        if self.born == fork::epoch() {
            // SAFETY: nothing uses the field after this.
            unsafe { ManuallyDrop::drop(&mut self.curl) };
        }
    }
}

impl std::fmt::Debug for Connected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CURL")
    }
}

impl Handle {
    /// [`curl_easy_init`](https://curl.se/libcurl/c/curl_easy_init.html)
    pub(super) fn new() -> Result<Self> {
        init::libcurl::ready()?;
        // SAFETY: libcurl is set up.
        let curl = unsafe { ffi::curl_easy_init() };
        // SAFETY: curl_easy_init(3): NULL, or a handle that is the caller's.
        let curl = unsafe { Owned::from_raw(curl) };
        let curl = curl.ok_or_else(|| out_of_memory("curl_easy_init"))?;
        let mut handle = Self {
            curl: Connected { curl: ManuallyDrop::new(curl), born: fork::epoch() },
            error: Kept::new([0; ffi::CURL_ERROR_SIZE]),
            lists: Vec::new(),
            body: None,
            mime: None,
            url: None,
            source_waits: Arc::default(),
            scratch: Vec::new(),
            cookie_files: false,
        };
        handle.register()?;
        Ok(handle)
    }

    /// What holds for every handle: it raises no signals, waits for no name longer than it may, shows no progress meter, and writes about
    /// its errors to a buffer of its own.
    fn register(&mut self) -> Result<()> {
        self.set_long(ffi::CURLOPT_NOSIGNAL, "CURLOPT_NOSIGNAL", 1)?;
        if newer::can_let_go() {
            // CURLOPT_QUICK_EXIT(3): a time limit, or giving a transfer up, does not wait for the
            // thread that resolves a name; that thread ends by itself.
            self.set_long(ffi::CURLOPT_QUICK_EXIT, "CURLOPT_QUICK_EXIT", 1)?;
        }
        let error = self.error.as_ptr().cast();
        // SAFETY: CURLOPT_ERRORBUFFER(3): CURL_ERROR_SIZE bytes that outlive the handle.
        unsafe { self.set_pointer(ffi::CURLOPT_ERRORBUFFER, "CURLOPT_ERRORBUFFER", error) }
    }

    /// Takes every option back, and drops what the handle pointed to for them.
    ///
    /// [`curl_easy_reset`](https://curl.se/libcurl/c/curl_easy_reset.html)
    pub(super) fn reset(&mut self) -> Result<()> {
        self.here()?;
        // curl_easy_reset(3) forgets the options, but not a CURLOPT_RESOLVE that waits for the next
        // transfer: that one has a pointer of its own, which only the option's NULL takes back.
        for (option, _) in &self.lists {
            // SAFETY: these were set before as lists, and NULL is one.
            unsafe { ffi::ffence_easy_setopt_slist(self.as_ptr(), *option, ptr::null_mut()) };
        }
        if self.cookie_files && !newer::reset_frees_cookie_files() {
            self.withdraw_cookie_files()?;
        }
        // SAFETY: the handle is ours, and no transfer is running.
        unsafe { ffi::curl_easy_reset(self.as_ptr()) };
        self.lists.clear();
        self.body = None;
        self.mime = None;
        self.url = None;
        self.register()
    }

    /// NULL for `CURLOPT_COOKIEFILE` clears the names of the files, and also drops the cookies, which a
    /// reset keeps: they are put back.
    fn withdraw_cookie_files(&mut self) -> Result<()> {
        let cookies = Info::new(self, None).cookies()?;
        self.set_text(ffi::CURLOPT_COOKIEFILE, "CURLOPT_COOKIEFILE", None)?;
        for line in &cookies {
            self.set_text(ffi::CURLOPT_COOKIELIST, "CURLOPT_COOKIELIST", Some(line.to_bytes()))?;
        }
        Ok(())
    }

    /// Takes part in a share, or in none. The caller keeps the share until the handle is gone or
    /// takes part in another one.
    pub(super) fn share(&mut self, share: Option<&Arc<Shared>>) -> Result<()> {
        self.here()?;
        let share = match share {
            None => ptr::null_mut(),
            Some(share) => {
                share.here()?;
                share.as_ptr().cast()
            }
        };
        // SAFETY: CURLOPT_SHARE(3): a share, or NULL for none; the callers keep it.
        unsafe { self.set_pointer(ffi::CURLOPT_SHARE, "CURLOPT_SHARE", share) }
    }

    /// The handle belongs to this process, and not to one that this one was forked from.
    #[inline]
    pub(super) fn here(&self) -> Result<()> {
        if self.curl.born == fork::epoch() {
            return Ok(());
        }
        Err(Error::of(ErrorKind::Forked))
    }

    pub(super) fn as_ptr(&self) -> *mut ffi::CURL {
        self.curl.curl.as_ptr()
    }

    /// Makes libcurl keep a pointer.
    ///
    /// # Safety
    /// `option` takes a pointer of this type, and what it points to stays until libcurl was told of
    /// another one, or the handle is gone.
    pub(super) unsafe fn set_pointer(
        &mut self,
        option: ffi::CURLoption,
        name: &'static str,
        value: *mut c_void,
    ) -> Result<()> {
        // SAFETY: as the caller promises.
        let code = unsafe { ffi::ffence_easy_setopt_pointer(self.as_ptr(), option, value) };
        answered(name, code)
    }

    /// Makes libcurl send `body`, and keeps it for as long as libcurl points to it.
    pub(super) fn set_body(&mut self, body: Option<Bytes>) -> Result<()> {
        // A body of no bytes may lie anywhere; libcurl takes NULL for "ask the read callback".
        let (data, len) = match &body {
            None => (ptr::null_mut(), -1),
            Some(body) if body.is_empty() => (c"".as_ptr().cast_mut().cast::<c_void>(), 0),
            Some(body) => (
                body.as_ptr().cast_mut().cast(),
                ffi::curl_off_t::try_from(body.len()).unwrap_or(ffi::curl_off_t::MAX),
            ),
        };
        let curl = self.as_ptr();
        if self.body.is_some() {
            let none = ptr::null_mut();
            // SAFETY: CURLOPT_POSTFIELDS(3): NULL takes the old pointer back. With none in place, no
            // size goes with a wrong one, whichever of these calls is refused.
            unsafe { self.set_pointer(ffi::CURLOPT_POSTFIELDS, "CURLOPT_POSTFIELDS", none) }?;
            self.body = None;
        }
        // SAFETY: CURLOPT_POSTFIELDSIZE_LARGE(3) takes a curl_off_t.
        let code =
            unsafe { ffi::ffence_easy_setopt_off(curl, ffi::CURLOPT_POSTFIELDSIZE_LARGE, len) };
        answered("CURLOPT_POSTFIELDSIZE_LARGE", code)?;
        if !data.is_null() {
            // SAFETY: CURLOPT_POSTFIELDS(3): libcurl only reads the bytes and does not copy them;
            // they stay where they are while `self.body` holds them.
            unsafe { self.set_pointer(ffi::CURLOPT_POSTFIELDS, "CURLOPT_POSTFIELDS", data) }?;
        }
        self.body = body;
        Ok(())
    }

    /// Makes libcurl send `mime`, and keeps it for as long as libcurl points to it.
    pub(super) fn set_mime(&mut self, mime: Option<Built>) -> Result<()> {
        let parts = mime.as_ref().map_or(ptr::null_mut(), Built::as_ptr);
        // SAFETY: CURLOPT_MIMEPOST(3): libcurl keeps the pointer and does not own what is there. The
        // old parts are dropped after the new ones took their place, and not at all if this fails.
        unsafe { self.set_pointer(ffi::CURLOPT_MIMEPOST, "CURLOPT_MIMEPOST", parts.cast()) }?;
        let withdrawn = mime.is_none() && self.mime.is_some();
        self.mime = mime;
        if withdrawn {
            self.set_long(ffi::CURLOPT_HTTPGET, "CURLOPT_HTTPGET", 1)?;
        }
        Ok(())
    }

    /// Makes libcurl take a URL that is parsed already, and keeps it for as long as libcurl points to
    /// it: where one is used again and again, that spares parsing and writing it for each transfer.
    /// `None` gives way to `CURLOPT_URL` again.
    pub(super) fn keep_url(&mut self, text: Option<&str>) -> Result<()> {
        let url = match text {
            None => None,
            Some(text) => {
                let mut url = url::Handle::new()?;
                // The flags with which libcurl parses CURLOPT_URL.
                let flags = UrlFlags::GUESS_SCHEME | UrlFlags::NON_SUPPORT_SCHEME;
                url.set(UrlPart::Url, Some(text), flags)?;
                // What CURLINFO_EFFECTIVE_URL tells: as libcurl would have written it.
                let text = url.text(UrlPart::Url, UrlFlags::NONE)?;
                self.set_text(ffi::CURLOPT_URL, "CURLOPT_URL", Some(text.as_bytes()))?;
                Some(url)
            }
        };
        let pointer = url.as_ref().map_or(ptr::null_mut(), |url| url.as_ptr().cast());
        // SAFETY: CURLOPT_CURLU(3): libcurl only reads what is there. The old one is dropped after the
        // new one took its place, and not at all if this fails.
        unsafe { self.set_pointer(ffi::CURLOPT_CURLU, "CURLOPT_CURLU", pointer) }?;
        self.url = url;
        Ok(())
    }

    /// Raised by the sources of the parts.
    pub(super) fn source_waits(&self) -> &Arc<AtomicBool> {
        &self.source_waits
    }

    /// The parts that libcurl sends.
    pub(super) fn mime_mut(&mut self) -> Option<&mut Built> {
        self.mime.as_mut()
    }

    /// Sets an option of the list kind, and keeps the list for as long as libcurl points to it.
    pub(super) fn set_list(
        &mut self,
        option: ffi::CURLoption,
        name: &'static str,
        list: List,
    ) -> Result<()> {
        // SAFETY: the callers name options of the list kind, for which libcurl keeps the pointer. The
        // old list is dropped after the new one took its place, and not at all if this call fails.
        let code = unsafe { ffi::ffence_easy_setopt_slist(self.as_ptr(), option, list.as_ptr()) };
        answered(name, code)?;
        match self.lists.iter_mut().find(|(of, _)| *of == option) {
            Some((_, old)) => *old = list,
            None => self.lists.push((option, list)),
        }
        Ok(())
    }

    /// Sets an option of the long kind.
    pub(super) fn set_long(
        &mut self,
        option: ffi::CURLoption,
        name: &'static str,
        value: c_long,
    ) -> Result<()> {
        // SAFETY: the callers name options of the long kind.
        let code = unsafe { ffi::ffence_easy_setopt_long(self.as_ptr(), option, value) };
        answered(name, code)
    }

    /// Sets an option of the `curl_off_t` kind.
    pub(super) fn set_off(
        &mut self,
        option: ffi::CURLoption,
        name: &'static str,
        value: ffi::curl_off_t,
    ) -> Result<()> {
        // SAFETY: the callers name options of the off_t kind.
        let code = unsafe { ffi::ffence_easy_setopt_off(self.as_ptr(), option, value) };
        answered(name, code)
    }

    /// Sets an option of the blob kind; libcurl copies the bytes.
    pub(super) fn set_blob(
        &mut self,
        option: ffi::CURLoption,
        name: &'static str,
        value: &[u8],
    ) -> Result<()> {
        let data = value.as_ptr().cast();
        // SAFETY: the callers name options of the blob kind, and the shim asks for a copy of exactly
        // these bytes.
        let code =
            unsafe { ffi::ffence_easy_setopt_blob(self.as_ptr(), option, data, value.len()) };
        answered(name, code)
    }

    /// Sets an option of the text kind; libcurl copies the text, and takes `None` for "no longer".
    pub(super) fn set_text(
        &mut self,
        option: ffi::CURLoption,
        name: &'static str,
        text: Option<&[u8]>,
    ) -> Result<()> {
        let curl = self.as_ptr();
        let pointer = match text {
            None => ptr::null(),
            Some(text) => terminated(&mut self.scratch, text, name)?.as_ptr(),
        };
        // SAFETY: the callers name options of the text kind, whose text libcurl copies.
        let code = unsafe { ffi::ffence_easy_setopt_string(curl, option, pointer) };
        answered(name, code)?;
        if option == ffi::CURLOPT_COOKIEFILE {
            self.cookie_files = text.is_some();
        }
        Ok(())
    }

    /// Leaves nothing of the last text in memory.
    pub(super) fn wipe_scratch(&mut self) {
        self.scratch.zeroize();
    }

    /// Makes room for what libcurl will write about the next failure.
    pub(super) fn clear_error(&mut self) {
        // SAFETY: ours, and libcurl writes only while it is called.
        unsafe { *self.error.as_ptr().cast::<c_char>() = 0 };
    }

    /// What libcurl wrote about the last failure.
    pub(super) fn error_text(&self) -> String {
        // SAFETY: ours, and no call of libcurl is running.
        let text = unsafe { &*self.error.as_ptr().cast::<[u8; ffi::CURL_ERROR_SIZE]>() };
        let text = CStr::from_bytes_until_nul(text).unwrap_or_default();
        text.to_string_lossy().trim_end().to_owned()
    }
}

/// `text` with a NUL behind it, in memory that is used again and again.
fn terminated<'a>(scratch: &'a mut Vec<u8>, text: &[u8], name: &'static str) -> Result<&'a CStr> {
    scratch.clear();
    scratch.try_reserve(text.len() + 1)?;
    scratch.extend_from_slice(text);
    scratch.push(0);
    CStr::from_bytes_with_nul(scratch).map_err(|_| {
        let position = text.iter().position(|byte| *byte == 0).unwrap_or_default();
        InteriorNul::at(name, position).into()
    })
}

/// Ends every call of a setter; the error names the option.
#[inline]
pub(super) fn answered(option: &'static str, code: ffi::CURLcode) -> Result<()> {
    if code == ffi::CURLE_OK {
        return Ok(());
    }
    Err(option_refused(option, code))
}
