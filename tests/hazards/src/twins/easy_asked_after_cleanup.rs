//! Twin of `easy_asked_after_cleanup.go`.

use ffence::curl::{Easy, option};

/// What is told of a transfer is borrowed from the handle.
///
/// ```compile_fail,E0505
/// use ffence::curl::{Easy, option};
/// let mut easy = Easy::new()?;
/// easy.set(option::Url("file:///dev/null"))?;
/// let url = easy.perform()?.effective_url();
/// drop(easy);
/// assert!(url.is_some());
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// The other way round it compiles:
///
/// ```
/// use ffence::curl::{Easy, option};
/// let mut easy = Easy::new()?;
/// easy.set(option::Url("file:///dev/null"))?;
/// let url = easy.perform()?.effective_url();
/// assert!(url.is_some());
/// drop(easy);
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// What is to outlive it is copied.
pub fn twin() -> ffence::Result<()> {
    let mut easy = Easy::new()?;
    easy.set(option::Url("file:///dev/null"))?;
    let done = easy.perform()?;
    let (url, size) = (done.effective_url().map(ToOwned::to_owned), done.size_download());
    drop(easy);
    assert_eq!(url.as_deref(), Some(c"file:///dev/null"));
    assert_eq!(size, 0);
    Ok(())
}
