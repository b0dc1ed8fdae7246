//! A process of its own, because it forks: a handle of the parent's is refused in the child, and a
//! new one works there.

#[path = "common/mod.rs"]
mod common;

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;

use common::server::Server;
use ffence::ErrorKind;
use ffence::curl::{Easy, option};
use ffence::http::Client;

/// What is wrong in the child; nothing, as it should be.
fn child(mut inherited: Easy, client: &Client, url: &str) -> Result<(), String> {
    for (what, kind) in [
        ("perform", inherited.perform().map(|_| ()).err().map(|it| it.kind())),
        ("set", inherited.set(option::Verbose(false)).map(|_| ()).err().map(|it| it.kind())),
        ("reset", inherited.reset().err().map(|it| it.kind())),
        ("client", client.get(url).send().err().map(|it| it.kind())),
    ] {
        if kind != Some(ErrorKind::Forked) {
            return Err(format!("{what}: {kind:?}"));
        }
    }
    // What it remembers may be read; what would ask the parent's connection, or lock, may not.
    let info = inherited.info();
    if info.response_code() != Some(200) || info.effective_url().is_none() {
        return Err(format!("{info:?}"));
    }
    if info.active_socket().is_some() {
        return Err("the parent's socket".to_owned());
    }
    if info.cookies().err().map(|it| it.kind()) != Some(ErrorKind::Forked) {
        return Err("the cookies".to_owned());
    }
    // Were it closed, the parent's connection would be told good-bye.
    drop(inherited);

    let mut own = Easy::new().map_err(|error| error.to_string())?;
    let mut body = Vec::new();
    own.set(option::Url(url)).map_err(|error| error.to_string())?;
    own.perform_into(&mut body).map_err(|error| error.to_string())?;
    if body.len() == 100 { Ok(()) } else { Err(format!("{} bytes", body.len())) }
}

fn main() {
    let server = Server::plain();
    let url = server.url("/bytes/100");
    let client = Client::new().expect("a client");
    client.get(&url).send().expect("the client works");
    let mut easy = Easy::new().expect("a handle");
    easy.set(option::Url(&url)).expect("set");
    easy.perform().expect("the handle works");
    let connections = server.connections();

    let (mut told, mut tells) = UnixStream::pair().expect("a pair of sockets");
    // SAFETY: the child calls libcurl, which is set up, and allocates; the one other thread, the
    // server's, holds no lock of libcurl's, and the C library's allocator survives a fork.
    let process = unsafe { libc::fork() };
    assert!(process >= 0);
    if process == 0 {
        drop(told);
        let outcome = child(easy, &client, &url);
        let failed = outcome.is_err();
        if let Err(error) = outcome {
            let _ = tells.write_all(error.as_bytes());
        }
        // SAFETY: ends the process without running what the parent registered.
        unsafe { libc::_exit(i32::from(failed)) };
    }
    drop(tells);
    let mut wrong = String::new();
    told.read_to_string(&mut wrong).expect("read");
    let mut status = 0;
    // SAFETY: a child of ours, and a place for its status.
    unsafe { libc::waitpid(process, &raw mut status, 0) };
    assert_eq!(wrong, "");
    assert_eq!(status, 0, "the child ended well");

    // The parent's connections were left alone.
    easy.perform().expect("the handle works on");
    client.get(&url).send().expect("the client works on");
    assert_eq!(server.connections(), connections + 1, "the child made one, the parent none");
    println!("running 1 test\ntest a_handle_belongs_to_its_process ... ok\n");
    println!("test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n");
}
