//! Twin of `go_pointer_as_write_data.go`.

use ffence::curl::{Callbacks, Easy, Handler, Write, option};

use crate::server::{Reply, Server};

/// What libcurl calls back is in the handle's type, with the lifetime of what it borrows; that it
/// holds pointers makes no difference.
///
/// ```compile_fail,E0505
/// use ffence::curl::Easy;
/// use ffence_hazards::twins::go_pointer_as_write_data::Pieces;
/// let mut pieces = Vec::new();
/// let mut easy = Easy::with(Pieces(&mut pieces))?;
/// drop(pieces);
/// easy.set(ffence::curl::option::Url("file:///dev/null"))?.perform()?;
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// After the transfer, it compiles:
///
/// ```
/// use ffence::curl::Easy;
/// use ffence_hazards::twins::go_pointer_as_write_data::Pieces;
/// let mut pieces = Vec::new();
/// let mut easy = Easy::with(Pieces(&mut pieces))?;
/// easy.set(ffence::curl::option::Url("file:///dev/null"))?.perform()?;
/// drop(easy);
/// drop(pieces);
/// # Ok::<(), ffence::Error>(())
/// ```
pub fn twin() -> ffence::Result<()> {
    let Ok(server) = Server::start() else { panic!("no port on loopback") };
    let url = server.put("/", Reply { status: 200, body: b"hello".to_vec(), missing: 0 });
    let mut pieces = Vec::new();
    let mut easy = Easy::with(Pieces(&mut pieces))?;
    easy.set(option::Url(&url))?.perform()?;
    drop(easy);
    assert_eq!(pieces.concat(), b"hello");
    Ok(())
}

/// Keeps what comes in memory of the caller's, which holds pointers to more.
#[derive(Debug)]
pub struct Pieces<'a>(pub &'a mut Vec<Vec<u8>>);

impl Handler for Pieces<'_> {
    const CALLBACKS: Callbacks = Callbacks::WRITE;

    fn write(&mut self, bytes: &[u8]) -> Write {
        self.0.push(bytes.to_vec());
        Write::Taken
    }
}
