//! Twin of `key_read_as_zero.go`.

use http::Extensions;

/// What is not there is `None`, and no number.
pub fn twin() -> ffence::Result<()> {
    let mut carried = Extensions::new();
    carried.insert("trace-abc");
    assert_eq!(carried.get::<u32>(), None);
    // Who wants a zero in its place says so.
    assert_eq!(carried.get::<u32>().copied().unwrap_or_default(), 0);
    // A second middleware that takes the same type is told what it replaces.
    assert_eq!(carried.insert(123_u32), None);
    assert_eq!(carried.insert(124_u32), Some(123));
    Ok(())
}
