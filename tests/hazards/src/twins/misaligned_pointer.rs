//! Twin of `misaligned_pointer.go`.

/// A raw pointer may have any address, and be cast to any type; to read a pointer through it needs
/// `unsafe`, and a promise that it is aligned.
///
/// ```compile_fail,E0133
/// let bytes = [0_u8; 64];
/// let place = (&raw const bytes[1]).cast::<Option<&i64>>();
/// assert_eq!(place.read(), None);
/// ```
///
/// Where a reference is stored, there is one:
///
/// ```
/// let places = [None::<&i64>; 8];
/// let place = &places[1];
/// assert_eq!(*place, None);
/// ```
pub fn twin() -> ffence::Result<()> {
    // Where the next place for a pointer is, from an address and from the one behind it: not at both.
    let bytes = [0_u8; 64];
    let next = [1, 2].map(|start| bytes[start..].as_ptr().align_offset(align_of::<usize>()));
    assert!(next.iter().any(|it| *it > 0), "{next:?}");
    let place = [None::<&i64>; 8];
    assert_eq!(place[1], None);
    Ok(())
}
