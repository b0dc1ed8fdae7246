//! The one-libcrypto probe: may an OpenSSL pointer be handed to libcurl?
//!
//! A process can hold two copies of libcrypto (one linked statically by openssl-sys, one that the
//! system's libcurl brings), or a libcurl on another TLS library altogether. An object of one copy
//! in the hands of the other is undefined behaviour, so it is asked once, at run time, and anything
//! but a clear yes is a no.

#![allow(unsafe_code)]

use super::Libcurl;
use crate::sync::OnceLock;

/// Whether libcurl works on this crate's libcrypto.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SharedLibcrypto {
    /// Yes: objects can be handed over.
    Yes,
    /// libcurl does TLS with another library.
    OtherBackend,
    /// libcurl calls another copy of libcrypto in this process.
    SecondCopy,
    /// The loader did not say.
    Unknown,
}

/// Asks once a process.
pub(crate) fn shared_libcrypto(libcurl: &Libcurl) -> SharedLibcrypto {
    static ANSWER: OnceLock<SharedLibcrypto> = OnceLock::new();
    *ANSWER.get_or_init(|| match libcurl.tls_backend() {
        Some(backend) if backend.starts_with("OpenSSL/") => loaded_copies(),
        _ => SharedLibcrypto::OtherBackend,
    })
}

/// A libcurl that is linked statically calls what this crate calls: one linker resolved both.
#[cfg(curl_is_static)]
fn loaded_copies() -> SharedLibcrypto {
    SharedLibcrypto::Yes
}

/// Compares our address of a function of libcrypto with the one that libcurl's own dependencies
/// offer. Where they are equal, that copy comes first in the process's scope, and libcurl's calls
/// were bound to it as well.
#[cfg(all(unix, not(curl_is_static)))]
fn loaded_copies() -> SharedLibcrypto {
    use std::ffi::c_void;
    use std::ptr;

    use crate::ffi::{curl, openssl};
    use crate::loader;

    let of_libcurl = curl::curl_version_info as *const c_void;
    let Some(library) = loader::holder(of_libcurl) else { return SharedLibcrypto::Unknown };
    // SAFETY: dladdr's path is a string of the loader; with NOLOAD nothing is loaded or run, and
    // the main program's own path (a stub of libcurl's function) is simply not found there.
    let handle = unsafe { libc::dlopen(library, libc::RTLD_NOLOAD | libc::RTLD_LAZY) };
    if handle.is_null() {
        return SharedLibcrypto::Unknown;
    }
    // SAFETY: the handle is open, and the name ends in NUL.
    let theirs = unsafe { libc::dlsym(handle, c"OPENSSL_init_crypto".as_ptr()) };
    // SAFETY: closes what was opened above; the library stays loaded by its other users.
    unsafe { libc::dlclose(handle) };
    let ours = openssl::OPENSSL_init_crypto as *const c_void;
    if theirs.is_null() {
        SharedLibcrypto::Unknown
    } else if ptr::eq(theirs.cast_const(), ours) {
        SharedLibcrypto::Yes
    } else {
        SharedLibcrypto::SecondCopy
    }
}

#[cfg(all(not(unix), not(curl_is_static)))]
fn loaded_copies() -> SharedLibcrypto {
    SharedLibcrypto::Unknown
}
