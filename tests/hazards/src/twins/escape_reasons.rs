//! Twin of `escape_reasons.go`.

use std::thread;

/// What outlives its function is not found out afterwards: the compiler refuses it, and its reason
/// stands in the same message.
///
/// ```compile_fail,E0373
/// fn later() -> std::thread::JoinHandle<i32> {
///     let p = 1;
///     std::thread::spawn(|| p + 1)
/// }
/// assert_eq!(later().join().unwrap(), 2);
/// ```
///
/// Moved along, it compiles:
///
/// ```
/// fn later() -> std::thread::JoinHandle<i32> {
///     let p = 1;
///     std::thread::spawn(move || p + 1)
/// }
/// assert_eq!(later().join().unwrap(), 2);
/// ```
pub fn twin() -> ffence::Result<()> {
    let p = 1;
    let later = thread::spawn(move || p + 1);
    assert!(later.join().is_ok_and(|it| it == 2));
    Ok(())
}
