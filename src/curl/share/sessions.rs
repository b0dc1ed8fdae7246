//! TLS sessions that outlive a process.

#![allow(unsafe_code)]

use std::ffi::{c_char, c_int, c_uchar, c_void};
use std::fmt;
use std::slice;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use libc::size_t;
use zeroize::Zeroizing;

use super::Shared;
use crate::buf::copied;
use crate::curl::handle::Handle;
use crate::curl::newer;
use crate::error::libcurl::{check, refused};
use crate::error::{Error, ErrorKind, Library, Result};
use crate::ffi::curl as ffi;
use crate::unwind::{Slot, guard};

/// A TLS session of a share.
///
/// It holds the keys of a resumed connection: whoever reads it can read that. It is wiped when it is
/// dropped, and never printed.
#[derive(Clone)]
pub struct Session {
    salted_hash: Vec<u8>,
    data: Zeroizing<Vec<u8>>,
    valid_until: Option<SystemTime>,
}

impl Session {
    /// A session whose two parts were stored. What they hold is looked at by the builder that
    /// imports them.
    pub fn from_parts(salted_hash: impl Into<Vec<u8>>, data: impl Into<Vec<u8>>) -> Self {
        Self {
            salted_hash: salted_hash.into(),
            data: Zeroizing::new(data.into()),
            valid_until: None,
        }
    }

    /// Which peer it is for, as a salted hash (64 bytes); it tells nobody who that is.
    pub fn salted_hash(&self) -> &[u8] {
        &self.salted_hash
    }

    /// The session itself, in libcurl's own format.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// Until when the peer takes it; `None` for a session made from its parts.
    pub fn valid_until(&self) -> Option<SystemTime> {
        self.valid_until
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("valid_until", &self.valid_until).finish_non_exhaustive()
    }
}

/// What the callback of an export works on.
struct Export {
    slot: Slot,
    sessions: Vec<Session>,
    /// There was no memory for one.
    full: bool,
}

/// Every session of the share, copied.
pub(super) fn export(shared: &Arc<Shared>) -> Result<Vec<Session>> {
    let function = newer::ssls_export()?;
    let mut handle = Handle::new()?;
    handle.share(Some(shared))?;
    let mut export = Export { slot: Slot::new(), sessions: Vec::new(), full: false };
    let data: *mut c_void = (&raw mut export).cast();
    // SAFETY: the handle is ours, and the callback takes the pointer for an `Export`, which nothing
    // else uses during the call.
    let code = unsafe { function(handle.as_ptr(), on_session, data) };
    if let Some(panic) = export.slot.take() {
        return Err(Error::panicked(Library::Libcurl, "curl_easy_ssls_export", panic));
    }
    if export.full {
        return Err(Error::of(ErrorKind::OutOfMemory));
    }
    check("curl_easy_ssls_export", code)?;
    Ok(export.sessions)
}

/// Hands `sessions` to a share that no other handle uses yet.
pub(super) fn import(shared: &Arc<Shared>, sessions: &[Session]) -> Result<()> {
    let function = newer::ssls_import()?;
    let mut handle = Handle::new()?;
    handle.share(Some(shared))?;
    for Session { salted_hash, data, .. } in sessions {
        let (hash, hash_len) = (salted_hash.as_ptr(), salted_hash.len());
        // SAFETY: both parts are as long as they say, and are only read; NULL is "no key in the
        // clear".
        let code = unsafe {
            function(handle.as_ptr(), std::ptr::null(), hash, hash_len, data.as_ptr(), data.len())
        };
        if code == ffi::CURLE_BAD_FUNCTION_ARGUMENT || code == ffi::CURLE_READ_ERROR {
            let error = refused("curl_easy_ssls_import", code, String::new());
            return Err(Error::ours(ErrorKind::Malformed, format!("not a TLS session: {error}")));
        }
        check("curl_easy_ssls_import", code)?;
    }
    Ok(())
}

/// `curl_ssls_export_cb`. It runs under the share's lock for sessions, and only copies.
unsafe extern "C" fn on_session(
    _: *mut ffi::CURL,
    export: *mut c_void,
    _: *const c_char,
    hash: *const c_uchar,
    hash_len: size_t,
    data: *const c_uchar,
    data_len: size_t,
    valid_until: ffi::curl_off_t,
    _: c_int,
    _: *const c_char,
    _: size_t,
) -> ffi::CURLcode {
    // SAFETY: `export` passed this pointer, and waits.
    let export = unsafe { &mut *export.cast::<Export>() };
    // SAFETY: curl_easy_ssls_export(3): so many bytes, valid during the call.
    let hash = unsafe { slice::from_raw_parts(hash, hash_len) };
    // SAFETY: as above.
    let data = unsafe { slice::from_raw_parts(data, data_len) };
    guard(&mut export.slot, ffi::CURLE_ABORTED_BY_CALLBACK, || {
        let since = u64::try_from(valid_until).map(Duration::from_secs).unwrap_or_default();
        let valid_until = SystemTime::UNIX_EPOCH.checked_add(since);
        let copies = copied(hash).and_then(|hash| Ok((hash, Zeroizing::new(copied(data)?))));
        let room = export.sessions.try_reserve(1);
        let (Ok((salted_hash, data)), Ok(())) = (copies, room) else {
            export.full = true;
            return ffi::CURLE_OUT_OF_MEMORY;
        };
        export.sessions.push(Session { salted_hash, data, valid_until });
        ffi::CURLE_OK
    })
}
