//! Streams that are sealed and opened in chunks: more than fits into memory, and never a byte that
//! was not verified.
//!
//! The format is [C2SP chunked encryption](https://c2sp.org/chunked-encryption): a header of 56
//! bytes (salt, commitment to the key), then chunks of 16 KiB, each with its tag, the last one
//! shorter. Each stream has a key of its own, derived from the [`StreamKey`], a random salt and the
//! context. What is cut off, added, altered, swapped or repeated is noticed.
//!
//! ```
//! use std::io::{Read, Write};
//! use ffence::crypto::{Aes128Gcm, StreamKey};
//!
//! let key = StreamKey::<Aes128Gcm>::generate()?;
//! let mut writer = key.seal(b"backup of Monday", Vec::new())?;
//! writer.write_all(b"as much as there is")?;
//! let sealed = writer.finish()?;
//!
//! let mut text = String::new();
//! key.open(b"backup of Monday", &sealed[..]).read_to_string(&mut text)?;
//! assert_eq!(text, "as much as there is");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod derive;
mod reader;
mod writer;

use std::io;
use std::marker::PhantomData;
use std::sync::Arc;

pub use self::derive::StreamAead;
use self::derive::{Header, Secrets};
pub use self::reader::OpenReader;
pub use self::writer::SealWriter;
use super::held::Held;
use super::rand;
use crate::error::{Error, ErrorKind, Result};
#[cfg(unix)]
use crate::secret::{Protection, Secret, SecretBytes};

/// Bytes of text in each chunk but the last, which has fewer.
const CHUNK: usize = 16 * 1024;

/// The format allows 2^38 chunks: 4 PiB.
const CHUNKS: u64 = 1 << 38;

/// A key that streams are sealed with, each under a key of its own that is derived from it.
///
/// `Send` and `Sync`. With salts of 24 random bytes there is no limit to count. It lies where a
/// [`Key`](super::Key) does, is wiped when it and its readers are dropped, and is refused to a process
/// that was forked from the one that made it ([`ErrorKind::Poisoned`]). It is not printed:
/// ```compile_fail,E0277
/// # use ffence::crypto::{Aes128Gcm, StreamKey};
/// let key = StreamKey::<Aes128Gcm>::generate().unwrap();
/// println!("{key:?}");
/// ```
/// nor cloned:
/// ```compile_fail,E0599
/// # use ffence::crypto::{Aes128Gcm, StreamKey};
/// let key = StreamKey::<Aes128Gcm>::generate().unwrap();
/// let second = key.clone();
/// ```
#[allow(missing_debug_implementations, reason = "a secret is never printed")]
pub struct StreamKey<A: StreamAead> {
    bytes: Arc<Held>,
    algorithm: PhantomData<fn() -> A>,
}

impl<A: StreamAead> StreamKey<A> {
    /// A fresh random key, from OpenSSL's generator for secrets.
    ///
    /// # Errors
    /// [`ErrorKind::OpenSsl`] when the generator has no entropy, [`ErrorKind::Init`].
    pub fn generate() -> Result<Self> {
        crate::init::openssl::ready()?;
        let draw = |bytes: &mut [u8]| rand::fill(bytes, rand::Use::Private);
        Ok(Self::from_held(Held::filled(A::KEY_LEN, draw)?))
    }

    /// A key of exactly [`Aead::KEY_LEN`](super::Aead::KEY_LEN) bytes, which must be uniformly
    /// random: from a generator or a KDF, never a password.
    pub fn from_bytes(bytes: &A::KeyBytes) -> Self {
        Self::from_held(Held::copy_of(bytes.as_ref()))
    }

    /// A key whose length is known at run time only.
    ///
    /// # Errors
    /// [`ErrorKind::Length`] unless there are exactly [`Aead::KEY_LEN`](super::Aead::KEY_LEN)
    /// bytes.
    pub fn from_slice(bytes: &[u8]) -> Result<Self> {
        if bytes.len() != A::KEY_LEN {
            return Err(Error::ours(
                ErrorKind::Length,
                format!("the key of {} is {} bytes long, not {}", A::NAME, A::KEY_LEN, bytes.len()),
            ));
        }
        Ok(Self::from_held(Held::copy_of(bytes)))
    }

    /// A key that a [`Secret`] holds; the secret keeps it as well.
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`] for a secret of a process that this one was forked from.
    #[cfg(unix)]
    pub fn from_secret<const N: usize>(secret: &Secret<N>) -> Result<Self>
    where
        A: StreamAead<KeyBytes = [u8; N]>,
    {
        secret.expose(Self::from_bytes)
    }

    /// A key that a [`SecretBytes`] holds; the secret keeps it as well.
    ///
    /// # Errors
    /// As for [`from_slice`](Self::from_slice), and [`ErrorKind::Poisoned`] for a secret of a process
    /// that this one was forked from.
    #[cfg(unix)]
    pub fn from_secret_bytes(secret: &SecretBytes) -> Result<Self> {
        secret.expose(Self::from_slice)?
    }

    /// What is known about the memory that the key lies in.
    #[cfg(unix)]
    #[doc(alias = "mlock")]
    pub fn protection(&self) -> Protection {
        self.bytes.protection()
    }

    fn from_held(bytes: Held) -> Self {
        Self { bytes: Arc::new(bytes), algorithm: PhantomData }
    }

    /// Seals what is written and passes it on to `to`.
    ///
    /// `context` is not part of the stream; who opens it must know it. OpenSSL 3.0 takes up to
    /// about 1,900 bytes.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`], [`ErrorKind::OpenSsl`], [`ErrorKind::Length`] for too long a
    /// context.
    pub fn seal<W: io::Write>(&self, context: &[u8], to: W) -> Result<SealWriter<A, W>> {
        let mut salt = [0; derive::SALT];
        crate::init::openssl::ready()?;
        rand::fill(&mut salt, rand::Use::Public)?;
        let secrets = Secrets::<A>::derive(&self.bytes, &salt, context)?;
        SealWriter::new(&secrets, &Header { salt, commitment: secrets.commitment }, to)
    }

    /// Opens what `from` yields; nothing is read before the first read.
    ///
    /// What is read is genuine, but not complete before a read has returned 0.
    pub fn open<R: io::Read>(&self, context: &[u8], from: R) -> OpenReader<A, R> {
        OpenReader::new(Arc::clone(&self.bytes), context, from)
    }
}

/// The nonce of a chunk: the stream's own, its end xored with the number (section "AEAD usage").
fn nonce(base: [u8; 12], number: u64) -> [u8; 12] {
    let mut nonce = base;
    for (byte, number) in nonce.iter_mut().rev().zip(number.to_le_bytes()) {
        *byte ^= number;
    }
    nonce
}
