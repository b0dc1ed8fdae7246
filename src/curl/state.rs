//! What a handle's callbacks work on.

#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::attempts::Attempts;
use super::handler::{Flow, Pauses, Write};
use super::kept::Kept;
use crate::ffi::curl as ffi;
use crate::unwind::Slot;

/// The handler with what belongs to its transfer; C holds a pointer to it.
pub(super) struct State<H> {
    pub(super) calls: Calls,
    pub(super) handler: H,
}

/// What all handlers have in common.
///
/// # Invariants
/// `lent` is `None`, or points to the [`Lent`] of a [`Lending`] that is alive. `curl` is the handle
/// that calls back.
#[derive(Default)]
pub(super) struct Calls {
    pub(super) slot: Slot,
    pub(super) lent: Option<NonNull<Lent<'static>>>,
    /// What panicked in a key log of this handle's connections.
    #[cfg(feature = "crypto")]
    pub(super) reports: Option<crate::sync::Arc<super::tls::Reports>>,
    /// The connections that were begun for this transfer.
    pub(super) attempts: Attempts,
    pauses: Pauses,
    /// What gives a part of the body had nothing: sending stands still as well.
    source_waits: Arc<AtomicBool>,
    /// The handle itself, for what a callback asks of it when it is done.
    pub(super) curl: Option<NonNull<ffi::CURL>>,
}

// SAFETY: `lent` is `None` except while a transfer runs, and that borrows the handle; `curl` is
// `Movable`, and only used by callbacks, on the thread that drives the transfer.
unsafe impl Send for Calls {}

impl Calls {
    /// The flag is the handle's, which its sources raise.
    pub(super) fn heed(&mut self, source_waits: &Arc<AtomicBool>) {
        self.source_waits = Arc::clone(source_waits);
    }

    /// Which directions stand still.
    pub(super) fn pauses(&self) -> Pauses {
        let mut pauses = self.pauses;
        pauses.sending |= self.source_waits.load(Ordering::Relaxed);
        pauses
    }

    pub(super) fn set_pauses(&mut self, pauses: Pauses) {
        self.source_waits.store(false, Ordering::Relaxed);
        self.pauses = pauses;
    }

    /// A TLS handshake begins; not where `curl` is a handle of libcurl's own, which asks a server for a
    /// name with the options of this one.
    pub(super) fn handshake_begins(&mut self, curl: *mut ffi::CURL) {
        if self.curl.is_some_and(|ours| ours.as_ptr() == curl) {
            self.attempts.handshake_begins();
        }
    }

    pub(super) fn stop_receiving(&mut self) {
        self.pauses.receiving = true;
    }

    pub(super) fn stop_sending(&mut self) {
        self.pauses.sending = true;
    }
}

/// Takes one response in the handler's place, for as long as one transfer lasts.
pub(crate) trait Receive {
    /// The next bytes of the body.
    fn body(&mut self, bytes: &[u8]) -> Write;
    /// The next header line, if the handler asks for them; `None` leaves it to the handler.
    fn header(&mut self, line: &[u8]) -> Option<Flow> {
        let _ = line;
        None
    }
}

/// A receiver at an address: one pointer, where `&mut dyn Receive` is two.
pub(super) struct Lent<'a>(pub(super) &'a mut dyn Receive);

/// A receiver that is lent to a handle for as long as this lives: however a transfer is left, nothing
/// of the caller's stays behind.
pub(super) struct Lending<'a, 'b, H> {
    state: *mut State<H>,
    _borrows: PhantomData<(&'a mut Kept<State<H>>, &'a mut Lent<'b>)>,
}

impl<'a, 'b, H> Lending<'a, 'b, H> {
    pub(super) fn new(state: &'a mut Kept<State<H>>, lent: &'a mut Lent<'b>) -> Self {
        let state = state.as_ptr();
        let lent = NonNull::from(lent).cast();
        // SAFETY: `Kept` keeps the value alive for `'a`, and no callback runs now.
        unsafe { (*state).calls.lent = Some(lent) };
        Self { state, _borrows: PhantomData }
    }
}

impl<H> Drop for Lending<'_, '_, H> {
    fn drop(&mut self) {
        // SAFETY: `Kept` keeps the value alive for `'a`, and no callback runs any more.
        unsafe { (*self.state).calls.lent = None };
    }
}
