//! Twin of `refused/variadic_setopt`.

use std::time::Duration;

use ffence::curl::{Easy, option};

/// Each option is a type, with the type of its value: C's variadic function is behind one function
/// of the shim for each kind.
///
/// ```compile_fail,E0308
/// use ffence::curl::{Easy, option};
/// let mut easy = Easy::new()?;
/// easy.set(option::TimeoutMs("30000"))?;
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// With a duration it compiles:
///
/// ```
/// use ffence::curl::{Easy, option};
/// let mut easy = Easy::new()?;
/// easy.set(option::TimeoutMs(std::time::Duration::from_secs(30)))?;
/// # Ok::<(), ffence::Error>(())
/// ```
pub fn twin() -> ffence::Result<()> {
    let mut easy = Easy::new()?;
    easy.set(option::Url("file:///dev/null"))?; // text
    easy.set(option::TimeoutMs(Duration::from_secs(30)))?; // long
    easy.set(option::MaxRecvSpeedLarge(1 << 40))?; // curl_off_t
    easy.set(option::PostFields("a pointer that is kept"))?;
    easy.reset()
}
