//! Twin of `refused/transport_keepalive`.

use ffence::http::Client;

/// Each method names what it is about; one that is not there does not compile.
///
/// ```compile_fail,E0599
/// use std::time::Duration;
/// let client = ffence::http::Client::builder().keep_alive(Duration::from_secs(30)).build()?;
/// # let _ = client;
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// The one that asks the kernel for probes does:
///
/// ```
/// use std::time::Duration;
/// let client = ffence::http::Client::builder().tcp_keep_alive(Duration::from_secs(30)).build()?;
/// # let _ = client;
/// # Ok::<(), ffence::Error>(())
/// ```
pub fn twin() -> ffence::Result<()> {
    Client::builder().build()?;
    Ok(())
}
