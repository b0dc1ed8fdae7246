//! Twin of `cgo_check_variable.go`.

use crate::fixtures::Keeper;

/// There is nothing to switch on: that C's memory may only hold what lives as long is checked by
/// every build.
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
/// Kept as long, it compiles:
///
/// ```
/// use ffence_hazards::fixtures::Keeper;
/// let bytes = vec![b'A'; 64];
/// let mut keeper = Keeper::new();
/// keeper.keep(&bytes);
/// assert_eq!(keeper.first(), Some(b'A'));
/// drop(bytes);
/// ```
pub fn twin() -> ffence::Result<()> {
    let bytes = vec![b'A'; 64];
    let mut keeper = Keeper::new();
    keeper.keep(&bytes);
    assert_eq!(keeper.first(), Some(b'A'));
    Ok(())
}
