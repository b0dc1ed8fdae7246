//! A WebSocket server: tungstenite on a thread for each connection.
//!
//! | path | what it does |
//! |---|---|
//! | `/echo` | sends each message back, and answers pings and the closing handshake |
//! | `/close/CODE` | closes at once with this code and the reason `as asked` |
//! | `/fragments` | sends a text of three fragments with a ping between them, then echoes |
//! | `/gone` | ends the connection without a closing handshake |
//! | `/large/N` | sends one binary message of N bytes, then echoes |
//! | `/deaf` | reads nothing for as long as the client stays |
//! | `/refuse` | answers the handshake with 403 |

use std::cell::OnceCell;
use std::io::Write as _;
use std::net::TcpStream;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::Frame;
use tungstenite::protocol::frame::coding::{Data, OpCode};
use tungstenite::{Message, WebSocket, accept_hdr};

use super::raw::{Raw, read_request};

/// A running server; it stops when it is dropped.
pub struct Echo(Raw);

impl Echo {
    pub fn start() -> Self {
        Self(Raw::with(|stream| {
            let _ = serve(stream);
        }))
    }

    pub fn address(&self) -> std::net::SocketAddr {
        self.0.address()
    }

    /// The address of a path, which begins with `/`.
    pub fn url(&self, path: &str) -> String {
        format!("ws://{}{path}", self.0.address())
    }
}

fn serve(stream: TcpStream) -> Result<(), Box<dyn std::error::Error>> {
    stream.set_nodelay(true)?;
    let path = Rc::new(OnceCell::new());
    let asked = Rc::clone(&path);
    #[allow(clippy::result_large_err)] // the crate's own signature
    let mut socket = accept_hdr(stream, move |request: &Request, response: Response| {
        let path = asked.get_or_init(|| request.uri().path().to_owned());
        if path == "/refuse" {
            let mut refusal = ErrorResponse::new(Some("no".to_owned()));
            *refusal.status_mut() = tungstenite::http::StatusCode::FORBIDDEN;
            return Err(refusal);
        }
        Ok(response)
    })?;
    let path = path.get().ok_or("no request")?;
    let mut parts = path.split('/').skip(1);
    let route = parts.next().unwrap_or_default();
    let number: usize = parts.next().and_then(|part| part.parse().ok()).unwrap_or_default();
    match route {
        "close" => {
            let code = u16::try_from(number)?.into();
            socket.close(Some(CloseFrame { code, reason: "as asked".into() }))?;
        }
        "fragments" => {
            let frame = |text: &str, kind, last| {
                Message::Frame(Frame::message(text.to_owned(), OpCode::Data(kind), last))
            };
            socket.send(frame("one, ", Data::Text, false))?;
            socket.send(Message::Ping("between".into()))?;
            socket.send(frame("two, ", Data::Continue, false))?;
            socket.send(frame("three", Data::Continue, true))?;
        }
        "gone" => return Ok(()),
        "large" => socket.send(Message::Binary(super::server::bytes(number).into()))?,
        "deaf" => {
            // Signs of life (pongs that nobody asked for) tell when one side has gone.
            let mut stream = socket.get_ref();
            while stream.write_all(b"\x8a\x00").is_ok() {
                std::thread::park_timeout(std::time::Duration::from_millis(20));
            }
            return Ok(());
        }
        _ => {}
    }
    echo(&mut socket)
}

fn echo(socket: &mut WebSocket<TcpStream>) -> Result<(), Box<dyn std::error::Error>> {
    loop {
        // Pings and the closing handshake are answered inside.
        let message = socket.read()?;
        if matches!(message, Message::Text(_) | Message::Binary(_)) {
            socket.send(message)?;
        }
    }
}

/// A server that answers the handshake as it must, with these header lines more, says these bytes in
/// the same breath, and waits for the client to go.
pub fn saying(lines: &'static str, frames: impl Into<Vec<u8>>) -> Raw {
    let frames = frames.into();
    Raw::with(move |mut stream| {
        let answer = accepting(&read_request(&mut stream), lines);
        let _ = stream.write_all(&[answer, frames.clone()].concat());
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    })
}

/// What accepts an opening handshake, with these header lines more.
pub fn accepting(request: &str, lines: &str) -> Vec<u8> {
    let key = header(request, "sec-websocket-key").expect("the client sends a key");
    let accept = tungstenite::handshake::derive_accept_key(key.as_bytes());
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         {lines}Sec-WebSocket-Accept: {accept}\r\n\r\n"
    )
    .into_bytes()
}

/// What the header of this name says in a request.
pub fn header(request: &str, name: &str) -> Option<String> {
    let mut lines = request.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, it)| it.to_owned())
}

/// The root of a server, as a WebSocket's address.
pub fn at(server: &Raw) -> String {
    format!("ws://{}/", server.address())
}

/// A server whose answer to a handshake depends on what it asks, and which writes down what that was.
pub struct Door {
    raw: Raw,
    asked: Arc<Mutex<Vec<String>>>,
}

/// What a [`Door`] does.
pub enum Reply {
    /// Accepts with these header lines more, and waits for the client to go.
    Open(String),
    /// Answers this status line and these header lines, and closes.
    Shut(&'static str, String),
}

impl Door {
    pub fn new(answer: impl Fn(&str) -> Reply + Clone + Send + 'static) -> Self {
        let asked = Arc::<Mutex<Vec<_>>>::default();
        let log = Arc::clone(&asked);
        let raw = Raw::with(move |mut stream| {
            let request = read_request(&mut stream);
            log.lock().expect("no test panics in here").push(request.clone());
            let answer = match answer(&request) {
                Reply::Open(lines) => accepting(&request, &lines),
                Reply::Shut(status, lines) => {
                    let end = "Connection: close\r\nContent-Length: 0\r\n\r\n";
                    format!("HTTP/1.1 {status}\r\n{lines}{end}").into_bytes()
                }
            };
            let _ = stream.write_all(&answer);
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        });
        Self { raw, asked }
    }

    pub fn address(&self) -> std::net::SocketAddr {
        self.raw.address()
    }

    /// The address of a path, which begins with `/`.
    pub fn url(&self, path: &str) -> String {
        format!("ws://{}{path}", self.raw.address())
    }

    /// The requests that came since this was asked last.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().expect("no test panics in here"))
    }
}
