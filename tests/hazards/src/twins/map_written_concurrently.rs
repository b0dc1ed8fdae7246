//! Twin of `map_written_concurrently.go`.

use std::collections::HashMap;
use std::sync::Mutex;
use std::thread;

/// Two threads do not have one map to write to.
///
/// ```compile_fail,E0499
/// use std::collections::HashMap;
/// let mut counts = HashMap::new();
/// std::thread::scope(|scope| {
///     scope.spawn(|| counts.insert(1, 1));
///     scope.spawn(|| counts.insert(2, 2));
/// });
/// ```
///
/// One after the other they have:
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::Mutex;
/// let counts = Mutex::new(HashMap::new());
/// std::thread::scope(|scope| {
///     scope.spawn(|| counts.lock().unwrap().insert(1, 1));
///     scope.spawn(|| counts.lock().unwrap().insert(2, 2));
/// });
/// ```
pub fn twin() -> ffence::Result<()> {
    let counts = Mutex::new(HashMap::new());
    thread::scope(|scope| {
        for worker in 0..8 {
            let counts = &counts;
            scope.spawn(move || {
                for key in 0..1024 {
                    if let Ok(mut counts) = counts.lock() {
                        *counts.entry(key).or_insert(0) += worker;
                    }
                }
            });
        }
    });
    let counts = counts.into_inner().unwrap_or_default();
    assert_eq!(counts.len(), 1024);
    assert!(counts.values().all(|it| *it == 28), "no write is lost");
    Ok(())
}
