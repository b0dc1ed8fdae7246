//! Twin of `refused/context_copied`.

use ffence::crypto::{Hasher, Sha256};

/// Assigning a hasher moves it: there is one owner of the context before and after.
///
/// ```compile_fail,E0382
/// use ffence::crypto::{Hasher, Sha256};
/// let mut hasher = Hasher::<Sha256>::new()?;
/// let mut copied = hasher;
/// hasher.update(b"and one end")?;
/// copied.update(b"and another")?;
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// What copies the context is a method, which may fail:
///
/// ```
/// use ffence::crypto::{Hasher, Sha256};
/// let mut hasher = Hasher::<Sha256>::new()?;
/// let mut copied = hasher.try_clone()?;
/// hasher.update(b"and one end")?;
/// copied.update(b"and another")?;
/// # Ok::<(), ffence::Error>(())
/// ```
pub fn twin() -> ffence::Result<()> {
    let mut hasher = Hasher::<Sha256>::new()?;
    hasher.update(b"a beginning, ")?;
    let mut copied = hasher.try_clone()?;
    hasher.update(b"and one end")?;
    copied.update(b"and another")?;
    assert_eq!(hasher.finish()?, Sha256::digest(b"a beginning, and one end")?);
    assert_eq!(copied.finish()?, Sha256::digest(b"a beginning, and another")?);
    Ok(())
}
