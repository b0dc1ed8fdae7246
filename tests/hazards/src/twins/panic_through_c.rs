//! Twin of `panic_through_c.go`.

use std::ops::ControlFlow;

use crate::fixtures::Walker;

/// The panic stops at the trampoline, C tidies up, and the walker can walk again.
pub fn twin() -> ffence::Result<()> {
    let mut walker = Walker::new();
    let panicked = walker.walk(3, |step| {
        if step == 1 { panic!("boom in the callback") } else { ControlFlow::Continue(()) }
    });
    let Err(panic) = panicked else { panic!("the panic got lost") };
    assert_eq!(panic.message(), Some("boom in the callback"));
    assert_eq!(walker.tidied(), 1);
    assert!(walker.walk(3, |_| ControlFlow::Continue(())).is_ok());
    Ok(())
}
