//! A process of its own, because it forks: no nonce is drawn by two processes,
//! and no counter counts in two.

use std::collections::HashSet;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;

use ffence::ErrorKind;
use ffence::crypto::{Aes256Gcm, CounterNonce, Key, RandomNonce, Sealer};

const EACH: usize = 100;

fn nonces(sealer: &mut Sealer<Aes256Gcm>) -> Vec<u8> {
    (0..EACH).flat_map(|_| sealer.seal(b"", b"").expect("sealed")[..12].to_vec()).collect()
}

/// Forks; the child and its own child tell their nonces and are gone.
fn fork_twice(sealer: &mut Sealer<Aes256Gcm>, mut told: UnixStream) {
    // SAFETY: this process has one thread that holds no lock.
    let child = unsafe { libc::fork() };
    assert!(child >= 0);
    if child == 0 {
        // SAFETY: as above.
        let grandchild = unsafe { libc::fork() };
        let sent = told.write_all(&nonces(sealer));
        wait(grandchild);
        // SAFETY: ends the process without running what the parent registered.
        unsafe { libc::_exit(i32::from(sent.is_err())) };
    }
    wait(child);
}

fn wait(child: libc::pid_t) {
    if child > 0 {
        // SAFETY: NULL stands for "the status is not wanted".
        unsafe { libc::waitpid(child, std::ptr::null_mut(), 0) };
    }
}

/// A counter refuses in the child, where it would count what the parent counts, and goes on in the
/// parent; a key that the child makes counts there.
fn counters_refuse_in_the_child() -> std::io::Result<()> {
    let counter = CounterNonce::new(*b"fork");
    let key = Key::<Aes256Gcm>::generate()?;
    let mut sealer = key.sealer(counter)?;
    sealer.seal(b"", b"")?;
    // SAFETY: this process has one thread that holds no lock.
    let child = unsafe { libc::fork() };
    assert!(child >= 0);
    if child == 0 {
        let refuses = |sealer: &mut Sealer<Aes256Gcm, CounterNonce>| {
            sealer.seal(b"", b"").is_err_and(|error| error.kind() == ErrorKind::Poisoned)
        };
        let made_here = || -> ffence::Result<_> {
            Key::<Aes256Gcm>::generate()?.sealer(counter)?.seal(b"", b"")
        };
        let fine = refuses(&mut sealer)
            && key.sealer(counter).is_err_and(|error| error.kind() == ErrorKind::Poisoned)
            && made_here().is_ok();
        // SAFETY: ends the process without running what the parent registered.
        unsafe { libc::_exit(i32::from(!fine)) };
    }
    let mut status = -1;
    // SAFETY: the status is written during the call.
    unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(status, 0, "the child saw what it should not");
    assert_eq!(sealer.seal(b"", b"")?[4..12], 1_u64.to_be_bytes());
    Ok(())
}

fn main() -> std::io::Result<()> {
    counters_refuse_in_the_child()?;
    println!("test counters_refuse_in_the_child ... ok");

    let key = Key::<Aes256Gcm>::generate()?;
    let mut sealer = key.sealer(RandomNonce)?;
    let (mut reader, writer) = UnixStream::pair()?;

    let mut drawn = nonces(&mut sealer);
    fork_twice(&mut sealer, writer.try_clone()?);
    fork_twice(&mut sealer, writer);
    drawn.extend(nonces(&mut sealer));
    reader.read_to_end(&mut drawn)?;

    let all: Vec<_> = drawn.chunks(12).collect();
    assert_eq!(all.len(), EACH * 6);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len(), "a nonce was drawn twice");
    println!(
        "running 2 tests\ntest no_nonce_is_drawn_by_two_processes ... ok ({} nonces)\n",
        all.len()
    );
    println!("test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n");
    Ok(())
}
