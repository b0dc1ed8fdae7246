//! Twin of `short_tag.go`.

use ffence::ErrorKind;
use ffence::crypto::{Aes256Gcm, Key, RandomNonce};

/// A tag is an array, as long as the algorithm's tags are.
///
/// ```compile_fail,E0308
/// use ffence::crypto::{Aes256Gcm, Key, RandomNonce};
/// let mut sealer = Key::<Aes256Gcm>::generate()?.sealer(RandomNonce)?;
/// let mut nonce = [0; 12];
/// let tag: [u8; 8] = sealer.seal_in_place(b"", &mut nonce, &mut [])?;
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// Of that length, it compiles:
///
/// ```
/// use ffence::crypto::{Aes256Gcm, Key, RandomNonce};
/// let mut sealer = Key::<Aes256Gcm>::generate()?.sealer(RandomNonce)?;
/// let mut nonce = [0; 12];
/// let tag: [u8; 16] = sealer.seal_in_place(b"", &mut nonce, &mut [])?;
/// # Ok::<(), ffence::Error>(())
/// ```
pub fn twin() -> ffence::Result<()> {
    let key = Key::<Aes256Gcm>::generate()?;
    let mut nonce = [0; 12];
    let tag = key.sealer(RandomNonce)?.seal_in_place(b"", &mut nonce, &mut [])?;
    key.opener()?.open_in_place(b"", &nonce, &mut [], &tag)?;
    // Cut to half on the way, it does not pass for a whole one.
    let sealed = [&nonce[..], &tag[..8]].concat();
    let opened = key.opener()?.open(b"", &sealed).map_err(|error| error.kind());
    assert_eq!(opened, Err(ErrorKind::Authentication));
    Ok(())
}
