//! Twin of `trace_of_c_call.go`.

use std::thread;
use std::time::{Duration, Instant};

use crate::fixtures::Bell;

/// What happens inside a call into C is measured inside: the callback and its caller are functions
/// of one stack, and two clocks tell their parts.
pub fn twin() -> ffence::Result<()> {
    let nap = Duration::from_millis(5);
    let mut inside = Duration::ZERO;
    let mut bell = Bell::new(|| {
        let start = Instant::now();
        thread::sleep(nap);
        inside = start.elapsed();
    });
    let start = Instant::now();
    bell.ring()?;
    let call = start.elapsed();
    drop(bell);
    assert!(nap <= inside && inside <= call, "{inside:?} of {call:?}");
    Ok(())
}
