//! Twin of `outgoing_without_context.go`.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use ffence::ErrorKind;
use ffence::http::Client;

/// What is left of the caller's time is the limit of the call that is made for it; when nothing is,
/// the call fails, and nobody is asked.
pub fn twin() -> ffence::Result<()> {
    let Ok(other) = TcpListener::bind("127.0.0.1:0") else { panic!("no port on loopback") };
    let Ok(address) = other.local_addr() else { panic!("no address") };
    assert!(other.set_nonblocking(true).is_ok());
    let client = Client::new()?;
    let url = format!("http://{address}/");
    // The caller's time is over.
    let deadline = Instant::now();
    let answer = remaining(deadline).map(|left| client.get(&url).timeout(left).send());
    assert!(answer.is_none());
    assert!(other.accept().is_err(), "nobody has connected");
    // And when it is over in the middle of the call:
    let deadline = Instant::now() + Duration::from_millis(50);
    let left = remaining(deadline).unwrap_or(Duration::from_millis(1));
    let answer = client.get(&url).timeout(left).send();
    assert_eq!(answer.as_ref().err().map(ffence::Error::kind), Some(ErrorKind::Timeout));
    answer.map(|_| ())
}

/// What is left until then, if anything.
fn remaining(deadline: Instant) -> Option<Duration> {
    deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
}
