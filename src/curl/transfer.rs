//! A handle together with whom it calls back: what [`Easy`](super::Easy) and a multi have in common.

#![allow(unsafe_code)]

use std::ffi::CStr;
use std::sync::Arc;

use super::callbacks;
#[cfg(unix)]
use super::closer::Closer;
use super::easy::Raw;
use super::handle::Handle;
use super::handler::{Handler, Pauses};
use super::info::Info;
use super::kept::Kept;
use super::mime::Built;
use super::option::{self, Setting};
use super::share::Shared;
use super::state::{Calls, Lending, Lent, Receive, State};
use crate::error::libcurl::{check, refused, source, transfer};
use crate::error::{Error, Library, Result};
use crate::ffi::curl as ffi;

/// A handle with its handler, and the share that it takes part in.
///
/// `Send` where the handler (and the share's owner) is; never `Sync`: libcurl-thread(3), "you must
/// never share the same handle in multiple threads", but one thread may use it after the other.
///
/// A multi keeps its handles as these. Per transfer it calls [`begin`](Transfer::begin), adds
/// [`as_ptr`](Transfer::as_ptr), drives, removes it again, and calls [`finish`](Transfer::finish)
/// with the code that libcurl gave the transfer.
///
/// # Invariants
/// The handle's callbacks point to `state`. No reference into `state` is held while libcurl is
/// called, except by the callback that runs.
pub(crate) struct Transfer<H: Handler, S> {
    // Fields are dropped in this order: curl_easy_cleanup may still call back, and leaves its share.
    handle: Handle,
    state: Kept<State<H>>,
    /// Who closes the sockets of this handle's own connections.
    #[cfg(unix)]
    closer: Option<Closer>,
    share: Option<S>,
    /// The last transfer was not brought to a good end.
    unfinished: bool,
}

impl<H: Handler, S> Transfer<H, S> {
    pub(super) fn new(handler: H) -> Result<Self> {
        let state = State { calls: Calls::default(), handler };
        let mut transfer = Self {
            handle: Handle::new()?,
            state: Kept::new(state),
            #[cfg(unix)]
            closer: None,
            share: None,
            unfinished: false,
        };
        callbacks::register(&mut transfer.handle, &transfer.state)?;
        Ok(transfer)
    }

    /// See [`Easy::reset`](super::Easy::reset).
    pub(super) fn reset(&mut self) -> Result<()> {
        self.handle.reset()?;
        callbacks::register(&mut self.handle, &self.state)?;
        #[cfg(unix)]
        self.close_own_sockets()?;
        self.checked("curl_easy_reset")
    }

    /// See [`Easy::set`](super::Easy::set).
    #[inline]
    pub(super) fn set(&mut self, setting: impl Setting) -> Result<()> {
        self.handle.here()?;
        setting.apply(&mut self.handle)?;
        self.checked("curl_easy_setopt")
    }

    /// See [`Handle::keep_url`].
    pub(super) fn keep_url(&mut self, text: Option<&str>) -> Result<()> {
        self.handle.here()?;
        self.handle.keep_url(text)
    }

    /// See [`Easy::set_raw`](super::Easy::set_raw).
    ///
    /// # Safety
    /// As there.
    pub(super) unsafe fn set_raw(&mut self, option: u32, value: Raw<'_>) -> Result<()> {
        self.handle.here()?;
        let name = option::name(option);
        match value {
            Raw::Long(value) => self.handle.set_long(option, name, value),
            Raw::OffT(value) => self.handle.set_off(option, name, value),
            Raw::Text(value) => self.handle.set_text(option, name, value.map(CStr::to_bytes)),
            // SAFETY: as the caller promises.
            Raw::Pointer(value) => unsafe { self.handle.set_pointer(option, name, value) },
        }?;
        self.checked("curl_easy_setopt")
    }

    pub(super) fn handler(&self) -> &H {
        // SAFETY: the invariant: nothing else uses the state while this borrows the transfer.
        let state = unsafe { &*self.state.as_ptr() };
        &state.handler
    }

    pub(super) fn handler_mut(&mut self) -> &mut H {
        // SAFETY: the invariant: nothing else uses the state while this borrows the transfer.
        let state = unsafe { &mut *self.state.as_ptr() };
        &mut state.handler
    }

    pub(super) fn into_handler(self) -> H {
        let Self { handle, state, .. } = self;
        // Closes the connections, and may call back; the rest follows.
        drop(handle);
        state.into_value().handler
    }

