//! Twin of `dump_of_c_call.go`.

use std::backtrace::Backtrace;

use crate::fixtures::Bell;

/// C and Rust are on one stack: a backtrace that is taken in a callback goes through C's function to
/// whoever called it.
pub fn twin() -> ffence::Result<()> {
    let mut taken = String::new();
    let mut bell = Bell::new(|| taken = Backtrace::force_capture().to_string());
    bell.ring()?;
    drop(bell);
    assert!(taken.contains("hz_bell_ring"), "{taken}");
    assert!(taken.contains("dump_of_c_call"), "{taken}");
    Ok(())
}
