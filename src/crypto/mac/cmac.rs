//! CMAC, and the block ciphers that it and GMAC work with.

use std::fmt;
use std::marker::PhantomData;

use super::context::Context;
use super::{Mac, many_messages, sealed};
use crate::crypto::aead::{self, Aes128Gcm, Aes192Gcm, Aes256Gcm};
use crate::crypto::algorithm::{Algorithm, Lengths};
use crate::crypto::library::{self, Home, Library};
use crate::crypto::octets::Octets;
use crate::crypto::param::Param;
use crate::crypto::unauthenticated::{self, Aes128Cbc, Aes192Cbc, Aes256Cbc};
use crate::error::Result;
use crate::ffi::openssl as ffi;

static CMAC: Algorithm<ffi::EVP_MAC> = Algorithm::new(c"CMAC", Lengths::Mac, "1.0.1");

/// A block cipher that a MAC, or CCM, is made of.
///
/// This crate implements the trait, nobody else can.
pub trait BlockCipher: modes::Modes + 'static {
    /// The standard's name of the cipher.
    const NAME: &'static str;
    /// Bytes of a key.
    const KEY_LEN: usize;

    /// `[u8; KEY_LEN]`
    type KeyBytes: Octets;
}

mod modes {
    use super::{Algorithm, ffi};

    /// The block cipher as the MACs and CCM take it.
    #[allow(private_interfaces, reason = "sealed: no user can name it")]
    pub trait Modes {
        #[doc(hidden)]
        const CCM: &'static str;

        #[doc(hidden)]
        fn cbc() -> &'static Algorithm<ffi::EVP_CIPHER>;
        #[doc(hidden)]
        fn gcm() -> &'static Algorithm<ffi::EVP_CIPHER>;
        #[doc(hidden)]
        fn ccm() -> &'static Algorithm<ffi::EVP_CIPHER>;
    }
}

/// A row: type, name, bytes of a key, its CBC and GCM modes, the names of its CCM mode.
macro_rules! block_ciphers {
    ($(
        $cipher:ident: $name:literal, $key:literal, $cbc:ident, $gcm:ident,
        $ccm_name:literal, $ccm:literal;
    )*) => {$(
        #[doc = concat!($name, ", with a key of ", $key, " bytes, for [`Cmac`], [`Gmac`](super::Gmac) and [`Ccm`](crate::crypto::Ccm).")]
        ///
        /// Source: FIPS 197.
        #[derive(Clone, Copy, Debug)]
        pub enum $cipher {}

        #[allow(private_interfaces, reason = "sealed: no user can name it")]
        impl modes::Modes for $cipher {
            const CCM: &'static str = $ccm_name;

            fn cbc() -> &'static Algorithm<ffi::EVP_CIPHER> {
                unauthenticated::algorithm_of::<$cbc>()
            }

            fn gcm() -> &'static Algorithm<ffi::EVP_CIPHER> {
                aead::algorithm_of::<$gcm>()
            }

            fn ccm() -> &'static Algorithm<ffi::EVP_CIPHER> {
                static ALGORITHM: Algorithm<ffi::EVP_CIPHER> =
                    Algorithm::new($ccm, Lengths::Cipher { key: $key, nonce: 12 }, "1.0.1");
                &ALGORITHM
            }
        }

        impl BlockCipher for $cipher {
            const NAME: &'static str = $name;
            const KEY_LEN: usize = $key;

            type KeyBytes = [u8; $key];
        }
    )*};
}

block_ciphers! {
    Aes128: "AES-128", 16, Aes128Cbc, Aes128Gcm, "AES-128-CCM", c"AES-128-CCM";
    Aes192: "AES-192", 24, Aes192Cbc, Aes192Gcm, "AES-192-CCM", c"AES-192-CCM";
    Aes256: "AES-256", 32, Aes256Cbc, Aes256Gcm, "AES-256-CCM", c"AES-256-CCM";
}

/// CMAC over the block cipher `C`, keyed once, for as many messages as wanted.
///
/// The tag has 16 bytes. SP 800-38B, appendix B: at most 2^48 messages a key. `Send`, not `Sync`.
///
/// ```
/// use ffence::crypto::{Aes128, Cmac};
///
/// let key = 0x2b7e1516_28aed2a6_abf71588_09cf4f3c_u128.to_be_bytes();
/// let mut cmac = Cmac::<Aes128>::new(&key)?;
/// let tag = cmac.sign(b"")?; // RFC 4493, section 4, example 1
/// assert_eq!(tag.to_string(), "bb1d6929e95937287fa37d129b756746");
/// cmac.verify(b"", tag)?;
/// # Ok::<(), ffence::Error>(())
/// ```
/// It is not cloned, because it holds a key:
/// ```compile_fail,E0599
/// # use ffence::crypto::{Aes256, Cmac};
/// let mac = Cmac::<Aes256>::new(&[7; 32]).unwrap();
/// let second = mac.clone();
/// ```
/// A key of another length does not compile:
/// ```compile_fail,E0308
/// # use ffence::crypto::{Aes256, Cmac};
/// let cmac = Cmac::<Aes256>::new(&[0; 16]);
/// ```
/// Source: RFC 4493, SP 800-38B; [EVP_MAC-CMAC](https://docs.openssl.org/3.0/man7/EVP_MAC-CMAC/).
#[doc(alias = "EVP_MAC")]
pub struct Cmac<C: BlockCipher> {
    context: Context,
    algorithm: PhantomData<fn() -> C>,
}

impl<C: BlockCipher> Cmac<C> {
    /// Takes the key.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) when no provider offers CMAC or
    /// the cipher, [`ErrorKind::OutOfMemory`](crate::ErrorKind::OutOfMemory).
    #[doc(alias = "EVP_MAC_CTX_new")]
    #[doc(alias = "CMAC_Init")]
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
        let cipher = C::cbc();
        cipher.fetched_in(home)?;
        let params = [Param::text(ffi::OSSL_MAC_PARAM_CIPHER, cipher.name()), Param::end()];
        let context = Context::keyed(home, &CMAC, key.as_ref(), &params, Self::TAG_LEN)?;
        Ok(Self { context, algorithm: PhantomData })
    }
}

many_messages!(Cmac<C>, C: BlockCipher);

impl<C: BlockCipher> sealed::Sealed for Cmac<C> {}

#[allow(private_interfaces, reason = "sealed: no user can name it")]
impl<C: BlockCipher> library::sealed::Parts for Cmac<C> {
    fn parts() -> Vec<&'static dyn library::Part> {
        vec![&CMAC, C::cbc()]
    }
}

impl<C: BlockCipher> Mac for Cmac<C> {
    const TAG_LEN: usize = 16;

    type TagBytes = [u8; 16];
}

impl<C: BlockCipher> fmt::Debug for Cmac<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cmac<{}>", C::NAME)
    }
}
