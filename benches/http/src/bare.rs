//! No client at all: what the sockets cost whoever reads and writes them, and the kernel's share of what
//! many in flight cost more than few. Responses are counted in bytes and not looked at.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::os::fd::AsRawFd as _;

use crate::case::{Case, SMALL, many};
use crate::sockets::{Sockets, Wish};
use crate::system;

struct Connection {
    stream: TcpStream,
    received: usize,
    left: usize,
}

pub fn all(case: &Case) {
    system::allow_descriptors();
    let authority = case.base.trim_start_matches("http://");
    let mut sockets = Sockets::new();
    let mut connections: Vec<Option<Connection>> = Vec::new();
    for _ in 0..case.at_once {
        let stream = TcpStream::connect(authority).expect("a connection");
        stream.set_nonblocking(true).expect("a socket");
        let socket = stream.as_raw_fd();
        sockets.want(socket, Wish { input: true, output: false });
        let place = usize::try_from(socket).expect("a socket");
        connections.resize_with(connections.len().max(place + 1), || None);
        connections[place] = Some(Connection { stream, received: 0, left: 0 });
    }
    let len = length(authority);
    many(case, |url, each| {
        let path = &url[case.base.len()..];
        let request = format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\nAccept: */*\r\n\r\n");
        for connection in connections.iter_mut().flatten() {
            connection.left = each;
            ask(&mut connection.stream, &request);
        }
        let mut left = case.at_once;
        let mut buffer = [0; 16 * SMALL];
        while left > 0 {
            sockets.wait();
            while let Some((socket, _)) = sockets.next() {
                let place = usize::try_from(socket).expect("a socket");
                let connection = connections[place].as_mut().expect("it was opened");
                match connection.stream.read(&mut buffer) {
                    Ok(0) => panic!("the server closed"),
                    Ok(more) => connection.received += more,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
                    Err(error) => panic!("{error}"),
                }
                if connection.received < len {
                    continue;
                }
                assert_eq!(std::mem::take(&mut connection.received), len);
                connection.left -= 1;
                if connection.left == 0 {
                    left -= 1;
                } else {
                    ask(&mut connection.stream, &request);
                }
            }
        }
    });
}

/// A request is far shorter than a socket's buffer.
fn ask(stream: &mut TcpStream, request: &str) {
    assert_eq!(stream.write(request.as_bytes()).expect("room"), request.len());
}

/// How long the server's response is, with its head; all of them have the same.
fn length(authority: &str) -> usize {
    let mut stream = TcpStream::connect(authority).expect("a connection");
    let request =
        format!("GET /{SMALL} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
    ask(&mut stream, &request);
    let mut response = Vec::new();
    stream.read_to_end(&mut response).expect("a response");
    let extra = "connection: close\r\n";
    let text = String::from_utf8_lossy(&response);
    let closing = if text.to_ascii_lowercase().contains(extra) { extra.len() } else { 0 };
    response.len() - closing
}
