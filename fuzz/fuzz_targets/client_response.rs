//! A hostile server's bytes, read as HTTP/1 by the client: redirects, cookies, compression, character
//! sets, interim responses and trailers, received at once or piece by piece.
#![no_main]

mod canned;
mod local;

use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;

use ffence::ErrorKind;
use ffence::http::{Hsts, Jar, Redirect};
use libfuzzer_sys::fuzz_target;

/// Says all of it at once, and closes.
fn speak(mut connection: UnixStream) {
    let _ = connection.write_all(&canned::answers());
    let _ = connection.shutdown(Shutdown::Write);
    let _ = connection.read_to_end(&mut Vec::new());
}

/// As much of a body is read: a few bytes may become very many when they are decompressed.
const MOST: u64 = 1 << 20;

fuzz_target!(|answer: &[u8]| {
    canned::answer(answer.to_vec());
    let (jar, hosts) = (Jar::new(), Hsts::new());
    let client = local::client(speak)
        .cookies(jar.clone())
        .hsts(hosts.clone())
        .redirect(Redirect::limited(4))
        .decompress()
        .build()
        .expect("a client");
    let opened = client
        .get("http://www.example.test/a/b?c")
        .on_interim(|status, _| assert!(status.is_informational()))
        .open();
    match opened {
        Ok(mut response) => {
            assert!(response.history().len() <= 4);
            for value in response.headers().values() {
                assert!(!value.as_bytes().contains(&b'\n'));
            }
            assert!(!response.diagnose().is_empty());
            let mut body = Vec::new();
            let read = response.body_mut().take(MOST).read_to_end(&mut body);
            if let Err(error) = read {
                assert_ne!(error.kind(), std::io::ErrorKind::TimedOut, "the server is done");
            }
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            let ours = [ErrorKind::Timeout, ErrorKind::Panicked, ErrorKind::Poisoned];
            assert!(!ours.contains(&error.kind()), "{error:?}");
        }
    }
    // All of it at once, where it is not too much: as text too.
    if answer.len() < 200
        && let Ok(response) = client.get("http://www.example.test/").send()
    {
        match response.text() {
            Ok(text) => assert!(text.len() <= 3 * response.body().len()),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Encoding),
        }
    }
    for cookie in jar.all() {
        assert!(!cookie.secure, "one that only TLS may set: {cookie:?}");
        assert!(
            cookie.domain == "www.example.test" || cookie.domain == "example.test" || {
                // From where it led.
                answer.windows(8).any(|it| it.eq_ignore_ascii_case(b"location"))
            }
        );
    }
    // Nothing came over TLS.
    let mut list = Vec::new();
    hosts.save(&mut list).expect("there is room");
    assert!(list.is_empty());
});
