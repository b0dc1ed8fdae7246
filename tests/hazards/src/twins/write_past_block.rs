//! Twin of `write_past_block.go`.

use crate::fixtures::fill;

/// C is told to write as many bytes as the slice has, and a longer slice cannot be made of the same
/// memory: taking one panics, before C is called.
pub fn twin() -> ffence::Result<()> {
    let mut block = vec![0; 24].into_boxed_slice();
    fill(&mut block, b'A');
    assert_eq!(block[23], b'A');
    fill(&mut block[..40], b'A');
    panic!("C wrote behind the end of its block");
}
