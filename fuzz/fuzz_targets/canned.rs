//! A transfer whose server is a list of bytes, behind a socket pair: nothing leaves the process.

use std::io::{Read as _, Write as _};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use ffence::curl::{Address, Callbacks, Easy, Flow, Handler, Purpose, Socket, Write, option};

/// Takes what such a server sends.
#[derive(Debug, Default)]
pub struct Canned {
    /// What the server says; each connection hears all of it.
    pub answer: Vec<u8>,
    pub body: Vec<u8>,
    pub headers: usize,
    connections: usize,
}

impl Handler for Canned {
    const CALLBACKS: Callbacks =
        Callbacks::WRITE.and(Callbacks::HEADER).and(Callbacks::OPEN_SOCKET).and(Callbacks::SOCKET);

    fn write(&mut self, bytes: &[u8]) -> Write {
        self.body.extend_from_slice(bytes);
        // A few bytes may become very many when they are decompressed.
        if self.body.len() > 1 << 20 { Write::Stop } else { Write::Taken }
    }

    fn header(&mut self, _: &[u8]) -> Flow {
        self.headers += 1;
        Flow::Continue
    }

    fn open_socket(&mut self, _: &Address<'_>) -> Option<OwnedFd> {
        // What is redirected in a circle is enough after a few connections.
        self.connections += 1;
        if self.connections > 4 {
            return None;
        }
        let (ours, mut theirs) = UnixStream::pair().ok()?;
        let answer = self.answer.clone();
        // The server: it speaks, closes its side, and hears the client out.
        std::thread::spawn(move || {
            let _ = theirs.write_all(&answer);
            let _ = theirs.shutdown(std::net::Shutdown::Write);
            let _ = theirs.read_to_end(&mut Vec::new());
        });
        Some(ours.into())
    }

    fn socket(&mut self, _: BorrowedFd<'_>, _: Purpose) -> Socket {
        Socket::Connected
    }
}

/// A handle for it.
pub fn easy(answer: Vec<u8>) -> ffence::Result<Easy<Canned>> {
    let mut easy = Easy::with(Canned { answer, ..Canned::default() })?;
    settings(&mut easy)?;
    Ok(easy)
}

/// What every such handle needs, after a reset again.
pub fn settings(easy: &mut Easy<Canned>) -> ffence::Result<()> {
    easy.set(option::Url("http://127.0.0.1/"))?
        .set(option::NoProxy("*"))?
        .set(option::Timeout(Duration::from_secs(10)))?;
    easy.handler_mut().connections = 0;
    Ok(())
}
