//! Twin of `freed_text_read.go`.

/// A view of a text's bytes borrows the text, which cannot be freed before the last look.
///
/// ```compile_fail,E0505
/// let text = c"a secret of twenty-eight bytes".to_owned();
/// let bytes = text.as_bytes();
/// drop(text);
/// assert_eq!(bytes[0], b'a');
/// ```
///
/// Without the offending line it compiles:
///
/// ```
/// let text = c"a secret of twenty-eight bytes".to_owned();
/// let bytes = text.as_bytes();
/// assert_eq!(bytes[0], b'a');
/// ```
pub fn twin() -> ffence::Result<()> {
    let text = ffence::cstr::lend("a secret of twenty-eight bytes", "the secret")?;
    let first = text.as_bytes()[0];
    drop(text);
    assert_eq!(first, b'a');
    Ok(())
}
