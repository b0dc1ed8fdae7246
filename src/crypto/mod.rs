//! Cryptography on the linked OpenSSL.
//!
//! Every algorithm is a type; the type of a key fixes the lengths of key, nonce and tag. Algorithms
//! are fetched from OpenSSL's providers once a process, and a context that was given its key keeps
//! it: what is paid for each message is the message.
//!
//! | algorithm | key | nonce | tag | messages a key | bytes a message | OpenSSL | source |
//! |---|---|---|---|---|---|---|---|
//! | [`Aes128Gcm`], [`Aes192Gcm`], [`Aes256Gcm`] | 16, 24, 32 | 12 | 16 | 2^32, 2^48 | 2^36 - 32 | 3.0 | SP 800-38D |
//! | [`ChaCha20Poly1305`] | 32 | 12 | 16 | 2^32, 2^48 | 2^38 - 64 | 3.0 | RFC 8439 |
//! | [`Aes128GcmSiv`], [`Aes256GcmSiv`] | 16, 32 | 12 | 16 | 2^32, 2^48 | 2^31 - 1 | 3.2 | RFC 8452 |
//! | [`Aes128Siv`], [`Aes192Siv`], [`Aes256Siv`] | 32, 48, 64 | 16 | 16 | 2^46 | 2^31 - 1 | 3.0 | RFC 5297 |
//! | [`Deterministic`] of those | 32, 48, 64 | none | 16 | 2^46 | 2^31 - 1 | 3.0 | RFC 5297 |
//! | [`Aes128Ccm`], [`Aes192Ccm`], [`Aes256Ccm`] | 16, 24, 32 | 12 | 16 | 2^32, 2^40 | 2^24 - 1 | 3.0 | SP 800-38C |
//! | [`Ccm<C, NONCE, TAG>`](Ccm) | 16, 24, 32 | 7 to 13 | 4 to 16 | see there | see there | 3.0 | SP 800-38C, RFC 6655 |
//! | [`Aes128Ocb`], [`Aes192Ocb`], [`Aes256Ocb`] | 16, 24, 32 | 12 | 16 | 2^32, of 1 MiB | 2^52 - 32 | 3.0 | RFC 7253 |
//!
//! | stream | key | salt | chunk | tag | streams a key | bytes a stream | OpenSSL | source |
//! |---|---|---|---|---|---|---|---|---|
//! | [`StreamKey`] of [`Aes128Gcm`], [`Aes256Gcm`], [`ChaCha20Poly1305`] | 16, 32, 32 | 24 | 16 KiB | 16 | not limited | 2^52 | 3.0 | [C2SP](https://c2sp.org/chunked-encryption) |
//!
//! Where two numbers of messages stand, the first is for [`RandomNonce`], the second for
//! [`CounterNonce`] and [`hazmat`]. Without a reason for another, take [`Aes256Gcm`]; where one key
//! seals from many places that know nothing of each other, a SIV forgives a repeated nonce.
//!
//! Digests take 2^61 - 1 bytes and more, which no program reaches.
//!
//! | digest | output | block | OpenSSL | source |
//! |---|---|---|---|---|
//! | [`Sha224`] | 28 | 64 | 3.0 | FIPS 180-4 |
//! | [`Sha256`] | 32 | 64 | 3.0 | FIPS 180-4 |
//! | [`Sha384`] | 48 | 128 | 3.0 | FIPS 180-4 |
//! | [`Sha512`] | 64 | 128 | 3.0 | FIPS 180-4 |
//! | [`Sha512_224`] | 28 | 128 | 3.0 | FIPS 180-4 |
//! | [`Sha512_256`] | 32 | 128 | 3.0 | FIPS 180-4 |
//! | [`Sha3_224`] | 28 | 144 | 3.0 | FIPS 202 |
//! | [`Sha3_256`] | 32 | 136 | 3.0 | FIPS 202 |
//! | [`Sha3_384`] | 48 | 104 | 3.0 | FIPS 202 |
//! | [`Sha3_512`] | 64 | 72 | 3.0 | FIPS 202 |
//! | [`Blake2s256`] | 32 | 64 | 3.0 | RFC 7693 |
//! | [`Blake2b512`] | 64 | 128 | 3.0 | RFC 7693 |
//! | [`Xof<Shake128>`](Xof) | any | 168 | 3.0; in pieces 3.3 | FIPS 202 |
//! | [`Xof<Shake256>`](Xof) | any | 136 | 3.0; in pieces 3.3 | FIPS 202 |
//!
//! | MAC | key | tag | for each message | OpenSSL | source |
//! |---|---|---|---|---|---|
//! | [`Hmac<H>`](Hmac) | any | the digest's | | 3.0 | RFC 2104 |
//! | [`Cmac<C>`](Cmac) | 16, 24, 32 | 16 | | 3.0 | RFC 4493 |
//! | [`Gmac<C>`](Gmac) | 16, 24, 32 | 16 | a [`GmacNonce`] | 3.0 | SP 800-38D |
//! | [`Kmac128<N>`](Kmac128), [`Kmac256<N>`](Kmac256) | 4 to 512 | `N` | | 3.0 | SP 800-185 |
//! | [`SipHash64`], [`SipHash128`] | 16 | 8, 16 | | 3.0 | SipHash-2-4, 2012 |
//! | [`Poly1305`] | 32 | 16 | a [`OneTimeKey`] | 3.0 | RFC 8439 |
//!
//! What is broken and still needed is in [`legacy`].
//!
//! | what else | where |
//! |---|---|
//! | keys from secrets: HKDF, PBKDF2, scrypt, Argon2id, KBKDF, single-step, X9.63 | [`kdf`] |
//! | passwords, to be stored | [`password`] |
//! | random bytes | [`random`] |
//! | ciphers that do not authenticate: AES-CTR, CBC, XTS, key wrap | [`unauthenticated`] |
//! | providers, FIPS, property queries, configuration files: another library than the default one | [`library`] |
//!
//! ```
//! use ffence::crypto::{Aes256Gcm, Key, RandomNonce, Sha256};
//!
//! let key = Key::<Aes256Gcm>::generate()?;
//! let sealed = key.sealer(RandomNonce)?.seal(b"header", b"hello")?; // nonce, text, tag
//! let opened = key.opener()?.open(b"header", &sealed)?;
//! assert_eq!(opened, b"hello");
//!
//! let digest = Sha256::digest(b"abc")?;
//! assert!(digest.to_string().starts_with("ba7816bf"));
//! # Ok::<(), ffence::Error>(())
//! ```

