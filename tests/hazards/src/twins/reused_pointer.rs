//! Twin of `reused_pointer.go`.

use crate::fixtures::Keeper;

/// Memory that C keeps is not used for anything else: assigning over it is refused while it is lent.
///
/// ```compile_fail,E0506
/// use ffence_hazards::fixtures::Keeper;
/// let mut bytes = vec![b'A'; 64];
/// let mut keeper = Keeper::new();
/// keeper.keep(&bytes);
/// bytes = vec![b'B'; 64];
/// assert_eq!(keeper.first(), Some(b'A'));
/// # drop(bytes);
/// ```
///
/// When C has forgotten it, it is free for others:
///
/// ```
/// use ffence_hazards::fixtures::Keeper;
/// let mut bytes = vec![b'A'; 64];
/// let mut keeper = Keeper::new();
/// keeper.keep(&bytes);
/// assert_eq!(keeper.first(), Some(b'A'));
/// drop(keeper);
/// bytes = vec![b'B'; 64];
/// assert_eq!(bytes[0], b'B');
/// ```
pub fn twin() -> ffence::Result<()> {
    let bytes = vec![b'A'; 64];
    let mut keeper = Keeper::new();
    keeper.keep(&bytes);
    let others = vec![vec![b'B'; 64]; 20_000];
    assert_eq!(keeper.first(), Some(b'A'));
    drop(others);
    Ok(())
}