    /// Calls [`Handler::tls_context`], also of a handler that does not name it.
    #[cfg(feature = "crypto")]
    pub(super) fn call_tls_context(&mut self) -> Result<()> {
        super::tls::register::<H>(&mut self.handle, self.state.as_ptr().cast())
    }

    /// See [`Easy::on_close_socket`](super::Easy::on_close_socket).
    #[cfg(unix)]
    pub(super) fn on_close_socket(
        &mut self,
        close: impl FnMut(std::os::fd::OwnedFd) + Send + 'static,
    ) -> Result<()> {
        self.handle.here()?;
        self.closer.get_or_insert_with(Closer::new).run(close);
        self.close_own_sockets()
    }

    /// The connections of this handle are its own, as long as no multi and no share keeps them.
    #[cfg(unix)]
    pub(super) fn close_own_sockets(&mut self) -> Result<()> {
        match &self.closer {
            None => Ok(()),
            // SAFETY: the handle owns the cache, and the closer is dropped after the handle.
            some => unsafe { Closer::of_new_connections(some.as_ref(), &mut self.handle) },
        }
    }

    /// New connections are not this handle's own any more; `closer` is that of who keeps them.
    ///
    /// # Safety
    /// `closer` outlives the cache that they are kept in.
    #[cfg(unix)]
    pub(super) unsafe fn close_sockets_of_another(
        &mut self,
        closer: Option<&Closer>,
    ) -> Result<()> {
        if self.closer.is_none() && closer.is_none() {
            return Ok(());
        }
        // SAFETY: as the caller promises.
        unsafe { Closer::of_new_connections(closer, &mut self.handle) }
    }

    /// The connections are its own again.
    #[cfg(unix)]
    pub(super) fn close_own_sockets_again(&mut self, another: Option<&Closer>) -> Result<()> {
        if self.closer.is_none() && another.is_none() {
            return Ok(());
        }
        // SAFETY: the handle owns the cache, and the closer is dropped after the handle.
        unsafe { Closer::of_new_connections(self.closer.as_ref(), &mut self.handle) }
    }

