//! Twin of `core_read_by_dlv.go`.

use std::backtrace::Backtrace;
use std::thread;

/// The program reads its own stacks: no debugger has to know the compiler's age.
pub fn twin() -> ffence::Result<()> {
    let taken = thread::spawn(waits_in_company).join().expect("no panic");
    assert!(taken.contains("waits_in_company"), "{taken}");
    Ok(())
}

#[inline(never)]
fn waits_in_company() -> String {
    Backtrace::force_capture().to_string()
}
