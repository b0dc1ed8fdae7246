//! One transfer after the other, each on the thread that asks for it.

#![allow(unsafe_code)]

use std::fmt;

use super::handler::{Handler, Write};
use super::info::Info;
use super::option::Setting;
use super::share::{LocalShare, Share};
use super::state::Receive;
use super::transfer::Transfer;
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::curl as ffi;

/// A libcurl handle with its connections, which live as long as it does, and the [`Handler`] that it
/// calls back.
///
/// `Send` where the handler is, and not `Sync`: one thread at a time. A process that was forked must
/// make its own: an inherited one answers [`ErrorKind::Forked`].
///
/// ```
/// use ffence::curl::{Easy, option};
/// # let file = tempfile::NamedTempFile::new().unwrap();
/// # std::fs::write(&file, "hello").unwrap();
/// # let url = format!("file://{}", file.path().display());
/// let mut easy = Easy::new()?;
/// easy.set(option::Url(&url))?;
/// let mut body = Vec::new();
/// let done = easy.perform_into(&mut body)?;
/// assert_eq!(done.size_download(), 5);
/// assert_eq!(body, b"hello");
/// # Ok::<(), ffence::Error>(())
/// ```
/// Two threads cannot use it at the same time, not even to look at it:
/// ```compile_fail,E0277
/// # fn f(easy: ffence::curl::Easy) {
/// std::thread::scope(|scope| {
///     scope.spawn(|| println!("{:?}", easy.info())); // `Easy` cannot be shared between threads safely
/// });
/// # }
/// ```
#[doc(alias = "CURL")]
pub struct Easy<H: Handler = (), S = Share> {
    transfer: Transfer<H, S>,
}

/// An [`Easy`] that belongs to a [`LocalShare`], which makes it; it stays on its thread.
///
/// ```compile_fail,E0277
/// # use ffence::curl::LocalShare;
/// let share = LocalShare::builder().cookies().build().unwrap();
/// let easy = share.easy(()).unwrap();
/// std::thread::spawn(move || drop(easy));
/// ```
pub type LocalEasy<H = ()> = Easy<H, LocalShare>;

impl Easy {
    /// A handle that calls nothing back.
    ///
    /// [`curl_easy_init`](https://curl.se/libcurl/c/curl_easy_init.html)
    ///
    /// # Errors
    /// [`ErrorKind::Init`] when libcurl could not be set up, [`ErrorKind::OutOfMemory`].
    #[doc(alias = "curl_easy_init")]
    pub fn new() -> Result<Self> {
        Self::with(())
    }
}

impl<H: Handler> Easy<H> {
    /// A handle that calls `handler` back.
    ///
    /// # Errors
    /// As for [`Easy::new`]; [`ErrorKind::Unsupported`] when the linked libcurl does not have one of
    /// the [`CALLBACKS`](Handler::CALLBACKS).
    pub fn with(handler: H) -> Result<Self> {
        Ok(Self { transfer: Transfer::new(handler)? })
    }

    /// Uses what `share` shares, and keeps it alive for as long as it does; `None` leaves the share.
    ///
    /// [`CURLOPT_SHARE`](https://curl.se/libcurl/c/CURLOPT_SHARE.html)
    ///
    /// # Errors
    /// [`ErrorKind::Forked`] when the handle or the share was inherited.
    #[doc(alias = "CURLOPT_SHARE")]
    pub fn share<'s>(&mut self, share: impl Into<Option<&'s Share>>) -> Result<&mut Self> {
        match share.into() {
            Some(share) => self.transfer.join(share.shared(), share.clone())?,
            None => self.transfer.leave()?,
        }
        Ok(self)
    }

    /// Closes the sockets of this handle's connections in libcurl's place; the last call counts.
    ///
    /// Connections that a [`Multi`](super::Multi) keeps are not the handle's: see
    /// [`Multi::on_close_socket`](super::Multi::on_close_socket).
    ///
    /// A panic in `close` is the error of the call that closed the socket; the socket is closed all
    /// the same.
    ///
    /// [`CURLOPT_CLOSESOCKETFUNCTION`](https://curl.se/libcurl/c/CURLOPT_CLOSESOCKETFUNCTION.html)
    ///
    /// # Errors
    /// [`ErrorKind::Forked`].
    #[cfg(unix)]
    #[doc(alias = "CURLOPT_CLOSESOCKETFUNCTION")]
    pub fn on_close_socket(
        &mut self,
        close: impl FnMut(std::os::fd::OwnedFd) + Send + 'static,
    ) -> Result<()> {
        self.transfer.on_close_socket(close)
    }
}

