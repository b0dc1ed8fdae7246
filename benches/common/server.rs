//! A small HTTP/1.1 server in a process of its own, so that none of its work is counted.
//!
//! It answers `GET /1024` with a body of 1,024 bytes and the headers that a common web server
//! sends, keeps connections open, and ends when its parent does: its standard input is a pipe that
//! only the parent holds.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread;

use super::tls;

/// The argument that makes a benchmark's executable the server.
const SERVE: &str = "--serve";

/// Where a server runs already, for the processes that [`url`] would otherwise start one for.
pub const ADDRESS: &str = "FFENCE_BENCH_SERVER";

/// The URL of a body of so many bytes; starts the server when there is none.
pub fn url(bytes: usize) -> String {
    format!("http://{}/{bytes}", places()[0])
}

/// The same over TLS, and the file with whom to trust.
pub fn tls(bytes: usize) -> (String, String) {
    let [_, address, bundle] = places();
    (format!("https://{address}/{bytes}"), bundle)
}

/// Where the server answers, where it does over TLS, and the file with whom to trust.
fn places() -> [String; 3] {
    let places: Vec<_> = address().split(' ').map(str::to_owned).collect();
    places.try_into().expect("three places")
}

/// The addresses of the server of this process.
pub fn address() -> String {
    static SERVER: OnceLock<(Option<Child>, String)> = OnceLock::new();
    let (_, address) = SERVER.get_or_init(|| match std::env::var(ADDRESS) {
        Ok(address) => (None, address),
        Err(_) => start(),
    });
    address.clone()
}

fn start() -> (Option<Child>, String) {
    let mut child = Command::new(std::env::current_exe().expect("the own path"))
        .arg(SERVE)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let mut address = String::new();
    let mut output = BufReader::new(child.stdout.take().expect("the server's output"));
    output.read_line(&mut address).expect("the server's address");
    (Some(child), address.trim().to_owned())
}

/// Keeps this process, and the server and all else that it starts, on one processor.
///
/// Where the scheduler puts the two threads of a conversation decides what waking the other one
/// costs, and that is three times what a GET costs. It decides as well how often the client asks in
/// vain whether the response is there, which even a count of instructions shows.
pub fn stay() {
    #[cfg(target_os = "linux")]
    {
        // SAFETY: takes nothing.
        let here = unsafe { libc::sched_getcpu() };
        // SAFETY: a set of processors is an array of bits, and all zeroes is the empty set.
        let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
        if let Ok(here) = usize::try_from(here) {
            // SAFETY: the set is as large as the C library's number of processors.
            unsafe { libc::CPU_SET(here, &mut set) };
            // SAFETY: 0 is this thread, and the size is that of the set. Refused, it only means
            // less steady figures.
            unsafe { libc::sched_setaffinity(0, size_of_val(&set), &raw const set) };
        }
    }
}

/// Serves, if this process was started for that.
pub fn served() -> bool {
    if !std::env::args().any(|argument| argument == SERVE) {
        return false;
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let (tls, bundle) = tls::serve();
    println!("{} {tls} {}", listener.local_addr().expect("an address"), bundle.display());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(|| converse(stream));
        }
    });
    // Ends with the parent, however the parent ends.
    let mut nothing = Vec::new();
    let _ = std::io::stdin().read_to_end(&mut nothing);
    let _ = std::fs::remove_file(bundle);
    true
}

/// The headers of the first request: all contenders must send the same.
static FIRST_HEADERS: OnceLock<String> = OnceLock::new();

/// Answers one request after the other until the client goes.
fn converse(stream: TcpStream) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut requests = BufReader::new(stream.try_clone().ok()?);
    let mut answers = stream;
    let mut answered: (usize, Vec<u8>) = (0, answer(0));
    let mut request = String::new();
    loop {
        request.clear();
        while !request.ends_with("\r\n\r\n") {
            if requests.read_line(&mut request).ok()? == 0 {
                return None;
            }
        }
        let (line, headers) = request.split_once("\r\n")?;
        let bytes: usize = line.split_whitespace().nth(1)?.trim_start_matches('/').parse().ok()?;
        if FIRST_HEADERS.get_or_init(|| headers.to_owned()) != headers {
            eprintln!("not the request of the others: {request}");
            return None;
        }
        if answered.0 != bytes {
            answered = (bytes, answer(bytes));
        }
        answers.write_all(&answered.1).ok()?;
    }
}

fn answer(bytes: usize) -> Vec<u8> {
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\n\
         Server: bench/1.0\r\n\
         Date: Sun, 22 Nov 2026 10:00:00 GMT\r\n\
         Content-Type: application/octet-stream\r\n\
         Content-Length: {bytes}\r\n\
         Last-Modified: Sun, 22 Nov 2026 09:00:00 GMT\r\n\
         Connection: keep-alive\r\n\
         ETag: \"69218a5e-400\"\r\n\
         Accept-Ranges: bytes\r\n\
         \r\n"
    )
    .into_bytes();
    answer.resize(answer.len() + bytes, b'x');
    answer
}
