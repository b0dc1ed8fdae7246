//! Twin of `timeout_in_ss.go`.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use ffence::ErrorKind;
use ffence::http::Client;

/// Nothing is looked up in a table of the kernel's: a server that never answers, and the limit comes
/// back as an error that is called so.
pub fn twin() -> ffence::Result<()> {
    // The kernel takes the connection; nobody ever reads from it.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("an address");
    let limit = Duration::from_millis(50);
    let answer = Client::new()?.get(format!("http://{address}/")).timeout(limit).send();
    // What was waited for when the limit struck is in its text, and is the machine's affair.
    assert!(answer.is_err_and(|it| it.kind() == ErrorKind::Timeout));
    Ok(())
}
