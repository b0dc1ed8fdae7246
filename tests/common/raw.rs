//! A peer that says exactly the bytes it is given, for what a proper server never does.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// Takes one connection after the other; stops when it is dropped.
pub struct Raw {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Raw {
    /// Reads one request of each connection, writes `answer` and closes.
    pub fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start(move |mut stream, requests, _| {
            let request = read_request(&mut stream);
            requests.lock().expect("no test panics in here").push(request);
            let _ = stream.write_all(&answer);
            let _ = stream.shutdown(Shutdown::Write);
            // Until the client has closed as well: closing first could reset what it has not read.
            let _ = stream.read(&mut [0; 64]);
        })
    }

    /// Accepts connections and says nothing.
    pub fn silent() -> Self {
        let mut held = Vec::new();
        Self::start(move |stream, _, _| held.push(stream))
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

    fn start(
        mut serve: impl FnMut(TcpStream, &Mutex<Vec<String>>, &AtomicBool) + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let (log, stopped) = (Arc::clone(&requests), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                serve(stream, &log, &stopped);
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

/// The head of a request and the body that its Content-Length announces.
fn read_request(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let whole = text
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .is_some_and(|end| text.len() >= end + 4 + announced(&text[..end]));
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

fn announced(head: &[u8]) -> usize {
    String::from_utf8_lossy(head)
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or_default()
}
