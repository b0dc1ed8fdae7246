//! Twin of `number_as_pointer.go`.

use std::ptr;
use std::thread;

/// A pointer that was a number and points to nothing does no harm: nobody looks for what it points
/// to, and safe code does not read through it. It is sent as the number that it is: a raw pointer
/// is not `Send`.
pub fn twin() -> ffence::Result<()> {
    let user = ptr::without_provenance::<u8>(42);
    let number = user.addr();
    let there = thread::spawn(move || ptr::without_provenance::<u8>(number).addr());
    assert_eq!(there.join().ok(), Some(42));
    Ok(())
}
