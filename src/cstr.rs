//! Text on its way to C.

use std::ffi::CString;

use crate::error::{Error, ErrorKind, Result};

/// A copy that ends in NUL, for the time of a call.
///
/// # Errors
/// [`ErrorKind::InteriorNul`] when `text` holds a NUL byte: C would take the rest for absent.
pub(crate) fn lend(text: impl Into<Vec<u8>>, what: &str) -> Result<CString> {
    CString::new(text).map_err(|error| {
        Error::ours(
            ErrorKind::InteriorNul,
            format!(
                "{what} holds a NUL byte at position {}",
                error.nul_position()
            ),
        )
    })
}
