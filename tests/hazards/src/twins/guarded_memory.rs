//! Twin of `guarded_memory.go`.

use crate::fixtures::{byte_at, bytes};

/// Every block has its guard: a `CBuf` knows its length, and a read behind it panics before C is
/// asked.
pub fn twin() -> ffence::Result<()> {
    let block = bytes(64, 0);
    assert_eq!(byte_at(&block, 64), 0, "it is not reached");
    Ok(())
}
