//! What libcurl calls back: each adapter recovers the handle's state and runs the handler under
//! the trampoline.

#![allow(unsafe_code)]

use std::ffi::{c_char, c_void};
use std::marker::PhantomData;
use std::mem;
use std::ptr;
use std::slice;
use std::time::Instant;

use libc::size_t;

use super::kept::Kept;
use crate::ffi::curl as ffi;
use crate::unwind::{Slot, guard};

/// Whether the transfer goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    Continue,
    /// Give the transfer up; the handler knows why.
    Stop,
}

/// Takes what a transfer receives. It runs inside libcurl, on the thread that called
/// [`Easy::perform`](super::Easy::perform).
pub(crate) trait Handler {
    /// One complete header line, with its line end; status lines and trailers are lines as well.
    fn header(&mut self, line: &[u8]) -> Flow;
    /// The next bytes of the body.
    fn body(&mut self, bytes: &[u8]) -> Flow;
}

/// What a handle's callbacks work on; C holds a pointer to it.
///
/// # Invariants
/// `handler` is NULL, or points to the [`Lent`] of an [`Attached`] that is alive.
pub(super) struct Calls {
    slot: Slot,
    handler: *mut c_void,
    /// When the first header line of this transfer came.
    answered: Option<Instant>,
}

// SAFETY: `handler` is NULL except while `Easy::perform` runs, and that borrows the handle.
unsafe impl Send for Calls {}

impl Calls {
    pub(super) const fn new() -> Self {
        Self { slot: Slot::new(), handler: ptr::null_mut(), answered: None }
    }
}

/// A handler at an address: one pointer, where `&mut dyn Handler` is two.
pub(super) struct Lent<'a>(pub(super) &'a mut dyn Handler);

/// The handler of one transfer, attached to its handle for as long as this lives.
///
/// However `perform` is left, nothing of the caller's stays behind in the handle.
pub(super) struct Attached<'a, 'b> {
    calls: *mut Calls,
    _handle: PhantomData<&'a mut Kept<Calls>>,
    _handler: PhantomData<&'a mut Lent<'b>>,
}

impl<'a, 'b> Attached<'a, 'b> {
    pub(super) fn new(calls: &'a mut Kept<Calls>, handler: &'a mut Lent<'b>) -> Self {
        let attached = Self { calls: calls.as_ptr(), _handle: PhantomData, _handler: PhantomData };
        let calls = attached.calls();
        calls.handler = ptr::from_mut(handler).cast();
        calls.answered = None;
        attached
    }

    /// Detaches the handler; tells whether a callback panicked, and when the response began.
    pub(super) fn finish(self) -> (Slot, Option<Instant>) {
        let calls = self.calls();
        (mem::take(&mut calls.slot), calls.answered)
    }

    #[allow(clippy::mut_from_ref)] // private, and no two of them are held at once
    fn calls(&self) -> &mut Calls {
        // SAFETY: `Kept` keeps the value alive for `'a`, and libcurl runs no callback while one of
        // our own functions does: this is called before and after the transfer.
        unsafe { &mut *self.calls }
    }
}

impl Drop for Attached<'_, '_> {
    fn drop(&mut self) {
        self.calls().handler = ptr::null_mut();
    }
}

/// What a write callback answers to give the transfer up: no count of bytes that libcurl ever
/// passes, nor `CURL_WRITEFUNC_PAUSE`. From 7.87 on it has a name, `CURL_WRITEFUNC_ERROR`.
const FAILED: size_t = 0xFFFF_FFFF;

/// `CURLOPT_HEADERFUNCTION`
pub(super) extern "C" fn on_header(
    line: *mut c_char,
    size: size_t,
    count: size_t,
    calls: *mut c_void,
) -> size_t {
    // SAFETY: CURLOPT_HEADERFUNCTION(3): the arguments are those that `deliver` asks for.
    unsafe { deliver(line, size, count, calls, |to, line| to.header(line)) }
}

/// `CURLOPT_WRITEFUNCTION`
pub(super) extern "C" fn on_body(
    data: *mut c_char,
    size: size_t,
    count: size_t,
    calls: *mut c_void,
) -> size_t {
    // SAFETY: CURLOPT_WRITEFUNCTION(3): the arguments are those that `deliver` asks for.
    unsafe { deliver(data, size, count, calls, |to, bytes| to.body(bytes)) }
}

/// `CURLOPT_READFUNCTION`: request bodies lie in memory and are never asked for here. libcurl's own
/// default would read the process's standard input.
pub(super) extern "C" fn on_read(_: *mut c_char, _: size_t, _: size_t, _: *mut c_void) -> size_t {
    ffi::CURL_READFUNC_ABORT as size_t
}

/// # Safety
/// `data` points to `size * count` readable bytes, and `calls` to the `Calls` of a handle whose
/// transfer is running on this thread.
unsafe fn deliver(
    data: *const c_char,
    size: size_t,
    count: size_t,
    calls: *mut c_void,
    take: fn(&mut dyn Handler, &[u8]) -> Flow,
) -> size_t {
    // SAFETY: as the caller promises; nothing else uses the value while a callback runs.
    let calls = unsafe { &mut *calls.cast::<Calls>() };
    let (Some(len), false) = (size.checked_mul(count), calls.handler.is_null()) else {
        return FAILED;
    };
    let bytes = if len == 0 {
        &[]
    } else {
        // SAFETY: as the caller promises.
        unsafe { slice::from_raw_parts(data.cast::<u8>(), len) }
    };
    // SAFETY: the invariant of `Calls`; `perform` lent the handler out for the whole transfer.
    let handler = unsafe { &mut *calls.handler.cast::<Lent<'_>>() };
    guard(&mut calls.slot, FAILED, || {
        calls.answered.get_or_insert_with(Instant::now);
        match take(handler.0, bytes) {
            Flow::Continue => len,
            Flow::Stop => FAILED,
        }
    })
}
