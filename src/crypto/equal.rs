//! Comparison of secrets.

#![allow(unsafe_code)]

use crate::ffi::openssl as ffi;

/// Whether both are the same bytes, in a time that depends on their lengths alone.
///
/// [CRYPTO_memcmp](https://docs.openssl.org/3.0/man3/CRYPTO_memcmp/)
pub(super) fn equal(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    // SAFETY: both are readable for as many bytes as they are long, which is the same number.
    let differs =
        unsafe { ffi::CRYPTO_memcmp(left.as_ptr().cast(), right.as_ptr().cast(), left.len()) };
    differs == 0
}
