//! Twin of `late_thread_stack.go`.

use crate::fixtures::lend_elsewhere;

/// The stack of a thread of C's is lent like any other memory, for as long as the callback runs.
///
/// ```compile_fail,E0521
/// use ffence_hazards::fixtures::lend_elsewhere;
/// let mut kept = None;
/// let lent = lend_elsewhere(|bytes| kept = Some(bytes));
/// assert_eq!(kept.map(|bytes| bytes[0]), Some(0x11));
/// # drop(lent);
/// ```
///
/// A copy may be kept:
///
/// ```
/// use ffence_hazards::fixtures::lend_elsewhere;
/// let mut kept = None;
/// let lent = lend_elsewhere(|bytes| kept = Some(bytes.to_vec()));
/// assert_eq!(kept.map(|bytes| bytes[0]), Some(0x11));
/// # drop(lent);
/// ```
pub fn twin() -> ffence::Result<()> {
    let mut kept = Vec::new();
    lend_elsewhere(|bytes| kept.extend_from_slice(bytes))?;
    assert_eq!(kept, [0x11; 1024]);
    Ok(())
}
