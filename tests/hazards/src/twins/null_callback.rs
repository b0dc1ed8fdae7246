//! Twin of `null_callback.go`.

use crate::fixtures::Bell;

/// There is no NULL among the closures, and `None` is not one: whoever makes a bell says what it
/// does.
///
/// ```compile_fail,E0277
/// use ffence_hazards::fixtures::Bell;
/// let mut bell = Bell::new(None::<fn()>);
/// # let _ = bell;
/// ```
///
/// A bell that does nothing says that:
///
/// ```
/// use ffence_hazards::fixtures::Bell;
/// let mut bell = Bell::new(|| ());
/// assert!(bell.ring().is_ok());
/// ```
pub fn twin() -> ffence::Result<()> {
    let mut bell = Bell::new(|| ());
    bell.ring()?;
    assert_eq!(bell.rung(), 1);
    Ok(())
}
