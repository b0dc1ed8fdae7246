//! Streams that are sealed and opened in chunks: more than fits into memory, and never a byte that
//! was not verified.
//!
//! | algorithm | key | salt | chunk | tag | bytes a stream | streams a key | OpenSSL | source |
//! |---|---|---|---|---|---|---|---|---|
//! | [`Aes128Gcm`](super::Aes128Gcm) | 16 | 24 | 16 KiB | 16 | 2^52 | not limited | 3.0 | C2SP, SP 800-38D |
//! | [`Aes256Gcm`](super::Aes256Gcm) | 32 | 24 | 16 KiB | 16 | 2^52 | not limited | 3.0 | C2SP, SP 800-38D |
//! | [`ChaCha20Poly1305`](super::ChaCha20Poly1305) | 32 | 24 | 16 KiB | 16 | 2^52 | not limited | 3.0 | C2SP, RFC 8439 |
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
#[cfg(feature = "futures-io")]
mod futures;
mod reader;
#[cfg(feature = "tokio")]
mod tokio;
mod writer;

use std::io;
use std::marker::PhantomData;
use std::task::Poll;

use crate::sync::Arc;

pub use self::derive::StreamAead;
use self::derive::{Header, Secrets};
pub use self::reader::OpenReader;
pub use self::writer::SealWriter;
use super::held::Held;
use super::library::{Home, Library};
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
    /// The library that the key is used in.
    home: Home,
    bytes: Arc<Held>,
    algorithm: PhantomData<fn() -> A>,
}

impl<A: StreamAead> StreamKey<A> {
    /// A fresh random key, from OpenSSL's generator for secrets.
    ///
    /// # Errors
    /// [`ErrorKind::OpenSsl`] when the generator has no entropy, [`ErrorKind::Init`].
    pub fn generate() -> Result<Self> {
        Self::drawn(Home::DEFAULT)
    }

    /// Like [`generate`](Self::generate), from the generator of `library` and for use in it.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when none of its providers offers a generator; else as for
    /// [`generate`](Self::generate).
    pub fn generate_in(library: &Library) -> Result<Self> {
        Self::drawn(library.into())
    }

    fn drawn(home: Home) -> Result<Self> {
        crate::init::openssl::ready()?;
        let draw = |bytes: &mut [u8]| rand::fill_in(&home, bytes, rand::Use::Private);
        let bytes = Held::filled(A::KEY_LEN, draw)?;
        Ok(Self::from_held(home, bytes))
    }

    /// A key of exactly [`Aead::KEY_LEN`](super::Aead::KEY_LEN) bytes, which must be uniformly
    /// random: from a generator or a KDF, never a password.
    pub fn from_bytes(bytes: &A::KeyBytes) -> Self {
        Self::from_held(Home::DEFAULT, Held::copy_of(bytes.as_ref()))
    }

    /// Like [`from_bytes`](Self::from_bytes), for use in `library`.
    pub fn from_bytes_in(library: &Library, bytes: &A::KeyBytes) -> Self {
        Self::from_held(library.into(), Held::copy_of(bytes.as_ref()))
    }

    /// A key whose length is known at run time only.
    ///
    /// # Errors
    /// [`ErrorKind::Length`] unless there are exactly [`Aead::KEY_LEN`](super::Aead::KEY_LEN)
    /// bytes.
    pub fn from_slice(bytes: &[u8]) -> Result<Self> {
        Self::copied(Home::DEFAULT, bytes)
    }

    /// Like [`from_slice`](Self::from_slice), for use in `library`.
    ///
    /// # Errors
    /// As for [`from_slice`](Self::from_slice).
    pub fn from_slice_in(library: &Library, bytes: &[u8]) -> Result<Self> {
        Self::copied(library.into(), bytes)
    }

    fn copied(home: Home, bytes: &[u8]) -> Result<Self> {
        if bytes.len() != A::KEY_LEN {
            return Err(Error::ours(
                ErrorKind::Length,
                format!("the key of {} is {} bytes long, not {}", A::NAME, A::KEY_LEN, bytes.len()),
            ));
        }
        Ok(Self::from_held(home, Held::copy_of(bytes)))
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

    /// Like [`from_secret`](Self::from_secret), for use in `library`.
    ///
    /// # Errors
    /// As for [`from_secret`](Self::from_secret).
    #[cfg(unix)]
    pub fn from_secret_in<const N: usize>(library: &Library, secret: &Secret<N>) -> Result<Self>
    where
        A: StreamAead<KeyBytes = [u8; N]>,
    {
        secret.expose(|bytes| Self::from_bytes_in(library, bytes))
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

    /// Like [`from_secret_bytes`](Self::from_secret_bytes), for use in `library`.
    ///
    /// # Errors
    /// As for [`from_secret_bytes`](Self::from_secret_bytes).
    #[cfg(unix)]
    pub fn from_secret_bytes_in(library: &Library, secret: &SecretBytes) -> Result<Self> {
        secret.expose(|bytes| Self::from_slice_in(library, bytes))?
    }

    /// What is known about the memory that the key lies in.
    #[cfg(unix)]
    #[doc(alias = "mlock")]
    pub fn protection(&self) -> Protection {
        self.bytes.protection()
    }

    fn from_held(home: Home, bytes: Held) -> Self {
        Self { home, bytes: Arc::new(bytes), algorithm: PhantomData }
    }

    /// Seals what is written and passes it on to `to`.
    ///
    /// `context` is not part of the stream; who opens it must know it. OpenSSL 3.0 takes up to
    /// about 1,900 bytes.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`], [`ErrorKind::OpenSsl`], [`ErrorKind::Length`] for too long a
    /// context.
    pub fn seal<W>(&self, context: &[u8], to: W) -> Result<SealWriter<A, W>> {
        let mut salt = [0; derive::SALT];
        crate::init::openssl::ready()?;
        rand::fill_in(&self.home, &mut salt, rand::Use::Public)?;
        let secrets = Secrets::<A>::derive(&self.home, &self.bytes, &salt, context)?;
        SealWriter::new(&secrets, &Header { salt, commitment: secrets.commitment }, to)
    }

    /// Opens what `from` yields; nothing is read before the first read.
    ///
    /// What is read is genuine, but not complete before a read has returned 0.
    pub fn open<R>(&self, context: &[u8], from: R) -> OpenReader<A, R> {
        OpenReader::new(&self.home, Arc::clone(&self.bytes), context, from)
    }
}

/// What a blocking reader or writer answered: it is never pending.
fn blocking<T>(answer: Poll<io::Result<T>>) -> io::Result<T> {
    match answer {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
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
