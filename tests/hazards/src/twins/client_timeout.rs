//! Twin of `client_timeout.go`.

use std::net::TcpListener;
use std::time::Duration;

use ffence::http::{Client, Timeouts};

/// A client's limit holds for every call, whatever becomes of its connections.
pub fn twin() -> ffence::Result<()> {
    // It takes connections in, and never answers.
    let Ok(server) = TcpListener::bind("127.0.0.1:0") else { panic!("no port on loopback") };
    let Ok(address) = server.local_addr() else { panic!("no address") };
    let limit = Timeouts::new().total(Duration::from_millis(50));
    let client = Client::builder().timeouts(limit).build()?;
    client.get(format!("http://{address}/")).send().map(|_| ())
}