    /// What the handle knows about its last transfer.
    pub(super) fn info(&self) -> Info<'_> {
        // SAFETY: the invariant: no callback runs while this borrows the transfer.
        let state = unsafe { &*self.state.as_ptr() };
        Info::new(&self.handle, state.calls.attempts.handshake())
    }

    pub(super) fn as_ptr(&self) -> *mut ffi::CURL {
        self.handle.as_ptr()
    }

    /// Takes part in a share, whose owner is kept until the handle is gone or leaves it.
    pub(super) fn join(&mut self, shared: &Arc<Shared>, owner: S) -> Result<()> {
        self.handle.share(Some(shared))?;
        self.share = Some(owner);
        self.checked("curl_easy_setopt")
    }

    pub(super) fn leave(&mut self) -> Result<()> {
        self.handle.share(None)?;
        self.share = None;
        self.checked("curl_easy_setopt")
    }

    /// Gives the transfer up while libcurl resolves its name: it gets no connection, neither a new
    /// one nor one that is there.
    pub(super) fn abandon(&mut self) -> Result<()> {
        self.handle.set_long(ffi::CURLOPT_NOPROGRESS, "CURLOPT_NOPROGRESS", 1)?;
        self.handle.set_long(ffi::CURLOPT_FRESH_CONNECT, "CURLOPT_FRESH_CONNECT", 1)?;
        callbacks::refuse_sockets(&mut self.handle)
    }

    /// Begins a transfer, which [`finish`](Transfer::finish) or [`give_up`](Transfer::give_up) ends.
    pub(super) fn begin(&mut self) -> Result<()> {
        self.start()?;
        self.calls_mut().attempts.clear();
        if std::mem::replace(&mut self.unfinished, true) {
            // While it reads the list of files that a pattern is matched with, libcurl has a function of
            // its own in the place of ours, and leaves it there when it is interrupted: whatever the
            // handle received next would go there (ftp.c, `init_wc_data`).
            callbacks::take_bodies(&mut self.handle, &self.state)?;
        }
        Ok(())
    }

    /// Makes the handle ready for a call that may call back.
    pub(super) fn start(&mut self) -> Result<()> {
        self.handle.here()?;
        self.handle.clear_error();
        self.calls_mut().set_pauses(Pauses::default());
        self.checked("curl_easy_perform")
    }

    /// Ends a transfer, wherever it stands: a panic of a callback that ran meanwhile is told.
    pub(super) fn give_up(&mut self) -> Result<()> {
        self.checked("curl_easy_perform")?;
        self.handle.mime_mut().and_then(Built::take_failure);
        Ok(())
    }

    /// Ends a transfer for which libcurl has the result `code`: a panic comes first.
    pub(super) fn finish(&mut self, code: ffi::CURLcode) -> Result<()> {
        self.checked("curl_easy_perform")?;
        let failure = self.handle.mime_mut().and_then(Built::take_failure);
        if code == ffi::CURLE_OK {
            self.unfinished = false;
            return Ok(());
        }
        let info = self.info();
        let mut progress = info.transfer();
        if let Some(failure) = failure {
            return Err(source(failure, code, progress));
        }
        if code == ffi::CURLE_COULDNT_CONNECT {
            progress.os_errno = info.os_errno();
        }
        Err(transfer(code, self.handle.error_text(), progress))
    }

    /// Lets the directions of a running transfer stand still or go on. What waits is handed over
    /// before this is back: callbacks run.
    pub(super) fn pause(&mut self, pauses: Pauses) -> Result<()> {
        self.calls_mut().set_pauses(pauses);
        // SAFETY: the handle is ours, and no reference into its state is held.
        let code = unsafe { ffi::curl_easy_pause(self.as_ptr(), pauses.bits()) };
        self.checked("curl_easy_pause")?;
        check("curl_easy_pause", code)
    }

    /// Runs `drive`; what comes meanwhile, `receiver` takes in the handler's place.
    pub(super) fn lend<R>(&mut self, receiver: &mut dyn Receive, drive: impl FnOnce() -> R) -> R {
        let mut lent = Lent(receiver);
        let lending = Lending::new(&mut self.state, &mut lent);
        let answer = drive();
        drop(lending);
        answer
    }

    /// Transfers on this thread; `receiver` takes the response in the handler's place.
    pub(super) fn perform(&mut self, receiver: Option<&mut dyn Receive>) -> Result<()> {
        self.begin()?;
        let code = match receiver {
            None => self.run(),
            Some(receiver) => {
                let curl = self.handle.as_ptr();
                // SAFETY: as in `run`.
                self.lend(receiver, || unsafe { ffi::curl_easy_perform(curl) })
            }
        };
        self.finish(code)
    }

    fn run(&mut self) -> ffi::CURLcode {
        // SAFETY: the handle is ours and all that it points to is alive; `&mut self` keeps every
        // other use of it, here and in the callbacks, away.
        unsafe { ffi::curl_easy_perform(self.handle.as_ptr()) }
    }

    /// The error of another call on the handle than a transfer: a panic comes first.
    pub(super) fn refused(&mut self, function: &'static str, code: ffi::CURLcode) -> Error {
        match self.checked(function) {
            Err(panic) => panic,
            Ok(()) => refused(function, code, self.handle.error_text()),
        }
    }

    /// The panic of a callback, if one waits.
    #[inline]
    pub(super) fn checked(&mut self, function: &'static str) -> Result<()> {
        if self.is_calm() { Ok(()) } else { self.told(function) }
    }

    /// Nothing that could have panicked was called, but for the handler, which did not.
    #[inline]
    fn is_calm(&mut self) -> bool {
        let calls = self.calls_mut();
        let calm = calls.slot.is_empty();
        #[cfg(feature = "crypto")]
        let calm = calm && calls.reports.is_none();
        #[cfg(unix)]
        let calm = calm && self.closer.is_none();
        calm && self.handle.mime_mut().is_none()
    }

    fn told(&mut self, function: &'static str) -> Result<()> {
        let calls = self.calls_mut();
        let panic = calls.slot.take();
        #[cfg(feature = "crypto")]
        let panic = panic.or_else(|| calls.reports.as_ref()?.take());
        #[cfg(unix)]
        let panic = panic.or_else(|| self.closer.as_mut()?.take_panic());
        let panic = panic.or_else(|| self.handle.mime_mut().and_then(Built::take_panic));
        match panic {
            None => Ok(()),
            Some(panic) => Err(Error::panicked(Library::Libcurl, function, panic)),
        }
    }

    fn calls_mut(&mut self) -> &mut Calls {
        // SAFETY: the invariant: nothing else uses the state while this borrows the transfer.
        let state = unsafe { &mut *self.state.as_ptr() };
        &mut state.calls
    }
}

impl<H: Handler, S> std::fmt::Debug for Transfer<H, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transfer").finish_non_exhaustive()
    }
}
