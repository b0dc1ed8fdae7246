//! Twin of `context_used_after_free.go`.

use ffence::crypto::{Hasher, Sha256};

/// Finishing a hasher takes it, and its context with it: nothing is left to use.
///
/// ```compile_fail,E0382
/// use ffence::crypto::{Hasher, Sha256};
/// let mut hasher = Hasher::<Sha256>::new()?;
/// drop(hasher);
/// hasher.update(b"data")?;
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// Before that it compiles:
///
/// ```
/// use ffence::crypto::{Hasher, Sha256};
/// let mut hasher = Hasher::<Sha256>::new()?;
/// hasher.update(b"data")?;
/// drop(hasher);
/// # Ok::<(), ffence::Error>(())
/// ```
pub fn twin() -> ffence::Result<()> {
    let mut hasher = Hasher::<Sha256>::new()?;
    hasher.update(b"data")?;
    drop(hasher);
    Ok(())
}
