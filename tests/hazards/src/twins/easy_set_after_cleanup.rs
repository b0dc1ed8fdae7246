//! Twin of `easy_set_after_cleanup.go`.

use ffence::curl::{Easy, option};

/// A handle that was dropped has no options.
///
/// ```compile_fail,E0382
/// use ffence::curl::{Easy, option};
/// let mut easy = Easy::new()?;
/// drop(easy);
/// easy.set(option::Url("file:///dev/null"))?;
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// The other way round it compiles:
///
/// ```
/// use ffence::curl::{Easy, option};
/// let mut easy = Easy::new()?;
/// easy.set(option::Url("file:///dev/null"))?;
/// drop(easy);
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// What is wanted in its place is mostly a handle without its options, which is `reset`.
pub fn twin() -> ffence::Result<()> {
    let mut easy = Easy::new()?;
    easy.set(option::Url("file:///nowhere/at/all"))?;
    easy.reset()?;
    easy.set(option::Url("file:///dev/null"))?;
    easy.perform().map(|_| ())
}
