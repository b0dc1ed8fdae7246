//! That a TLS handshake begins.

#![allow(unsafe_code)]

use std::ffi::c_void;

use super::callback;
use crate::capabilities::Version;
use crate::curl::handle::{Handle, answered};
use crate::curl::handler::Handler;
use crate::curl::newer;
use crate::curl::state::State;
use crate::error::{ErrorKind, Result};
use crate::ffi::curl as ffi;

/// Notes handshakes where libcurl does not tell of them itself, see [`Attempts`](crate::curl::attempts).
///
/// It costs a call for each new connection, and that the trusted certificates are read before the first
/// message is sent and not after it: `ossl_connect_step1` does so for whoever wants to see the context.
pub(super) fn register<H: Handler>(handle: &mut Handle, state: *mut c_void) -> Result<()> {
    if newer::require("CURLOPT_SSL_CTX_FUNCTION", Version::new(8, 0, 0)).is_err() {
        return Ok(());
    }
    let noted = note::<H>(handle, state);
    // Not every TLS library has a context, and not every libcurl a TLS library.
    noted.or_else(|error| if error.kind() == ErrorKind::Unsupported { Ok(()) } else { Err(error) })
}

fn note<H: Handler>(handle: &mut Handle, state: *mut c_void) -> Result<()> {
    callback!(handle, state: CURLOPT_SSL_CTX_DATA,
        ffence_easy_setopt_ssl_ctx(CURLOPT_SSL_CTX_FUNCTION, on_handshake::<H>));
    Ok(())
}

/// `CURLOPT_SSL_CTX_FUNCTION`, which is called when the socket is connected. The context is not looked
/// at: it may be another libcrypto's.
extern "C" fn on_handshake<H: Handler>(
    curl: *mut ffi::CURL,
    _: *mut c_void,
    state: *mut c_void,
) -> ffi::CURLcode {
    // SAFETY: the invariant of `Transfer`; nothing else uses the state while a callback runs.
    let State { calls, .. } = unsafe { &mut *state.cast::<State<H>>() };
    calls.handshake_begins(curl);
    ffi::CURLE_OK
}
