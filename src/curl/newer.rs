//! Functions that are newer than libcurl 7.76: looked up when they are wanted, never linked, so that
//! a program which was built beside a newer library still starts on an older one.
//!
//! Where libcurl is linked statically there is nothing to look up, and its version is known.

#![allow(unsafe_code)]

use std::ffi::{c_char, c_int, c_uint, c_void};
use std::ptr::NonNull;

use crate::capabilities::{Libcurl, Version};
use crate::error::{Error, Result};
use crate::ffi::curl as ffi;
use crate::ffi::curl::newer as newest;

/// [`curl_url_strerror`](https://curl.se/libcurl/c/curl_url_strerror.html)
pub(super) type UrlText = unsafe extern "C" fn(ffi::CURLUcode) -> *const c_char;
/// [`curl_easy_header`](https://curl.se/libcurl/c/curl_easy_header.html)
pub(super) type Header = unsafe extern "C" fn(
    *mut ffi::CURL,
    *const c_char,
    usize,
    c_uint,
    c_int,
    *mut *mut ffi::curl_header,
) -> ffi::CURLHcode;
/// [`curl_easy_nextheader`](https://curl.se/libcurl/c/curl_easy_nextheader.html)
pub(super) type NextHeader = unsafe extern "C" fn(
    *mut ffi::CURL,
    c_uint,
    c_int,
    *mut ffi::curl_header,
) -> *mut ffi::curl_header;
/// [`curl_ws_recv`](https://curl.se/libcurl/c/curl_ws_recv.html)
pub(super) type WsReceive = unsafe extern "C" fn(
    *mut ffi::CURL,
    *mut c_void,
    usize,
    *mut usize,
    *mut *mut ffi::curl_ws_frame,
) -> ffi::CURLcode;
/// [`curl_ws_send`](https://curl.se/libcurl/c/curl_ws_send.html)
pub(super) type WsSend = unsafe extern "C" fn(
    *mut ffi::CURL,
    *const c_void,
    usize,
    *mut usize,
    ffi::curl_off_t,
    c_uint,
) -> ffi::CURLcode;

/// `name: Type = c_name, since "7.80";` makes `name() -> Result<Type>`, which looks up once.
macro_rules! newer {
    ($($name:ident: $type:ty = $at:ident::$c_name:ident, since $since:tt;)+) => {$(
        pub(super) fn $name() -> Result<$type> {
            #[cfg(all(curl_is_static, curl_since = $since))]
            let found: Option<$type> = Some($at::$c_name);
            #[cfg(not(all(curl_is_static, curl_since = $since)))]
            let found = {
                static FOUND: std::sync::OnceLock<Option<$type>> = std::sync::OnceLock::new();
                *FOUND.get_or_init(|| {
                    let name = concat!(stringify!($c_name), "\0");
                    let address = symbol(name)?;
                    // SAFETY: libcurl's headers declare the function with these types from its
                    // first version on, and never change one.
                    Some(unsafe { std::mem::transmute::<NonNull<c_void>, $type>(address) })
                })
            };
            found.ok_or_else(|| unsupported(stringify!($c_name), const { Version::read($since) }))
        }
    )+};
}

newer! {
    url_text: UrlText = ffi::curl_url_strerror, since "7.80";
    header: Header = ffi::curl_easy_header, since "7.83";
    next_header: NextHeader = ffi::curl_easy_nextheader, since "7.83";
    ws_receive: WsReceive = ffi::curl_ws_recv, since "7.86";
    ws_send: WsSend = ffi::curl_ws_send, since "7.86";
    ssls_export: newest::SslsExport = newest::curl_easy_ssls_export, since "8.12";
    ssls_import: newest::SslsImport = newest::curl_easy_ssls_import, since "8.12";
    notify_enable: newest::NotifyEnable = newest::curl_multi_notify_enable, since "8.17";
}

#[allow(dead_code)] // a static libcurl that is new enough is asked nothing
fn symbol(name: &'static str) -> Option<NonNull<c_void>> {
    let name = std::ffi::CStr::from_bytes_with_nul(name.as_bytes()).ok()?;
    crate::loader::symbol(ffi::curl_easy_init as *const c_void, name)
}

/// The linked libcurl is older than `what`.
#[cold]
pub(super) fn unsupported(what: &str, since: Version) -> Error {
    let linked = Libcurl::known().map_or("", Libcurl::version);
    Error::newer(since, format!("{what} came with libcurl {since}; this one is {linked}"))
}

/// Answers an error unless the loaded libcurl is at least `since`.
pub(super) fn require(what: &str, since: Version) -> Result<()> {
    if Libcurl::known()?.number() >= since {
        return Ok(());
    }
    Err(unsupported(what, since))
}

/// Whether this libcurl can give a transfer up while its host name is being resolved, and not wait
/// for the thread that does it (`CURLOPT_QUICK_EXIT`, 7.87).
pub(super) fn can_let_go() -> bool {
    Libcurl::known().is_ok_and(|it| it.number() >= Version::new(7, 87, 0))
}

/// Whether this libcurl can be handed a URL that is parsed already (`CURLOPT_CURLU`): before 7.72 it
/// took that one again in the place of a redirect's
/// ([issue 5709](https://github.com/curl/curl/issues/5709)).
pub(crate) fn may_keep_urls() -> bool {
    Libcurl::known().is_ok_and(|it| it.number() >= Version::new(7, 72, 0))
}

/// Whether resetting a handle of this libcurl frees the names of the files that it read cookies from
/// (8.0; [pull request 10709](https://github.com/curl/curl/pull/10709)).
pub(super) fn reset_frees_cookie_files() -> bool {
    Libcurl::known().is_ok_and(|it| it.number() >= Version::new(8, 0, 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    /// What the linked library surely has is found, and at the address that is linked.
    #[cfg(all(unix, not(curl_is_static)))]
    #[test]
    fn a_function_that_is_there_is_found() {
        let found = symbol("curl_easy_cleanup\0").unwrap();
        assert!(std::ptr::eq(found.as_ptr(), ffi::curl_easy_cleanup as *const c_void));
        assert!(symbol("curl_no_such_function\0").is_none());
    }

    #[test]
    fn what_is_missing_is_named_with_its_version() {
        let error = unsupported("curl_future", Version::read("9.9"));
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(error.since(), Some(Version::new(9, 9, 0)));
        assert!(error.to_string().starts_with("curl_future came with libcurl 9.9.0;"), "{error}");
    }
}
