//! Text that C allocated, and text on its way to C.

#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char};
use std::fmt;
use std::ops::Deref;

use crate::buf::{Allocator, CBuf};

/// A NUL-terminated string that C allocated and that is ours to free.
///
/// ```
/// use ffence::buf::Libc;
/// use ffence::cstr::CText;
///
/// // SAFETY: strdup answers NULL or a string from malloc.
/// let text = unsafe { CText::<Libc>::from_raw(libc::strdup(c"libcurl".as_ptr())) };
/// assert_eq!(text.as_deref(), Some(c"libcurl"));
/// ```
pub struct CText<A: Allocator> {
    /// The bytes with their terminator.
    bytes: CBuf<A>,
}

impl<A: Allocator> CText<A> {
    /// Takes a string that a C function just returned; `None` for NULL.
    ///
    /// # Safety
    /// `start` is NULL, or the caller owns the block of `A` that begins there and hands it over,
    /// and a NUL byte ends the text inside it.
    #[must_use]
    pub unsafe fn from_raw(start: *mut c_char) -> Option<Self> {
        if start.is_null() {
            return None;
        }
        // SAFETY: not NULL, and the caller vouches for the terminator.
        let len = unsafe { CStr::from_ptr(start) }.to_bytes_with_nul().len();
        // SAFETY: the block is handed over, and `len` bytes of it were just read.
        let bytes = unsafe { CBuf::from_raw(start.cast(), len) }?;
        Some(Self { bytes })
    }
}

impl<A: Allocator> Deref for CText<A> {
    type Target = CStr;

    fn deref(&self) -> &CStr {
        // SAFETY: `from_raw` measured the bytes up to their first NUL, and nothing changes them.
        unsafe { CStr::from_bytes_with_nul_unchecked(&self.bytes) }
    }
}

impl<A: Allocator> fmt::Debug for CText<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// A copy of `text` that ends in NUL, to lend to C.
///
/// `what` names the text in the error.
///
/// # Errors
/// [`InteriorNul`] when `text` holds a NUL byte: C would take the rest for absent.
///
/// ```
/// let url = ffence::cstr::lend("https://example.org", "the URL")?;
/// assert_eq!(url.as_bytes_with_nul().last(), Some(&0));
///
/// let error = ffence::cstr::lend("https://example.org\0.evil", "the URL").unwrap_err();
/// assert_eq!(error.to_string(), "the URL holds a NUL byte at position 19");
/// # Ok::<(), ffence::Error>(())
/// ```
pub fn lend(text: impl Into<Vec<u8>>, what: &'static str) -> Result<CString, InteriorNul> {
    CString::new(text).map_err(|error| InteriorNul { what, position: error.nul_position() })
}

/// A copy of `text`, as long as a caller chose, for [`lend`] to end without another request for memory.
#[cfg(any(feature = "crypto", feature = "http"))]
pub(crate) fn copied(text: &[u8]) -> Result<Vec<u8>, std::collections::TryReserveError> {
    let mut copy = Vec::new();
    copy.try_reserve_exact(text.len() + 1)?;
    copy.extend_from_slice(text);
    Ok(copy)
}

/// Text for C holds a NUL byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InteriorNul {
    what: &'static str,
    position: usize,
}

impl InteriorNul {
    #[cfg(feature = "http")]
    pub(crate) fn at(what: &'static str, position: usize) -> Self {
        Self { what, position }
    }
}

impl fmt::Display for InteriorNul {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} holds a NUL byte at position {}", self.what, self.position)
    }
}

impl std::error::Error for InteriorNul {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::buf::Libc;

    #[test]
    fn text_from_c_is_read_to_its_terminator() {
        // SAFETY: the text ends in NUL.
        let text = unsafe { libc::strdup(c"a\xffb".as_ptr()) };
        // SAFETY: strdup answers NULL or a string from malloc.
        let text = unsafe { CText::<Libc>::from_raw(text) };
        assert_eq!(text.as_deref().map(CStr::to_bytes), Some(&b"a\xffb"[..]));
    }

    #[test]
    fn null_is_no_text() {
        // SAFETY: NULL is allowed.
        assert!(unsafe { CText::<Libc>::from_raw(std::ptr::null_mut()) }.is_none());
    }
}
