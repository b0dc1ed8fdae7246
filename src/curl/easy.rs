//! One libcurl handle, and all that it points to.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_long, c_void};
use std::fmt;
use std::ptr;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::callbacks::{Attached, Calls, Handler, Lent, on_body, on_header, on_read};
use super::kept::Kept;
use super::list::List;
use super::option::{self, answered};
use crate::cstr::lend;
use crate::error::libcurl::{out_of_memory, transfer};
use crate::error::{Error, ErrorKind, Library, Result};
use crate::ffi::curl as ffi;
use crate::init;
use crate::owned::Owned;

/// A handle with its connections, which live as long as it does.
///
/// `Send`, not `Sync`: libcurl-thread(3), "you must never share the same handle in multiple
/// threads", but it may be used by one thread after the other.
///
/// # Invariants
/// Whatever the handle points to is owned here, at an address that does not change, and outlives
/// it. Outside of [`perform`](Easy::perform) it points to nothing of a caller's.
pub(crate) struct Easy {
    // Fields are dropped in this order: curl_easy_cleanup may write to the error buffer, and closes
    // the connections.
    handle: Owned<ffi::CURL>,
    error: Kept<[c_char; ffi::CURL_ERROR_SIZE]>,
    calls: Kept<Calls>,
    headers: List,
    body: Option<Bytes>,
    /// The URL that the handle holds, with its NUL.
    url: Vec<u8>,
    timeout: c_long,
    follow: bool,
    plain: bool,
    /// When the response to the last transfer began, counted from its start.
    first_byte: Option<Duration>,
}

/// How a request is made. The name of a method is sent as it is; what libcurl must know is whether
/// a response to it has a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb<'a> {
    /// `GET` without a body, `POST` with one.
    Plain,
    Head,
    Other(&'a CStr),
}

/// What one transfer sends.
pub(crate) struct Request<'a> {
    pub(crate) url: &'a str,
    pub(crate) verb: Verb<'a>,
    pub(crate) headers: List,
    pub(crate) body: Option<Bytes>,
    /// Milliseconds for the whole transfer; 0 for no limit.
    pub(crate) timeout: c_long,
    /// Follow redirects, up to the number set with [`option::MAXREDIRS`].
    pub(crate) follow: bool,
}

impl Easy {
    /// A handle that never raises signals and never reads standard input.
    ///
    /// [`curl_easy_init`](https://curl.se/libcurl/c/curl_easy_init.html)
    pub(crate) fn new() -> Result<Self> {
        init::libcurl::ready()?;
        // SAFETY: libcurl is set up.
        let handle = unsafe { ffi::curl_easy_init() };
        // SAFETY: curl_easy_init(3): NULL, or a handle that is the caller's.
        let handle = unsafe { Owned::from_raw(handle) };
        let mut easy = Self {
            handle: handle.ok_or_else(|| out_of_memory("curl_easy_init"))?,
            error: Kept::new([0; ffi::CURL_ERROR_SIZE]),
            calls: Kept::new(Calls::new()),
            headers: List::default(),
            body: None,
            url: Vec::new(),
            timeout: 0,
            follow: false,
            plain: true,
            first_byte: None,
        };
        easy.set_long(option::NOSIGNAL, 1)?;
        easy.set_long(option::NOPROGRESS, 1)?;
        easy.register()?;
        Ok(easy)
    }

