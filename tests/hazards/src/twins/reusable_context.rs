//! Twin of `reusable_context.go`.

/// What goes back to a pool has been moved there: who gave it has nothing left to look at.
///
/// ```compile_fail,E0382
/// let mut pool = vec![String::from("alice's")];
/// let context = pool.pop().unwrap();
/// pool.push(context);
/// assert_eq!(context, "alice's");
/// ```
///
/// Before it goes back, it may be looked at:
///
/// ```
/// let mut pool = vec![String::from("alice's")];
/// let context = pool.pop().unwrap();
/// assert_eq!(context, "alice's");
/// pool.push(context);
/// ```
pub fn twin() -> ffence::Result<()> {
    let mut pool = vec![String::with_capacity(64)];
    for user in ["alice", "bob"] {
        let mut context = pool.pop().unwrap_or_default();
        context.push_str(user);
        assert_eq!(context, user, "nothing of the request before");
        context.clear();
        pool.push(context);
    }
    assert_eq!(pool.first().map(String::capacity), Some(64), "one allocation, reused");
    Ok(())
}
