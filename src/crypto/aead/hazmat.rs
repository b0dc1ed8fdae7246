//! Sealing under nonces that the caller chooses: for protocols that say what their nonces are.
//!
//! | algorithm | key | nonce | tag | messages a key | OpenSSL | source |
//! |---|---|---|---|---|---|---|
//! | every [`Nonced`] one, as in [`crypto`](crate::crypto) | its own | its own, once | its own | [`Aead::MESSAGES`] | its own | SP 800-38D, section 8.2 |
//!
//! **A nonce that is used twice under one key gives the texts away, and with GCM and Poly1305 the
//! power to forge.** A [`Nonce`] cannot be copied and sealing consumes it, so that what repeats can
//! only be what was made twice; that no two are made of the same bytes is the caller's part. Where
//! no protocol asks for it, take [`RandomNonce`](crate::crypto::RandomNonce) or
//! [`CounterNonce`](crate::crypto::CounterNonce).

use std::fmt;

#[cfg(doc)]
use super::Aead;
use super::context::Context;
use super::key::{Key, Shared};
use super::text::Text;
use super::{Nonced, debug};
use crate::crypto::octets::Octets as _;
use crate::error::{Error, ErrorKind, Result};
use crate::pool::Reset;
use crate::sync::Arc;

/// A nonce for one message.
///
/// It is used once:
/// ```compile_fail,E0382
/// # use ffence::crypto::{Aes256Gcm, Key, hazmat};
/// let key = Key::<Aes256Gcm>::generate().unwrap();
/// let mut sealer = hazmat::Sealer::new(&key).unwrap();
/// let nonce = hazmat::Nonce::from_bytes([1; 12]);
/// sealer.seal(nonce, b"", b"first").unwrap();
/// sealer.seal(nonce, b"", b"second").unwrap(); // use of moved value
/// ```
/// and has no copies:
/// ```compile_fail,E0599
/// # use ffence::crypto::{Aes256Gcm, hazmat};
/// let nonce = hazmat::Nonce::<Aes256Gcm>::from_bytes([1; 12]);
/// let second = nonce.clone();
/// ```
#[must_use = "a nonce that was made is best used"]
pub struct Nonce<A: Nonced> {
    bytes: A::Nonce,
}

impl<A: Nonced> Nonce<A> {
    /// The nonce of these bytes, which must not be made twice for a key.
    pub fn from_bytes(bytes: A::Nonce) -> Self {
        Self { bytes }
    }

    /// The bytes, for whoever opens the message.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.as_ref()
    }
}

impl<A: Nonced> fmt::Debug for Nonce<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nonce<{}>(", A::NAME)?;
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}

/// Seals messages under nonces that the caller chooses.
///
/// `Send`, not `Sync`. Its messages count towards the key's limit: [`Aead::MESSAGES`], or
/// [`Aead::RANDOM_NONCE_MESSAGES`] where a sealer with random nonces was made from the same key.
///
/// ```
/// use ffence::crypto::{ChaCha20Poly1305, Key, hazmat};
///
/// let key = Key::<ChaCha20Poly1305>::generate()?;
/// let nonce = hazmat::Nonce::from_bytes(*b"record 00001");
/// let sealed = hazmat::Sealer::new(&key)?.seal(nonce, b"", b"hello")?; // text, tag
/// assert_eq!(key.opener()?.open_with(b"", b"record 00001", &sealed)?, b"hello");
/// # Ok::<(), ffence::Error>(())
/// ```
/// Two threads cannot use one at the same time:
/// ```compile_fail,E0277
/// # use ffence::crypto::{Aes256Gcm, Key, hazmat};
/// let sealer = hazmat::Sealer::new(&Key::<Aes256Gcm>::generate().unwrap()).unwrap();
/// std::thread::scope(|scope| {
///     scope.spawn(|| { let shared = &sealer; });
/// });
/// ```
/// [EVP_EncryptInit](https://docs.openssl.org/3.0/man3/EVP_EncryptInit/)
#[doc(alias = "EVP_CIPHER_CTX")]
pub struct Sealer<A: Nonced> {
    context: Context<A>,
    key: Arc<Shared<A>>,
}

impl<A: Nonced> Sealer<A> {
    /// A sealer of this key.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when no provider offers the algorithm,
    /// [`ErrorKind::OutOfMemory`].
    pub fn new(key: &Key<A>) -> Result<Self> {
        let key = Arc::clone(&key.shared);
        Ok(Self { context: Context::<A>::sealing(&key.home, &key.bytes)?, key })
    }

    /// Another sealer of the same key, with a context of its own, for another thread.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn try_clone(&self) -> Result<Self> {
        Ok(Self {
            context: Context::<A>::sealing(&self.key.home, &self.key.bytes)?,
            key: Arc::clone(&self.key),
        })
    }

    /// Seals `text`, authenticates `aad` with it, and uses `nonce` up: ciphertext and tag in one
    /// allocation.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`] when the key has sealed its last message, [`ErrorKind::Length`] for a
    /// text above [`Aead::MAX_LEN`], [`ErrorKind::OutOfMemory`], [`ErrorKind::Poisoned`].
    #[allow(clippy::needless_pass_by_value, reason = "a nonce is used once")]
    pub fn seal(&mut self, nonce: Nonce<A>, aad: &[u8], text: &[u8]) -> Result<Vec<u8>> {
        let no_room = || Error::of(ErrorKind::OutOfMemory);
        let total = text.len().checked_add(A::TAG_LEN).ok_or_else(no_room)?;
        let mut out = Vec::new();
        out.try_reserve_exact(total).map_err(|_| no_room())?;
        self.key.weigh(aad.len(), text.len())?;
        self.key.take(1)?;
        self.context.seal_onto(&self.key.bytes, &nonce.bytes, aad, text, &[], &mut out)?;
        Ok(out)
    }

    /// Seals `text` where it stands and returns its tag; allocates nothing.
    ///
    /// # Errors
    /// As for [`seal`](Self::seal). What `text` holds then is unspecified.
    #[must_use = "without its tag a text cannot be opened"]
    #[allow(clippy::needless_pass_by_value, reason = "a nonce is used once")]
    pub fn seal_in_place(
        &mut self,
        nonce: Nonce<A>,
        aad: &[u8],
        text: &mut [u8],
    ) -> Result<A::Tag> {
        self.key.weigh(aad.len(), text.len())?;
        self.key.take(1)?;
        let mut tag = A::Tag::ZERO;
        let text = Text::in_place(text);
        self.context.seal(&self.key.bytes, &nonce.bytes, aad, text, &mut tag)?;
        Ok(tag)
    }
}

impl<A: Nonced> Reset for Sealer<A> {
    fn reset(&mut self) -> Result<()> {
        self.context.forget_sealed(&self.key.bytes)
    }
}

impl<A: Nonced> fmt::Debug for Sealer<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug::<A>("hazmat::Sealer", f)
    }
}
