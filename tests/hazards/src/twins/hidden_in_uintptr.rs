//! Twin of `hidden_in_uintptr.go`.

use crate::fixtures::Keeper;

/// An address can be had in safe Rust, and is a number: nothing that takes a buffer takes one.
///
/// ```compile_fail,E0308
/// use ffence_hazards::fixtures::Keeper;
/// let bytes = vec![b'A'; 64];
/// let address = bytes.as_ptr() as usize;
/// let mut keeper = Keeper::new();
/// keeper.keep(address);
/// assert_eq!(keeper.first(), Some(b'A'));
/// ```
///
/// The buffer itself is taken:
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
    let address = bytes.as_ptr() as usize;
    let mut keeper = Keeper::new();
    keeper.keep(&bytes);
    assert_ne!(address, 0);
    assert_eq!(keeper.first(), Some(b'A'));
    Ok(())
}
