//! Twin of `map_hidden_same_id.go`.

use std::sync::OnceLock;
use std::thread;

/// Whether something may be shared by threads is part of its type, however seldom they meet.
///
/// ```compile_fail,E0277
/// use std::cell::RefCell;
/// static LAST_ID: RefCell<String> = RefCell::new(String::new());
/// LAST_ID.borrow_mut().push_str("user_123");
/// ```
///
/// A lock's says that it may:
///
/// ```
/// use std::sync::Mutex;
/// static LAST_ID: Mutex<String> = Mutex::new(String::new());
/// LAST_ID.lock().unwrap().push_str("user_123");
/// ```
pub fn twin() -> ffence::Result<()> {
    let last_id = OnceLock::new();
    thread::scope(|scope| {
        for worker in 0..8 {
            let last_id = &last_id;
            scope.spawn(move || last_id.get_or_init(|| (worker, "user_123")).1);
        }
    });
    assert_eq!(last_id.get().map(|it| it.1), Some("user_123"));
    Ok(())
}
