//! Twin of `global_context_raced.go`.

use std::sync::Mutex;
use std::thread;

/// A static that can be assigned to is anybody's at any time: each use is `unsafe`.
///
/// ```compile_fail,E0133
/// static mut SHARED: Vec<u32> = Vec::new();
/// std::thread::scope(|scope| {
///     for user in 0..2 {
///         scope.spawn(move || SHARED = vec![user]);
///     }
/// });
/// ```
///
/// Behind a lock it takes no promise:
///
/// ```
/// use std::sync::Mutex;
/// static SHARED: Mutex<Vec<u32>> = Mutex::new(Vec::new());
/// std::thread::scope(|scope| {
///     for user in 0..2 {
///         scope.spawn(move || *SHARED.lock().unwrap() = vec![user]);
///     }
/// });
/// ```
pub fn twin() -> ffence::Result<()> {
    static SHARED: Mutex<Vec<u32>> = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for user in 0..2 {
            scope.spawn(move || SHARED.lock().map(|mut all| all.push(user)).is_ok());
        }
    });
    assert_eq!(SHARED.lock().map(|all| all.len()).ok(), Some(2));
    Ok(())
}
