//! Poly1305.

use std::fmt;

use super::context::Context;
use super::{Mac, Tag, sealed};
use crate::crypto::algorithm::{Algorithm, Lengths};
use crate::crypto::held::Held;
use crate::crypto::library::{self, Home, Library};
use crate::crypto::param::Param;
use crate::error::Result;
use crate::ffi::openssl as ffi;

static POLY1305: Algorithm<ffi::EVP_MAC> = Algorithm::new(c"POLY1305", Lengths::Mac, "1.1.1");

/// The key of one message.
///
/// Whoever sees the tags of two messages under one key can forge others. It is wiped when dropped,
/// never printed:
/// ```compile_fail,E0277
/// # use ffence::crypto::OneTimeKey;
/// println!("{:?}", OneTimeKey::from_bytes(&[7; 32]));
/// ```
/// nor cloned:
/// ```compile_fail,E0599
/// # use ffence::crypto::OneTimeKey;
/// let second = OneTimeKey::from_bytes(&[7; 32]).clone();
/// ```
#[allow(missing_debug_implementations, reason = "a secret is never printed")]
pub struct OneTimeKey(Held);

impl OneTimeKey {
    /// A key that the caller knows to be new: from a stream cipher, as in RFC 8439, section 2.6.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Held::copy_of(bytes))
    }
}

/// Poly1305 for one message: the key goes in by value and is gone with it.
///
/// The tag has 16 bytes. `Send`, not `Sync`.
///
/// ```
/// use ffence::crypto::{OneTimeKey, Poly1305};
///
/// // A key of RFC 8439, section 2.5.2, would be derived for each message.
/// let bytes = [7; 32];
/// let tag = Poly1305::new(OneTimeKey::from_bytes(&bytes))?.sign(b"hello")?;
/// Poly1305::new(OneTimeKey::from_bytes(&bytes))?.verify(b"hello", tag)?;
/// # Ok::<(), ffence::Error>(())
/// ```
/// A key is used once:
/// ```compile_fail,E0382
/// # use ffence::crypto::{OneTimeKey, Poly1305};
/// let key = OneTimeKey::from_bytes(&[7; 32]);
/// let one = Poly1305::new(key);
/// let two = Poly1305::new(key); // use of moved value
/// ```
/// for one message:
/// ```compile_fail,E0382
/// # use ffence::crypto::{OneTimeKey, Poly1305};
/// let poly1305 = Poly1305::new(OneTimeKey::from_bytes(&[7; 32])).unwrap();
/// poly1305.sign(b"one").unwrap();
/// poly1305.sign(b"two").unwrap(); // use of moved value
/// ```
/// It is not cloned, because it holds a key:
/// ```compile_fail,E0599
/// # use ffence::crypto::{OneTimeKey, Poly1305};
/// let mac = Poly1305::new(OneTimeKey::from_bytes(&[7; 32])).unwrap();
/// let second = mac.clone();
/// ```
/// Source: RFC 8439, section 2.5;
/// [EVP_MAC-Poly1305](https://docs.openssl.org/3.0/man7/EVP_MAC-Poly1305/).
#[doc(alias = "EVP_MAC")]
pub struct Poly1305 {
    context: Context,
}

impl Poly1305 {
    /// Takes the key.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) when no provider offers it,
    /// [`ErrorKind::OutOfMemory`](crate::ErrorKind::OutOfMemory),
    /// [`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned) for a key of a process that this one was
    /// forked from.
    #[doc(alias = "EVP_MAC_CTX_new")]
    #[allow(clippy::needless_pass_by_value, reason = "a key is used once")]
    pub fn new(key: OneTimeKey) -> Result<Self> {
        Self::keyed(&Home::DEFAULT, &key)
    }

    /// Like [`new`](Self::new), with what the providers of `library` offer.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    #[allow(clippy::needless_pass_by_value, reason = "a key is used once")]
    pub fn new_in(library: &Library, key: OneTimeKey) -> Result<Self> {
        Self::keyed(&library.into(), &key)
    }

    fn keyed(home: &Home, key: &OneTimeKey) -> Result<Self> {
        let (key, params) = (key.0.bytes()?, [Param::end()]);
        let context = Context::keyed(home, &POLY1305, key, &params, Self::TAG_LEN)?;
        Ok(Self { context })
    }

    /// Takes more of the message in.
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned) after an earlier failure.
    #[doc(alias = "EVP_MAC_update")]
    pub fn update(&mut self, data: &[u8]) -> Result<()> {
        self.context.update(data)
    }

    /// The tag of all that was taken in.
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned) after an earlier failure.
    #[doc(alias = "EVP_MAC_final")]
    pub fn finish(mut self) -> Result<Tag<Self>> {
        self.context.finish().map(Tag::new)
    }

    /// The tag of what was taken in, with `message` behind it.
    ///
    /// # Errors
    /// As for [`finish`](Self::finish).
    pub fn sign(mut self, message: &[u8]) -> Result<Tag<Self>> {
        self.update(message)?;
        self.finish()
    }

    /// Whether `tag` belongs to what was taken in, with `message` behind it; compares in constant
    /// time.
    ///
    /// # Errors
    /// [`ErrorKind::Authentication`](crate::ErrorKind::Authentication) if it does not, or has
    /// another length; [`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned) after an earlier failure.
    #[doc(alias = "CRYPTO_memcmp")]
    pub fn verify(self, message: &[u8], tag: impl AsRef<[u8]>) -> Result<()> {
        self.sign(message)?.check(tag.as_ref())
    }
}

impl sealed::Sealed for Poly1305 {}

#[allow(private_interfaces, reason = "sealed: no user can name it")]
impl library::sealed::Parts for Poly1305 {
    fn parts() -> Vec<&'static dyn library::Part> {
        vec![&POLY1305]
    }
}

impl Mac for Poly1305 {
    const TAG_LEN: usize = 16;

    type TagBytes = [u8; 16];
}

impl fmt::Debug for Poly1305 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Poly1305")
    }
}
