//! What single protocols call back: RTSP, SSH, and the patterns of FTP.

#![allow(unsafe_code)]
#![allow(clippy::cast_possible_wrap)] // libcurl's constants are small

use std::ffi::{CStr, c_char, c_int, c_long, c_void};
use std::slice;

use libc::size_t;

use super::body::{FAILED, received};
use super::callback;
use crate::capabilities::Version;
use crate::curl::handle::{Handle, answered};
use crate::curl::handler::{
    Callbacks, FileChoice, FileKind, Flow, Handler, KnownHost, KnownHostAnswer, KnownHostMatch,
    RemoteFile, SshKey, SshKeyBytes, SshKeyType,
};
use crate::curl::newer;
use crate::curl::state::State;
use crate::error::Result;
use crate::ffi::curl as ffi;
use crate::unwind::guard;

pub(super) fn register<H: Handler>(handle: &mut Handle, state: *mut c_void) -> Result<()> {
    let wants = |callbacks| H::CALLBACKS.contains(callbacks);
    if wants(Callbacks::INTERLEAVED) {
        callback!(handle, state: CURLOPT_INTERLEAVEDATA,
            ffence_easy_setopt_write(CURLOPT_INTERLEAVEFUNCTION, on_interleaved::<H>));
    }
    if wants(Callbacks::FILES) {
        callback!(handle, state: CURLOPT_CHUNK_DATA,
            ffence_easy_setopt_chunk_bgn(CURLOPT_CHUNK_BGN_FUNCTION, on_file_begins::<H>));
        callback!(handle, state: CURLOPT_CHUNK_DATA,
            ffence_easy_setopt_chunk_end(CURLOPT_CHUNK_END_FUNCTION, on_file_ends::<H>));
    }
    if wants(Callbacks::SSH_KNOWN_HOST) {
        callback!(handle, state: CURLOPT_SSH_KEYDATA,
            ffence_easy_setopt_ssh_key(CURLOPT_SSH_KEYFUNCTION, Some(on_known_host::<H>)));
    }
    if wants(Callbacks::SSH_HOST_KEY) {
        newer::require("CURLOPT_SSH_HOSTKEYFUNCTION", Version::new(7, 84, 0))?;
        callback!(handle, state: CURLOPT_SSH_HOSTKEYDATA,
            ffence_easy_setopt_ssh_hostkey(CURLOPT_SSH_HOSTKEYFUNCTION, Some(on_host_key::<H>)));
    }
    Ok(())
}

/// `CURLOPT_INTERLEAVEFUNCTION`
extern "C" fn on_interleaved<H: Handler>(
    data: *mut c_char,
    size: size_t,
    count: size_t,
    state: *mut c_void,
) -> size_t {
    // SAFETY: the invariant of `Transfer`; nothing else uses the state while a callback runs.
    let State { calls, handler } = unsafe { &mut *state.cast::<State<H>>() };
    let Some(len) = size.checked_mul(count) else { return FAILED };
    // SAFETY: CURLOPT_INTERLEAVEFUNCTION(3): `size * count` bytes to be read during the call.
    let packet = unsafe { received(data, len) };
    match guard(&mut calls.slot, Flow::Stop, || handler.interleaved(packet)) {
        Flow::Continue => len,
        Flow::Stop => FAILED,
    }
}

/// `CURLOPT_CHUNK_BGN_FUNCTION`
extern "C" fn on_file_begins<H: Handler>(
    file: *const c_void,
    state: *mut c_void,
    remaining: c_int,
) -> c_long {
    let known = |info: &ffi::curl_fileinfo, flag| info.flags & flag != 0;
    // SAFETY: CURLOPT_CHUNK_BGN_FUNCTION(3): with FTP it is this structure, for the time of the call.
    let info = unsafe { &*file.cast::<ffi::curl_fileinfo>() };
    let file = RemoteFile {
        // SAFETY: text of the structure's, or NULL.
        name: unsafe { text(info.filename) }.unwrap_or_default(),
        kind: match info.filetype {
            ffi::CURLFILETYPE_FILE => FileKind::File,
            ffi::CURLFILETYPE_DIRECTORY => FileKind::Directory,
            ffi::CURLFILETYPE_SYMLINK => FileKind::Link,
            _ => FileKind::Other,
        },
        size: u64::try_from(info.size).ok().filter(|_| known(info, ffi::CURLFINFOFLAG_KNOWN_SIZE)),
        mode: Some(info.perm).filter(|_| known(info, ffi::CURLFINFOFLAG_KNOWN_PERM)),
        // SAFETY: as above.
        target: unsafe { text(info.strings_target) },
        remaining: u32::try_from(remaining).unwrap_or_default(),
    };
    // SAFETY: the invariant of `Transfer`; nothing else uses the state while a callback runs.
    let State { calls, handler } = unsafe { &mut *state.cast::<State<H>>() };
    match guard(&mut calls.slot, FileChoice::Stop, || handler.file_begins(&file)) {
        FileChoice::Download => ffi::CURL_CHUNK_BGN_FUNC_OK,
        FileChoice::Skip => ffi::CURL_CHUNK_BGN_FUNC_SKIP,
        FileChoice::Stop => ffi::CURL_CHUNK_BGN_FUNC_FAIL,
    }
}

