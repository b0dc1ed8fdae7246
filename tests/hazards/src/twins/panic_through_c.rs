//! Twin of `panic_through_c.go`.

use std::io;
use std::ops::ControlFlow;

use ffence::ErrorKind;
use ffence::http::Client;

use crate::fixtures::Walker;
use crate::server::{Reply, Server};

/// The panic stops at the trampoline, C goes on to its end, and the call that entered C returns the
/// panic: on the fixture, and on libcurl, where the handle works as before afterwards.
pub fn twin() -> ffence::Result<()> {
    let mut walker = Walker::new();
    let Err(panic) = walker.walk(3, explode) else { panic!("the panic got lost") };
    assert_eq!(panic.message(), Some("boom in the callback"));
    assert_eq!(walker.tidied(), 1);
    assert!(walker.walk(3, |_| ControlFlow::Continue(())).is_ok());
    assert_eq!(walker.tidied(), 2);

    let Ok(server) = Server::start() else { panic!("no port on loopback") };
    let url = server.put("/", Reply { status: 200, body: b"hello".to_vec(), missing: 0 });
    let client = Client::new()?;
    let outcome = client.get(&url).send_to(&mut Exploding);
    assert_eq!(client.get(&url).send()?.body(), b"hello");
    match outcome {
        Err(error) if error.kind() == ErrorKind::Panicked => Err(error),
        other => panic!("the panic got lost: {other:?}"),
    }
}

fn explode(step: usize) -> ControlFlow<()> {
    assert!(step != 1, "boom in the callback");
    ControlFlow::Continue(())
}

/// A writer that libcurl calls back, and that panics.
struct Exploding;

impl io::Write for Exploding {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        panic!("boom in the callback")
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
