//! Twin of `freed_middle.go`.

use crate::fixtures::{byte_at, bytes, release};

/// A part of a block is borrowed bytes, and free takes the block: `&[u8]` is no `CBuf`.
///
/// ```compile_fail,E0308
/// use ffence_hazards::fixtures::{bytes, release};
/// let block = bytes(16, b'A');
/// let after_header = &block[4..];
/// release(after_header);
/// ```
///
/// The block itself may be given back:
///
/// ```
/// use ffence_hazards::fixtures::{bytes, release};
/// let block = bytes(16, b'A');
/// release(block);
/// ```
pub fn twin() -> ffence::Result<()> {
    let block = bytes(16, b'A');
    let after_header = &block[4..];
    assert_eq!(byte_at(after_header, 0), i32::from(b'A'));
    release(block);
    Ok(())
}
