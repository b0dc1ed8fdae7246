//! Functions that are newer than OpenSSL 3.0: looked up when they are wanted, never linked.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_int, c_void};
use std::ptr::NonNull;

use crate::error::{Error, ErrorKind, Result};
use crate::ffi::openssl as ffi;
use crate::sync::OnceLock;

/// [EVP_DigestSqueeze](https://docs.openssl.org/3.3/man3/EVP_DigestInit/)
pub(super) type Squeeze = unsafe extern "C" fn(*mut ffi::EVP_MD_CTX, *mut u8, usize) -> c_int;

/// `EVP_DigestSqueeze`, since OpenSSL 3.3.
pub(super) fn squeeze() -> Result<Squeeze> {
    static FOUND: OnceLock<Option<Squeeze>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        let address = symbol(c"EVP_DigestSqueeze")?;
        // SAFETY: openssl/evp.h of 3.3 declares the function with these types, and the pointer is
        // not NULL.
        Some(unsafe { std::mem::transmute::<NonNull<c_void>, Squeeze>(address) })
    });
    found.ok_or_else(|| absent("EVP_DigestSqueeze", "3.3"))
}

#[cold]
fn absent(function: &str, since: &str) -> Error {
    // SAFETY: takes nothing.
    let linked = unsafe { ffi::OpenSSL_version_num() };
    let (major, minor) = (linked >> 28, (linked >> 20) & 0xff);
    Error::ours(
        ErrorKind::Unsupported,
        format!(
            "the loaded OpenSSL {major}.{minor} exports no {function}, which OpenSSL has since {since}"
        ),
    )
}

/// Looks a function up in the libcrypto that this crate is linked with.
fn symbol(name: &CStr) -> Option<NonNull<c_void>> {
    crate::loader::symbol(ffi::EVP_DigestFinalXOF as *const c_void, name)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(unix)]
    use crate::loader::holder;

    /// What the linked library surely has is found, and at the address that is linked.
    #[cfg(unix)]
    #[test]
    fn a_function_that_is_there_is_found() {
        let linked = ffi::EVP_DigestFinalXOF as *const c_void;
        match symbol(c"EVP_DigestFinalXOF") {
            Some(found) => assert!(std::ptr::eq(found.as_ptr(), linked)),
            // A program that holds libcrypto itself does not export it.
            None => assert_eq!(holder(linked), holder(symbol as *const c_void)),
        }
        assert!(symbol(c"EVP_NoSuchFunction").is_none());
    }

    #[test]
    fn what_is_missing_is_named_with_its_version() {
        let error = absent("EVP_Future", "9.9");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().ends_with("exports no EVP_Future, which OpenSSL has since 9.9"));
    }
}
