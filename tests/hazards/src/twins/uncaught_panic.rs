//! Twin of `uncaught_panic.go`.

use std::ops::ControlFlow;

use crate::fixtures::Walker;

/// Nobody catches anything here, and the process goes on: the trampoline has caught the panic, C
/// has tidied up, and what is left of it is an error.
pub fn twin() -> ffence::Result<()> {
    let mut walker = Walker::new();
    let outcome = walker.walk(3, |step| {
        assert!(step != 1, "boom in the callback");
        ControlFlow::Continue(())
    });
    assert_eq!(walker.tidied(), 1);
    Ok(outcome.map(drop)?)
}
