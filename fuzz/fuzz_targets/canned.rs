//! A transfer whose server is a list of bytes: nothing leaves the machine.
//!
//! The server listens on an abstract Unix socket, so that no port is taken. (A socket pair would need
//! `Socket::Connected`, in spite of which libcurl 7.88.1 calls connect(2).)

use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use ffence::curl::{Callbacks, Easy, Flow, Handler, Write, option};

/// What the server says; each connection hears all of it.
static ANSWER: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// The server's name.
#[allow(dead_code)] // some targets have a server of their own
static NAME: LazyLock<String> = LazyLock::new(|| {
    let name = format!("ffence-fuzz-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).expect("a short name");
    let listener = UnixListener::bind_addr(&address).expect("a name of our own");
    std::thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            let answer = answers();
            std::thread::spawn(move || speak(connection, &answer));
        }
    });
    name
});

/// Speaks, closes its side, and hears the client out.
pub fn speak(mut connection: UnixStream, answer: &[u8]) {
    let _ = connection.write_all(answer);
    let _ = connection.shutdown(Shutdown::Write);
    let _ = connection.read_to_end(&mut Vec::new());
}

/// Takes what such a server sends.
#[allow(dead_code)] // some targets have another client
#[derive(Debug, Default)]
pub struct Canned {
    pub body: Vec<u8>,
    pub headers: usize,
}

impl Handler for Canned {
    const CALLBACKS: Callbacks = Callbacks::WRITE.and(Callbacks::HEADER);

    fn write(&mut self, bytes: &[u8]) -> Write {
        self.body.extend_from_slice(bytes);
        // A few bytes may become very many when they are decompressed.
        if self.body.len() > 1 << 20 { Write::Stop } else { Write::Taken }
    }

    fn header(&mut self, _: &[u8]) -> Flow {
        self.headers += 1;
        Flow::Continue
    }
}

/// Has the server answer this from now on.
pub fn answer(bytes: Vec<u8>) {
    *ANSWER.lock().expect("nobody panics with it") = bytes;
}

/// What it answers.
pub fn answers() -> Vec<u8> {
    ANSWER.lock().map(|it| it.clone()).unwrap_or_default()
}

/// A handle for the server.
#[allow(dead_code)] // some targets have settings of their own
pub fn easy() -> ffence::Result<Easy<Canned>> {
    let mut easy = Easy::with(Canned::default())?;
    settings(&mut easy)?;
    Ok(easy)
}

/// What every such handle needs, after a reset again.
#[allow(dead_code)] // some targets have another client
pub fn settings<H: Handler>(easy: &mut Easy<H>) -> ffence::Result<()> {
    easy.set(option::Url("http://127.0.0.1/"))?
        .set(option::NoProxy("*"))?
        .set(option::AbstractUnixSocket(NAME.as_str()))?
        .set(option::Timeout(Duration::from_secs(10)))?
        .set(option::MaxRedirs(Some(4)))?;
    Ok(())
}
