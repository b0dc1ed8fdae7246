//! Answers that no proper server gives: cut off, endless, contradictory, reset, or a byte at a time.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use super::raw::{Raw, read_request};

/// How the peer misbehaves.
#[derive(Clone, Copy, Debug)]
pub enum Ugly {
    /// Closes as soon as it was connected to.
    ClosesAtOnce,
    /// Resets as soon as it was connected to.
    ResetsAtOnce,
    /// Resets within the request.
    ResetsInRequest,
    /// Resets within the status line.
    ResetsInStatus,
    /// Resets within the headers.
    ResetsInHeaders,
    /// Resets within the body.
    ResetsInBody,
    /// Announces 1,000 bytes and closes after 10.
    ShortBody,
    /// Closes within a chunk.
    ShortChunk,
    /// Announces 5 bytes and sends 500.
    LongBody,
    /// Two lengths that differ.
    TwoLengths,
    /// A length that is no number.
    LengthIsNoNumber,
    /// A length beyond 64 bits.
    LengthOverflows,
    /// A chunk whose length is no number.
    ChunkIsNoNumber,
    /// Header lines without end.
    EndlessHeaders,
    /// One header line without end.
    EndlessLine,
    /// Interim answers without end.
    EndlessInterim,
    /// Some interim answers, then a proper one.
    ManyInterims(usize),
    /// Redirects to itself, for ever.
    RedirectsForEver,
    /// Speaks another protocol.
    NotHttp,
    /// A NUL byte in a header line.
    NulInHeader,
    /// A compressed body that is not.
    FalseGzip,
    /// Trailers after a chunked body, then more header lines than fit.
    EndlessTrailers,
    /// The head a byte at a time, one every few milliseconds, for ever.
    SlowLoris,
}

/// A server that misbehaves.
pub fn server(how: Ugly) -> Raw {
    Raw::with(move |stream| serve(stream, how))
}

fn serve(mut stream: TcpStream, how: Ugly) {
    match how {
        Ugly::ClosesAtOnce => return,
        Ugly::ResetsAtOnce => return reset(stream),
        Ugly::ResetsInRequest => {
            let _ = stream.read(&mut [0; 1]);
            return reset(stream);
        }
        _ => {}
    }
    // A redirect comes back on the same connection.
    while !read_request(&mut stream).is_empty() {
        match answer(how) {
            Answer::Once(text) => {
                let _ = stream.write_all(&text);
                if matches!(how, Ugly::ResetsInStatus | Ugly::ResetsInHeaders | Ugly::ResetsInBody)
                {
                    // What was written must arrive first: the client answers nothing, so this waits
                    // until it has read all of it, as far as the kernel can tell.
                    drained(&stream);
                    return reset(stream);
                }
                if !matches!(how, Ugly::RedirectsForEver) {
                    break;
                }
            }
            Answer::Endless(head, again) => {
                let mut broken = stream.write_all(&head).is_err();
                while !broken {
                    broken = stream.write_all(&again).is_err();
                }
                return;
            }
            Answer::Slowly(text) => {
                for byte in text.iter().cycle() {
                    if stream.write_all(&[*byte]).is_err() {
                        return;
                    }
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
        }
    }
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let _ = stream.read(&mut [0; 64]);
}

enum Answer {
    Once(Vec<u8>),
    Endless(Vec<u8>, Vec<u8>),
    Slowly(Vec<u8>),
}

fn answer(how: Ugly) -> Answer {
    let once = |text: &str| Answer::Once(text.as_bytes().to_vec());
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    match how {
        Ugly::ClosesAtOnce | Ugly::ResetsAtOnce | Ugly::ResetsInRequest => once(""),
        Ugly::ResetsInStatus => once("HTTP/1.1 2"),
        Ugly::ResetsInHeaders => once("HTTP/1.1 200 OK\r\nServer: x\r\nContent-Le"),
        Ugly::ResetsInBody | Ugly::ShortBody => {
            once("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n0123456789")
        }
        Ugly::ShortChunk => once(&format!("{chunked}10\r\n0123")),
        Ugly::LongBody => {
            once(&format!("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{}", "x".repeat(500)))
        }
        Ugly::TwoLengths => {
            once("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\n0123456")
        }
        Ugly::LengthIsNoNumber => once("HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n01234"),
        Ugly::LengthOverflows => {
            once("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n01234")
        }
        Ugly::ChunkIsNoNumber => once(&format!("{chunked}zz\r\n0123\r\n0\r\n\r\n")),
        Ugly::EndlessHeaders => Answer::Endless(
            b"HTTP/1.1 200 OK\r\n".to_vec(),
            format!("X-More: {}\r\n", "y".repeat(1000)).into_bytes(),
        ),
        Ugly::EndlessLine => Answer::Endless(b"HTTP/1.1 200 OK\r\nX: ".to_vec(), vec![b'y'; 4096]),
        Ugly::EndlessInterim => Answer::Endless(
            Vec::new(),
            format!("HTTP/1.1 103 Early Hints\r\nX: {}\r\n\r\n", "y".repeat(500)).into_bytes(),
        ),
        Ugly::ManyInterims(count) => once(&format!(
            "{}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(count)
        )),
        Ugly::RedirectsForEver => {
            once("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")
        }
        Ugly::NotHttp => once("SSH-2.0-OpenSSH_9.2\r\n"),
        Ugly::NulInHeader => once("HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\nok"),
        Ugly::FalseGzip => once(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 13\r\n\r\nnot compressed",
        ),
        Ugly::EndlessTrailers => Answer::Endless(
            format!("{chunked}2\r\nok\r\n0\r\n").into_bytes(),
            format!("X-Late: {}\r\n", "z".repeat(1000)).into_bytes(),
        ),
        Ugly::SlowLoris => Answer::Slowly(b"HTTP/1.1 200 OK\r\nX: ".to_vec()),
    }
}

/// Waits until the peer's kernel has acknowledged everything.
#[cfg(target_os = "linux")]
fn drained(stream: &TcpStream) {
    use std::os::fd::AsRawFd as _;
    let mut waiting: libc::c_int = 1;
    while waiting != 0 {
        // SAFETY: tcp(7): SIOCOUTQ (TIOCOUTQ) writes the number of bytes not yet acknowledged.
        let answer = unsafe { libc::ioctl(stream.as_raw_fd(), libc::TIOCOUTQ, &raw mut waiting) };
        if answer != 0 {
            return;
        }
        std::thread::yield_now();
    }
}

#[cfg(not(target_os = "linux"))]
fn drained(_: &TcpStream) {}

/// Ends the connection with a reset.
///
/// Not by closing: the server that runs this keeps a second handle, to end what hangs.
#[allow(clippy::needless_pass_by_value)] // nothing is left of the stream
pub fn reset(stream: TcpStream) {
    use std::os::fd::AsRawFd as _;
    // SAFETY: a zeroed address is of no family, AF_UNSPEC.
    let nowhere: libc::sockaddr = unsafe { std::mem::zeroed() };
    let len = libc::socklen_t::try_from(size_of::<libc::sockaddr>()).expect("a small number");
    // SAFETY: connect(2): the address is read; AF_UNSPEC dissolves the association, for TCP at once.
    unsafe { libc::connect(stream.as_raw_fd(), &raw const nowhere, len) };
}
