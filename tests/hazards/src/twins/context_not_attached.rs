//! Twin of `context_not_attached.go`.

use std::time::{Duration, Instant};

/// A limit that a handler needs is one of its parameters: who calls it without, is told.
///
/// ```compile_fail,E0061
/// use std::time::{Duration, Instant};
/// fn handler(user: &str, deadline: Instant) -> bool {
///     user == "bob" && deadline > Instant::now()
/// }
/// let deadline = Instant::now() + Duration::from_secs(60);
/// assert!(handler("bob"));
/// # let _ = deadline;
/// ```
///
/// With it:
///
/// ```
/// use std::time::{Duration, Instant};
/// fn handler(user: &str, deadline: Instant) -> bool {
///     user == "bob" && deadline > Instant::now()
/// }
/// let deadline = Instant::now() + Duration::from_secs(60);
/// assert!(handler("bob", deadline));
/// ```
pub fn twin() -> ffence::Result<()> {
    let limit = Duration::from_secs(60);
    let left = |deadline: Instant| deadline.saturating_duration_since(Instant::now());
    assert!(left(Instant::now() + limit) <= limit);
    Ok(())
}
