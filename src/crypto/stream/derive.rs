//! The header of a stream and the secrets that belong to it.

use zeroize::Zeroize as _;

use crate::crypto::aead::{Aes128Gcm, Aes256Gcm, ChaCha20Poly1305, Key, Nonced};
use crate::crypto::digest::Sha512;
use crate::crypto::held::Held;
use crate::crypto::kdf::expand_any;
use crate::crypto::library::Home;
use crate::error::Result;

pub(super) const SALT: usize = 24;
pub(super) const COMMITMENT: usize = 32;

/// An algorithm that streams can be sealed with.
///
/// This crate implements the trait, nobody else can.
pub trait StreamAead: Nonced<Nonce = [u8; 12], Tag = [u8; 16]> {
    /// Its name in IANA's registry of AEAD algorithms.
    const IANA: &'static str;
}

impl StreamAead for Aes128Gcm {
    const IANA: &'static str = "AEAD_AES_128_GCM";
}

impl StreamAead for Aes256Gcm {
    const IANA: &'static str = "AEAD_AES_256_GCM";
}

impl StreamAead for ChaCha20Poly1305 {
    const IANA: &'static str = "AEAD_CHACHA20_POLY1305";
}

/// What a stream begins with.
pub(super) struct Header {
    pub(super) salt: [u8; SALT],
    pub(super) commitment: [u8; COMMITMENT],
}

impl Header {
    pub(super) const LEN: usize = SALT + COMMITMENT;

    /// `None` unless there are exactly [`LEN`](Self::LEN) bytes.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (salt, commitment) = bytes.split_first_chunk()?;
        Some(Self { salt: *salt, commitment: commitment.try_into().ok()? })
    }
}

/// What is derived for one stream.
pub(super) struct Secrets<A: StreamAead> {
    pub(super) key: Key<A>,
    pub(super) base: [u8; 12],
    pub(super) commitment: [u8; COMMITMENT],
}

impl<A: StreamAead> Secrets<A> {
    /// Section "Key derivation", with SHA-512, as the published vectors have it.
    pub(super) fn derive(
        home: &Home,
        key: &Held,
        salt: &[u8; SALT],
        context: &[u8],
    ) -> Result<Self> {
        let info =
            [b"c2sp.org/chunked-encryption@v1+", A::IANA.as_bytes(), &[0], salt, context].concat();
        let (mut base, mut commitment) = ([0; 12], [0; COMMITMENT]);
        let len = A::KEY_LEN + A::NONCE_LEN + COMMITMENT;
        let expand = |out: &mut [u8]| expand_any::<Sha512>(home, key.bytes()?, &info, out);
        let derived = Held::filled(len, expand)?;
        let (own, rest) = derived.bytes()?.split_at(A::KEY_LEN);
        let (nonce, committed) = rest.split_at(A::NONCE_LEN);
        base.copy_from_slice(nonce);
        commitment.copy_from_slice(committed);
        let key = Key::from_held(home.clone(), Held::copy_of(own));
        Ok(Self { key, base, commitment })
    }
}

impl<A: StreamAead> Drop for Secrets<A> {
    fn drop(&mut self) {
        self.base.zeroize();
    }
}
