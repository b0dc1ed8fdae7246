//! Twin of `slice_header_length.go`.

/// A `Vec`'s length can be written as well, by whoever vouches for it in `unsafe`.
///
/// ```compile_fail,E0133
/// let mut block = vec![b'A'; 32];
/// block.set_len(64);
/// assert_eq!(block[63], b'A');
/// ```
///
/// With what the bytes are to be, it takes no promise:
///
/// ```
/// let mut block = vec![b'A'; 32];
/// block.resize(64, b'A');
/// assert_eq!(block[63], b'A');
/// ```
pub fn twin() -> ffence::Result<()> {
    let mut block = vec![b'A'; 32];
    block.resize(64, 0);
    assert_eq!((&block[..32], &block[32..]), (&[b'A'; 32][..], &[0; 32][..]));
    Ok(())
}
