//! Twin of `mapassign_breakpoint.go`.

/// What a request carries is a field of its own type: there is no key to look up and no list to walk,
/// and one who takes it for something else is told before it runs.
///
/// ```compile_fail,E0308
/// struct Request {
///     user: u32,
/// }
/// let request = Request { user: 7 };
/// let name: &str = request.user;
/// # let _ = name;
/// ```
///
/// Taken for what it is, it compiles:
///
/// ```
/// struct Request {
///     user: u32,
/// }
/// let request = Request { user: 7 };
/// let number: u32 = request.user;
/// assert_eq!(number, 7);
/// ```
pub fn twin() -> ffence::Result<()> {
    struct Request {
        user: &'static str,
    }
    let request = Request { user: "bob" };
    assert_eq!(request.user, "bob");
    Ok(())
}
