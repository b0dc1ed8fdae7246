//! Twin of `int_as_string.go`.

/// A reference to a number is not made one to a text by a cast.
///
/// ```compile_fail,E0605
/// let number = 42;
/// let text = &number as &String;
/// assert_eq!(text, "42");
/// ```
///
/// The number is converted, not the reference:
///
/// ```
/// let number = 42;
/// let text = &number.to_string();
/// assert_eq!(text, "42");
/// ```
pub fn twin() -> ffence::Result<()> {
    let numbers = [40, 41, 42];
    assert_eq!(numbers[2].to_string(), "42");
    Ok(())
}
