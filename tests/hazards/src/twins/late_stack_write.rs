//! Twin of `late_stack_write.go`.

use std::thread;

use crate::fixtures::lend;

/// A buffer to fill does not leave the callback either, not even to wait outside for its turn.
///
/// ```compile_fail,E0521
/// use ffence_hazards::fixtures::lend;
/// let mut later = Vec::new();
/// let lent = lend(|bytes| later.push(bytes));
/// later[0][0] = 0x77;
/// # drop(lent);
/// ```
///
/// Within the callback it may be written:
///
/// ```
/// use ffence_hazards::fixtures::lend;
/// let lent = lend(|bytes| bytes[0] = 0x77);
/// # drop(lent);
/// ```
pub fn twin() -> ffence::Result<()> {
    // Another thread may write to it that is waited for: a scope ends before its frame does.
    let changed = lend(|bytes| {
        thread::scope(|scope| {
            scope.spawn(|| bytes[0] = 0x77);
        });
    })?;
    assert_eq!(changed, 1);
    assert_eq!(lend(|_| ())?, 0);
    Ok(())
}
