//! Twin of `uintptr_round_trip.go`.

/// An address is a number in Rust too, and safe code cannot make a reference of it.
///
/// ```compile_fail,E0133
/// let block = vec![b'A'; 64];
/// let address = block.as_ptr() as usize;
/// drop(block);
/// assert_eq!(*(address as *const u8), b'A');
/// ```
///
/// The block itself can be kept, and read:
///
/// ```
/// let block = vec![b'A'; 64];
/// let address = block.as_ptr() as usize;
/// assert_ne!(address, 0);
/// assert_eq!(block[0], b'A');
/// ```
pub fn twin() -> ffence::Result<()> {
    let block = Box::new([b'A'; 64]);
    let others: Vec<_> = (0..64).map(|_| vec![b'B'; 64]).collect();
    assert!(block[0] == b'A' && others.iter().all(|it| it[0] == b'B'));
    Ok(())
}
