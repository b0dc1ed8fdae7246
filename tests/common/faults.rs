//! A proxy that does harm to connections, after the idea of toxiproxy: it passes everything on between
//! clients and a real server, up to one place, and there it stops, resets, stalls, sends garbage or
//! takes its time.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use super::raw::Raw;
use super::server::Server;
use super::ugly::reset;

/// Where it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// As soon as the connection is there.
    Accept,
    /// Ten bytes after the client began to speak: within its request, or its first message of TLS.
    Request,
    /// When the server said so many bytes.
    Answer(usize),
    /// One byte after the head: within the length of the first chunk.
    ChunkLength,
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    /// The connection ends in an orderly way.
    Stop,
    Reset,
    /// Nothing more is passed on.
    Stall,
    /// Something else is sent in the server's place, and then the end.
    Garbage,
    /// Everything is passed on, a little at a time.
    Slow,
}

pub type Fault = (Place, Harm);

/// Where a server listens.
pub fn address(server: &Server) -> SocketAddr {
    let url = server.url("");
    url.split("://").nth(1).and_then(|it| it.parse().ok()).expect("an address")
}

/// A proxy in front of a server; without a fault it passes everything on.
pub fn proxy(server: SocketAddr, fault: Option<Fault>) -> Raw {
    Raw::with(move |client| serve(client, server, fault))
}

fn serve(mut client: TcpStream, server: SocketAddr, fault: Option<Fault>) {
    if let Some((Place::Accept, harm)) = fault {
        return act(client, harm);
    }
    let mut server = TcpStream::connect(server).expect("the server is there");
    if let Some((Place::Request, harm)) = fault {
        let mut piece = [0; 10];
        if client.read_exact(&mut piece).is_ok() {
            let _ = server.write_all(&piece);
            act(client, harm);
        }
        return;
    }
    thread::scope(|scope| {
        let (mut from, mut to) = (client.try_clone().expect("a double"), &server);
        scope.spawn(move || {
            let _ = std::io::copy(&mut from, &mut to);
            // Also when it stalled: the client is gone.
            let _ = to.shutdown(Shutdown::Both);
        });
        pass_down(&server, client, fault);
    });
}

fn pass_down(mut server: &TcpStream, mut client: TcpStream, fault: Option<Fault>) {
    let mut at = match fault {
        Some((Place::Answer(at), _)) => Some(at),
        _ => None,
    };
    let (mut seen, mut sent) = (Vec::new(), 0);
    let mut piece = vec![0; 16 * 1024];
    loop {
        let len = match server.read(&mut piece) {
            Ok(len) if len > 0 => len,
            _ => {
                let _ = client.shutdown(Shutdown::Write);
                return;
            }
        };
        let mut piece = &piece[..len];
        if fault.is_some_and(|(place, _)| place == Place::ChunkLength) && at.is_none() {
            seen.extend_from_slice(piece);
            at = seen.windows(4).position(|it| it == b"\r\n\r\n").map(|end| end + 5);
        }
        let harm = fault.filter(|_| at.is_some_and(|at| sent + len > at)).map(|(_, harm)| harm);
        if let (Some(harm), Some(at)) = (harm, at)
            && harm != Harm::Slow
        {
            let _ = client.write_all(&piece[..at - sent]);
            return act(client, harm);
        }
        if harm == Some(Harm::Slow) {
            while piece.len() > 1000 {
                let Ok(()) = client.write_all(&piece[..1000]) else { return };
                piece = &piece[1000..];
                thread::sleep(Duration::from_micros(200));
            }
        }
        let Ok(()) = client.write_all(piece) else { return };
        sent += len;
    }
}

fn act(mut client: TcpStream, harm: Harm) {
    match harm {
        Harm::Stop => _ = client.shutdown(Shutdown::Both),
        Harm::Reset => reset(client),
        // Until the client goes away.
        Harm::Stall => _ = std::io::copy(&mut client, &mut std::io::sink()),
        Harm::Garbage => {
            let _ = client.write_all(&b"\xff\x00garbage\r\n".repeat(100));
            let _ = client.shutdown(Shutdown::Write);
            let _ = std::io::copy(&mut client, &mut std::io::sink());
        }
        Harm::Slow => {}
    }
}
