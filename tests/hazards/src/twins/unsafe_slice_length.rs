//! Twin of `unsafe_slice_length.go`.

use std::hint::black_box;

/// A slice that is longer than what it is taken from panics where it is taken.
pub fn twin() -> ffence::Result<()> {
    let block = [b'A'; 32];
    let longer = &block[..black_box(64)];
    assert_eq!(longer.len(), 64);
    Ok(())
}
