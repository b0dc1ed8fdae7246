//! Twin of `late_stack_read.go`.

use std::sync::mpsc;
use std::thread;

use crate::fixtures::{lend, overwrite_stack};

/// What C lends has the lifetime of the call, and a thread that outlives it cannot have it.
///
/// ```compile_fail,E0521
/// use ffence_hazards::fixtures::lend;
/// use std::thread;
/// let lent = lend(|bytes| {
///     thread::spawn(move || assert_eq!(bytes[0], 0x11));
/// });
/// # drop(lent);
/// ```
///
/// A copy it can:
///
/// ```
/// use ffence_hazards::fixtures::lend;
/// use std::thread;
/// let lent = lend(|bytes| {
///     let copy = bytes.to_vec();
///     thread::spawn(move || assert_eq!(copy[0], 0x11));
/// });
/// # drop(lent);
/// ```
pub fn twin() -> ffence::Result<()> {
    let (release, released) = mpsc::channel::<()>();
    let mut reader = None;
    lend(|bytes| {
        let copy = bytes.to_vec();
        reader = Some(thread::spawn(move || {
            // Ends when the other half goes.
            let _ = released.recv();
            copy[0]
        }));
    })?;
    overwrite_stack();
    drop(release);
    let first = reader.and_then(|it| it.join().ok());
    assert_eq!(first, Some(0x11));
    Ok(())
}