impl<H: Handler> LocalEasy<H> {
    pub(super) fn of(share: &LocalShare, handler: H) -> Result<Self> {
        let mut transfer = Transfer::new(handler)?;
        transfer.join(share.shared(), share.clone())?;
        Ok(Self { transfer })
    }
}

impl<H: Handler, S> Easy<H, S> {
    /// Sets an option, which stays set until it is changed or [`reset`](Easy::reset).
    ///
    /// [`curl_easy_setopt`](https://curl.se/libcurl/c/curl_easy_setopt.html)
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when the linked libcurl does not have the option;
    /// [`ErrorKind::InteriorNul`] or [`ErrorKind::Parameter`] for a value that it cannot have. Each
    /// names the option.
    #[doc(alias = "curl_easy_setopt")]
    #[inline]
    pub fn set(&mut self, setting: impl Setting) -> Result<&mut Self> {
        self.transfer.set(setting)?;
        Ok(self)
    }

    /// Takes a URL that will be used again, parsed once; `None` takes it back, and `Url` is to be set
    /// then.
    pub(crate) fn keep_url(&mut self, text: Option<&str>) -> Result<()> {
        self.transfer.keep_url(text)
    }

    /// Takes all options back. Connections, cookies and cached names and sessions are kept.
    ///
    /// [`curl_easy_reset`](https://curl.se/libcurl/c/curl_easy_reset.html)
    ///
    /// # Errors
    /// [`ErrorKind::Forked`].
    #[doc(alias = "curl_easy_reset")]
    pub fn reset(&mut self) -> Result<()> {
        self.transfer.reset()
    }

    /// Sets an option that has no type here, or that nobody here can vouch for.
    ///
    /// # Safety
    /// The option takes a value of this kind; what a pointer points to stays as it is for as long as
    /// libcurl uses it, which the option's manual page tells; and what this crate promises of the
    /// handle (its callbacks, its buffers, the sizes of what it points to) is left alone.
    ///
    /// # Errors
    /// As for [`set`](Easy::set).
    pub unsafe fn set_raw(&mut self, option: u32, value: Raw<'_>) -> Result<&mut Self> {
        // SAFETY: as the caller promises.
        unsafe { self.transfer.set_raw(option, value) }?;
        Ok(self)
    }

