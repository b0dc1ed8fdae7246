//! Twin of `literal_returned.go`.

/// The signature of a function that returns a reference says whose it is, and a literal of its own
/// is nobody's beyond it.
///
/// ```compile_fail,E0106
/// struct Page {
///     status: u16,
///     body: String,
/// }
/// fn build_page() -> &Page {
///     &Page { status: 200, body: "hello".to_owned() }
/// }
/// assert_eq!(build_page().status, 200);
/// ```
///
/// On the heap is where its type says:
///
/// ```
/// struct Page {
///     status: u16,
///     body: String,
/// }
/// fn build_page() -> Box<Page> {
///     Box::new(Page { status: 200, body: "hello".to_owned() })
/// }
/// assert_eq!(build_page().status, 200);
/// # drop(build_page().body);
/// ```
pub fn twin() -> ffence::Result<()> {
    let page = Box::new((200, "hello".to_owned()));
    assert_eq!(*page, (200, "hello".to_owned()));
    Ok(())
}
