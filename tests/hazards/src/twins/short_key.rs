//! Twin of `short_key.go`.

use ffence::crypto::{Aes256Gcm, Key};

/// The key of 16 bytes that begins a message is compared with what the algorithm takes, before C is
/// asked: it comes back as an error. Where the length is known, it is in the type.
pub fn twin() -> ffence::Result<()> {
    let message = b"sixteen-byte-keyand then a text!";
    assert!(Key::<Aes256Gcm>::from_slice(message).is_ok());
    Key::<Aes256Gcm>::from_slice(&message[..16]).map(drop)
}
