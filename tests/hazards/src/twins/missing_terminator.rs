//! Twin of `missing_terminator.go`.

use std::ffi::{CStr, CString};

use crate::fixtures::text_length;

/// Bytes are not text for C: `&[u8]` and `&CStr` are two types, and the way from one to the other
/// looks for the NUL.
///
/// ```compile_fail,E0308
/// use ffence_hazards::fixtures::text_length;
/// let text = vec![b'A'; 32];
/// assert_eq!(text_length(text.as_slice()), 32);
/// ```
///
/// With the conversion it compiles:
///
/// ```
/// use ffence_hazards::fixtures::text_length;
/// let text = vec![b'A'; 32];
/// assert_eq!(text_length(&std::ffi::CString::new(text.as_slice())?), 32);
/// # Ok::<(), std::ffi::NulError>(())
/// ```
pub fn twin() -> ffence::Result<()> {
    let bytes = vec![b'A'; 32];
    // Taken for text as they are, the bytes are found out: nothing ends them.
    assert!(CStr::from_bytes_with_nul(&bytes).is_err());
    let Ok(text) = CString::new(bytes) else {
        panic!("32 times A holds no NUL");
    };
    assert_eq!(text_length(&text), 32);
    Ok(())
}
