//! KMAC.

use std::fmt;

use super::context::Context;
use super::{Mac, many_messages, sealed};
use crate::crypto::algorithm::{Algorithm, Lengths};
use crate::crypto::library::{self, Home, Library};
use crate::crypto::param::Param;
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::openssl as ffi;

/// EVP_MAC-KMAC(7): what OpenSSL takes for a key.
const KEY: std::ops::RangeInclusive<usize> = 4..=512;
/// EVP_MAC-KMAC(7): the longest customisation that OpenSSL takes.
const CUSTOM: usize = 512;
/// SP 800-185, section 8.4.2: no tag shorter than 32 bits; EVP_MAC-KMAC(7): none from 2^24 bits on.
const TAG: std::ops::RangeInclusive<usize> = 4..=0x00ff_ffff / 8;

/// A row: type, its strength, its default length of a tag, the provider's name.
macro_rules! kmacs {
    ($($kmac:ident: $bits:literal, $len:literal, $fetched:literal;)*) => {$(
        #[doc = concat!(
            "KMAC", $bits, " with tags of `N` bytes (", $len, " unless told otherwise), keyed once."
        )]
        ///
        /// The length of the tag goes into it: a shorter one is not the start of a longer one. The
        /// customisation keeps uses of one key apart. `Send`, not `Sync`.
        ///
        /// ```
        #[doc = concat!("use ffence::crypto::", stringify!($kmac), ";")]
        ///
        #[doc = concat!("let mut kmac = <", stringify!($kmac), ">::new(&[7; 32], b\"invoices\")?;")]
        /// let tag = kmac.sign(b"hello")?;
        #[doc = concat!("let bytes = ", $len, ";")]
        /// assert_eq!(tag.as_bytes().len(), bytes);
        /// kmac.verify(b"hello", tag)?;
        ///
        #[doc = concat!("let mut short = ", stringify!($kmac), "::<16>::new(&[7; 32], b\"invoices\")?;")]
        /// assert_eq!(short.sign(b"hello")?.as_bytes().len(), 16);
        /// # Ok::<(), ffence::Error>(())
        /// ```
        /// It is not cloned, because it holds a key:
        /// ```compile_fail,E0599
        #[doc = concat!("# use ffence::crypto::", stringify!($kmac), ";")]
        #[doc = concat!("let mac = <", stringify!($kmac), ">::new(&[7; 32], b\"\")?;")]
        /// let second = mac.clone();
        /// # Ok::<(), ffence::Error>(())
        /// ```
        /// Source: SP 800-185, section 4;
        /// [EVP_MAC-KMAC](https://docs.openssl.org/3.0/man7/EVP_MAC-KMAC/).
        #[doc(alias = "EVP_MAC")]
        pub struct $kmac<const N: usize = $len> {
            context: Context,
        }

        impl<const N: usize> $kmac<N> {
            /// Takes the key (4 to 512 bytes) and the customisation (up to 512 bytes, or none).
            ///
            /// # Errors
            /// [`ErrorKind::Length`] for other lengths, and for tags shorter than 4 bytes;
            /// [`ErrorKind::Unsupported`] when no provider offers it;
            /// [`ErrorKind::OutOfMemory`].
            #[doc(alias = "EVP_MAC_CTX_new")]
            pub fn new(key: &[u8], customisation: &[u8]) -> Result<Self> {
                Self::keyed(&Home::DEFAULT, key, customisation)
            }

            /// Like [`new`](Self::new), with what the providers of `library` offer.
            ///
            /// # Errors
            /// As for [`new`](Self::new).
            pub fn new_in(library: &Library, key: &[u8], customisation: &[u8]) -> Result<Self> {
                Self::keyed(&library.into(), key, customisation)
            }

            fn keyed(home: &Home, key: &[u8], customisation: &[u8]) -> Result<Self> {
                let context = keyed(home, Self::algorithm(), key, customisation, N)?;
                Ok(Self { context })
            }

            pub(in crate::crypto) fn algorithm() -> &'static Algorithm<ffi::EVP_MAC> {
                static KEPT: Algorithm<ffi::EVP_MAC> =
                    Algorithm::new($fetched, Lengths::Mac, "3.0");
                &KEPT
            }
        }

        many_messages!($kmac<N>, const N: usize);

        impl<const N: usize> sealed::Sealed for $kmac<N> {}

        #[allow(private_interfaces, reason = "sealed: no user can name it")]
        impl<const N: usize> library::sealed::Parts for $kmac<N> {
            fn parts() -> Vec<&'static dyn library::Part> {
                vec![Self::algorithm()]
            }
        }

        impl<const N: usize> Mac for $kmac<N> {
            const TAG_LEN: usize = N;

            type TagBytes = [u8; N];
        }

        impl<const N: usize> fmt::Debug for $kmac<N> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($kmac), "<{}>"), N)
            }
        }
    )*};
}

kmacs! {
    Kmac128: 128, 32, c"KMAC-128";
    Kmac256: 256, 64, c"KMAC-256";
}

fn keyed(
    home: &Home,
    algorithm: &'static Algorithm<ffi::EVP_MAC>,
    key: &[u8],
    customisation: &[u8],
    mut tag_len: usize,
) -> Result<Context> {
    let wrong = |what: &str, len: usize| {
        Err(Error::ours(ErrorKind::Length, format!("KMAC takes no {what} of {len} bytes")))
    };
    if !KEY.contains(&key.len()) {
        return wrong("key", key.len());
    }
    if customisation.len() > CUSTOM {
        return wrong("customisation", customisation.len());
    }
    if !TAG.contains(&tag_len) {
        return wrong("tag", tag_len);
    }
    let stated = tag_len;
    let params = [
        Param::bytes(ffi::OSSL_MAC_PARAM_CUSTOM, customisation),
        Param::size(ffi::OSSL_MAC_PARAM_SIZE, &mut tag_len),
        Param::end(),
    ];
    Context::keyed(home, algorithm, key, &params, stated)
}
