//! Twin of `refused/missing_export`.

/// What C may call is part of a function's type: one with Rust's own way of calling is no function
/// of C's, and no name has to be found by a linker.
///
/// ```compile_fail,E0308
/// fn double(number: i32) -> i32 {
///     2 * number
/// }
/// let callback: extern "C" fn(i32) -> i32 = double;
/// # let _ = callback;
/// ```
///
/// Declared for C it is one:
///
/// ```
/// extern "C" fn double(number: i32) -> i32 {
///     2 * number
/// }
/// let callback: extern "C" fn(i32) -> i32 = double;
/// assert_eq!(callback(21), 42);
/// ```
pub fn twin() -> ffence::Result<()> {
    extern "C" fn double(number: i32) -> i32 {
        2 * number
    }
    let callback: extern "C" fn(i32) -> i32 = double;
    assert_eq!(callback(21), 42);
    Ok(())
}
