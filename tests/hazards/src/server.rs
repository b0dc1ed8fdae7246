//! A loopback HTTP/1.1 server of a few lines, for requests that both languages send.

use std::collections::HashMap;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

/// What is answered at a path.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    /// How many bytes more than there are the header promises; the connection then ends.
    pub missing: usize,
}

/// A server that lives until it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    replies: Mutex<HashMap<String, Reply>>,
    closing: AtomicBool,
}

impl Server {
    /// Starts on a free port.
    ///
    /// # Errors
    /// When there is none.
    pub fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::<Shared>::default();
        let for_thread = Arc::clone(&shared);
        let acceptor = thread::spawn(move || {
            for connection in listener.incoming() {
                if for_thread.closing.load(Ordering::Acquire) {
                    return;
                }
                let shared = Arc::clone(&for_thread);
                // A client that goes away early is no failure of the server.
                thread::spawn(move || connection.and_then(|it| shared.serve(it)));
            }
        });
        Ok(Self { address, shared, acceptor: Some(acceptor) })
    }

    /// Answers at `path` from now on, and says the URL.
    pub fn put(&self, path: &str, reply: Reply) -> String {
        self.shared
            .replies
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(path.to_owned(), reply);
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::Release);
        // Wakes the acceptor up; it ends before it looks at the connection.
        if TcpStream::connect(self.address).is_ok()
            && let Some(acceptor) = self.acceptor.take()
        {
            let _ = acceptor.join();
        }
    }
}

impl Shared {
    /// Answers requests until the client closes the connection, or a reply does.
    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut out = stream.try_clone()?;
        let mut lines = BufReader::new(stream).lines();
        while let Some(request) = lines.next() {
            let request = request?;
            // The rest of the head, which nothing here depends on.
            for line in lines.by_ref() {
                if line?.is_empty() {
                    break;
                }
            }
            let path = request.split(' ').nth(1).unwrap_or_default();
            let reply =
                self.replies.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
            let reply = reply.unwrap_or(Reply { status: 404, body: Vec::new(), missing: 0 });
            let length = reply.body.len() + reply.missing;
            let mut whole =
                format!("HTTP/1.1 {} Status\r\nContent-Length: {length}\r\n\r\n", reply.status)
                    .into_bytes();
            whole.extend_from_slice(&reply.body);
            out.write_all(&whole)?;
            if reply.missing > 0 {
                return Ok(());
            }
        }
        Ok(())
    }
}
