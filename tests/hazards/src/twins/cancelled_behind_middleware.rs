//! Twin of `cancelled_behind_middleware.go`.

use std::sync::mpsc;
use std::thread;

/// What ends with the middleware is borrowed by what runs below it, and a thread may outlive both.
///
/// ```compile_fail,E0373
/// use std::thread::{self, JoinHandle};
/// use std::time::{Duration, Instant};
/// fn middleware() -> JoinHandle<Duration> {
///     let deadline = Instant::now() + Duration::from_secs(60);
///     thread::spawn(|| deadline.saturating_duration_since(Instant::now()))
/// }
/// # assert!(middleware().join().is_ok());
/// ```
///
/// With a deadline of its own it may:
///
/// ```
/// use std::thread::{self, JoinHandle};
/// use std::time::{Duration, Instant};
/// fn middleware() -> JoinHandle<Duration> {
///     let deadline = Instant::now() + Duration::from_secs(60);
///     thread::spawn(move || deadline.saturating_duration_since(Instant::now()))
/// }
/// # assert!(middleware().join().is_ok());
/// ```
pub fn twin() -> ffence::Result<()> {
    let (answered, wait) = mpsc::channel::<()>();
    let user = "bob".to_owned();
    let worker = thread::spawn(move || {
        // Until the request has been answered.
        let _ = wait.recv();
        format!("after the answer, for {user}")
    });
    drop(answered);
    assert_eq!(worker.join().ok().as_deref(), Some("after the answer, for bob"));
    Ok(())
}
