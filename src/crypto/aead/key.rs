//! Keys, and what they count.

use std::marker::PhantomData;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::nonce::{NoncePolicy, process};
use super::{Aead, Opener, Sealer};
use crate::crypto::held::Held;
use crate::crypto::library::{Home, Library};
use crate::crypto::rand;
use crate::error::{Error, ErrorKind, Result};
#[cfg(unix)]
use crate::secret::{Protection, Secret, SecretBytes};
use crate::sync::Arc;

/// A key, bound to its algorithm, that counts what it sealed.
///
/// `Send` and `Sync`: threads share a key by reference, and each makes a [`Sealer`] or an
/// [`Opener`] of its own, which costs one key schedule. The count lives in the key, whichever
/// sealer draws, so that all of them together keep the algorithm's limit, and no two of them ever
/// use the same counter.
///
/// The bytes lie in the locked and guarded pages that the keys of a process share
/// ([`secret`](crate::secret), "Keys"), or in OpenSSL's secure heap
/// ([`Init::secure_heap`](crate::Init::secure_heap)); [`protection`](Self::protection) tells. They are
/// wiped when the key and everything made from it are gone; OpenSSL wipes its key schedule when a
/// sealer or an opener is dropped.
///
/// A process that was forked from the one that made the key cannot make anything of it
/// ([`ErrorKind::Poisoned`]): the bytes were wiped there. The sealers and openers that it inherits go
/// on, for they have what OpenSSL made of the key; only those of SIV need the bytes for each message.
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
    pub(super) bytes: Held,
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
        let draw = |bytes: &mut [u8]| rand::fill_in(&home, bytes, rand::Use::Private);
        let bytes = Held::filled(A::KEY_LEN, draw)?;
        Ok(Self::from_held(home, bytes))
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
        Self::from_held(Home::DEFAULT, Held::copy_of(bytes.as_ref()))
    }

    /// Like [`from_bytes`](Self::from_bytes), for use in `library`.
    pub fn from_bytes_in(library: &Library, bytes: &A::KeyBytes) -> Self {
        Self::from_held(library.into(), Held::copy_of(bytes.as_ref()))
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
        Ok(Self::from_held(home, Held::copy_of(bytes)))
    }

    /// A key that a [`Secret`] of [`Aead::KEY_LEN`] bytes holds; the secret keeps it as well.
    ///
    /// A key of another length does not compile:
    /// ```compile_fail,E0308
    /// # use ffence::crypto::{Aes256Gcm, Key};
    /// # use ffence::secret::Secret;
    /// let short = Secret::<16>::fill_with(|bytes| bytes.fill(7)).unwrap();
    /// let key = Key::<Aes256Gcm>::from_secret(&short);
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`] for a secret of a process that this one was forked from.
    ///
    /// ```
    /// use ffence::crypto::kdf::hkdf;
    /// use ffence::crypto::{Aes256Gcm, Key, Sha256};
    /// use ffence::secret::Secret;
    ///
    /// // A KDF writes where the secret stays.
    /// let secret = Secret::<32>::try_fill_with(|out| hkdf::<Sha256>(b"", b"shared", b"", out))?;
    /// let key = Key::<Aes256Gcm>::from_secret(&secret)?;
    /// # Ok::<(), ffence::Error>(())
    /// ```
    #[cfg(unix)]
    pub fn from_secret<const N: usize>(secret: &Secret<N>) -> Result<Self>
    where
        A: Aead<KeyBytes = [u8; N]>,
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
        A: Aead<KeyBytes = [u8; N]>,
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

    /// The key's bytes in a [`Secret`], to be wrapped, stored or handed to another library.
    ///
    /// What is sealed with a copy is not counted here: see [`resume_after`](Self::resume_after).
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`]; [`ErrorKind::Poisoned`] for a key of a process that this one was
    /// forked from.
    ///
    /// ```
    /// use ffence::crypto::{Aes256Gcm, Key, RandomNonce};
    ///
    /// let key = Key::<Aes256Gcm>::generate()?;
    /// let copy = Key::<Aes256Gcm>::from_secret(&key.to_secret()?)?;
    /// let sealed = key.sealer(RandomNonce)?.seal(b"", b"hello")?;
    /// assert_eq!(copy.opener()?.open(b"", &sealed)?, b"hello");
    /// # Ok::<(), ffence::Error>(())
    /// ```
    #[cfg(unix)]
    pub fn to_secret<const N: usize>(&self) -> Result<Secret<N>>
    where
        A: Aead<KeyBytes = [u8; N]>,
    {
        let bytes = self.shared.bytes.bytes()?;
        Secret::fill_with(|own| own.copy_from_slice(bytes))
    }

    /// What is known about the memory that the key lies in.
    ///
    /// ```
    /// use ffence::crypto::{Aes256Gcm, Key};
    ///
    /// let key = Key::<Aes256Gcm>::generate()?;
    /// if !key.protection().locked {
    ///     eprintln!("the limit for locked memory is reached; see RLIMIT_MEMLOCK");
    /// }
    /// # Ok::<(), ffence::Error>(())
    /// ```
    #[cfg(unix)]
    #[doc(alias = "mlock")]
    pub fn protection(&self) -> Protection {
        self.shared.bytes.protection()
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

    pub(in crate::crypto) fn from_held(home: Home, bytes: Held) -> Self {
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

    /// Counts what a message is beyond the length that one may have, where the algorithm limits all of
    /// them together.
    #[inline]
    pub(super) fn weigh(&self, aad: usize, text: usize) -> Result<()> {
        let len = aad.saturating_add(text);
        if len <= A::SHARE { Ok(()) } else { self.weigh_more(len) }
    }

    #[cold]
    fn weigh_more(&self, len: usize) -> Result<()> {
        let more = u64::try_from(len.div_ceil(A::SHARE) - 1).unwrap_or(u64::MAX);
        let taken = self.take(more)?;
        if taken.end - taken.start == more { Ok(()) } else { Err(Error::of(ErrorKind::Limit)) }
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
