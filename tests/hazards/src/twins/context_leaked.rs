//! Twin of `context_leaked.go`.

use ffence::ErrorKind;
use ffence::crypto::{Aes256Gcm, Hasher, Key, RandomNonce, Sha256};

/// A hasher for each message, and nobody frees one: its context goes where its scope ends, also
/// where a call in between fails. It runs under `LeakSanitizer`.
pub fn twin() -> ffence::Result<()> {
    for _ in 0..20 {
        let mut hasher = Hasher::<Sha256>::new()?;
        hasher.update(b"message")?;
        // Neither finished nor dropped by hand.
    }
    for _ in 0..20 {
        let outcome = leave_early();
        assert_eq!(outcome.map_err(|error| error.kind()), Err(ErrorKind::Length));
    }
    Ok(())
}

fn leave_early() -> ffence::Result<()> {
    let key = Key::<Aes256Gcm>::generate()?;
    let mut sealer = key.sealer(RandomNonce)?;
    let mut nonce = [0; 12];
    let _tag = sealer.seal_detached(b"", b"longer than its place", &mut nonce, &mut [0; 4])?;
    Ok(())
}
