//! Twin of `read_past_block.go`.

use crate::fixtures::{byte_at, bytes};

/// C's block is a slice in Rust, whose index is checked before C is asked: a panic, and no byte of
/// anybody else's.
pub fn twin() -> ffence::Result<()> {
    let block = bytes(16, b'A');
    assert_eq!(byte_at(&block, 15), i32::from(b'A'));
    let behind = byte_at(&block, block.len());
    panic!("C read behind the end of its block: {behind}");
}
