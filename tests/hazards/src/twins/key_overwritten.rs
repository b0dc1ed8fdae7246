//! Twin of `key_overwritten.go`.

use http::Extensions;

/// What a request carries is kept under its type, and a type holds what it is declared to.
///
/// ```compile_fail,E0308
/// #[derive(Clone)]
/// struct UserId(u32);
/// let mut carried = http::Extensions::new();
/// carried.insert(UserId(123));
/// carried.insert(UserId("trace-abc"));
/// ```
///
/// Another thing is another type, and overwrites nothing:
///
/// ```
/// #[derive(Clone)]
/// struct UserId(u32);
/// #[derive(Clone)]
/// struct TraceId(&'static str);
/// let mut carried = http::Extensions::new();
/// carried.insert(UserId(123));
/// carried.insert(TraceId("trace-abc"));
/// assert_eq!(carried.get::<UserId>().unwrap().0, 123);
/// # assert_eq!(carried.get::<TraceId>().unwrap().0, "trace-abc");
/// ```
pub fn twin() -> ffence::Result<()> {
    let mut carried = Extensions::new();
    carried.insert(123_u32);
    carried.insert("trace-abc");
    assert_eq!(carried.get::<u32>(), Some(&123));
    assert_eq!(carried.get::<&str>(), Some(&"trace-abc"));
    Ok(())
}
