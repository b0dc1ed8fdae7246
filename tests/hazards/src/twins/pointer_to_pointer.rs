//! Twin of `pointer_to_pointer.go`.

use crate::fixtures::text_total;

/// Rust has no collector that moves or frees what C is about to follow: a pointer to pointers is
/// lent like any other, and the texts behind it are borrowed for the call.
pub fn twin() -> ffence::Result<()> {
    let one = c"one".to_owned();
    let three = c"three".to_owned();
    assert_eq!(text_total(&[&one, &three]), 8);
    Ok(())
}
