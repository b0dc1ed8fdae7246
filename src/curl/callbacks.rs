//! What libcurl calls back: each adapter recovers the handle's state and runs the handler's method
//! under the trampoline.
//!
//! The adapters are generic over the handler, so that nothing is looked up when they run.

#![allow(unsafe_code)]

mod body;
mod control;
mod handshake;
mod hsts;
mod protocols;

use std::ffi::{c_long, c_void};
use std::ptr::NonNull;

use super::handle::{Handle, answered};
use super::handler::{Callbacks, Handler};
use super::kept::Kept;
use super::newer;
use super::state::State;
use crate::capabilities::Version;
use crate::error::Result;
use crate::ffi::curl as ffi;

/// Calls one setter of the shim for a function, after the one for its data.
macro_rules! callback {
    ($handle:ident, $state:ident: $data:ident, $set:ident($option:ident, $function:expr)) => {
        // SAFETY: the pointer is for the callback below, which takes it for this handler's state; it
        // is kept until the handle is gone.
        unsafe { $handle.set_pointer(ffi::$data, stringify!($data), $state) }?;
        // SAFETY: the callback is the one that the option's manual page describes.
        let code = unsafe { ffi::$set($handle.as_ptr(), ffi::$option, $function) };
        answered(stringify!($option), code)?;
    };
}

pub(super) use callback;

#[cfg(unix)]
mod socket;

#[cfg(unix)]
pub(super) use self::socket::peer_of;

/// Before the rewrite of 8.7 libcurl never left the state that it was in after an upload's trailers:
/// the next upload of the handle, which may be the same one after a redirect, wrote its first chunk's
/// length in front of the buffer (`Curl_fillreadbuffer`, where `trailers_state` is not
/// `TRAILERS_NONE` any more).
fn trailers_are_safe() -> Result<()> {
    newer::require("CURLOPT_TRAILERFUNCTION without corrupted memory", Version::new(8, 8, 0))
}

/// Tells libcurl of the callbacks that `H` wants, after the handle was made or reset.
pub(super) fn register<H: Handler>(handle: &mut Handle, state: &Kept<State<H>>) -> Result<()> {
    let kept = state.as_ptr();
    // SAFETY: `Kept` keeps the value alive, and no callback runs now.
    let calls = unsafe { &mut (*kept).calls };
    calls.curl = NonNull::new(handle.as_ptr());
    calls.heed(handle.source_waits());
    let state: *mut c_void = kept.cast();
    // Always: libcurl's own would write to standard output and read standard input.
    set_write::<H>(handle, state)?;
    callback!(handle, state: CURLOPT_READDATA,
        ffence_easy_setopt_read(CURLOPT_READFUNCTION, body::on_read::<H>));
    let wants = |callbacks| H::CALLBACKS.contains(callbacks);
    if wants(Callbacks::HEADER) {
        callback!(handle, state: CURLOPT_HEADERDATA,
            ffence_easy_setopt_write(CURLOPT_HEADERFUNCTION, body::on_header::<H>));
    }
    if wants(Callbacks::SEEK) {
        callback!(handle, state: CURLOPT_SEEKDATA,
            ffence_easy_setopt_seek(CURLOPT_SEEKFUNCTION, body::on_seek::<H>));
    }
    if wants(Callbacks::PROGRESS) {
        callback!(handle, state: CURLOPT_XFERINFODATA,
            ffence_easy_setopt_xferinfo(CURLOPT_XFERINFOFUNCTION, Some(control::on_progress::<H>)));
    }
    let meter = c_long::from(!wants(Callbacks::PROGRESS));
    handle.set_long(ffi::CURLOPT_NOPROGRESS, "CURLOPT_NOPROGRESS", meter)?;
    if wants(Callbacks::TRACE) {
        callback!(handle, state: CURLOPT_DEBUGDATA,
            ffence_easy_setopt_debug(CURLOPT_DEBUGFUNCTION, control::on_trace::<H>));
    }
    if wants(Callbacks::RESOLVER_START) {
        callback!(handle, state: CURLOPT_RESOLVER_START_DATA,
            ffence_easy_setopt_resolver_start(
                CURLOPT_RESOLVER_START_FUNCTION, Some(control::on_resolver_start::<H>)));
    }
    if wants(Callbacks::BEFORE_REQUEST) {
        newer::require("CURLOPT_PREREQFUNCTION", Version::new(7, 80, 0))?;
        callback!(handle, state: CURLOPT_PREREQDATA,
            ffence_easy_setopt_prereq(
                CURLOPT_PREREQFUNCTION, Some(control::on_before_request::<H>)));
    }
    if wants(Callbacks::TRAILERS) {
        trailers_are_safe()?;
        callback!(handle, state: CURLOPT_TRAILERDATA,
            ffence_easy_setopt_trailer(CURLOPT_TRAILERFUNCTION, Some(control::on_trailers::<H>)));
    }
    handshake::register::<H>(handle, state)?;
    #[cfg(feature = "crypto")]
    if wants(Callbacks::TLS_CONTEXT) {
        super::tls::register::<H>(handle, state)?;
    }
    #[cfg(unix)]
    socket::register::<H>(handle, state)?;
    hsts::register::<H>(handle, state)?;
    protocols::register::<H>(handle, state)
}

/// Bodies go to the handler again.
pub(super) fn take_bodies<H: Handler>(handle: &mut Handle, state: &Kept<State<H>>) -> Result<()> {
    set_write::<H>(handle, state.as_ptr().cast())
}

fn set_write<H: Handler>(handle: &mut Handle, state: *mut c_void) -> Result<()> {
    callback!(handle, state: CURLOPT_WRITEDATA,
        ffence_easy_setopt_write(CURLOPT_WRITEFUNCTION, body::on_write::<H>));
    Ok(())
}

/// No connection is made any more for this handle.
pub(super) fn refuse_sockets(handle: &mut Handle) -> Result<()> {
    extern "C" fn refuse(
        _: *mut c_void,
        _: ffi::curlsocktype,
        _: *mut ffi::curl_sockaddr,
    ) -> ffi::curl_socket_t {
        ffi::CURL_SOCKET_BAD
    }

    let curl = handle.as_ptr();
    // SAFETY: the callback is the one that CURLOPT_OPENSOCKETFUNCTION(3) describes; it does not look
    // at its data.
    let code = unsafe {
        ffi::ffence_easy_setopt_opensocket(curl, ffi::CURLOPT_OPENSOCKETFUNCTION, refuse)
    };
    answered("CURLOPT_OPENSOCKETFUNCTION", code)
}
