//! Twin of `idle_timeout_as_limit.go`.

use std::net::TcpListener;
use std::time::Duration;

use ffence::ErrorKind;
use ffence::http::{Client, Timeouts};

/// Each limit is called what it limits; how long an idle connection is kept has a name of its own.
///
/// ```compile_fail,E0599
/// use ffence::http::Timeouts;
/// use std::time::Duration;
/// let limits = Timeouts::new().idle(Duration::from_millis(50));
/// # let _ = limits;
/// ```
///
/// The whole call:
///
/// ```
/// use ffence::http::Timeouts;
/// use std::time::Duration;
/// let limits = Timeouts::new().total(Duration::from_millis(50));
/// # let _ = limits;
/// ```
pub fn twin() -> ffence::Result<()> {
    // It takes connections in, and never answers.
    let Ok(server) = TcpListener::bind("127.0.0.1:0") else { panic!("no port on loopback") };
    let Ok(address) = server.local_addr() else { panic!("no address") };
    let limits = Timeouts::new().connect(Duration::from_secs(30)).total(Duration::from_millis(50));
    let client = Client::builder().timeouts(limits).build()?;
    let answer = client.get(format!("http://{address}/")).send();
    assert_eq!(answer.err().map(|it| it.kind()), Some(ErrorKind::Timeout));
    Ok(())
}
