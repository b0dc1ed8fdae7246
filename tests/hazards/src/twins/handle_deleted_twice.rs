//! Twin of `handle_deleted_twice.go`.

use crate::fixtures::Bell;

/// What C calls back belongs to the object that calls, and goes with it, once: whoever deletes it
/// has given it away.
///
/// ```compile_fail,E0382
/// use ffence_hazards::fixtures::Bell;
/// let bell = Bell::new(|| ());
/// drop(bell);
/// drop(bell);
/// ```
///
/// Without the second it compiles:
///
/// ```
/// use ffence_hazards::fixtures::Bell;
/// let bell = Bell::new(|| ());
/// drop(bell);
/// ```
pub fn twin() -> ffence::Result<()> {
    let mut rings = 0;
    let mut bell = Bell::new(|| rings += 1);
    bell.ring()?;
    drop(bell);
    assert_eq!(rings, 1);
    Ok(())
}
