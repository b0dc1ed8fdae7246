//! Twin of `uninitialised_read.go`.

use crate::fixtures::{bytes, exceeds};

/// A variable that nobody has written cannot be lent. A block from C is made by a function that
/// fills it before anybody sees it: `CBuf::from_raw` demands that.
///
/// ```compile_fail,E0381
/// use ffence_hazards::fixtures::exceeds;
/// let block: [u8; 64];
/// assert!(!exceeds(&block, 32, 7));
/// ```
///
/// Written, it may be read:
///
/// ```
/// use ffence_hazards::fixtures::exceeds;
/// let block = [0; 64];
/// assert!(!exceeds(&block, 32, 7));
/// ```
pub fn twin() -> ffence::Result<()> {
    let block = bytes(64, 9);
    assert!(exceeds(&block, 32, 7));
    // Room is not content: a Vec that only reserved has nothing to read at 32.
    let reserved = Vec::<u8>::with_capacity(64);
    assert_eq!(reserved.get(32), None);
    Ok(())
}
