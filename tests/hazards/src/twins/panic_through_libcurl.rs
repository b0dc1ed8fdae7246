//! Twin of `panic_through_libcurl.go`.

use std::io;

use ffence::http::Client;

use crate::fixtures::{sigpipe_default, sigpipe_ignored};
use crate::server::{Reply, Server};

/// The panic of the writer does not get as far as libcurl: it stops the transfer by the answer that
/// libcurl has for it, so that the handle is free for the next one, and SIGPIPE is what it was.
pub fn twin() -> ffence::Result<()> {
    let Ok(server) = Server::start() else { panic!("no port on loopback") };
    let url = server.put("/", Reply { status: 200, body: b"hello".to_vec(), missing: 0 });
    let client = Client::new()?;
    sigpipe_default();
    let outcome = client.get(&url).send_to(&mut Exploding);
    assert!(!sigpipe_ignored());
    assert_eq!(client.get(&url).send()?.body(), b"hello");
    outcome.map(|_| ())
}

/// A writer that libcurl calls back, and that panics.
struct Exploding;

impl io::Write for Exploding {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        panic!("boom in the write callback")
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
