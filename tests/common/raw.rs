//! A peer that says exactly the bytes it is given, for what a proper server never does.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// Serves each connection on a thread of its own; stops when it is dropped.
pub struct Raw {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Raw {
    /// Reads one request of each connection, writes `answer` and closes.
    pub fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer: Arc<[u8]> = answer.into().into();
        Self::answering_by(move |_| answer.to_vec())
    }

    /// The same with an answer that depends on the request.
    pub fn answering_by(answer: impl Fn(&str) -> Vec<u8> + Clone + Send + 'static) -> Self {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        Self::start(requests, move |mut stream| {
            let request = read_request(&mut stream);
            let answer = answer(&request);
            log.lock().expect("no test panics in here").push(request);
            let _ = stream.write_all(&answer);
            let _ = stream.shutdown(Shutdown::Write);
            // Until the client has closed as well: closing first could reset what it has not read.
            let _ = stream.read(&mut [0; 64]);
        })
    }

    /// Accepts connections and says nothing.
    pub fn silent() -> Self {
        Self::start(Arc::default(), |mut stream| {
            let _ = io::copy(&mut stream, &mut io::sink());
        })
    }

    /// Serves each connection as `serve` does; the stream ends when the server does.
    pub fn with(serve: impl Fn(TcpStream) + Clone + Send + 'static) -> Self {
        Self::start(Arc::default(), serve)
    }

    /// The address of a path, which begins with `/`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What was received, as it was sent, one request a connection.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no test panics in here").clone()
    }

    /// The one request that was received.
    pub fn request(&self) -> String {
        let requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests.into_iter().next().unwrap_or_default()
    }

    fn start(
        requests: Arc<Mutex<Vec<String>>>,
        serve: impl Fn(TcpStream) + Clone + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut open = Vec::new();
            for stream in listener.incoming().flatten() {
                if stopped.load(Ordering::SeqCst) {
                    break;
                }
                let serve = serve.clone();
                let handle = stream.try_clone().expect("a socket can be doubled");
                let end = stream.try_clone().expect("a socket can be doubled");
                let thread = std::thread::spawn(move || {
                    serve(stream);
                    // `handle` is still open.
                    let _ = end.shutdown(Shutdown::Both);
                });
                open.push((handle, thread));
            }
            for (stream, thread) in open {
                let _ = stream.shutdown(Shutdown::Both);
                let _ = thread.join();
            }
        });
        Self { address, requests, stop, thread: Some(thread) }
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address); // wakes the thread, which then sees `stop`
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The head of a request and its body, as long as Content-Length announces or in chunks; empty at
/// the end.
pub fn read_request(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let whole = text.windows(4).position(|window| window == b"\r\n\r\n").is_some_and(|end| {
            if let Some(len) = announced(&text[..end]) {
                return text.len() >= end + 4 + len;
            }
            // The last chunk, and trailers behind it, if there are any.
            text.windows(5).any(|window| window == b"\r\n0\r\n") && text.ends_with(b"\r\n\r\n")
        });
        if whole {
            break;
        }
        match stream.read(&mut chunk) {
            Ok(len) if len > 0 => text.extend_from_slice(&chunk[..len]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// The length of a body, if it does not come in chunks.
fn announced(head: &[u8]) -> Option<usize> {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    if head.contains("\r\ntransfer-encoding: chunked") {
        return None;
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    Some(length.and_then(|value| value.parse().ok()).unwrap_or_default())
}
