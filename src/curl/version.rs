//! What the linked libcurl was built with.

#![allow(unsafe_code)]

use std::ffi::c_int;

use crate::ffi::curl as ffi;

/// [`curl_version_info`](https://curl.se/libcurl/c/curl_version_info.html), once libcurl is set up.
///
/// Never made a reference: an older library's structure is shorter than the declared one.
fn info() -> *const ffi::curl_version_info_data {
    // SAFETY: takes the newest layout that the caller knows.
    unsafe { ffi::curl_version_info(ffi::CURLVERSION_NOW) }
}

/// Whether HTTP/2 can be spoken.
pub(crate) fn has_http2() -> bool {
    const HTTP2: c_int = ffi::CURL_VERSION_HTTP2 as c_int;
    // SAFETY: curl_version_info(3): the answer is static, and every version has this field.
    let features = unsafe { (*info()).features };
    features & HTTP2 != 0
}

/// Whether libcurl was built with the place of a trust store.
pub(crate) fn has_own_trust() -> bool {
    let info = info();
    // SAFETY: as above. `cainfo` and `capath` are there from 7.70 on, before our floor.
    let file = unsafe { (*info).cainfo };
    // SAFETY: as above.
    let directory = unsafe { (*info).capath };
    !(file.is_null() && directory.is_null())
}