mod aead;
mod algorithm;
mod digest;
mod equal;
mod held;
pub mod kdf;
pub mod legacy;
pub mod library;
mod mac;
mod newer;
mod octets;
mod param;
pub mod password;
mod rand;
pub mod random;
mod stream;
pub mod unauthenticated;

pub use aead::{
    Aead, Aes128Ccm, Aes128Ccm8, Aes128Gcm, Aes128GcmSiv, Aes128Ocb, Aes128Siv, Aes192Ccm,
    Aes192Gcm, Aes192Ocb, Aes192Siv, Aes256Ccm, Aes256Ccm8, Aes256Gcm, Aes256GcmSiv, Aes256Ocb,
    Aes256Siv, Ccm, CcmNonce, CcmTag, ChaCha20Poly1305, CounterNonce, Deterministic, Key, NoNonce,
    NoncePolicy, Nonced, Opener, RandomNonce, Sealer, hazmat,
};
pub use digest::{
    Blake2b512, Blake2s256, Digest, Extendable, Hash, Hasher, Sha3_224, Sha3_256, Sha3_384,
    Sha3_512, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256, Shake128, Shake256, Squeezer,
    Xof,
};
pub use library::{Library, Provided};
pub use mac::{
    Aes128, Aes192, Aes256, BlockCipher, Cmac, Gmac, GmacNonce, Hmac, Kmac128, Kmac256, Mac,
    Message, OneTimeKey, Poly1305, SipHash64, SipHash128, Tag,
};
pub use octets::Octets;
pub use password::PasswordHash;
pub use stream::{OpenReader, SealWriter, StreamAead, StreamKey};
