//! Twin of `easy_cleaned_in_callback.go`.

use std::cell::RefCell;

use ffence::ErrorKind;
use ffence::curl::{Easy, Write, option};

use crate::server::{Reply, Server};

/// A transfer borrows its handle, and so nothing that runs within can drop it, or empty the place
/// that it is in.
///
/// ```compile_fail,E0499
/// use ffence::curl::{Easy, Write, option};
/// let mut place = Some(Easy::new()?);
/// if let Some(easy) = &mut place {
///     easy.set(option::Url("file:///dev/null"))?;
///     easy.perform_with(|_| {
///         drop(place.take());
///         Write::Stop
///     })?;
/// }
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// A callback answers that it wants no more:
///
/// ```
/// use ffence::curl::{Easy, Write, option};
/// let mut place = Some(Easy::new()?);
/// if let Some(easy) = &mut place {
///     easy.set(option::Url("file:///dev/null"))?;
///     easy.perform_with(|_| {
///         Write::Stop
///     })?;
/// }
/// drop(place.take());
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// Whoever gets around the compiler by a `RefCell` meets its panic, which stops before C and comes
/// back as an error.
pub fn twin() -> ffence::Result<()> {
    let Ok(server) = Server::start() else { panic!("no port on loopback") };
    let url = server.put("/", Reply { status: 200, body: b"hello".to_vec(), missing: 0 });
    let mut easy = Easy::new()?;
    easy.set(option::Url(&url))?;
    let place = RefCell::new(Some(easy));
    let outcome = place.borrow_mut().as_mut().map(|easy| {
        let done = easy.perform_with(|_| {
            drop(place.borrow_mut().take());
            Write::Stop
        });
        done.map(|_| ()).map_err(|error| error.kind())
    });
    assert_eq!(outcome, Some(Err(ErrorKind::Panicked)));
    let mut body = Vec::new();
    if let Some(mut easy) = place.into_inner() {
        easy.perform_into(&mut body)?;
    }
    assert_eq!(body, b"hello");
    Ok(())
}
