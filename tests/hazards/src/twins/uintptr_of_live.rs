//! Twin of `uintptr_of_live.go`.

/// A number is not made a reference, whatever it was computed from.
///
/// ```compile_fail,E0605
/// let block = vec![b'A'; 64];
/// let address = block.as_ptr() as usize;
/// let again = address as &u8;
/// assert_eq!(*again, b'A');
/// ```
///
/// The reference can be kept instead:
///
/// ```
/// let block = vec![b'A'; 64];
/// let again = &block[0];
/// assert_eq!(*again, b'A');
/// ```
pub fn twin() -> ffence::Result<()> {
    let block = Box::new([b'A'; 64]);
    let first = &block[0];
    let others: Vec<_> = (0..64).map(|_| vec![b'B'; 64]).collect();
    assert!(*first == b'A' && others.iter().all(|it| it[0] == b'B'));
    Ok(())
}
