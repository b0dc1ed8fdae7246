//! Twin of `easy_performed_after_cleanup.go`.

use ffence::curl::{Easy, option};

/// A handle that was closed transfers nothing: `into_handler` closes it as `drop` does.
///
/// ```compile_fail,E0382
/// use ffence::curl::{Easy, option};
/// let mut easy = Easy::new()?;
/// easy.set(option::Url("file:///dev/null"))?;
/// easy.into_handler();
/// easy.perform()?;
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// The other way round it compiles:
///
/// ```
/// use ffence::curl::{Easy, option};
/// let mut easy = Easy::new()?;
/// easy.set(option::Url("file:///dev/null"))?;
/// easy.perform()?;
/// easy.into_handler();
/// # Ok::<(), ffence::Error>(())
/// ```
pub fn twin() -> ffence::Result<()> {
    let mut easy = Easy::new()?;
    easy.set(option::Url("file:///dev/null"))?;
    // A handle does for as many transfers as one likes.
    for _ in 0..3 {
        easy.perform()?;
    }
    easy.into_handler();
    Ok(())
}
