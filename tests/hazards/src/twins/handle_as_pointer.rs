//! Twin of `handle_as_pointer.go`.

use crate::fixtures::Bell;

/// No number travels as a pointer: a bell takes what is to be called, and a handle cannot be.
///
/// ```compile_fail,E0277
/// use ffence_hazards::fixtures::Bell;
/// let handle = 1_usize;
/// let mut bell = Bell::new(handle);
/// # let _ = bell;
/// ```
///
/// A closure can:
///
/// ```
/// use ffence_hazards::fixtures::Bell;
/// let handle = 1_usize;
/// let mut bell = Bell::new(|| assert_eq!(handle, 1));
/// assert!(bell.ring().is_ok());
/// ```
pub fn twin() -> ffence::Result<()> {
    // The pointer that C carries is the closure's, wherever this thread's stack has grown to.
    let mut rings = 0;
    let mut bell = Bell::new(|| rings += 1);
    deep(200);
    bell.ring()?;
    drop(bell);
    assert_eq!(rings, 1);
    Ok(())
}

fn deep(calls: usize) {
    let frame = std::hint::black_box([0_u8; 1024]);
    if calls > usize::from(frame[0]) {
        deep(calls - 1);
    }
}
