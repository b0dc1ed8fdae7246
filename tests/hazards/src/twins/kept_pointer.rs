//! Twin of `kept_pointer.go`.

use crate::fixtures::Keeper;

/// What C keeps is borrowed until C forgets it, and so cannot be gone before.
///
/// ```compile_fail,E0597
/// use ffence_hazards::fixtures::Keeper;
/// let mut keeper = Keeper::new();
/// {
///     let bytes = vec![b'A'; 64];
///     keeper.keep(&bytes);
/// }
/// assert_eq!(keeper.first(), Some(b'A'));
/// ```
///
/// Without the inner scope it compiles:
///
/// ```
/// use ffence_hazards::fixtures::Keeper;
/// let bytes = vec![b'A'; 64];
/// let mut keeper = Keeper::new();
/// keeper.keep(&bytes);
/// assert_eq!(keeper.first(), Some(b'A'));
/// ```
pub fn twin() -> ffence::Result<()> {
    let bytes = vec![b'A'; 64];
    let mut keeper = Keeper::new();
    keeper.keep(&bytes);
    // Whatever else is allocated and freed meanwhile, these bytes stay where they are.
    drop(vec![b'B'; 64]);
    assert_eq!(keeper.first(), Some(b'A'));
    Ok(())
}
