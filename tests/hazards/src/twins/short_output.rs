//! Twin of `short_output.go`.

use ffence::crypto::unauthenticated::{self, Aes256Cbc, Padding};
use ffence::crypto::{Aes256Gcm, Key, RandomNonce, random};

/// A place that is too short is an error before C is called; and what pads writes to a `Vec`, which
/// grows by what a block more needs.
pub fn twin() -> ffence::Result<()> {
    let text = [b't'; 41];
    let mut sent = Vec::with_capacity(text.len());
    let key = unauthenticated::Key::<Aes256Cbc>::generate()?;
    let mut encryptor = key.cbc_encryptor(&random::bytes()?, Padding::Pkcs7)?;
    encryptor.update(&text, &mut sent)?;
    encryptor.finish(&mut sent)?;
    assert_eq!(sent.len(), 48);

    let mut sealer = Key::<Aes256Gcm>::generate()?.sealer(RandomNonce)?;
    let (mut nonce, mut short) = ([0; 12], [0; 40]);
    sealer.seal_detached(b"", &text, &mut nonce, &mut short).map(|_| ())
}
