//! Functions that are newer than libcurl 7.76, declared by the headers of the version that brought
//! them: looked up when they are wanted, or linked where the library is built with this crate.

#![allow(unsafe_code)]

use crate::capabilities::{Libcurl, Version};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::curl::newer;

/// `newer!(name, CType, field, since)`: a function that answers the C function, or the error that it
/// is missing.
macro_rules! newer {
    ($name:ident, $type:ident, $symbol:ident, $since:expr) => {
        #[doc = concat!("`", stringify!($symbol), "`")]
        pub(super) fn $name() -> Result<newer::$type> {
            #[cfg(curl_is_static)]
            {
                // Of a version that has it; a libcurl of one's own is built with curl-sys's sources.
                let _ = $since;
                Ok(newer::$symbol)
            }
            #[cfg(not(curl_is_static))]
            {
                static FOUND: std::sync::OnceLock<Option<newer::$type>> =
                    std::sync::OnceLock::new();
                let name = concat!(stringify!($symbol), "\0");
                let found = FOUND.get_or_init(|| {
                    let address = symbol(name)?;
                    // SAFETY: the headers of the version that brought the function declare it with
                    // this type, and libcurl never changes a function.
                    Some(unsafe {
                        std::mem::transmute::<std::ptr::NonNull<std::ffi::c_void>, newer::$type>(
                            address,
                        )
                    })
                });
                found.ok_or_else(|| absent(stringify!($symbol), $since))
            }
        }
    };
}

newer!(ssls_export, SslsExport, curl_easy_ssls_export, Version::new(8, 12, 0));
newer!(ssls_import, SslsImport, curl_easy_ssls_import, Version::new(8, 12, 0));
newer!(notify_enable, NotifyEnable, curl_multi_notify_enable, Version::new(8, 17, 0));

/// Looks a function up in the libcurl that this crate is linked with.
#[cfg(not(curl_is_static))]
fn symbol(name: &str) -> Option<std::ptr::NonNull<std::ffi::c_void>> {
    use crate::capabilities::symbol::beside;

    let name = std::ffi::CStr::from_bytes_with_nul(name.as_bytes()).ok()?;
    beside(crate::ffi::curl::curl_version_info as *const std::ffi::c_void, name)
}

/// `what` came with libcurl `since`, and the loaded one is older.
#[cold]
pub(super) fn absent(what: &str, since: Version) -> Error {
    let loaded = Libcurl::known().map_or("unknown", Libcurl::version);
    let Version { major, minor, patch, .. } = since;
    Error::ours(
        ErrorKind::Unsupported,
        format!("{what} came with libcurl {major}.{minor}.{patch}; this one is {loaded}"),
    )
}

/// Answers an error unless the loaded libcurl is at least `since`.
pub(super) fn require(what: &str, since: Version) -> Result<()> {
    if Libcurl::known()?.number() >= since { Ok(()) } else { Err(absent(what, since)) }
}

/// Whether this libcurl can give a transfer up while its host name is being resolved, and not wait
/// for the thread that does it (`CURLOPT_QUICK_EXIT`, 7.87).
pub(super) fn can_let_go() -> bool {
    Libcurl::known().is_ok_and(|it| it.number() >= Version::new(7, 87, 0))
}
