//! Bodies and header lines.

#![allow(unsafe_code)]
#![allow(clippy::cast_possible_wrap)] // libcurl's constants are small

use std::ffi::{c_char, c_int, c_void};
use std::io::SeekFrom;
use std::mem::MaybeUninit;
use std::slice;

use libc::size_t;

use crate::curl::handler::{Callbacks, Flow, Handler, Read, Seek, Write};
use crate::curl::state::State;
use crate::curl::upload::Upload;
use crate::ffi::curl as ffi;
use crate::unwind::guard;

/// What a write callback answers to give the transfer up: no count of bytes that libcurl ever
/// passes, nor `CURL_WRITEFUNC_PAUSE`. From 7.87 on it has a name, `CURL_WRITEFUNC_ERROR`.
pub(super) const FAILED: size_t = 0xFFFF_FFFF;

/// `CURLOPT_WRITEFUNCTION`
pub(super) extern "C" fn on_write<H: Handler>(
    data: *mut c_char,
    size: size_t,
    count: size_t,
    state: *mut c_void,
) -> size_t {
    // SAFETY: the invariant of `Transfer`; nothing else uses the state while a callback runs.
    let State { calls, handler } = unsafe { &mut *state.cast::<State<H>>() };
    let Some(len) = size.checked_mul(count) else { return FAILED };
    // SAFETY: CURLOPT_WRITEFUNCTION(3): `size * count` bytes to be read during the call.
    let bytes = unsafe { received(data, len) };
    let taken = guard(&mut calls.slot, Write::Stop, || match calls.lent {
        None if H::CALLBACKS.contains(Callbacks::WRITE) => handler.write(bytes),
        None => Write::Taken,
        // SAFETY: the invariant of `Calls`: it was lent out for the whole transfer.
        Some(mut lent) => unsafe { lent.as_mut() }.0.body(bytes),
    });
    match taken {
        Write::Taken => len,
        Write::Stop => FAILED,
        Write::Pause => {
            calls.stop_receiving();
            ffi::CURL_WRITEFUNC_PAUSE as size_t
        }
    }
}

/// `CURLOPT_HEADERFUNCTION`
pub(super) extern "C" fn on_header<H: Handler>(
    line: *mut c_char,
    size: size_t,
    count: size_t,
    state: *mut c_void,
) -> size_t {
    // SAFETY: the invariant of `Transfer`; nothing else uses the state while a callback runs.
    let State { calls, handler } = unsafe { &mut *state.cast::<State<H>>() };
    let Some(len) = size.checked_mul(count) else { return FAILED };
    // SAFETY: CURLOPT_HEADERFUNCTION(3): `size * count` bytes to be read during the call.
    let line = unsafe { received(line, len) };
    let flow = guard(&mut calls.slot, Flow::Stop, || {
        let flow = calls.lent.and_then(|mut lent| {
            // SAFETY: the invariant of `Calls`: it was lent out for the whole transfer.
            unsafe { lent.as_mut() }.0.header(line)
        });
        flow.unwrap_or_else(|| handler.header(line))
    });
    match flow {
        Flow::Continue => len,
        Flow::Stop => FAILED,
    }
}

/// # Safety
/// `data` points to `len` bytes that do not change for `'a`; of none, it may be anything.
pub(super) unsafe fn received<'a>(data: *const c_char, len: usize) -> &'a [u8] {
    if len == 0 {
        return &[];
    }
    // SAFETY: as the caller promises.
    unsafe { slice::from_raw_parts(data.cast(), len) }
}

/// `CURLOPT_READFUNCTION`; of a handler that does not want it, every upload fails.
pub(super) extern "C" fn on_read<H: Handler>(
    out: *mut c_char,
    size: size_t,
    count: size_t,
    state: *mut c_void,
) -> size_t {
    const ABORT: size_t = ffi::CURL_READFUNC_ABORT as size_t;

    if !H::CALLBACKS.contains(Callbacks::READ) {
        return ABORT;
    }
    // SAFETY: the invariant of `Transfer`; nothing else uses the state while a callback runs.
    let State { calls, handler } = unsafe { &mut *state.cast::<State<H>>() };
    let Some(len) = size.checked_mul(count) else { return ABORT };
    let out = out.cast::<MaybeUninit<u8>>();
    // SAFETY: CURLOPT_READFUNCTION(3): room for `size * count` bytes, ours during the call. libcurl
    // never asks for none: the pointer is one.
    let out = unsafe { slice::from_raw_parts_mut(out, len) };
    let mut upload = Upload::new(out);
    let read = guard(&mut calls.slot, Read::Stop, || handler.read(&mut upload));
    match read {
        Read::Sent => upload.len(),
        Read::Stop => ABORT,
        Read::Pause => {
            calls.stop_sending();
            ffi::CURL_READFUNC_PAUSE as size_t
        }
    }
}

/// `CURLOPT_SEEKFUNCTION`
pub(super) extern "C" fn on_seek<H: Handler>(
    state: *mut c_void,
    offset: ffi::curl_off_t,
    origin: c_int,
) -> c_int {
    const FAIL: c_int = ffi::CURL_SEEKFUNC_FAIL as c_int;

    // SAFETY: the invariant of `Transfer`; nothing else uses the state while a callback runs.
    let State { calls, handler } = unsafe { &mut *state.cast::<State<H>>() };
    let to = match (origin, u64::try_from(offset)) {
        (libc::SEEK_SET, Ok(offset)) => SeekFrom::Start(offset),
        (libc::SEEK_CUR, _) => SeekFrom::Current(offset),
        (libc::SEEK_END, _) => SeekFrom::End(offset),
        _ => return FAIL,
    };
    match guard(&mut calls.slot, Seek::Stop, || handler.seek(to)) {
        Seek::Done => ffi::CURL_SEEKFUNC_OK as c_int,
        Seek::CannotSeek => ffi::CURL_SEEKFUNC_CANTSEEK as c_int,
        Seek::Stop => FAIL,
    }
}
