//! Twin of `reordered_fields.go`.

/// Rust may reorder, and does: the same fields in the same order take 16 bytes. `repr(C)` takes the
/// order as it is written, and 24; what C is to read needs it.
pub fn twin() -> ffence::Result<()> {
    #[allow(dead_code)] // only its size is asked for
    struct Loose {
        first: bool,
        large: i64,
        last: bool,
    }
    #[allow(dead_code)]
    #[repr(C)]
    struct AsWritten {
        first: bool,
        large: i64,
        last: bool,
    }
    assert_eq!(size_of::<AsWritten>(), 24);
    assert_eq!(std::mem::offset_of!(AsWritten, large), 8);
    assert_eq!(size_of::<Loose>(), 16);
    Ok(())
}
