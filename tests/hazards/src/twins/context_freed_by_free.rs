//! Twin of `context_freed_by_free.go`.

use ffence::crypto::{Aes256Gcm, Key, RandomNonce};

/// Memory and the function that frees it are one type: what C's `free` takes is a `CBuf<Libc>`, and
/// nothing that OpenSSL made is one.
///
/// ```compile_fail,E0308
/// use ffence::buf::{CBuf, Libc};
/// use ffence::crypto::{Aes256Gcm, Key, RandomNonce};
/// let sealer = Key::<Aes256Gcm>::generate()?.sealer(RandomNonce)?;
/// drop::<CBuf<Libc>>(sealer);
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// Its own `drop` frees it, with its key schedule, by `EVP_CIPHER_CTX_free`:
///
/// ```
/// use ffence::crypto::{Aes256Gcm, Key, RandomNonce};
/// let sealer = Key::<Aes256Gcm>::generate()?.sealer(RandomNonce)?;
/// drop(sealer);
/// # Ok::<(), ffence::Error>(())
/// ```
pub fn twin() -> ffence::Result<()> {
    let key = Key::<Aes256Gcm>::generate()?;
    for _ in 0..20 {
        drop(key.sealer(RandomNonce)?);
    }
    Ok(())
}
