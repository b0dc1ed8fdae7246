//! Twin of `string_view_mutated.go`.

/// A text made of bytes without a copy borrows them: nobody writes to them while it is in use.
///
/// ```compile_fail,E0506
/// let mut bytes = *b"hello";
/// let text = std::str::from_utf8(&bytes).unwrap();
/// bytes[0] = b'J';
/// assert_eq!(text, "hello");
/// ```
///
/// When the text has had its last use, it compiles:
///
/// ```
/// let mut bytes = *b"hello";
/// let text = std::str::from_utf8(&bytes).unwrap();
/// assert_eq!(text, "hello");
/// bytes[0] = b'J';
/// ```
pub fn twin() -> ffence::Result<()> {
    let mut bytes = *b"hello";
    let copy = String::from_utf8_lossy(&bytes).into_owned();
    bytes[0] = b'J';
    assert_eq!((copy.as_str(), bytes[0]), ("hello", b'J'));
    Ok(())
}
