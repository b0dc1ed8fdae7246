//! A process of its own, because it forks: no random bytes are drawn by two processes.

use std::collections::HashSet;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;

use ffence::crypto::random;

const EACH: usize = 50;

/// From both generators in turn.
fn drawn() -> Vec<u8> {
    let draw = || {
        let private = random::private_bytes::<16>().expect("drawn");
        [random::bytes::<16>().expect("drawn"), *private.as_bytes().expect("drawn here")]
    };
    (0..EACH).flat_map(|_| draw()).flatten().collect()
}

/// Forks; the child tells what it drew and is gone.
fn fork(mut told: UnixStream) {
    // SAFETY: this process has one thread that holds no lock.
    let child = unsafe { libc::fork() };
    assert!(child >= 0);
    if child == 0 {
        let sent = told.write_all(&drawn());
        // SAFETY: ends the process without running what the parent registered.
        unsafe { libc::_exit(i32::from(sent.is_err())) };
    }
    // SAFETY: NULL stands for "the status is not wanted".
    unsafe { libc::waitpid(child, std::ptr::null_mut(), 0) };
}

fn main() -> std::io::Result<()> {
    let (mut reader, writer) = UnixStream::pair()?;
    // The generators are in use before the fork, so that the child inherits their state.
    let mut all = drawn();
    fork(writer.try_clone()?);
    fork(writer);
    all.extend(drawn());
    reader.read_to_end(&mut all)?;

    let all: Vec<_> = all.chunks(16).collect();
    assert_eq!(all.len(), 2 * EACH * 4);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len(), "drawn twice");
    println!(
        "running 1 test\ntest no_bytes_are_drawn_by_two_processes ... ok ({} draws)\n",
        all.len()
    );
    println!("test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n");
    Ok(())
}
