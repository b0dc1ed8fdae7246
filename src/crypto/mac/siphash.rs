//! `SipHash-2-4`.

use std::fmt;

use super::context::Context;
use super::{Mac, many_messages, sealed};
use crate::crypto::algorithm::{Algorithm, Lengths};
use crate::crypto::library::{self, Home, Library};
use crate::crypto::param::Param;
use crate::error::Result;
use crate::ffi::openssl as ffi;

static SIPHASH: Algorithm<ffi::EVP_MAC> = Algorithm::new(c"SIPHASH", Lengths::Mac, "1.1.1");

/// A row: type, bytes of a tag.
macro_rules! siphashes {
    ($($siphash:ident: $len:literal;)*) => {$(
        #[doc = concat!("`SipHash-2-4` with tags of ", $len, " bytes, keyed once with 16 bytes.")]
        ///
        /// Made for short messages: hash tables that others fill, cookies of a connection. `Send`,
        /// not `Sync`.
        ///
        /// ```
        #[doc = concat!("use ffence::crypto::", stringify!($siphash), ";")]
        ///
        #[doc = concat!("let mut siphash = ", stringify!($siphash), "::new(&[7; 16])?;")]
        /// let tag = siphash.sign(b"hello")?;
        /// siphash.verify(b"hello", tag)?;
        /// assert!(siphash.verify(b"Hello", tag).is_err());
        /// # Ok::<(), ffence::Error>(())
        /// ```
        /// It is not cloned, because it holds a key:
        /// ```compile_fail,E0599
        #[doc = concat!("# use ffence::crypto::", stringify!($siphash), ";")]
        #[doc = concat!("let mac = ", stringify!($siphash), "::new(&[7; 16])?;")]
        /// let second = mac.clone();
        /// # Ok::<(), ffence::Error>(())
        /// ```
        /// Source: J.-P. Aumasson and D. J. Bernstein, "`SipHash`: a fast short-input PRF", 2012;
        /// [EVP_MAC-Siphash](https://docs.openssl.org/3.0/man7/EVP_MAC-Siphash/).
        #[doc(alias = "EVP_MAC")]
        pub struct $siphash {
            context: Context,
        }

        impl $siphash {
            /// Takes the key.
            ///
            /// # Errors
            /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) when no provider offers
            /// it, [`ErrorKind::OutOfMemory`](crate::ErrorKind::OutOfMemory).
            #[doc(alias = "EVP_MAC_CTX_new")]
            pub fn new(key: &[u8; 16]) -> Result<Self> {
                Self::keyed(&Home::DEFAULT, key)
            }

            /// Like [`new`](Self::new), with what the providers of `library` offer.
            ///
            /// # Errors
            /// As for [`new`](Self::new).
            pub fn new_in(library: &Library, key: &[u8; 16]) -> Result<Self> {
                Self::keyed(&library.into(), key)
            }

            fn keyed(home: &Home, key: &[u8; 16]) -> Result<Self> {
                let mut len = Self::TAG_LEN;
                let params = [Param::size(ffi::OSSL_MAC_PARAM_SIZE, &mut len), Param::end()];
                let context = Context::keyed(home, &SIPHASH, key, &params, Self::TAG_LEN)?;
                Ok(Self { context })
            }
        }

        many_messages!($siphash,);

        impl sealed::Sealed for $siphash {}

        #[allow(private_interfaces, reason = "sealed: no user can name it")]
        impl library::sealed::Parts for $siphash {
            fn parts() -> Vec<&'static dyn library::Part> {
                vec![&SIPHASH]
            }
        }

        impl Mac for $siphash {
            const TAG_LEN: usize = $len;

            type TagBytes = [u8; $len];
        }

        impl fmt::Debug for $siphash {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($siphash))
            }
        }
    )*};
}

siphashes! {
    SipHash64: 8;
    SipHash128: 16;
}
