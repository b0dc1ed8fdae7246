//! Twin of `easy_cleaned_twice.go`.

use ffence::curl::{Easy, option};

/// Cleaning up early is `drop`, which takes the handle: a second time there is nothing to take.
///
/// ```compile_fail,E0382
/// use ffence::curl::Easy;
/// let easy = Easy::new()?;
/// drop(easy);
/// drop(easy);
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// Once, it compiles:
///
/// ```
/// use ffence::curl::Easy;
/// let easy = Easy::new()?;
/// drop(easy);
/// # Ok::<(), ffence::Error>(())
/// ```
pub fn twin() -> ffence::Result<()> {
    let mut easy = Easy::new()?;
    easy.set(option::Url("file:///dev/null"))?.perform()?;
    drop(easy);
    // The end of the scope knows that it is gone.
    Ok(())
}
