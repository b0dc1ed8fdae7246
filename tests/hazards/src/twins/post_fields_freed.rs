//! Twin of `post_fields_freed.go`.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::thread;

use ffence::curl::{Easy, option};

const FORM: &str = "user=alice&password=correct-horse-battery-staple";

/// What libcurl keeps is owned by the handle, or is never freed at all: a body that is lent for less
/// is refused.
///
/// ```compile_fail,E0597
/// use ffence::curl::{Easy, option};
/// let mut easy = Easy::new()?;
/// {
///     let body = String::from("user=alice");
///     easy.set(option::PostFields(body.as_str()))?;
/// }
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// Handed over, it compiles:
///
/// ```
/// use ffence::curl::{Easy, option};
/// let mut easy = Easy::new()?;
/// {
///     let body = String::from("user=alice");
///     easy.set(option::PostFields(body))?;
/// }
/// # Ok::<(), ffence::Error>(())
/// ```
pub fn twin() -> ffence::Result<()> {
    let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)) else { panic!("no port") };
    let Ok(address) = listener.local_addr() else { panic!("no address") };
    let server = thread::spawn(move || answer_once(&listener));
    let mut easy = Easy::new()?;
    easy.set(option::Url(&format!("http://{address}/")))?;
    {
        let body = FORM.to_owned();
        easy.set(option::PostFields(body))?;
    }
    easy.perform()?;
    let request = server.join().ok().and_then(Result::ok);
    assert!(request.is_some_and(|it| it.ends_with(FORM.as_bytes())));
    Ok(())
}

/// Answers a request that ends with the form, and says what it was.
fn answer_once(listener: &TcpListener) -> io::Result<Vec<u8>> {
    let (mut client, _) = listener.accept()?;
    let (mut request, mut piece) = (Vec::new(), [0; 1024]);
    while !request.ends_with(FORM.as_bytes()) {
        let read = client.read(&mut piece)?;
        if read == 0 {
            break;
        }
        request.extend_from_slice(&piece[..read]);
    }
    client.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
    Ok(request)
}