    /// Tells libcurl where this handle's error buffer and callbacks are.
    fn register(&mut self) -> Result<()> {
        let handle = self.handle.as_ptr();
        let error = self.error.as_ptr().cast();
        // SAFETY: CURLOPT_ERRORBUFFER(3): CURL_ERROR_SIZE bytes that outlive the handle.
        let code =
            unsafe { ffi::ffence_easy_setopt_pointer(handle, ffi::CURLOPT_ERRORBUFFER, error) };
        answered("CURLOPT_ERRORBUFFER", code)?;

        let calls = self.calls.as_ptr().cast();
        for data in [ffi::CURLOPT_WRITEDATA, ffi::CURLOPT_HEADERDATA] {
            // SAFETY: the pointer is for the callbacks below, which take it for `Calls`.
            let code = unsafe { ffi::ffence_easy_setopt_pointer(handle, data, calls) };
            answered("CURLOPT_WRITEDATA", code)?;
        }
        // SAFETY: `on_body` is the callback that CURLOPT_WRITEFUNCTION(3) describes.
        let code =
            unsafe { ffi::ffence_easy_setopt_write(handle, ffi::CURLOPT_WRITEFUNCTION, on_body) };
        answered("CURLOPT_WRITEFUNCTION", code)?;
        // SAFETY: `on_header` is the callback that CURLOPT_HEADERFUNCTION(3) describes.
        let code = unsafe {
            ffi::ffence_easy_setopt_write(handle, ffi::CURLOPT_HEADERFUNCTION, on_header)
        };
        answered("CURLOPT_HEADERFUNCTION", code)?;
        // SAFETY: `on_read` is the callback that CURLOPT_READFUNCTION(3) describes.
        let code =
            unsafe { ffi::ffence_easy_setopt_read(handle, ffi::CURLOPT_READFUNCTION, on_read) };
        answered("CURLOPT_READFUNCTION", code)
    }

    /// Sends `request` on this thread and hands to `handler` what comes back.
    ///
    /// Afterwards the handle holds nothing of the request but its URL. If an option was refused on
    /// the way, [`is_plain`](Easy::is_plain) says that the handle cannot be used again.
    ///
    /// # Errors
    /// What libcurl answers, with how far the transfer came;
    /// [`ErrorKind::Panicked`](crate::ErrorKind::Panicked) when `handler` panicked.
    pub(crate) fn send(&mut self, request: Request<'_>, handler: &mut dyn Handler) -> Result<()> {
        if !self.plain {
            return Err(Error::of(ErrorKind::Poisoned));
        }
        self.plain = false;
        let verb = request.verb;
        self.apply(request)?;
        let outcome = self.perform(handler);
        self.plain = self.withdraw(verb).is_ok();
        outcome
    }

    /// The handle holds no request's method, headers or body.
    pub(crate) fn is_plain(&self) -> bool {
        self.plain
    }

    /// Sets exactly what `request` has; the handle was plain before.
    fn apply(&mut self, request: Request<'_>) -> Result<()> {
        self.set_url(request.url)?;
        if self.timeout != request.timeout {
            self.set_long(option::TIMEOUT_MS, request.timeout)?;
            self.timeout = request.timeout;
        }
        if self.follow != request.follow {
            self.set_long(option::FOLLOWLOCATION, c_long::from(request.follow))?;
            self.follow = request.follow;
        }
        if let Some(body) = request.body {
            self.set_body(Some(body))?;
        }
        match request.verb {
            Verb::Plain => {}
            Verb::Head => self.set_long(option::NOBODY, 1)?,
            Verb::Other(name) => self.set_text(option::CUSTOMREQUEST, Some(name))?,
        }
        if !request.headers.is_empty() {
            self.set_headers(request.headers)?;
        }
        Ok(())
    }

    /// Takes back what `apply` set.
    fn withdraw(&mut self, verb: Verb<'_>) -> Result<()> {
        if let Verb::Other(_) = verb {
            self.set_text(option::CUSTOMREQUEST, None)?;
        }
        let has_body = self.body.is_some();
        if has_body {
            self.set_body(None)?;
        }
        if has_body || verb == Verb::Head {
            // CURLOPT_HTTPGET(3): this also takes CURLOPT_NOBODY and CURLOPT_POST back.
            self.set_long(option::HTTPGET, 1)?;
        }
        if !self.headers.is_empty() {
            self.set_headers(List::default())?;
        }
        Ok(())
    }

    /// libcurl copies the text; the one that it has already is not set again.
    fn set_url(&mut self, url: &str) -> Result<()> {
        if let Some((_nul, old)) = self.url.split_last() {
            if old == url.as_bytes() {
                return Ok(());
            }
        }
        let mut text = std::mem::take(&mut self.url);
        text.clear();
        text.extend_from_slice(url.as_bytes());
        let text = lend(text, "the URL")?;
        self.set_text(option::URL, Some(&text))?;
        self.url = text.into_bytes_with_nul();
        Ok(())
    }

