//! Twin of `panic_on_c_thread.go`.

use crate::fixtures::Bell;

/// The panic stops at the trampoline, on whatever thread that is, and the call that entered C
/// returns it. The bell rings on.
pub fn twin() -> ffence::Result<()> {
    let mut first = true;
    let mut bell = Bell::new(|| {
        assert!(!std::mem::take(&mut first), "boom on a thread of C");
    });
    let outcome = bell.ring_elsewhere();
    assert_eq!(bell.rung(), 1);
    assert!(bell.ring_elsewhere().is_ok());
    assert_eq!(bell.rung(), 2);
    Ok(outcome?)
}
