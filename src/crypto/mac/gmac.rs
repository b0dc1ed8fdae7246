//! GMAC.

use std::fmt;
use std::marker::PhantomData;

use super::cmac::BlockCipher;
use super::context::Context;
use super::{Mac, Tag, sealed};
use crate::crypto::algorithm::{Algorithm, Lengths};
use crate::crypto::library::{self, Home, Library};
use crate::crypto::param::Param;
use crate::error::Result;
use crate::ffi::openssl as ffi;
use crate::pool::Reset;

static GMAC: Algorithm<ffi::EVP_MAC> = Algorithm::new(c"GMAC", Lengths::Mac, "3.0");

/// The nonce of one message: signing takes it by value, so that it is not used again by mistake.
///
/// Two messages under one key and one nonce give the key away. A counter that outlives the process
/// is safe; random nonces are for 2^32 messages a key at most (SP 800-38D, section 8.3).
///
/// A nonce is used once:
/// ```compile_fail,E0382
/// use ffence::crypto::{Aes256, Gmac, GmacNonce};
///
/// let mut gmac = Gmac::<Aes256>::new(&[7; 32]).unwrap();
/// let nonce = GmacNonce::from_bytes([0; 12]);
/// gmac.sign(nonce, b"one").unwrap();
/// gmac.sign(nonce, b"two").unwrap(); // use of moved value
/// ```
/// nor copied:
/// ```compile_fail,E0599
/// # use ffence::crypto::GmacNonce;
/// let nonce = GmacNonce::from_bytes([0; 12]);
/// let again = nonce.clone();
/// ```
#[derive(Debug)]
pub struct GmacNonce([u8; 12]);

impl GmacNonce {
    /// A nonce that the caller knows to be new under the key.
    pub fn from_bytes(bytes: [u8; 12]) -> Self {
        Self(bytes)
    }

    /// The bytes, which the other side needs as well.
    pub fn to_bytes(&self) -> [u8; 12] {
        self.0
    }
}

/// GMAC over the block cipher `C`, keyed once: GCM that encrypts nothing.
///
/// The tag has 16 bytes, a nonce 12. `Send`, not `Sync`.
///
/// ```
/// use ffence::crypto::{Aes256, Gmac, GmacNonce};
///
/// let mut gmac = Gmac::<Aes256>::new(&[7; 32])?;
/// let nonce = GmacNonce::from_bytes([0; 12]);
/// let sent = nonce.to_bytes();
/// let tag = gmac.sign(nonce, b"hello")?;
/// gmac.verify(&sent, b"hello", tag)?;
/// assert!(gmac.verify(&sent, b"hellO", tag).is_err());
/// # Ok::<(), ffence::Error>(())
/// ```
/// It is not cloned, because it holds a key:
/// ```compile_fail,E0599
/// # use ffence::crypto::{Aes256, Gmac};
/// let mac = Gmac::<Aes256>::new(&[7; 32]).unwrap();
/// let second = mac.clone();
/// ```
/// Source: SP 800-38D; [EVP_MAC-GMAC](https://docs.openssl.org/3.0/man7/EVP_MAC-GMAC/).
#[doc(alias = "EVP_MAC")]
pub struct Gmac<C: BlockCipher> {
    context: Context,
    algorithm: PhantomData<fn() -> C>,
}

impl<C: BlockCipher> Gmac<C> {
    /// Takes the key.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) when no provider offers GMAC or
    /// the cipher, [`ErrorKind::OutOfMemory`](crate::ErrorKind::OutOfMemory).
    #[doc(alias = "EVP_MAC_CTX_new")]
    pub fn new(key: &C::KeyBytes) -> Result<Self> {
        Self::keyed(&Home::DEFAULT, key)
    }

    /// Like [`new`](Self::new), with what the providers of `library` offer.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn new_in(library: &Library, key: &C::KeyBytes) -> Result<Self> {
        Self::keyed(&library.into(), key)
    }

    fn keyed(home: &Home, key: &C::KeyBytes) -> Result<Self> {
        // Fetched here, a cipher that is missing is named with its version.
        let cipher = C::gcm();
        cipher.fetched_in(home)?;
        let params = [Param::text(ffi::OSSL_MAC_PARAM_CIPHER, cipher.name()), Param::end()];
        let context = Context::keyed(home, &GMAC, key.as_ref(), &params, Self::TAG_LEN)?;
        Ok(Self { context, algorithm: PhantomData })
    }

    /// The tag of `message` under `nonce`.
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned) after an earlier failure.
    #[doc(alias = "EVP_MAC_init")]
    #[doc(alias = "EVP_MAC_final")]
    #[allow(clippy::needless_pass_by_value, reason = "a nonce is used once")]
    pub fn sign(&mut self, nonce: GmacNonce, message: &[u8]) -> Result<Tag<Self>> {
        self.tag(&nonce.0, message)
    }

    /// Whether `tag` belongs to `message` and `nonce`; compares in constant time.
    ///
    /// # Errors
    /// [`ErrorKind::Authentication`](crate::ErrorKind::Authentication) if it does not, or has
    /// another length; [`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned) after an earlier failure.
    #[doc(alias = "CRYPTO_memcmp")]
    pub fn verify(
        &mut self,
        nonce: &[u8; 12],
        message: &[u8],
        tag: impl AsRef<[u8]>,
    ) -> Result<()> {
        self.tag(nonce, message)?.check(tag.as_ref())
    }

    fn tag(&mut self, nonce: &[u8; 12], message: &[u8]) -> Result<Tag<Self>> {
        let params = [Param::bytes(ffi::OSSL_MAC_PARAM_IV, nonce), Param::end()];
        self.context.tag_with(&params, message).map(Tag::new)
    }
}

/// What it wipes with makes no tag, so it uses no nonce up.
impl<C: BlockCipher> Reset for Gmac<C> {
    fn reset(&mut self) -> Result<()> {
        self.context.reset(&[Param::bytes(ffi::OSSL_MAC_PARAM_IV, &[0; 12]), Param::end()])
    }
}

impl<C: BlockCipher> sealed::Sealed for Gmac<C> {}

#[allow(private_interfaces, reason = "sealed: no user can name it")]
impl<C: BlockCipher> library::sealed::Parts for Gmac<C> {
    fn parts() -> Vec<&'static dyn library::Part> {
        vec![&GMAC, C::gcm()]
    }
}

impl<C: BlockCipher> Mac for Gmac<C> {
    const TAG_LEN: usize = 16;

    type TagBytes = [u8; 16];
}

impl<C: BlockCipher> fmt::Debug for Gmac<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gmac<{}>", C::NAME)
    }
}
