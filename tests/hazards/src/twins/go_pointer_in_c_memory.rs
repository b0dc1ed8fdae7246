//! Twin of `go_pointer_in_c_memory.go`.

use crate::fixtures::Keeper;

/// C's memory may hold a pointer of ours, and then keeps what it points to: a temporary that nobody
/// else owns is refused.
///
/// ```compile_fail,E0716
/// use ffence_hazards::fixtures::Keeper;
/// let mut keeper = Keeper::new();
/// keeper.keep(&vec![b'A'; 64]);
/// assert_eq!(keeper.first(), Some(b'A'));
/// ```
///
/// With an owner it compiles:
///
/// ```
/// use ffence_hazards::fixtures::Keeper;
/// let bytes = vec![b'A'; 64];
/// let mut keeper = Keeper::new();
/// keeper.keep(&bytes);
/// assert_eq!(keeper.first(), Some(b'A'));
/// ```
pub fn twin() -> ffence::Result<()> {
    // A literal is nobody's, and lives for ever.
    let mut keeper = Keeper::new();
    keeper.keep(b"A");
    assert_eq!(keeper.first(), Some(b'A'));
    Ok(())
}
