//! The only place where C is declared: what openssl-sys and curl-sys have, by name, and what
//! bindgen adds to it.

#![allow(
    unsafe_code,
    dead_code,
    missing_docs,
    non_camel_case_types,
    non_upper_case_globals,
    unreachable_pub,
    clippy::all,
    clippy::pedantic
)]

#[cfg(feature = "http")]
pub(crate) mod curl;
#[cfg(unix)]
pub(crate) mod old_libcrypto;
#[cfg(feature = "crypto")]
pub(crate) mod openssl;

/// What is called in a libcrypto that libcurl brought, where this crate links none.
#[cfg(all(feature = "http", not(feature = "crypto")))]
pub(crate) mod libcrypto {
    /// `OPENSSL_init_crypto(3)`
    pub(crate) type InitCrypto =
        unsafe extern "C" fn(options: u64, settings: *const std::ffi::c_void) -> std::ffi::c_int;

    /// `openssl/crypto.h`, the same since 1.1.1.
    pub(crate) const OPENSSL_INIT_NO_ATEXIT: u64 = 0x0008_0000;
}
