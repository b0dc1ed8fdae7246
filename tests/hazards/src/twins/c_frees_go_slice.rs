//! Twin of `c_frees_go_slice.go`.

use crate::fixtures::{bytes, release};

/// The allocator is part of the type: what C frees is a `CBuf` of C's allocator, and a `Vec` is
/// Rust's.
///
/// ```compile_fail,E0308
/// use ffence_hazards::fixtures::release;
/// let ours = vec![b'A'; 64];
/// release(ours);
/// ```
///
/// A block of C's is taken:
///
/// ```
/// use ffence_hazards::fixtures::{bytes, release};
/// release(bytes(64, b'A'));
/// ```
pub fn twin() -> ffence::Result<()> {
    let ours = vec![b'A'; 64];
    let theirs = bytes(ours.len(), ours[0]);
    assert_eq!(*theirs, *ours);
    // Each goes back to the allocator that made it.
    release(theirs);
    drop(ours);
    Ok(())
}
