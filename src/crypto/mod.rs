//! Cryptography on the linked OpenSSL.
//!
//! Every algorithm is a type; the type of a key fixes the lengths of key, nonce and tag. Algorithms
//! are fetched from OpenSSL's providers once a process, and a context that was given its key keeps
//! it: what is paid for each message is the message.
//!
//! | algorithm | key | nonce | tag | messages a key | bytes a message | OpenSSL | source |
//! |---|---|---|---|---|---|---|---|
//! | [`Aes256Gcm`] | 32 | 12 | 16 | 2^32 with random nonces | 2^36 - 32 | 3.0 | SP 800-38D |
//!
//! | digest | output | block | OpenSSL | source |
//! |---|---|---|---|---|
//! | [`Sha256`] | 32 | 64 | 3.0 | FIPS 180-4 |
//!
//! | what else | where |
//! |---|---|
//! | keys from secrets: HKDF, PBKDF2, scrypt, Argon2id, KBKDF, single-step, X9.63 | [`kdf`] |
//! | passwords, to be stored | [`password`] |
//! | random bytes | [`random`] |
//! | ciphers that do not authenticate: AES-CTR, CBC, XTS, key wrap | [`unauthenticated`] |
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
pub mod kdf;
mod param;
pub mod password;
mod rand;
pub mod random;
pub mod unauthenticated;

pub use aead::{Aead, Aes256Gcm, Key, NoncePolicy, Opener, RandomNonce, Sealer};
pub use digest::{Digest, Hash, Hasher, Sha256};
pub use password::PasswordHash;
