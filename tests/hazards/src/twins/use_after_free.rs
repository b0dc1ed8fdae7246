//! Twin of `use_after_free.go`.

use crate::fixtures::HzBox;

/// A view borrows its owner, which cannot go while the view is still used.
///
/// ```compile_fail,E0505
/// use ffence_hazards::fixtures::HzBox;
/// let owner = HzBox::new(c"secret");
/// let view = owner.look();
/// drop(owner);
/// assert_eq!(view.first(), i32::from(b's'));
/// ```
///
/// Without the offending line it compiles:
///
/// ```
/// use ffence_hazards::fixtures::HzBox;
/// let owner = HzBox::new(c"secret");
/// let view = owner.look();
/// assert_eq!(view.first(), i32::from(b's'));
/// ```
pub fn twin() -> ffence::Result<()> {
    let owner = HzBox::new(c"secret");
    let first = owner.look().first();
    drop(owner);
    assert_eq!(first, i32::from(b's'));
    assert_eq!(HzBox::live(), 0);
    Ok(())
}
