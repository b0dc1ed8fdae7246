//! Authenticated encryption with associated data (AEAD).

mod context;
mod opener;
mod sealer;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use zeroize::{Zeroize, Zeroizing};

pub use self::opener::Opener;
pub use self::sealer::{NoncePolicy, RandomNonce, Sealer};
use super::algorithm::{Algorithm, Lengths};
use super::rand;
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::openssl as ffi;

/// An algorithm that encrypts and authenticates.
///
/// The lengths are part of the type; this crate implements the trait, nobody else can.
pub trait Aead: sealed::Fetched {
    /// OpenSSL's name of the algorithm.
    const NAME: &'static str;
    /// Bytes of a key.
    const KEY_LEN: usize;
    /// Bytes of a nonce.
    const NONCE_LEN: usize;
    /// Bytes of a tag.
    const TAG_LEN: usize;
    /// The longest text of one message, in bytes.
    const MAX_LEN: u64;
    /// How many messages one key may seal under random nonces.
    const RANDOM_NONCE_MESSAGES: u64;

    /// `[u8; KEY_LEN]`
    type KeyBytes: Bytes;
    /// `[u8; NONCE_LEN]`
    type Nonce: Bytes;
    /// `[u8; TAG_LEN]`
    type Tag: Bytes;
}

/// AES-256 in Galois/Counter Mode: key 32, nonce 12, tag 16 bytes.
///
/// Source: NIST SP 800-38D; [EVP_CIPHER-AES](https://docs.openssl.org/3.0/man7/EVP_CIPHER-AES/).
#[doc(alias = "EVP_aes_256_gcm")]
#[derive(Clone, Copy, Debug)]
pub enum Aes256Gcm {}

static AES_256_GCM: Algorithm<ffi::EVP_CIPHER> =
    Algorithm::new(c"AES-256-GCM", Lengths::Cipher { key: 32, nonce: 12 }, "1.0.1");

impl Aead for Aes256Gcm {
    const NAME: &'static str = "AES-256-GCM";
    const KEY_LEN: usize = 32;
    const NONCE_LEN: usize = 12;
    const TAG_LEN: usize = 16;
    // SP 800-38D, section 5.2.1.1: 2^39 - 256 bits.
    const MAX_LEN: u64 = (1 << 36) - 32;
    // SP 800-38D, section 8.3.
    const RANDOM_NONCE_MESSAGES: u64 = 1 << 32;

    type KeyBytes = [u8; 32];
    type Nonce = [u8; 12];
    type Tag = [u8; 16];
}

#[allow(private_interfaces, reason = "sealed: no user can name it")]
impl sealed::Fetched for Aes256Gcm {
    fn algorithm() -> &'static Algorithm<ffi::EVP_CIPHER> {
        &AES_256_GCM
    }
}

/// An array of bytes whose length an algorithm fixes.
pub trait Bytes:
    sealed::Array + AsRef<[u8]> + AsMut<[u8]> + Copy + Default + Zeroize + Send + Sync + 'static
{
}

impl<const N: usize> Bytes for [u8; N] where Self: Default + Zeroize {}

mod sealed {
    use super::{Algorithm, ffi};

    #[allow(private_interfaces, reason = "sealed: no user can name it")]
    pub trait Fetched: 'static {
        #[doc(hidden)]
        fn algorithm() -> &'static Algorithm<ffi::EVP_CIPHER>;
    }

    pub trait Array {}
    impl<const N: usize> Array for [u8; N] {}
}

/// A key, bound to its algorithm, that counts what it sealed.
///
/// `Send` and `Sync`: threads share a key by reference, and each makes a [`Sealer`] or an
/// [`Opener`] of its own. The count lives in the key, whichever sealer draws, so that all of them
/// together keep the algorithm's limit. The bytes are wiped when the key and everything made from
/// it are gone; OpenSSL wipes its key schedule when a sealer or an opener is dropped.
///
/// A key is not printed:
/// ```compile_fail,E0277
/// # use ffence::crypto::{Aes256Gcm, Key};
/// let key = Key::<Aes256Gcm>::generate().unwrap();
/// println!("{key:?}");
/// ```
/// nor cloned:
/// ```compile_fail,E0599
/// # use ffence::crypto::{Aes256Gcm, Key};
/// let key = Key::<Aes256Gcm>::generate().unwrap();
/// let second = key.clone();
/// ```
#[allow(missing_debug_implementations, reason = "a secret is never printed")]
pub struct Key<A: Aead> {
    shared: Arc<Shared<A>>,
}

/// What a key and everything made from it have in common.
struct Shared<A: Aead> {
    bytes: Zeroizing<A::KeyBytes>,
    /// Messages sealed so far, and attempts beyond the limit: 64 bits never wrap.
    sealed: AtomicU64,
    algorithm: PhantomData<fn() -> A>,
}

