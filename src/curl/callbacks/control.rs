//! What a transfer does beside its bodies.

#![allow(unsafe_code)]
#![allow(clippy::cast_possible_wrap)] // libcurl's constants are small

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::NonNull;
use std::slice;

use libc::size_t;

use crate::curl::handler::{Ends, Flow, Handler, Pauses, Progress, Trace};
use crate::curl::list::List;
use crate::curl::state::State;
use crate::ffi::curl as ffi;
use crate::unwind::guard;

/// `CURLOPT_XFERINFOFUNCTION`
pub(super) extern "C" fn on_progress<H: Handler>(
    state: *mut c_void,
    download_total: ffi::curl_off_t,
    downloaded: ffi::curl_off_t,
    upload_total: ffi::curl_off_t,
    uploaded: ffi::curl_off_t,
) -> c_int {
    const ABORT: c_int = 1;

    let count = |count| u64::try_from(count).unwrap_or_default();
    let progress = Progress {
        download_total: count(download_total),
        downloaded: count(downloaded),
        upload_total: count(upload_total),
        uploaded: count(uploaded),
    };
    let resumed = {
        // SAFETY: the invariant of `Transfer`; nothing else uses the state while a callback runs.
        let State { calls, handler } = unsafe { &mut *state.cast::<State<H>>() };
        let before = calls.pauses();
        let mut pauses = before;
        let flow = guard(&mut calls.slot, Flow::Stop, || handler.progress(progress, &mut pauses));
        if flow == Flow::Stop {
            return ABORT;
        }
        calls.curl.filter(|_| pauses != before).map(|curl| {
            calls.set_pauses(pauses);
            (curl, pauses)
        })
    };
    // What was received meanwhile is handed over before curl_easy_pause is back: the write callback
    // takes the state, of which no reference is held here any more.
    match resumed {
        None => 0,
        Some((curl, pauses)) => c_int::from(pause(curl, pauses) != ffi::CURLE_OK),
    }
}

/// `curl_easy_pause(3)` sets both directions.
fn pause(curl: NonNull<ffi::CURL>, pauses: Pauses) -> ffi::CURLcode {
    // SAFETY: the handle that calls back is alive, and the manual allows this inside a callback.
    unsafe { ffi::curl_easy_pause(curl.as_ptr(), pauses.bits()) }
}

/// `CURLOPT_DEBUGFUNCTION`
pub(super) extern "C" fn on_trace<H: Handler>(
    _: *mut ffi::CURL,
    kind: ffi::curl_infotype,
    data: *mut c_char,
    len: size_t,
    state: *mut c_void,
) -> c_int {
    let kind = match kind {
        ffi::CURLINFO_TEXT => Trace::Text,
        ffi::CURLINFO_HEADER_IN => Trace::HeaderIn,
        ffi::CURLINFO_HEADER_OUT => Trace::HeaderOut,
        ffi::CURLINFO_DATA_IN => Trace::DataIn,
        ffi::CURLINFO_DATA_OUT => Trace::DataOut,
        ffi::CURLINFO_SSL_DATA_IN => Trace::TlsIn,
        ffi::CURLINFO_SSL_DATA_OUT => Trace::TlsOut,
        _ => return 0,
    };
    let bytes = if len == 0 {
        &[]
    } else {
        // SAFETY: CURLOPT_DEBUGFUNCTION(3): `len` bytes to be read during the call.
        unsafe { slice::from_raw_parts(data.cast::<u8>(), len) }
    };
    // SAFETY: the invariant of `Transfer`; nothing else uses the state while a callback runs.
    let State { calls, handler } = unsafe { &mut *state.cast::<State<H>>() };
    // The manual: this must return 0. The panic is found when the call that led here is over.
    guard(&mut calls.slot, (), || handler.trace(kind, bytes));
    0
}

/// `CURLOPT_RESOLVER_START_FUNCTION`
pub(super) extern "C" fn on_resolver_start<H: Handler>(
    _: *mut c_void,
    _: *mut c_void,
    state: *mut c_void,
) -> c_int {
    // SAFETY: the invariant of `Transfer`; nothing else uses the state while a callback runs.
    let State { calls, handler } = unsafe { &mut *state.cast::<State<H>>() };
    let flow = guard(&mut calls.slot, Flow::Stop, || handler.resolver_start());
    c_int::from(flow == Flow::Stop)
}

/// `CURLOPT_PREREQFUNCTION`
pub(super) extern "C" fn on_before_request<H: Handler>(
    state: *mut c_void,
    remote_ip: *mut c_char,
    local_ip: *mut c_char,
    remote_port: c_int,
    local_port: c_int,
) -> c_int {
    let port = |port| u16::try_from(port).unwrap_or_default();
    let ends = Ends {
        // SAFETY: CURLOPT_PREREQFUNCTION(3): text, for the time of the call.
        remote_ip: unsafe { text(remote_ip) },
        remote_port: port(remote_port),
        // SAFETY: as above.
        local_ip: unsafe { text(local_ip) },
        local_port: port(local_port),
    };
    // SAFETY: the invariant of `Transfer`; nothing else uses the state while a callback runs.
    let State { calls, handler } = unsafe { &mut *state.cast::<State<H>>() };
    // CURL_PREREQFUNC_OK is 0, CURL_PREREQFUNC_ABORT is 1.
    let flow = guard(&mut calls.slot, Flow::Stop, || handler.before_request(&ends));
    c_int::from(flow == Flow::Stop)
}

/// # Safety
/// `pointer` is NULL or points to text that does not change for `'a`.
unsafe fn text<'a>(pointer: *const c_char) -> &'a str {
    if pointer.is_null() {
        return "";
    }
    // SAFETY: not NULL, and the caller vouches for the text.
    unsafe { CStr::from_ptr(pointer) }.to_str().unwrap_or_default()
}

/// `CURLOPT_TRAILERFUNCTION`
pub(super) extern "C" fn on_trailers<H: Handler>(
    list: *mut *mut ffi::curl_slist,
    state: *mut c_void,
) -> c_int {
    // SAFETY: the invariant of `Transfer`; nothing else uses the state while a callback runs.
    let State { calls, handler } = unsafe { &mut *state.cast::<State<H>>() };
    let mut trailers = List::new();
    let flow = guard(&mut calls.slot, Flow::Stop, || handler.trailers(&mut trailers));
    if flow == Flow::Stop {
        return ffi::CURL_TRAILERFUNC_ABORT as c_int;
    }
    // SAFETY: CURLOPT_TRAILERFUNCTION(3): the place for a list, which libcurl frees.
    unsafe { *list = trailers.into_raw() };
    ffi::CURL_TRAILERFUNC_OK as c_int
}
