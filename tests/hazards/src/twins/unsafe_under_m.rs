//! Twin of `unsafe_under_m.go`.

/// A number may become a pointer, but reading through it is not safe code: no option has to be
/// switched on to be told.
///
/// ```compile_fail,E0133
/// let kept = 7;
/// let number = (&raw const kept).expose_provenance();
/// let pointer = std::ptr::with_exposed_provenance::<i32>(number);
/// assert_eq!(*pointer, 7);
/// ```
///
/// A reference stays one:
///
/// ```
/// let kept = 7;
/// let reference = &kept;
/// assert_eq!(*reference, 7);
/// ```
pub fn twin() -> ffence::Result<()> {
    let kept = 7;
    let reference = &kept;
    assert_eq!(*reference, 7);
    Ok(())
}
