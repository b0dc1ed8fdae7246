//! Twin of `export_returns_string.go`.

use crate::fixtures::ask;

/// C asks for a text of its own kind. A `String` is three words of Rust's, and its type is another.
///
/// ```compile_fail,E0308
/// use ffence_hazards::fixtures::ask;
/// let length = ask(|| "a".repeat(20));
/// # drop(length);
/// ```
///
/// A `&CStr` is what C reads:
///
/// ```
/// use ffence_hazards::fixtures::ask;
/// let length = ask(|| c"aaaaaaaaaaaaaaaaaaaa");
/// # drop(length);
/// ```
pub fn twin() -> ffence::Result<()> {
    let text = ffence::cstr::lend("a".repeat(20), "the text")?;
    assert_eq!(ask(|| &text)?, 20);
    Ok(())
}
