//! Opening.

use std::fmt;

use super::context::Context;
use super::key::Shared;
use super::text::Text;
use super::{Aead, debug};
use crate::crypto::octets::Octets as _;
use crate::error::{Error, ErrorKind, Result};
use crate::pool::Reset;
use crate::sync::Arc;

/// Opens what was sealed under one key.
///
/// It owns one OpenSSL context that keeps the key between messages. `Send`, not `Sync`.
///
/// Nothing of a text that is not genuine can be seen: the place it was decrypted to is wiped, and
/// the error is one kind, whatever was wrong.
///
/// Two threads cannot use one at the same time:
/// ```compile_fail,E0277
/// # use ffence::crypto::{Aes256Gcm, Key};
/// let opener = Key::<Aes256Gcm>::generate().unwrap().opener().unwrap();
/// std::thread::scope(|scope| {
///     scope.spawn(|| { let shared = &opener; });
/// });
/// ```
/// [EVP_DecryptInit](https://docs.openssl.org/3.0/man3/EVP_EncryptInit/)
#[doc(alias = "EVP_CIPHER_CTX")]
pub struct Opener<A: Aead> {
    context: Context<A>,
    key: Arc<Shared<A>>,
}

impl<A: Aead> Opener<A> {
    pub(super) fn new(key: Arc<Shared<A>>) -> Result<Self> {
        Ok(Self { context: Context::<A>::opening(&key.home, &key.bytes)?, key })
    }

    /// Another opener of the same key, with a context of its own, for another thread.
    ///
    /// # Errors
    /// As for [`Key::opener`](super::Key::opener).
    pub fn try_clone(&self) -> Result<Self> {
        Self::new(Arc::clone(&self.key))
    }

    /// Opens what [`Sealer::seal`](super::Sealer::seal) made, given the same `aad`.
    ///
    /// # Errors
    /// [`ErrorKind::Authentication`] for a wrong key, an altered `aad`, an altered or truncated
    /// text; [`ErrorKind::OutOfMemory`].
    ///
    /// ```
    /// use ffence::ErrorKind;
    /// use ffence::crypto::{Aes256Gcm, Key, RandomNonce};
    ///
    /// let key = Key::<Aes256Gcm>::generate()?;
    /// let mut sealed = key.sealer(RandomNonce)?.seal(b"to Bob", b"hello")?;
    /// let mut opener = key.opener()?;
    /// assert_eq!(opener.open(b"to Bob", &sealed)?, b"hello");
    ///
    /// sealed[14] ^= 1;
    /// let error = opener.open(b"to Bob", &sealed).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Authentication);
    /// # Ok::<(), ffence::Error>(())
    /// ```
    #[doc(alias = "EVP_DecryptUpdate")]
    #[doc(alias = "EVP_DecryptFinal_ex")]
    #[inline]
    pub fn open(&mut self, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
        let mut text = Vec::new();
        self.open_to(aad, sealed, &mut text)?;
        Ok(text)
    }

    /// Like [`open`](Self::open), appended to `out`, which keeps its bytes when this fails.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    #[inline]
    pub fn open_to(&mut self, aad: &[u8], sealed: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let forged = || Error::of(ErrorKind::Authentication);
        let (nonce, rest) = sealed.split_at_checked(A::NONCE_LEN).ok_or_else(forged)?;
        let mut own = A::Nonce::ZERO;
        own.as_mut().copy_from_slice(nonce);
        self.open_with_to(aad, &own, rest, out)
    }

    /// Opens text and tag whose nonce was not sent along, as
    /// [`hazmat::Sealer::seal`](crate::crypto::hazmat::Sealer::seal) makes them.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    #[inline]
    pub fn open_with(&mut self, aad: &[u8], nonce: &A::Nonce, sealed: &[u8]) -> Result<Vec<u8>> {
        let mut text = Vec::new();
        self.open_with_to(aad, nonce, sealed, &mut text)?;
        Ok(text)
    }

    #[inline]
    fn open_with_to(
        &mut self,
        aad: &[u8],
        nonce: &A::Nonce,
        sealed: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let forged = || Error::of(ErrorKind::Authentication);
        let text = sealed.len().checked_sub(A::TAG_LEN).ok_or_else(forged)?;
        let (text, tag) = sealed.split_at(text);
        let mut own = A::Tag::ZERO;
        own.as_mut().copy_from_slice(tag);
        out.try_reserve(text.len()).map_err(|_| Error::of(ErrorKind::OutOfMemory))?;
        self.context.open_onto(&self.key.bytes, nonce, aad, text, &own, out)
    }

    /// Opens `text` where it stands; allocates nothing.
    ///
    /// A tag that is shorter than the algorithm's does not compile:
    /// ```compile_fail,E0308
    /// # use ffence::crypto::{Aes256Gcm, Key};
    /// let mut opener = Key::<Aes256Gcm>::from_bytes(&[7; 32]).opener().unwrap();
    /// opener.open_in_place(b"", &[0; 12], &mut [1, 2, 3], &[0xaa]).unwrap(); // one byte of a tag
    /// ```
    /// nor does opening without one:
    /// ```compile_fail,E0061
    /// # use ffence::crypto::{ChaCha20Poly1305, Key};
    /// let mut opener = Key::<ChaCha20Poly1305>::from_bytes(&[7; 32]).opener().unwrap();
    /// opener.open_in_place(b"", &[0; 12], &mut [1, 2, 3]).unwrap();
    /// ```
    ///
    /// # Errors
    /// As for [`open`](Self::open); `text` is then wiped to zeroes.
    #[inline]
    pub fn open_in_place(
        &mut self,
        aad: &[u8],
        nonce: &A::Nonce,
        text: &mut [u8],
        tag: &A::Tag,
    ) -> Result<()> {
        self.context.open(&self.key.bytes, nonce, aad, Text::in_place(text), tag)
    }

    /// Opens `text` to `out`, which is as long; allocates nothing.
    ///
    /// # Errors
    /// As for [`open`](Self::open), `out` being wiped to zeroes then, and [`ErrorKind::Length`]
    /// when `out` is not as long as `text`.
    #[inline]
    pub fn open_detached(
        &mut self,
        aad: &[u8],
        nonce: &A::Nonce,
        text: &[u8],
        tag: &A::Tag,
        out: &mut [u8],
    ) -> Result<()> {
        let text = Text::between(text, out)?;
        self.context.open(&self.key.bytes, nonce, aad, text, tag)
    }
}

impl<A: Aead> Reset for Opener<A> {
    fn reset(&mut self) -> Result<()> {
        self.context.forget_opened(&self.key.bytes)
    }
}

impl<A: Aead> fmt::Debug for Opener<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug::<A>("Opener", f)
    }
}
