//! Twin of `arithmetic_past_block.go`.

use std::hint::black_box;

/// What is computed is an index, and every access compares it with the length.
pub fn twin() -> ffence::Result<()> {
    let block = [b'A'; 64];
    assert_eq!(block.get(black_box(64)), None);
    let behind = block[black_box(64)];
    assert_eq!(behind, 0);
    Ok(())
}
