//! Twin of `context_freed_twice.go`.

use ffence::crypto::{Hasher, Sha256};

/// Closing early is `drop`, which takes the hasher: a second time there is nothing to take.
///
/// ```compile_fail,E0382
/// use ffence::crypto::{Hasher, Sha256};
/// let hasher = Hasher::<Sha256>::new()?;
/// drop(hasher);
/// drop(hasher);
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// Once, it compiles; and what was dropped early is not dropped again at the end of the scope:
///
/// ```
/// use ffence::crypto::{Hasher, Sha256};
/// let hasher = Hasher::<Sha256>::new()?;
/// drop(hasher);
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// Where it is decided at run time who closes, an `Option` forgets as the Go program's `Close` does.
pub fn twin() -> ffence::Result<()> {
    let mut open = Some(Hasher::<Sha256>::new()?);
    for _ in 0..2 {
        drop(open.take());
    }
    assert!(open.is_none());
    Ok(())
}
