//! Twin of `timeout_in_netstat.go`.

use std::io::{self, Read as _};
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use ffence::ErrorKind;
use ffence::http::Client;

/// That a request was given up is the error that it returns, and its connection is closed: a server
/// that reads only now reads to the end of it.
pub fn twin() -> ffence::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("an address");
    let client = Client::new()?;
    let limit = Duration::from_millis(50);
    let given_up = client.get(format!("http://{address}/")).timeout(limit).send();
    assert!(given_up.is_err_and(|it| it.kind() == ErrorKind::Timeout));
    let closed = || -> io::Result<usize> {
        listener.set_nonblocking(true)?;
        let (mut stream, _) = listener.accept()?;
        stream.set_nonblocking(false)?;
        stream.read_to_end(&mut Vec::new())
    };
    match closed() {
        Ok(_) => {}
        // On a machine so busy that the limit struck before there was a connection.
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
        Err(error) => panic!("{error}"),
    }
    Ok(())
}