    /// Transfers, on this thread; the handler takes what comes.
    ///
    /// [`curl_easy_perform`](https://curl.se/libcurl/c/curl_easy_perform.html)
    ///
    /// # Errors
    /// What libcurl answers, with how far the transfer came in [`Error::transfer`];
    /// [`ErrorKind::Panicked`] when a callback panicked; [`ErrorKind::Forked`]. The handle can be
    /// used again after each of them but the last.
    ///
    /// What is told about a transfer does not outlive the next one:
    /// ```compile_fail,E0499
    /// # fn f(mut easy: ffence::curl::Easy) -> ffence::Result<()> {
    /// let done = easy.perform()?;
    /// let url = done.effective_url();
    /// easy.perform()?; // cannot borrow `easy` as mutable more than once at a time
    /// println!("{url:?}");
    /// # Ok(())
    /// # }
    /// ```
    /// nor can the handler be looked at meanwhile:
    /// ```compile_fail,E0502
    /// # fn f(mut easy: ffence::curl::Easy<()>) -> ffence::Result<()> {
    /// let handler = easy.handler();
    /// easy.perform()?; // cannot borrow `easy` as mutable because it is also borrowed as immutable
    /// println!("{handler:?}");
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "curl_easy_perform")]
    pub fn perform(&mut self) -> Result<Info<'_>> {
        self.transfer.perform(None)?;
        Ok(self.info())
    }

    /// Transfers, and appends the body to `body`.
    ///
    /// # Errors
    /// As for [`perform`](Easy::perform); [`ErrorKind::OutOfMemory`] when `body` could not grow. What
    /// was received until then is in `body`.
    pub fn perform_into(&mut self, body: &mut Vec<u8>) -> Result<Info<'_>> {
        let mut collect = Collect { body, full: false };
        let outcome = self.transfer.perform(Some(&mut collect));
        match outcome {
            Err(_) if collect.full => Err(Error::of(ErrorKind::OutOfMemory)),
            Err(error) => Err(error),
            Ok(()) => Ok(self.info()),
        }
    }

    /// Transfers, and hands the body piece by piece to `sink`, which may borrow what it likes.
    ///
    /// # Errors
    /// As for [`perform`](Easy::perform).
    pub fn perform_with(&mut self, sink: impl FnMut(&[u8]) -> Write) -> Result<Info<'_>> {
        self.transfer.perform(Some(&mut Sink(sink)))?;
        Ok(self.info())
    }

    /// What the handle knows about its last transfer.
    pub fn info(&self) -> Info<'_> {
        self.transfer.info()
    }

    /// The handler.
    pub fn handler(&self) -> &H {
        self.transfer.handler()
    }

    /// The handler.
    pub fn handler_mut(&mut self) -> &mut H {
        self.transfer.handler_mut()
    }

    /// Closes the handle with its connections, and gives the handler back.
    pub fn into_handler(self) -> H {
        self.transfer.into_handler()
    }

    /// Calls [`Handler::tls_context`], also of a handler that does not name it, until it is reset.
    #[cfg(feature = "crypto")]
    pub(crate) fn call_tls_context(&mut self) -> Result<()> {
        self.transfer.call_tls_context()
    }

    pub(super) fn transfer(&self) -> &Transfer<H, S> {
        &self.transfer
    }

    pub(super) fn transfer_mut(&mut self) -> &mut Transfer<H, S> {
        &mut self.transfer
    }

    /// The handle itself, for what this crate does not have.
    ///
    /// It stays owned here, and calls back what it was registered with.
    pub fn as_ptr(&self) -> *mut std::ffi::c_void {
        let curl: *mut ffi::CURL = self.transfer.as_ptr();
        curl.cast()
    }
}

/// What C passes for an option, for [`Easy::set_raw`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Raw<'a> {
    /// A `long`.
    Long(std::ffi::c_long),
    /// A `curl_off_t`.
    OffT(i64),
    /// Text, which libcurl copies; `None` is NULL.
    Text(Option<&'a std::ffi::CStr>),
    /// A pointer, which libcurl keeps.
    Pointer(*mut std::ffi::c_void),
}

struct Collect<'a> {
    body: &'a mut Vec<u8>,
    full: bool,
}

impl Receive for Collect<'_> {
    fn body(&mut self, bytes: &[u8]) -> Write {
        if self.body.try_reserve(bytes.len()).is_err() {
            self.full = true;
            return Write::Stop;
        }
        self.body.extend_from_slice(bytes);
        Write::Taken
    }
}

struct Sink<F>(F);

impl<F: FnMut(&[u8]) -> Write> Receive for Sink<F> {
    fn body(&mut self, bytes: &[u8]) -> Write {
        (self.0)(bytes)
    }
}

impl<H: Handler, S> fmt::Debug for Easy<H, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Easy").finish_non_exhaustive()
    }
}
