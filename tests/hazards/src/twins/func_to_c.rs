//! Twin of `func_to_c.go`.

use crate::fixtures::Bell;

/// A closure goes to C with all that it has captured: the trampoline is made for its type, and the
/// pointer that C carries is the closure's own.
pub fn twin() -> ffence::Result<()> {
    let mut rings = 0;
    let mut bell = Bell::new(|| rings += 1);
    bell.ring()?;
    bell.ring_elsewhere()?;
    drop(bell);
    assert_eq!(rings, 2);
    Ok(())
}
