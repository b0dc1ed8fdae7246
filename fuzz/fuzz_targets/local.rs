//! A client whose every server is one here, on a Unix socket: what it says is canned, or written for
//! each request.

use std::io::Read as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use ffence::http::{Client, ClientBuilder, Proxy, Timeouts};

/// Where it listens. The file goes with the process: libFuzzer leaves by exit(3), but for a finding.
static PATH: OnceLock<PathBuf> = OnceLock::new();

/// A client's settings, for a server where `speak` has each connection.
pub fn client(speak: fn(UnixStream)) -> ClientBuilder {
    let path = PATH.get_or_init(|| {
        let path = std::env::temp_dir().join(format!("ffence-fuzz-{}", std::process::id()));
        let _ = std::fs::remove_file(&path); // of a process that had this number before
        let listener = UnixListener::bind(&path).expect("a socket of our own");
        std::thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                std::thread::spawn(move || speak(connection));
            }
        });
        // SAFETY: the function is there until the process ends.
        assert_eq!(unsafe { libc::atexit(forget) }, 0);
        path
    });
    let limits = Timeouts::new().total(Duration::from_secs(10));
    Client::builder().unix_socket(path).proxy(Proxy::none()).timeouts(limits)
}

extern "C" fn forget() {
    let _ = PATH.get().map(std::fs::remove_file);
}

/// The head of a request.
#[allow(dead_code)] // what is canned does not depend on it
pub fn head(connection: &mut UnixStream) -> Vec<u8> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && connection.read(&mut byte).is_ok_and(|len| len == 1) {
        head.push(byte[0]);
    }
    head
}
