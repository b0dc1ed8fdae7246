//! Twin of `handle_after_delete.go`.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::fixtures::Bell;

/// What the callback uses is borrowed by the bell, and cannot be deleted before the last ring.
///
/// ```compile_fail,E0505
/// use ffence_hazards::fixtures::Bell;
/// let rings = std::sync::atomic::AtomicUsize::new(0);
/// let mut bell = Bell::new(|| {
///     rings.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
/// });
/// drop(rings);
/// assert!(bell.ring().is_ok());
/// ```
///
/// Without the offending line it compiles:
///
/// ```
/// use ffence_hazards::fixtures::Bell;
/// let rings = std::sync::atomic::AtomicUsize::new(0);
/// let mut bell = Bell::new(|| {
///     rings.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
/// });
/// assert!(bell.ring().is_ok());
/// ```
pub fn twin() -> ffence::Result<()> {
    let rings = AtomicUsize::new(0);
    let mut bell = Bell::new(|| {
        rings.fetch_add(1, Ordering::Relaxed);
    });
    bell.ring()?;
    drop(bell);
    assert_eq!(rings.into_inner(), 1);
    Ok(())
}
