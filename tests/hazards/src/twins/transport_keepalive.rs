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
/// The limits that there are do:
///
/// ```
/// use std::time::Duration;
/// use ffence::http::{Client, Timeouts};
/// let limits = Timeouts::default().connect(Duration::from_secs(30));
/// let client = Client::builder().timeouts(limits).build()?;
/// # let _ = client;
/// # Ok::<(), ffence::Error>(())
/// ```
pub fn twin() -> ffence::Result<()> {
    Client::builder().build()?;
    Ok(())
}
