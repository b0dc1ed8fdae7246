//! HMAC.

use std::fmt;
use std::marker::PhantomData;

use super::context::Context;
use super::{Mac, many_messages, sealed};
use crate::crypto::algorithm::{Algorithm, Lengths};
use crate::crypto::digest::Hash;
use crate::crypto::library::{self, Home, Library};
use crate::crypto::param::Param;
use crate::error::Result;
use crate::ffi::openssl as ffi;

static HMAC: Algorithm<ffi::EVP_MAC> = Algorithm::new(c"HMAC", Lengths::Mac, "0.9");

/// HMAC over the digest `H`, keyed once, for as many messages as wanted.
///
/// The key may have any length, none included; as many random bytes as a digest has are enough, and
/// more than `H`'s block are digested first. The tag is as long as the digest. `Send`, not `Sync`.
///
/// ```
/// use ffence::ErrorKind;
/// use ffence::crypto::{Hmac, Sha256};
///
/// let mut hmac = Hmac::<Sha256>::new(b"Jefe")?;
/// let tag = hmac.sign(b"what do ya want for nothing?")?; // RFC 4231, section 4.3
/// assert!(tag.to_string().starts_with("5bdcc146bf60754e6a042426089575c7"));
///
/// hmac.verify(b"what do ya want for nothing?", tag)?;
/// let error = hmac.verify(b"what do you want for nothing?", tag).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Authentication);
/// # Ok::<(), ffence::Error>(())
/// ```
/// It is not cloned, because it holds a key:
/// ```compile_fail,E0599
/// # use ffence::crypto::{Hmac, Sha256};
/// let hmac = Hmac::<Sha256>::new(b"key").unwrap();
/// let second = hmac.clone();
/// ```
/// and threads do not share it:
/// ```compile_fail,E0277
/// # use ffence::crypto::{Hmac, Sha256};
/// fn shared<T: Sync>(_: T) {}
/// shared(Hmac::<Sha256>::new(b"key").unwrap());
/// ```
/// An extendable-output function is no digest for HMAC:
/// ```compile_fail,E0277
/// # use ffence::crypto::{Hmac, Shake128};
/// let hmac = Hmac::<Shake128>::new(b"key");
/// ```
/// Source: RFC 2104, FIPS 198-1; [EVP_MAC-HMAC](https://docs.openssl.org/3.0/man7/EVP_MAC-HMAC/).
#[doc(alias = "EVP_MAC")]
pub struct Hmac<H: Hash> {
    context: Context,
    algorithm: PhantomData<fn() -> H>,
}

impl<H: Hash> Hmac<H> {
    /// Takes the key.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) when no provider offers HMAC or
    /// `H`, [`ErrorKind::OutOfMemory`](crate::ErrorKind::OutOfMemory).
    #[doc(alias = "EVP_MAC_CTX_new")]
    #[doc(alias = "HMAC_Init_ex")]
    pub fn new(key: &[u8]) -> Result<Self> {
        Self::keyed(&Home::DEFAULT, key)
    }

    /// Like [`new`](Self::new), with what the providers of `library` offer.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn new_in(library: &Library, key: &[u8]) -> Result<Self> {
        Self::keyed(&library.into(), key)
    }

    fn keyed(home: &Home, key: &[u8]) -> Result<Self> {
        // Fetched here, a digest that is missing is named with its version.
        let digest = H::algorithm();
        digest.fetched_in(home)?;
        let params = [Param::text(ffi::OSSL_MAC_PARAM_DIGEST, digest.name()), Param::end()];
        let context = Context::keyed(home, &HMAC, key, &params, H::LEN)?;
        Ok(Self { context, algorithm: PhantomData })
    }
}

many_messages!(Hmac<H>, H: Hash);

impl<H: Hash> sealed::Sealed for Hmac<H> {}

#[allow(private_interfaces, reason = "sealed: no user can name it")]
impl<H: Hash> library::sealed::Parts for Hmac<H> {
    fn parts() -> Vec<&'static dyn library::Part> {
        vec![&HMAC, H::algorithm()]
    }
}

impl<H: Hash> Mac for Hmac<H> {
    const TAG_LEN: usize = H::LEN;

    type TagBytes = H::Output;
}

impl<H: Hash> fmt::Debug for Hmac<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hmac<{}>", H::NAME)
    }
}
