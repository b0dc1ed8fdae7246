//! A peer that lets a transfer come to one phase and no further, and tells when it did and when the
//! client went away.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use super::raw::{Raw, read_request};

/// Longer than anything takes that a test waits for.
const LONG: Duration = Duration::from_secs(300);

/// How far the peer lets a transfer come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// It has the first message of the TLS handshake.
    Tls,
    /// It has the request.
    FirstByte,
    /// It has the head of the request and the first five bytes of its body.
    Upload,
    /// The client was sent the head of a response.
    Head,
    /// The client was sent the head of a response and the first part of its body.
    Body,
    /// The client was sent a whole body in chunks, of [`PART`] bytes, and a trailer, but not the end.
    Trailers,
}

impl Until {
    pub const ALL: [Self; 6] =
        [Self::Tls, Self::FirstByte, Self::Upload, Self::Head, Self::Body, Self::Trailers];
}

/// How much of the body is sent in [`Until::Body`], of ten times as much.
pub const PART: usize = 1000;

pub struct Held {
    server: Raw,
    until: Until,
    reached: Mutex<Receiver<()>>,
    gone: Mutex<Receiver<()>>,
}

impl Held {
    pub fn new(until: Until) -> Self {
        let (reach, reached) = channel();
        let (go, gone) = channel();
        let server = Raw::with(move |stream| serve(stream, until, &reach, &go));
        Self { server, until, reached: reached.into(), gone: gone.into() }
    }

    pub fn url(&self) -> String {
        let url = self.server.url("/");
        if self.until == Until::Tls { url.replace("http:", "https:") } else { url }
    }

    /// Waits until a transfer has come as far as it may.
    pub fn wait_until_reached(&self) {
        self.reached.lock().unwrap().recv_timeout(LONG).expect("the phase is reached");
    }

    /// Whether a transfer has come as far as it may, or does within a moment.
    pub fn is_reached(&self) -> bool {
        self.reached.lock().unwrap().recv_timeout(Duration::from_millis(10)).is_ok()
    }

    /// Waits until its client went away.
    pub fn wait_until_gone(&self) {
        self.gone.lock().unwrap().recv_timeout(LONG).expect("the client goes away");
    }

    /// Whether a client went away so far.
    pub fn is_gone(&self) -> bool {
        self.gone.lock().unwrap().try_recv().is_ok()
    }
}

fn serve(mut stream: TcpStream, until: Until, reached: &Sender<()>, gone: &Sender<()>) {
    match until {
        Until::Tls => _ = stream.read(&mut [0; 4096]),
        Until::FirstByte => _ = read_request(&mut stream),
        Until::Upload => {
            let mut text = Vec::new();
            while !text.windows(9).any(|it| it == b"\r\n\r\nfirst") {
                let mut byte = [0; 1];
                match stream.read(&mut byte) {
                    // In chunks, the length of one comes first.
                    Ok(1) if text.ends_with(b"\r\n\r\n") && byte == *b"5" => {
                        let _ = stream.read_exact(&mut [0; 2]);
                    }
                    Ok(1) => text.push(byte[0]),
                    _ => return,
                }
            }
        }
        Until::Head | Until::Body => {
            let _ = read_request(&mut stream);
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", PART * 10);
            let _ = stream.write_all(head.as_bytes());
            if until == Until::Body {
                let _ = stream.write_all(&super::server::bytes(PART));
            }
        }
        Until::Trailers => {
            let _ = read_request(&mut stream);
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            let _ = stream.write_all(format!("{head}{PART:x}\r\n").as_bytes());
            let _ = stream.write_all(&super::server::bytes(PART));
            let _ = stream.write_all(b"\r\n0\r\nX-Sum: 1\r\n");
        }
    }
    let _ = reached.send(());
    // The end, or a reset.
    let _ = io::copy(&mut stream, &mut io::sink());
    let _ = gone.send(());
}
