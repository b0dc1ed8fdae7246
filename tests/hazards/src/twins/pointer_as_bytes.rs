//! Twin of `pointer_as_bytes.go`.

use crate::fixtures::Keeper;

/// A struct is not bytes: safe Rust has no way from one to the other, and so none past the question
/// what is in it.
///
/// ```compile_fail,E0308
/// use ffence_hazards::fixtures::Keeper;
/// struct Tagged { first: u8, value: Box<[u8]> }
/// let it = Tagged { first: b'A', value: vec![0; 64].into() };
/// let mut keeper = Keeper::new();
/// keeper.keep(&it);
/// assert_eq!(keeper.first(), Some(b'A'));
/// ```
///
/// Bytes are:
///
/// ```
/// use ffence_hazards::fixtures::Keeper;
/// struct Numbers { bytes: [u8; 9] }
/// let it = Numbers { bytes: [b'A'; 9] };
/// let mut keeper = Keeper::new();
/// keeper.keep(&it.bytes);
/// assert_eq!(keeper.first(), Some(b'A'));
/// ```
pub fn twin() -> ffence::Result<()> {
    let bytes = [b'A'; 9];
    let mut keeper = Keeper::new();
    keeper.keep(&bytes);
    assert_eq!(keeper.first(), Some(b'A'));
    Ok(())
}
