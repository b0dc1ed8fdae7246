//! Twin of `unterminated_strlen.go`.

use std::ffi::CStr;

use crate::fixtures::strlen;

/// A `&str` does not end in NUL any more than a Go string does, and is no `&CStr` for that reason.
///
/// ```compile_fail,E0308
/// use ffence_hazards::fixtures::strlen;
/// let text = "A".repeat(32);
/// assert_eq!(strlen(text.as_str()), 32);
/// ```
///
/// On its way to C the text gets its end:
///
/// ```
/// use ffence_hazards::fixtures::strlen;
/// let text = "A".repeat(32);
/// assert_eq!(strlen(&ffence::cstr::lend(text, "the text")?), 32);
/// # Ok::<(), ffence::Error>(())
/// ```
pub fn twin() -> ffence::Result<()> {
    let text = "A".repeat(32);
    // Looked for within the text, no end is found; nothing behind it is looked at.
    assert!(CStr::from_bytes_until_nul(text.as_bytes()).is_err());
    assert_eq!(strlen(&ffence::cstr::lend(text, "the text")?), 32);
    Ok(())
}
