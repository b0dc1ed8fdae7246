//! Twin of `address_returned.go`.

/// A variable ends with its function, and what lives longer is moved out or boxed: the programmer
/// says which.
///
/// ```compile_fail,E0515
/// fn new_user(name: &str) -> &'static String {
///     let user = name.to_owned();
///     &user
/// }
/// assert_eq!(new_user("bob"), "bob");
/// ```
///
/// Moved out, it compiles:
///
/// ```
/// fn new_user(name: &str) -> String {
///     let user = name.to_owned();
///     user
/// }
/// assert_eq!(new_user("bob"), "bob");
/// ```
pub fn twin() -> ffence::Result<()> {
    let user = Box::new("bob".to_owned());
    assert_eq!(*user, "bob");
    Ok(())
}
