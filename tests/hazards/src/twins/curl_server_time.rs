//! Twin of `curl_server_time.go`.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::thread;
use std::time::Duration;

use ffence::http::Client;

/// `Timings` has a name for each phase: what lies between the request and the first byte is the
/// server's pause, and what comes after is the body's.
pub fn twin() -> ffence::Result<()> {
    let pause = Duration::from_millis(100);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("an address");
    let server = thread::spawn(move || -> io::Result<()> {
        let (stream, _) = listener.accept()?;
        let mut out = stream.try_clone()?;
        for line in BufReader::new(stream).lines() {
            if line?.is_empty() {
                break;
            }
        }
        thread::sleep(pause);
        out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nall")
    });
    let response = Client::new()?.get(format!("http://{address}/")).send()?;
    assert!(server.join().is_ok_and(|it| it.is_ok()));
    let timings = response.timings();
    // libcurl counts whole microseconds.
    let counted = Duration::from_micros(1);
    assert!(timings.request + pause <= timings.first_byte + counted, "{timings:?}");
    assert!(timings.first_byte <= timings.total + counted, "{timings:?}");
    Ok(())
}
