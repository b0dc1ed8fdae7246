//! Sealing.

use std::fmt;

use super::context::Context;
use super::key::Shared;
use super::nonce::{NoncePolicy, RandomNonce};
use super::text::Text;
use super::{Aead, debug, too_long};
use crate::crypto::octets::Octets as _;
use crate::error::{Error, ErrorKind, Result};
use crate::pool::Reset;
use crate::sync::Arc;

/// Seals messages under one key.
///
/// It owns one OpenSSL context that keeps the key between messages; sealing in place allocates
/// nothing. `Send`, not `Sync`: each thread makes its own from the shared [`Key`](super::Key).
///
/// Two threads cannot use one at the same time:
/// ```compile_fail,E0277
/// # use ffence::crypto::{Aes256Gcm, Key, RandomNonce};
/// let key = Key::<Aes256Gcm>::generate().unwrap();
/// let sealer = key.sealer(RandomNonce).unwrap();
/// std::thread::scope(|scope| {
///     scope.spawn(|| { let shared = &sealer; });
/// });
/// ```
/// nor is it copied, with what it drew ahead ([`try_clone`](Self::try_clone) draws anew):
/// ```compile_fail,E0599
/// # use ffence::crypto::{Aes256Gcm, Key, RandomNonce};
/// let sealer = Key::<Aes256Gcm>::generate().unwrap().sealer(RandomNonce).unwrap();
/// let second = sealer.clone();
/// ```
/// [EVP_EncryptInit](https://docs.openssl.org/3.0/man3/EVP_EncryptInit/)
#[doc(alias = "EVP_CIPHER_CTX")]
pub struct Sealer<A: Aead, N: NoncePolicy<A> = RandomNonce> {
    context: Context<A>,
    key: Arc<Shared<A>>,
    nonces: N,
    drawn: N::Drawn,
}

impl<A: Aead, N: NoncePolicy<A>> Sealer<A, N> {
    pub(super) fn new(key: Arc<Shared<A>>, nonces: N) -> Result<Self> {
        nonces.start(&key);
        let context = Context::<A>::sealing(&key.home, &key.bytes)?;
        Ok(Self { context, key, nonces, drawn: N::Drawn::default() })
    }

    /// Another sealer of the same key and policy, with a context of its own, for another thread.
    ///
    /// What was drawn ahead stays here: the other draws anew.
    ///
    /// # Errors
    /// As for [`Key::sealer`](super::Key::sealer).
    ///
    /// ```
    /// use ffence::crypto::{Aes256Gcm, CounterNonce, Key};
    ///
    /// let key = Key::<Aes256Gcm>::generate()?;
    /// let mut sealer = key.sealer(CounterNonce::new(*b"site"))?;
    /// let mut second = sealer.try_clone()?;
    /// std::thread::spawn(move || second.seal(b"", b"there")).join().unwrap()?;
    /// sealer.seal(b"", b"here")?;
    /// # Ok::<(), ffence::Error>(())
    /// ```
    pub fn try_clone(&self) -> Result<Self> {
        Self::new(Arc::clone(&self.key), self.nonces.clone())
    }

    /// Seals `text` and authenticates `aad` with it: nonce, ciphertext and tag in one allocation.
    ///
    /// `aad` is not part of the result; who opens must know it.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`] when the key has sealed its last message, [`ErrorKind::Length`] for a
    /// text above [`Aead::MAX_LEN`], [`ErrorKind::OutOfMemory`], [`ErrorKind::Poisoned`].
    ///
    /// ```
    /// use ffence::crypto::{Aes256Gcm, Key, RandomNonce};
    ///
    /// let key = Key::<Aes256Gcm>::generate()?;
    /// let sealed = key.sealer(RandomNonce)?.seal(b"", b"hello")?;
    /// assert_eq!(sealed.len(), 12 + 5 + 16);
    /// # Ok::<(), ffence::Error>(())
    /// ```
    #[doc(alias = "EVP_EncryptUpdate")]
    #[doc(alias = "EVP_EncryptFinal_ex")]
    #[inline]
    pub fn seal(&mut self, aad: &[u8], text: &[u8]) -> Result<Vec<u8>> {
        let mut sealed = Vec::new();
        let total = Self::sealed_len(text)?;
        sealed.try_reserve_exact(total).map_err(|_| Error::of(ErrorKind::OutOfMemory))?;
        self.seal_onto(aad, text, &mut sealed)?;
        Ok(sealed)
    }

