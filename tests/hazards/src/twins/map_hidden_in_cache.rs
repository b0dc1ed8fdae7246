//! Twin of `map_hidden_in_cache.go`.

use std::collections::HashMap;
use std::sync::{Mutex, RwLock};
use std::thread;

/// What a function that several threads call writes to, on the side or not, is behind a lock: the
/// map itself, shared, is read.
///
/// ```compile_fail,E0596
/// use std::collections::BTreeMap;
/// static SETTINGS: BTreeMap<&str, &str> = BTreeMap::new();
/// fn compute(id: &'static str) -> usize {
///     SETTINGS.insert("last_id", id);
///     id.len()
/// }
/// assert_eq!(compute("bob"), 3);
/// ```
///
/// Behind one it is written to:
///
/// ```
/// use std::collections::BTreeMap;
/// use std::sync::Mutex;
/// static SETTINGS: Mutex<BTreeMap<&str, &str>> = Mutex::new(BTreeMap::new());
/// fn compute(id: &'static str) -> usize {
///     SETTINGS.lock().unwrap().insert("last_id", id);
///     id.len()
/// }
/// assert_eq!(compute("bob"), 3);
/// ```
pub fn twin() -> ffence::Result<()> {
    let cache = RwLock::new(HashMap::new());
    let settings = Mutex::new(HashMap::new());
    thread::scope(|scope| {
        for worker in 0..8 {
            let (cache, settings) = (&cache, &settings);
            scope.spawn(move || {
                let id = format!("user_{worker}");
                if let Ok(mut settings) = settings.lock() {
                    settings.insert("last_id", id.clone());
                }
                cache.write().is_ok_and(|mut it| it.insert(id.clone(), id.len()).is_none())
            });
        }
    });
    assert_eq!(cache.read().map(|it| it.len()).ok(), Some(8));
    assert_eq!(settings.into_inner().map(|it| it.len()).ok(), Some(1));
    Ok(())
}
