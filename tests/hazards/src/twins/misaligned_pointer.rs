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
    let bytes = [0_u8; 64];
    let place = (&raw const bytes[1]).cast::<Option<&i64>>();
    let aligned = [0_usize, 1].map(|it| place.wrapping_byte_add(it).is_aligned());
    assert!(aligned.contains(&false), "two addresses in a row are not both aligned");
    Ok(())
}