impl<A: Aead> Key<A> {
    /// A fresh random key, from OpenSSL's generator for secrets.
    ///
    /// # Errors
    /// [`ErrorKind::OpenSsl`] when the generator has no entropy, [`ErrorKind::Init`].
    #[doc(alias = "RAND_priv_bytes")]
    pub fn generate() -> Result<Self> {
        crate::init::openssl::ready()?;
        let mut bytes = Zeroizing::new(A::KeyBytes::default());
        rand::fill((*bytes).as_mut(), rand::Use::Private)?;
        Ok(Self::from_zeroizing(bytes))
    }

    /// A key of exactly [`Aead::KEY_LEN`] bytes.
    ///
    /// The count starts at 0; [`resume_after`](Self::resume_after) says what was sealed before.
    ///
    /// A key of another length does not compile:
    /// ```compile_fail,E0308
    /// # use ffence::crypto::{Aes256Gcm, Key};
    /// let key = Key::<Aes256Gcm>::from_bytes(&[0; 16]);
    /// ```
    pub fn from_bytes(bytes: &A::KeyBytes) -> Self {
        Self::from_zeroizing(Zeroizing::new(*bytes))
    }

    /// A key whose length is known at run time only.
    ///
    /// # Errors
    /// [`ErrorKind::Length`] unless there are exactly [`Aead::KEY_LEN`] bytes.
    pub fn from_slice(bytes: &[u8]) -> Result<Self> {
        if bytes.len() != A::KEY_LEN {
            return Err(Error::ours(
                ErrorKind::Length,
                format!("the key of {} is {} bytes long, not {}", A::NAME, A::KEY_LEN, bytes.len()),
            ));
        }
        let mut own = Zeroizing::new(A::KeyBytes::default());
        (*own).as_mut().copy_from_slice(bytes);
        Ok(Self::from_zeroizing(own))
    }

    /// The same key, with `messages` that it sealed before (in an earlier process) counted.
    ///
    /// ```
    /// use ffence::ErrorKind;
    /// use ffence::crypto::{Aes256Gcm, Key, RandomNonce};
    ///
    /// let key = Key::<Aes256Gcm>::from_bytes(&[7; 32]).resume_after((1 << 32) - 1);
    /// let mut sealer = key.sealer(RandomNonce)?;
    /// sealer.seal(b"", b"the last message that is safe")?;
    /// assert_eq!(sealer.seal(b"", b"one too many").unwrap_err().kind(), ErrorKind::Limit);
    /// # Ok::<(), ffence::Error>(())
    /// ```
    #[must_use]
    pub fn resume_after(self, messages: u64) -> Self {
        self.shared.sealed.fetch_max(messages.min(u64::MAX / 2), Ordering::Relaxed);
        self
    }

    /// How many messages were sealed, by all sealers of this key together.
    pub fn messages(&self) -> u64 {
        self.shared.sealed.load(Ordering::Relaxed).min(A::RANDOM_NONCE_MESSAGES)
    }

    /// Something that seals with this key; `nonces` says where its nonces come from.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when no provider offers the algorithm,
    /// [`ErrorKind::OutOfMemory`].
    #[doc(alias = "EVP_EncryptInit_ex2")]
    pub fn sealer<N: NoncePolicy>(&self, nonces: N) -> Result<Sealer<A, N>> {
        Sealer::new(Arc::clone(&self.shared), nonces)
    }

    /// Something that opens what was sealed with this key.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when no provider offers the algorithm,
    /// [`ErrorKind::OutOfMemory`].
    #[doc(alias = "EVP_DecryptInit_ex2")]
    pub fn opener(&self) -> Result<Opener<A>> {
        Opener::new(&self.shared)
    }

    fn from_zeroizing(bytes: Zeroizing<A::KeyBytes>) -> Self {
        Self {
            shared: Arc::new(Shared { bytes, sealed: AtomicU64::new(0), algorithm: PhantomData }),
        }
    }
}

impl<A: Aead> Shared<A> {
    /// Counts one message in, before its nonce is drawn.
    #[inline]
    fn count_in(&self) -> Result<()> {
        if self.sealed.fetch_add(1, Ordering::Relaxed) < A::RANDOM_NONCE_MESSAGES {
            Ok(())
        } else {
            Err(Error::of(ErrorKind::Limit))
        }
    }
}

/// A text that is longer than the algorithm takes.
#[cold]
fn too_long<A: Aead>(len: usize) -> Error {
    Error::ours(
        ErrorKind::Length,
        format!("{} takes at most {} bytes a message, not {len}", A::NAME, A::MAX_LEN),
    )
}

/// `Debug` of a sealer or opener: its algorithm and nothing of the key.
fn debug<A: Aead>(name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{name}<{}>", A::NAME)
}