/// # Safety
/// `pointer` is NULL or points to text that does not change for `'a`.
unsafe fn text<'a>(pointer: *const c_char) -> Option<&'a CStr> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: not NULL, and the caller vouches for the text.
    Some(unsafe { CStr::from_ptr(pointer) })
}

/// `CURLOPT_CHUNK_END_FUNCTION`
extern "C" fn on_file_ends<H: Handler>(state: *mut c_void) -> c_long {
    // SAFETY: the invariant of `Transfer`; nothing else uses the state while a callback runs.
    let State { calls, handler } = unsafe { &mut *state.cast::<State<H>>() };
    match guard(&mut calls.slot, Flow::Stop, || handler.file_ends()) {
        Flow::Continue => ffi::CURL_CHUNK_END_FUNC_OK,
        Flow::Stop => ffi::CURL_CHUNK_END_FUNC_FAIL,
    }
}

/// # Safety
/// `key` is NULL, or a key that does not change for `'a`.
unsafe fn key<'a>(key: *const ffi::curl_khkey) -> Option<SshKey<'a>> {
    // SAFETY: as the caller promises.
    let ffi::curl_khkey { key, len, keytype } = *unsafe { key.as_ref() }?;
    if key.is_null() {
        return None;
    }
    let bytes = if len == 0 {
        // SAFETY: `struct curl_khkey`: text in Base64 if the length is 0.
        SshKeyBytes::Base64(unsafe { CStr::from_ptr(key) }.to_str().unwrap_or_default())
    } else {
        // SAFETY: else so many bytes.
        SshKeyBytes::Raw(unsafe { slice::from_raw_parts(key.cast(), len) })
    };
    Some(SshKey::new(SshKeyType::of(keytype.into()), bytes))
}

/// `CURLOPT_SSH_KEYFUNCTION`
unsafe extern "C" fn on_known_host<H: Handler>(
    _: *mut ffi::CURL,
    known: *const ffi::curl_khkey,
    shown: *const ffi::curl_khkey,
    compared: ffi::curl_khmatch,
    state: *mut c_void,
) -> c_int {
    let compared = match compared {
        ffi::CURLKHMATCH_OK => KnownHostMatch::Same,
        ffi::CURLKHMATCH_MISMATCH => KnownHostMatch::Other,
        _ => KnownHostMatch::Missing,
    };
    // SAFETY: CURLOPT_SSH_KEYFUNCTION(3): NULL, or keys for the time of the call.
    let shown = unsafe { key(shown) };
    // SAFETY: as above.
    let known = unsafe { key(known) };
    let host = KnownHost::new(shown, known, compared);
    // SAFETY: the invariant of `Transfer`; nothing else uses the state while a callback runs.
    let State { calls, handler } = unsafe { &mut *state.cast::<State<H>>() };
    let refuse = KnownHostAnswer::Refuse;
    let answer = match guard(&mut calls.slot, refuse, || handler.ssh_known_host(&host)) {
        KnownHostAnswer::Accept => ffi::CURLKHSTAT_FINE,
        KnownHostAnswer::AcceptAndAdd => ffi::CURLKHSTAT_FINE_ADD_TO_FILE,
        KnownHostAnswer::AcceptAndReplace => ffi::CURLKHSTAT_FINE_REPLACE,
        KnownHostAnswer::Refuse => ffi::CURLKHSTAT_REJECT,
    };
    answer as c_int
}

/// `CURLOPT_SSH_HOSTKEYFUNCTION`
unsafe extern "C" fn on_host_key<H: Handler>(
    state: *mut c_void,
    kind: c_int,
    bytes: *const c_char,
    len: size_t,
) -> c_int {
    // SAFETY: CURLOPT_SSH_HOSTKEYFUNCTION(3): `len` bytes to be read during the call.
    let bytes = unsafe { received(bytes, len) };
    let key = SshKey::new(SshKeyType::of(kind.into()), SshKeyBytes::Raw(bytes));
    // SAFETY: the invariant of `Transfer`; nothing else uses the state while a callback runs.
    let State { calls, handler } = unsafe { &mut *state.cast::<State<H>>() };
    let flow = guard(&mut calls.slot, Flow::Stop, || handler.ssh_host_key(&key));
    // CURLKHMATCH_OK is 0, CURLKHMATCH_MISMATCH is 1.
    c_int::from(flow == Flow::Stop)
}
