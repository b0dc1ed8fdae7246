//! Hosts that want HTTPS: where they come from, and where they go.

#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_void};
use std::ptr;

use super::callback;
use crate::curl::handle::{Handle, answered};
use crate::curl::handler::hsts::{read, written};
use crate::curl::handler::{Callbacks, Flow, Handler, HstsEntry, HstsPlace};
use crate::curl::state::State;
use crate::error::Result;
use crate::ffi::curl as ffi;
use crate::unwind::guard;

pub(super) fn register<H: Handler>(handle: &mut Handle, state: *mut c_void) -> Result<()> {
    if H::CALLBACKS.contains(Callbacks::HSTS_LOAD) {
        callback!(handle, state: CURLOPT_HSTSREADDATA,
            ffence_easy_setopt_hstsread(CURLOPT_HSTSREADFUNCTION, Some(on_load::<H>)));
    }
    if H::CALLBACKS.contains(Callbacks::HSTS_STORE) {
        callback!(handle, state: CURLOPT_HSTSWRITEDATA,
            ffence_easy_setopt_hstswrite(CURLOPT_HSTSWRITEFUNCTION, Some(on_store::<H>)));
    }
    Ok(())
}

/// `CURLOPT_HSTSREADFUNCTION`
unsafe extern "C" fn on_load<H: Handler>(
    _: *mut ffi::CURL,
    entry: *mut ffi::curl_hstsentry,
    state: *mut c_void,
) -> ffi::CURLSTScode {
    // SAFETY: the invariant of `Transfer`; nothing else uses the state while a callback runs.
    let State { calls, handler } = unsafe { &mut *state.cast::<State<H>>() };
    let Some(next) = guard(&mut calls.slot, None, || Some(handler.hsts_load())) else {
        return ffi::CURLSTS_FAIL;
    };
    let Some(HstsEntry { host, include_subdomains, expires }) = next else {
        return ffi::CURLSTS_DONE;
    };
    let expires = expires.map(|time| CString::new(written(time)).unwrap_or_default());
    let expires = expires.as_deref().map_or(ptr::null(), CStr::as_ptr);
    if host.is_empty() || host.contains('\0') {
        return ffi::CURLSTS_FAIL;
    }
    // SAFETY: the entry is libcurl's, for the time of the call; the date is 17 bytes long.
    let filled = unsafe {
        ffi::ffence_hsts_fill(
            entry,
            host.as_ptr().cast(),
            host.len(),
            include_subdomains.into(),
            expires,
        )
    };
    if filled == 1 { ffi::CURLSTS_OK } else { ffi::CURLSTS_FAIL }
}

/// `CURLOPT_HSTSWRITEFUNCTION`
unsafe extern "C" fn on_store<H: Handler>(
    _: *mut ffi::CURL,
    entry: *mut ffi::curl_hstsentry,
    place: *mut ffi::curl_index,
    state: *mut c_void,
) -> ffi::CURLSTScode {
    // SAFETY: CURLOPT_HSTSWRITEFUNCTION(3): an entry, for the time of the call.
    let name = unsafe { ffi::ffence_hsts_name(entry) };
    // SAFETY: as above.
    let expires = unsafe { ffi::ffence_hsts_expire(entry) };
    // SAFETY: as above.
    let subdomains = unsafe { ffi::ffence_hsts_subdomains(entry) };
    // SAFETY: as above.
    let place = unsafe { &*place };
    let entry = HstsEntry {
        // SAFETY: text, for the time of the call.
        host: unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned(),
        include_subdomains: subdomains != 0,
        // SAFETY: as above.
        expires: unsafe { CStr::from_ptr(expires) }.to_str().ok().and_then(read),
    };
    // SAFETY: the invariant of `Transfer`; nothing else uses the state while a callback runs.
    let State { calls, handler } = unsafe { &mut *state.cast::<State<H>>() };
    let place = HstsPlace::new(place.index, place.total);
    match guard(&mut calls.slot, Flow::Stop, || handler.hsts_store(&entry, place)) {
        Flow::Continue => ffi::CURLSTS_OK,
        // Not a failure: whoever closes the handle has nobody to tell.
        Flow::Stop => ffi::CURLSTS_DONE,
    }
}