    /// Makes libcurl send `body`, and keeps it for as long as libcurl points to it.
    fn set_body(&mut self, body: Option<Bytes>) -> Result<()> {
        // A body of no bytes may lie anywhere; libcurl takes NULL for "ask the read callback".
        let (data, len) = match &body {
            None => (ptr::null_mut(), -1),
            Some(body) if body.is_empty() => (c"".as_ptr().cast_mut().cast::<c_void>(), 0),
            Some(body) => (
                body.as_ptr().cast_mut().cast(),
                ffi::curl_off_t::try_from(body.len()).unwrap_or(ffi::curl_off_t::MAX),
            ),
        };
        let handle = self.handle.as_ptr();
        // SAFETY: CURLOPT_POSTFIELDSIZE_LARGE(3) takes a curl_off_t. Should one of these two calls be
        // refused, size and pointer may not belong together: no transfer is started any more.
        let code =
            unsafe { ffi::ffence_easy_setopt_off(handle, ffi::CURLOPT_POSTFIELDSIZE_LARGE, len) };
        answered("CURLOPT_POSTFIELDSIZE_LARGE", code)?;
        // SAFETY: CURLOPT_POSTFIELDS(3): libcurl only reads the bytes and does not copy them; they
        // stay where they are while `self.body` holds them, until another pointer is set.
        let code =
            unsafe { ffi::ffence_easy_setopt_pointer(handle, ffi::CURLOPT_POSTFIELDS, data) };
        answered("CURLOPT_POSTFIELDS", code)?;
        self.body = body;
        Ok(())
    }

    /// Sets the header list, and keeps it for as long as libcurl points to it.
    fn set_headers(&mut self, headers: List) -> Result<()> {
        // SAFETY: CURLOPT_HTTPHEADER(3): libcurl keeps the pointer. The old list is dropped after the
        // new one took its place, and not at all if this call fails.
        let code = unsafe {
            ffi::ffence_easy_setopt_slist(
                self.handle.as_ptr(),
                ffi::CURLOPT_HTTPHEADER,
                headers.as_ptr(),
            )
        };
        answered("CURLOPT_HTTPHEADER", code)?;
        self.headers = headers;
        Ok(())
    }

    /// [`curl_easy_perform`](https://curl.se/libcurl/c/curl_easy_perform.html)
    fn perform(&mut self, handler: &mut dyn Handler) -> Result<()> {
        // SAFETY: ours, and libcurl writes only while it is called.
        unsafe { *self.error.as_ptr().cast::<c_char>() = 0 };
        let start = Instant::now();
        let mut lent = Lent(handler);
        let attached = Attached::new(&mut self.calls, &mut lent);
        // SAFETY: the handle is ours and all that it points to is alive; `&mut self` keeps every
        // other use of it, here and in the callbacks, away.
        let code = unsafe { ffi::curl_easy_perform(self.handle.as_ptr()) };
        let (mut slot, answered) = attached.finish();
        self.first_byte = answered.map(|then| then.duration_since(start));
        if let Some(panic) = slot.take() {
            return Err(Error::panicked(Library::Libcurl, "curl_easy_perform", panic));
        }
        if code == ffi::CURLE_OK {
            return Ok(());
        }
        let mut progress = self.progress();
        if code == ffi::CURLE_COULDNT_CONNECT {
            progress.os_errno = self.os_errno();
        }
        Err(transfer(code, self.error_text(), progress))
    }

    /// What libcurl wrote about the last failure.
    fn error_text(&self) -> String {
        // SAFETY: ours, and no call of libcurl is running.
        let text = unsafe { &*self.error.as_ptr().cast::<[u8; ffi::CURL_ERROR_SIZE]>() };
        let text = CStr::from_bytes_until_nul(text).unwrap_or_default();
        text.to_string_lossy().trim_end().to_owned()
    }

    /// When the response to the last transfer began. Not libcurl's own `STARTTRANSFER_TIME`: for a
    /// request with a body that is the time when sending it began (7.88), and always so on HTTP/2.
    pub(super) fn first_byte(&self) -> Option<Duration> {
        self.first_byte
    }

    pub(super) fn as_ptr(&self) -> *mut ffi::CURL {
        self.handle.as_ptr()
    }
}

impl fmt::Debug for Easy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Easy").field("plain", &self.plain).finish_non_exhaustive()
    }
}
