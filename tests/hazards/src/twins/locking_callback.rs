//! Twin of `refused/locking_callback`.

use std::thread;

use ffence::crypto::{Hasher, Sha256};

/// There is no lock to set: each thread has a hasher of its own, and two that would share one do
/// not compile.
///
/// ```compile_fail,E0499
/// use ffence::crypto::{Hasher, Sha256};
/// let mut hasher = Hasher::<Sha256>::new()?;
/// std::thread::scope(|scope| {
///     scope.spawn(|| hasher.update(b"one"));
///     scope.spawn(|| hasher.update(b"two"));
/// });
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// With one thread it compiles:
///
/// ```
/// use ffence::crypto::{Hasher, Sha256};
/// let mut hasher = Hasher::<Sha256>::new()?;
/// std::thread::scope(|scope| {
///     scope.spawn(|| hasher.update(b"one"));
/// });
/// # Ok::<(), ffence::Error>(())
/// ```
pub fn twin() -> ffence::Result<()> {
    let digest = || -> ffence::Result<_> {
        let mut hasher = Hasher::<Sha256>::new()?;
        hasher.update(b"the same for all")?;
        hasher.finish()
    };
    let expected = digest()?;
    thread::scope(|scope| {
        let all: Vec<_> = (0..8).map(|_| scope.spawn(digest)).collect();
        for one in all {
            assert!(one.join().is_ok_and(|it| it.is_ok_and(|it| it == expected)));
        }
    });
    Ok(())
}
