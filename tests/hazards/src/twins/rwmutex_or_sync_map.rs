//! Twin of `rwmutex_or_sync_map.go`.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::thread;

/// Which lock is faster is measured here as there. What is not left to a measurement is whether it is
/// held: a reader has no way to write.
///
/// ```compile_fail,E0596
/// use std::collections::HashMap;
/// use std::sync::RwLock;
/// let cache = RwLock::new(HashMap::new());
/// cache.read().unwrap().insert("key", 1);
/// ```
///
/// A writer has:
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::RwLock;
/// let cache = RwLock::new(HashMap::new());
/// cache.write().unwrap().insert("key", 1);
/// assert_eq!(cache.read().unwrap()["key"], 1);
/// ```
pub fn twin() -> ffence::Result<()> {
    let cache = RwLock::new(HashMap::new());
    thread::scope(|scope| {
        for worker in 0..4 {
            let cache = &cache;
            scope.spawn(move || {
                for turn in 0..200 {
                    let key = worker * 200 + turn;
                    cache.write().unwrap_or_else(PoisonError::into_inner).insert(key, turn);
                    let read = cache.read().unwrap_or_else(PoisonError::into_inner);
                    assert_eq!(read.get(&key), Some(&turn));
                }
            });
        }
    });
    assert_eq!(cache.into_inner().unwrap_or_else(PoisonError::into_inner).len(), 800);
    Ok(())
}
