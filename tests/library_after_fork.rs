//! A process of its own, because it forks: a library that the parent made works in the child, which
//! draws other random bytes from it, and the child can make one of its own.

use std::collections::HashSet;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;

use ffence::crypto::{
    Aes256Gcm, Hasher, Key, Library, Provided as _, RandomNonce, Sealer, Sha256, random,
};

const EACH: usize = 50;

/// What two processes must never both draw: bytes, and nonces of one sealer.
fn draw(library: &Library, sealer: &mut Sealer<Aes256Gcm>) -> ffence::Result<Vec<u8>> {
    let mut drawn = Vec::new();
    for _ in 0..EACH {
        drawn.extend(random::bytes_in::<12>(library)?);
        drawn.extend(&sealer.seal(b"", b"")?[..12]);
    }
    Ok(drawn)
}

/// Works on in what the parent made and in what is made here; then both are gone.
fn in_the_child(
    library: Library,
    mut hasher: Hasher<Sha256>,
    mut sealer: Sealer<Aes256Gcm>,
) -> ffence::Result<Vec<u8>> {
    let drawn = draw(&library, &mut sealer)?;
    hasher.update(b"bc")?;
    drop(library);
    assert_eq!(hasher.finish()?, Sha256::digest(b"abc")?);
    let own = Library::builder().provider("default").properties("?fips=yes").build()?;
    assert_eq!(Sha256::origin_in(&own)?.provider(), "default");
    Key::<Aes256Gcm>::generate_in(&own)?.sealer(RandomNonce)?.seal(b"", b"text")?;
    Ok(drawn)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let library = Library::new()?;
    let key = Key::<Aes256Gcm>::generate_in(&library)?;
    let mut sealer = key.sealer(RandomNonce)?;
    let mut hasher = Hasher::<Sha256>::new_in(&library)?;
    hasher.update(b"a")?;
    let first = draw(&library, &mut sealer)?;

    let (mut told, tell) = UnixStream::pair()?;
    // SAFETY: this process has one thread that holds no lock.
    let child = unsafe { libc::fork() };
    assert!(child >= 0);
    if child == 0 {
        drop(told);
        let mut tell = tell;
        let done = std::panic::catch_unwind(move || in_the_child(library, hasher, sealer));
        let done = done.is_ok_and(|drawn| drawn.is_ok_and(|it| tell.write_all(&it).is_ok()));
        drop(tell);
        // SAFETY: ends the process without running what the parent registered.
        unsafe { libc::_exit(i32::from(!done)) };
    }
    drop(tell);
    let ours = draw(&library, &mut sealer)?;
    drop(library);
    hasher.update(b"bc")?;
    assert_eq!(hasher.finish()?, Sha256::digest(b"abc")?);
    let mut theirs = Vec::new();
    told.read_to_end(&mut theirs)?;
    let mut status = 0;
    // SAFETY: `status` is written to.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert_eq!(status, 0, "the child has done all of it");

    let all: Vec<_> = [first, ours, theirs].concat();
    let pieces: HashSet<_> = all.chunks(12).collect();
    assert_eq!(pieces.len(), 3 * 2 * EACH, "no two are the same, in whichever process");
    println!("parent and child: {} draws, all different", pieces.len());
    Ok(())
}
