//! Random bytes from OpenSSL's generators.

#![allow(unsafe_code)]

use std::ptr;

use crate::error::Result;
use crate::error::openssl::{Checked as _, bracket, unmarked};
use crate::ffi::openssl as ffi;

/// What the bytes are for: OpenSSL keeps a generator of its own for secrets.
#[derive(Clone, Copy)]
pub(super) enum Use {
    /// Bytes that others will see.
    Public,
    /// Keys.
    Private,
}

/// Fills `bytes`; an error leaves them zero.
///
/// The generators notice a fork by themselves and reseed in the child (RAND(7)).
#[inline]
pub(super) fn fill(bytes: &mut [u8], purpose: Use) -> Result<()> {
    let draw = |bytes: &mut [u8]| {
        let (start, len) = (bytes.as_mut_ptr(), bytes.len());
        match purpose {
            // SAFETY: `len` bytes are written; NULL is the default context, 0 the default strength.
            Use::Public => unsafe { ffi::RAND_bytes_ex(ptr::null_mut(), start, len, 0) }
                .checked("RAND_bytes_ex"),
            // SAFETY: as above.
            Use::Private => unsafe { ffi::RAND_priv_bytes_ex(ptr::null_mut(), start, len, 0) }
                .checked("RAND_priv_bytes_ex"),
        }
    };
    if unmarked(|| draw(bytes)).is_ok() {
        return Ok(());
    }
    // Drawing again is harmless, and under a mark it tells why.
    let again = bracket(|| draw(bytes));
    if again.is_err() {
        bytes.fill(0);
    }
    again
}
