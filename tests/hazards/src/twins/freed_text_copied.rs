//! Twin of `freed_text_copied.go`.

/// What is copied later is borrowed until then: a text that ends before does not live long enough.
///
/// ```compile_fail,E0597
/// let view;
/// {
///     let text = c"a secret of twenty-eight bytes".to_owned();
///     view = text.as_c_str();
/// }
/// assert_eq!(view.to_string_lossy(), "a secret of twenty-eight bytes");
/// ```
///
/// Without the inner scope it compiles:
///
/// ```
/// let text = c"a secret of twenty-eight bytes".to_owned();
/// let view = text.as_c_str();
/// assert_eq!(view.to_string_lossy(), "a secret of twenty-eight bytes");
/// ```
pub fn twin() -> ffence::Result<()> {
    let text = ffence::cstr::lend("a secret of twenty-eight bytes", "the secret")?;
    let copy = text.to_string_lossy().into_owned();
    drop(text);
    assert_eq!(copy, "a secret of twenty-eight bytes");
    Ok(())
}
