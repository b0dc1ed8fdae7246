//! Twin of `global_context_crossed.go`.

use std::thread;

/// A static is everybody's, and nobody assigns to it.
///
/// ```compile_fail,E0594
/// static CURRENT_USER: u32 = 1001;
/// CURRENT_USER = 2002;
/// assert_eq!(CURRENT_USER, 2002);
/// ```
///
/// A request's own variable is its own:
///
/// ```
/// let mut current_user = 1001;
/// assert_eq!(current_user, 1001);
/// current_user = 2002;
/// assert_eq!(current_user, 2002);
/// ```
pub fn twin() -> ffence::Result<()> {
    let serve = |user: u32, meanwhile: &dyn Fn()| {
        meanwhile();
        user
    };
    let user = serve(1001, &|| {
        let other = thread::spawn(move || serve(2002, &|| ()));
        assert_eq!(other.join().ok(), Some(2002));
    });
    assert_eq!(user, 1001);
    Ok(())
}
