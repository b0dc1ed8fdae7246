//! Keys, and what they count.

use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use zeroize::Zeroizing;

use super::nonce::{NoncePolicy, process};
use super::{Aead, Opener, Sealer};
use crate::crypto::library::{Home, Library};
use crate::crypto::octets::Octets as _;
use crate::crypto::rand;
use crate::error::{Error, ErrorKind, Result};

/// A key, bound to its algorithm, that counts what it sealed.
///
/// `Send` and `Sync`: threads share a key by reference, and each makes a [`Sealer`] or an
/// [`Opener`] of its own, which costs one key schedule. The count lives in the key, whichever
/// sealer draws, so that all of them together keep the algorithm's limit, and no two of them ever
/// use the same counter. The bytes are wiped when the key and everything made from it are gone;
/// OpenSSL wipes its key schedule when a sealer or an opener is dropped.
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
/// nor taken for the key of another algorithm:
/// ```compile_fail,E0308
/// # use ffence::crypto::{Aes256Gcm, ChaCha20Poly1305, Key};
/// let key = Key::<Aes256Gcm>::generate().unwrap();
/// let other: &Key<ChaCha20Poly1305> = &key;
/// ```
#[allow(missing_debug_implementations, reason = "a secret is never printed")]
pub struct Key<A: Aead> {
    pub(super) shared: Arc<Shared<A>>,
}

/// What a key and everything made from it have in common.
pub(super) struct Shared<A: Aead> {
    /// The library that the key is used in.
    pub(super) home: Home,
    pub(super) bytes: Zeroizing<A::KeyBytes>,
    /// Messages sealed or counted ahead so far, and attempts beyond the limit: 64 bits never wrap.
    sealed: AtomicU64,
    /// A sealer draws random nonces: the limit of those holds for all sealers of the key, because a
    /// random nonce may be one that a counter comes to later.
    random: AtomicBool,
    /// The process that counts: a forked one would count the same numbers once more.
    process: u64,
    algorithm: PhantomData<fn() -> A>,
}

impl<A: Aead> Key<A> {
    /// A fresh random key, from OpenSSL's generator for secrets.
    ///
    /// # Errors
    /// [`ErrorKind::OpenSsl`] when the generator has no entropy, [`ErrorKind::Init`].
    #[doc(alias = "RAND_priv_bytes")]
    pub fn generate() -> Result<Self> {
        Self::drawn(Home::DEFAULT)
    }

    /// Like [`generate`](Self::generate), from the generator of `library` and for use in it.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when none of its providers offers a generator; else as for
    /// [`generate`](Self::generate).
    ///
    /// ```
    /// use ffence::crypto::{Aes256Gcm, Key, Library, RandomNonce};
    ///
    /// let key = Key::<Aes256Gcm>::generate_in(&Library::new()?)?; // keeps the library
    /// let sealed = key.sealer(RandomNonce)?.seal(b"", b"hello")?;
    /// assert_eq!(key.opener()?.open(b"", &sealed)?, b"hello");
    /// # Ok::<(), ffence::Error>(())
    /// ```
    pub fn generate_in(library: &Library) -> Result<Self> {
        Self::drawn(library.into())
    }

    fn drawn(home: Home) -> Result<Self> {
        crate::init::openssl::ready()?;
        let mut bytes = Zeroizing::new(A::KeyBytes::ZERO);
        rand::fill_in(&home, (*bytes).as_mut(), rand::Use::Private)?;
        Ok(Self::from_zeroizing(home, bytes))
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
        Self::at(Home::DEFAULT, bytes)
    }

    /// Like [`from_bytes`](Self::from_bytes), for use in `library`.
    pub fn from_bytes_in(library: &Library, bytes: &A::KeyBytes) -> Self {
        Self::at(library.into(), bytes)
    }

    /// A key whose length is known at run time only.
    ///
    /// # Errors
    /// [`ErrorKind::Length`] unless there are exactly [`Aead::KEY_LEN`] bytes.
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
        let mut own = Zeroizing::new(A::KeyBytes::ZERO);
        (*own).as_mut().copy_from_slice(bytes);
        Ok(Self::from_zeroizing(home, own))
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
        self.shared.sealed.fetch_max(messages.min(u64::MAX / 2), Ordering::AcqRel);
        self
    }

    /// How many messages were counted, by all sealers of this key together.
    ///
    /// A sealer with a [`CounterNonce`](super::CounterNonce) counts a range of messages ahead; what
    /// this returns is what [`resume_after`](Self::resume_after) must be given.
    pub fn messages(&self) -> u64 {
        self.shared.sealed.load(Ordering::Acquire).min(self.shared.limit())
    }

    /// Something that seals with this key; `nonces` says where its nonces come from.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when no provider offers the algorithm,
    /// [`ErrorKind::OutOfMemory`].
    #[doc(alias = "EVP_EncryptInit_ex2")]
    pub fn sealer<N: NoncePolicy<A>>(&self, nonces: N) -> Result<Sealer<A, N>> {
        Sealer::new(Arc::clone(&self.shared), nonces)
    }

    /// Something that opens what was sealed with this key.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when no provider offers the algorithm,
    /// [`ErrorKind::OutOfMemory`].
    #[doc(alias = "EVP_DecryptInit_ex2")]
    pub fn opener(&self) -> Result<Opener<A>> {
        Opener::new(Arc::clone(&self.shared))
    }

    pub(in crate::crypto) fn at(home: Home, bytes: &A::KeyBytes) -> Self {
        Self::from_zeroizing(home, Zeroizing::new(*bytes))
    }

    fn from_zeroizing(home: Home, bytes: Zeroizing<A::KeyBytes>) -> Self {
        Self {
            shared: Arc::new(Shared {
                home,
                bytes,
                sealed: AtomicU64::new(0),
                random: AtomicBool::new(false),
                process: process(),
                algorithm: PhantomData,
            }),
        }
    }
}

impl<A: Aead> Shared<A> {
    /// A sealer will draw random nonces.
    pub(super) fn expect_random(&self) {
        self.random.store(true, Ordering::Release);
    }

    /// Counts one message in, before its random nonce is drawn.
    #[inline]
    pub(super) fn count_random(&self) -> Result<()> {
        // Released with the flag: a counter that goes on from here sees it.
        if self.sealed.fetch_add(1, Ordering::AcqRel) < A::RANDOM_NONCE_MESSAGES {
            Ok(())
        } else {
            Err(Error::of(ErrorKind::Limit))
        }
    }

    /// Counts up to `wanted` messages in, at least one; their numbers are the caller's alone.
    pub(super) fn take(&self, wanted: u64) -> Result<Range<u64>> {
        let mut now = self.sealed.load(Ordering::Acquire);
        loop {
            let limit = self.limit();
            if now >= limit {
                return Err(Error::of(ErrorKind::Limit));
            }
            let end = limit.min(now.saturating_add(wanted));
            match self.sealed.compare_exchange_weak(now, end, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return Ok(now..end),
                Err(other) => now = other,
            }
        }
    }

    /// Whether the numbers of [`take`](Self::take) may be used here.
    #[inline]
    pub(super) fn is_forked(&self) -> bool {
        self.process != process()
    }

    fn limit(&self) -> u64 {
        if self.random.load(Ordering::Acquire) { A::RANDOM_NONCE_MESSAGES } else { A::MESSAGES }
    }
}
