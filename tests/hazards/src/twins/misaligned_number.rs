//! Twin of `misaligned_number.go`.

/// A number is made of eight bytes wherever they lie, in an order that is written down.
pub fn twin() -> ffence::Result<()> {
    let bytes = [1_u8; 64];
    for start in 0..8 {
        let eight = bytes[start..].first_chunk().copied().unwrap_or_default();
        assert_eq!(u64::from_le_bytes(eight), 0x0101_0101_0101_0101);
    }
    Ok(())
}