    /// Like [`seal`](Self::seal), appended to `out`, which keeps its bytes when this fails.
    ///
    /// # Errors
    /// As for [`seal`](Self::seal).
    #[inline]
    pub fn seal_to(&mut self, aad: &[u8], text: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let total = Self::sealed_len(text)?;
        out.try_reserve(total).map_err(|_| Error::of(ErrorKind::OutOfMemory))?;
        self.seal_onto(aad, text, out)
    }

    /// Nonce, ciphertext and tag of `text` together.
    #[inline]
    fn sealed_len(text: &[u8]) -> Result<usize> {
        let total = text.len().checked_add(A::NONCE_LEN + A::TAG_LEN);
        total.ok_or_else(|| too_long::<A>("text", text.len(), A::MAX_LEN))
    }

    /// Seals to `out`, which has room.
    #[inline]
    fn seal_onto(&mut self, aad: &[u8], text: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let mut nonce = A::Nonce::ZERO;
        self.key.weigh(aad.len(), text.len())?;
        self.next_nonce(&mut nonce)?;
        self.context.seal_onto(&self.key.bytes, &nonce, aad, text, nonce.as_ref(), out)
    }

    /// Seals `text` where it stands, writes its nonce and returns its tag; allocates nothing.
    ///
    /// # Errors
    /// As for [`seal`](Self::seal). What `text` holds then is unspecified.
    ///
    /// ```
    /// use ffence::crypto::{Aes256Gcm, Key, RandomNonce};
    ///
    /// let key = Key::<Aes256Gcm>::generate()?;
    /// let mut text = *b"hello";
    /// let mut nonce = [0; 12];
    /// let tag = key.sealer(RandomNonce)?.seal_in_place(b"", &mut nonce, &mut text)?;
    /// assert_ne!(&text, b"hello");
    /// key.opener()?.open_in_place(b"", &nonce, &mut text, &tag)?;
    /// assert_eq!(&text, b"hello");
    /// # Ok::<(), ffence::Error>(())
    /// ```
    #[inline]
    #[must_use = "without its tag a text cannot be opened"]
    pub fn seal_in_place(
        &mut self,
        aad: &[u8],
        nonce: &mut A::Nonce,
        text: &mut [u8],
    ) -> Result<A::Tag> {
        self.key.weigh(aad.len(), text.len())?;
        self.next_nonce(nonce)?;
        let mut tag = A::Tag::ZERO;
        self.context.seal(&self.key.bytes, nonce, aad, Text::in_place(text), &mut tag)?;
        Ok(tag)
    }

    /// Seals `text` to `out`, which is as long, writes its nonce and returns its tag; allocates
    /// nothing.
    ///
    /// # Errors
    /// As for [`seal`](Self::seal), and [`ErrorKind::Length`] when `out` is not as long as `text`.
    /// What `out` holds then is unspecified.
    #[inline]
    #[must_use = "without its tag a text cannot be opened"]
    pub fn seal_detached(
        &mut self,
        aad: &[u8],
        text: &[u8],
        nonce: &mut A::Nonce,
        out: &mut [u8],
    ) -> Result<A::Tag> {
        let text = Text::between(text, out)?;
        self.key.weigh(aad.len(), text.len)?;
        self.next_nonce(nonce)?;
        let mut tag = A::Tag::ZERO;
        self.context.seal(&self.key.bytes, nonce, aad, text, &mut tag)?;
        Ok(tag)
    }

    #[inline]
    fn next_nonce(&mut self, nonce: &mut A::Nonce) -> Result<()> {
        self.nonces.draw(&mut self.drawn, &self.key, nonce)
    }
}

impl<A: Aead, N: NoncePolicy<A>> Reset for Sealer<A, N> {
    fn reset(&mut self) -> Result<()> {
        self.context.forget_sealed(&self.key.bytes)
    }
}

impl<A: Aead, N: NoncePolicy<A>> fmt::Debug for Sealer<A, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug::<A>("Sealer", f)
    }
}
