//! Bodies of a gigabyte and more, both ways and in both forms, in constant memory: `make soak` makes
//! them 10 GiB.
//!
//! A process of its own, because it measures all of the memory that a process has. Each side takes the
//! digest of what it sent or got, and they are compared.
#![cfg(all(feature = "http", feature = "crypto", target_os = "linux"))]

mod common;

use std::io::{self, Read, Write};
use std::net::TcpStream;

use common::executor::block_on;
use common::raw::Raw;
use ffence::crypto::{Hasher, Sha256};
use ffence::http::{Client, RequestBody};

/// What the whole process may have, both sides of four transfers.
const MOST_KIB: u64 = 64 * 1024;

fn len() -> u64 {
    std::env::var("FFENCE_SOAK_GIB").map_or(1, |gib| gib.parse().expect("a number")) << 30
}

/// Bytes that differ from place to place, and their digest once they were all read.
struct Source {
    block: Vec<u8>,
    at: usize,
    left: u64,
    hasher: Hasher<Sha256>,
}

impl Source {
    fn new(len: u64) -> Self {
        // A prime: no buffer's size divides it.
        let block = (0..65_521_u32).map(|it| it.wrapping_mul(2_654_435_761).to_le_bytes()[3]);
        Self { block: block.collect(), at: 0, left: len, hasher: Hasher::new().unwrap() }
    }

    fn digest(self) -> String {
        assert_eq!(self.left, 0);
        hex(self.hasher.finish().unwrap().as_ref())
    }
}

impl Read for Source {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.left).unwrap_or(usize::MAX);
        let len = out.len().min(self.block.len() - self.at).min(left);
        out[..len].copy_from_slice(&self.block[self.at..self.at + len]);
        self.hasher.update(&out[..len]).map_err(io::Error::other)?;
        self.at = (self.at + len) % self.block.len();
        self.left -= len as u64;
        Ok(len)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, it| text + &format!("{it:02x}"))
}

/// `GET` is answered with a body whose digest is its trailer; `POST` with the digest of its body.
fn server() -> Raw {
    Raw::with(|mut stream| {
        // A client that goes away is seen by its own side of the test.
        let _ = serve(&mut stream);
    })
}

/// A request up to its empty line.
fn head(stream: &mut TcpStream) -> io::Result<String> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn serve(stream: &mut TcpStream) -> io::Result<()> {
    let request = head(stream)?;
    if request.starts_with("GET") {
        stream.write_all(
            b"HTTP/1.1 200 OK\r\nTrailer: x-digest\r\nTransfer-Encoding: chunked\r\n\r\n",
        )?;
        let (mut source, mut piece) = (Source::new(len()), vec![0; 65_536]);
        loop {
            let read = source.read(&mut piece)?;
            if read == 0 {
                break;
            }
            write!(stream, "{read:x}\r\n")?;
            stream.write_all(&piece[..read])?;
            stream.write_all(b"\r\n")?;
        }
        write!(stream, "0\r\nx-digest: {}\r\n\r\n", source.digest())?;
    } else {
        if request.to_ascii_lowercase().contains("expect: 100-continue") {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let (mut hasher, mut left) = (Hasher::<Sha256>::new().unwrap(), len());
        let mut piece = vec![0; 65_536];
        while left > 0 {
            let most = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            let read = stream.read(&mut piece[..most])?;
            assert!(read > 0, "the body ended early");
            hasher.update(&piece[..read]).unwrap();
            left -= read as u64;
        }
        let digest = hex(hasher.finish().unwrap().as_ref());
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{digest}", digest.len())?;
    }
    // Until the client has read it.
    io::copy(stream, &mut io::sink())?;
    Ok(())
}

/// The most that was resident at once so far.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

fn is_held(what: &str) {
    let peak = peak_kib();
    println!("{what}: {} GiB, at most {peak} KiB resident so far", len() >> 30);
    assert!(peak < MOST_KIB, "{what}: {peak} KiB");
}

/// What arrived, and how much.
struct Got(Hasher<Sha256>, u64);

impl Got {
    fn new() -> Self {
        Self(Hasher::new().unwrap(), 0)
    }

    fn take(&mut self, bytes: &[u8]) {
        self.0.update(bytes).unwrap();
        self.1 += bytes.len() as u64;
    }

    fn matches(self, trailers: Option<&http::HeaderMap>) {
        assert_eq!(self.1, len());
        let told = trailers.and_then(|it| it.get("x-digest")).expect("the server's digest");
        assert_eq!(hex(self.0.finish().unwrap().as_ref()), told.to_str().unwrap());
    }
}

#[test]
fn a_blocking_download_takes_constant_memory() {
    let (server, client) = (server(), Client::new().unwrap());
    let mut body = client.get(server.url("/")).open().unwrap().into_body();
    let mut got = Got::new();
    while let Some(piece) = body.chunk().unwrap() {
        got.take(&piece);
    }
    got.matches(body.trailers());
    is_held("a blocking download");
}

#[test]
fn an_asynchronous_download_takes_constant_memory() {
    let (server, client) = (server(), Client::new().unwrap());
    let mut got = Got::new();
    block_on(async {
        let mut body = client.get(server.url("/")).open_async().await.unwrap().into_body();
        while let Some(piece) = body.chunk().await.unwrap() {
            got.take(&piece);
        }
        got.matches(body.trailers());
    });
    is_held("an asynchronous download");
}

/// Gives what it reads to a request, and its digest to whoever waits for it.
struct Told(Option<Source>, std::sync::mpsc::Sender<String>);

impl Read for Told {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let Some(source) = &mut self.0 else { return Ok(0) };
        let read = source.read(out)?;
        if source.left == 0
            && let Some(source) = self.0.take()
        {
            let _ = self.1.send(source.digest());
        }
        Ok(read)
    }
}

fn upload() -> (RequestBody, std::sync::mpsc::Receiver<String>) {
    let (tell, told) = std::sync::mpsc::channel();
    let body = RequestBody::reader(Told(Some(Source::new(len())), tell), len());
    (body, told)
}

#[test]
fn a_blocking_upload_takes_constant_memory() {
    let (server, client) = (server(), Client::new().unwrap());
    let (body, sent) = upload();
    let response = client.post(server.url("/")).body(body).send().unwrap();
    assert_eq!(response.text().unwrap(), sent.recv().unwrap());
    is_held("a blocking upload");
}

#[test]
fn an_asynchronous_upload_takes_constant_memory() {
    let (server, client) = (server(), Client::new().unwrap());
    let (body, sent) = upload();
    let response = block_on(client.post(server.url("/")).body(body).send_async()).unwrap();
    assert_eq!(response.text().unwrap(), sent.recv().unwrap());
    is_held("an asynchronous upload");
}
