//! Twin of `stored_by_c.go`.

use crate::fixtures::Keeper;

/// Who stores the pointer makes no difference: the signature says that it is kept, and the bytes
/// stay borrowed after the call, until the keeper goes.
///
/// ```compile_fail,E0505
/// use ffence_hazards::fixtures::Keeper;
/// let bytes = vec![b'A'; 64];
/// let mut keeper = Keeper::new();
/// keeper.keep(&bytes);
/// drop(bytes);
/// assert_eq!(keeper.first(), Some(b'A'));
/// ```
///
/// Without the offending line it compiles:
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
    assert_eq!(keeper.first(), Some(b'A'));
    drop(keeper);
    drop(bytes);
    Ok(())
}
