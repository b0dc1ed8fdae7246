//! Twin of `list_of_strings.go`.

use crate::fixtures::text_total;

/// A list of `String` is no list of texts for C: each element ends in nothing, and its type says so.
///
/// ```compile_fail,E0308
/// use ffence_hazards::fixtures::text_total;
/// let texts = ["a".repeat(30)];
/// assert_eq!(text_total(&[&texts[0]]), 30);
/// ```
///
/// A list of `CString` is:
///
/// ```
/// use ffence_hazards::fixtures::text_total;
/// let texts = [ffence::cstr::lend("a".repeat(30), "the text")?];
/// assert_eq!(text_total(&[&texts[0]]), 30);
/// # Ok::<(), ffence::Error>(())
/// ```
pub fn twin() -> ffence::Result<()> {
    let text = ffence::cstr::lend("a".repeat(30), "the text")?;
    assert_eq!(text_total(&[&text, &text]), 60);
    Ok(())
}
