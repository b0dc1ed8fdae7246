//! CMAC, and the block ciphers that it and GMAC work with.

use std::ffi::CStr;
use std::fmt;
use std::marker::PhantomData;

use super::context::Context;
use super::{Mac, many_messages, sealed};
use crate::crypto::algorithm::{Algorithm, Lengths};
use crate::crypto::octets::Octets;
use crate::crypto::param::Param;
use crate::error::Result;
use crate::ffi::openssl as ffi;

static CMAC: Algorithm<ffi::EVP_MAC> = Algorithm::new(c"CMAC", Lengths::Mac, "1.0.1");

/// A block cipher that a MAC is made of.
///
/// This crate implements the trait, nobody else can.
pub trait BlockCipher: sealed::Sealed + 'static {
    /// The standard's name of the cipher.
    const NAME: &'static str;
    /// Bytes of a key.
    const KEY_LEN: usize;
    #[doc(hidden)]
    const CBC: &'static CStr;
    #[doc(hidden)]
    const GCM: &'static CStr;

    /// `[u8; KEY_LEN]`
    type KeyBytes: Octets;
}

/// A row: type, name, bytes of a key, the provider's names of its CBC and GCM modes.
macro_rules! block_ciphers {
    ($($cipher:ident: $name:literal, $key:literal, $cbc:literal, $gcm:literal;)*) => {$(
        #[doc = concat!($name, ", with a key of ", $key, " bytes, for [`Cmac`] and [`Gmac`](super::Gmac).")]
        ///
        /// Source: FIPS 197.
        #[derive(Clone, Copy, Debug)]
        pub enum $cipher {}

        impl sealed::Sealed for $cipher {}

        impl BlockCipher for $cipher {
            const NAME: &'static str = $name;
            const KEY_LEN: usize = $key;
            const CBC: &'static CStr = $cbc;
            const GCM: &'static CStr = $gcm;

            type KeyBytes = [u8; $key];
        }
    )*};
}

block_ciphers! {
    Aes128: "AES-128", 16, c"AES-128-CBC", c"AES-128-GCM";
    Aes192: "AES-192", 24, c"AES-192-CBC", c"AES-192-GCM";
    Aes256: "AES-256", 32, c"AES-256-CBC", c"AES-256-GCM";
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
        let params = [Param::text(ffi::OSSL_MAC_PARAM_CIPHER, C::CBC), Param::end()];
        let context = Context::keyed(&CMAC, key.as_ref(), &params, Self::TAG_LEN)?;
        Ok(Self { context, algorithm: PhantomData })
    }
}

many_messages!(Cmac<C>, C: BlockCipher);

impl<C: BlockCipher> sealed::Sealed for Cmac<C> {}

impl<C: BlockCipher> Mac for Cmac<C> {
    const TAG_LEN: usize = 16;

    type TagBytes = [u8; 16];
}

impl<C: BlockCipher> fmt::Debug for Cmac<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cmac<{}>", C::NAME)
    }
}
