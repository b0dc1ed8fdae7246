//! Twin of `literal_written.go`.

/// A literal is shared by everybody, and what is shared is not written to.
///
/// ```compile_fail,E0594
/// let text = "constant";
/// text.as_bytes()[0] = b'X';
/// assert_eq!(text, "Xonstant");
/// ```
///
/// A copy is one's own:
///
/// ```
/// let mut text = *b"constant";
/// text[0] = b'X';
/// assert_eq!(&text, b"Xonstant");
/// ```
pub fn twin() -> ffence::Result<()> {
    let text = "constant";
    let mut copy = text.to_owned().into_bytes();
    copy[0] = b'X';
    assert_eq!((text, &*copy), ("constant", &b"Xonstant"[..]));
    Ok(())
}
