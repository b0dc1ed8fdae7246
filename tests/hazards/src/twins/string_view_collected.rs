//! Twin of `string_view_collected.go`.

/// Here bytes do end with their owner, and a text that borrows them cannot leave its scope.
///
/// ```compile_fail,E0515
/// fn text() -> &'static str {
///     let bytes = vec![b'A'; 64];
///     std::str::from_utf8(&bytes).unwrap()
/// }
/// assert_eq!(text().len(), 64);
/// ```
///
/// With its bytes it can:
///
/// ```
/// fn text() -> String {
///     let bytes = vec![b'A'; 64];
///     String::from_utf8(bytes).unwrap()
/// }
/// assert_eq!(text().len(), 64);
/// ```
pub fn twin() -> ffence::Result<()> {
    let bytes = vec![b'A'; 64];
    let before = bytes.as_ptr();
    let text = String::from_utf8(bytes).unwrap_or_default();
    assert_eq!(text, "A".repeat(64));
    assert_eq!(text.as_ptr(), before, "made without a copy");
    Ok(())
}
