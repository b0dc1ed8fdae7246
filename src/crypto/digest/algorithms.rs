//! The digests: one row of a table for each.

use super::super::algorithm::{Algorithm, Lengths};
use super::super::library::{self, Library, Provided};
use super::super::octets::Octets;
use crate::error::Result;
use crate::ffi::openssl as ffi;

use super::Digest;

/// An algorithm that digests.
///
/// This crate implements the trait, nobody else can.
pub trait Hash: sealed::Fetched + Provided {
    /// The standard's name of the algorithm.
    const NAME: &'static str;
    /// Bytes of a digest.
    const LEN: usize;

    /// `[u8; LEN]`
    type Output: Octets;
}

#[allow(unreachable_pub, reason = "the supertrait of a public trait")]
pub mod sealed {
    use super::{Algorithm, ffi};

    #[allow(private_interfaces, reason = "sealed: no user can name it")]
    pub trait Fetched: 'static {
        #[doc(hidden)]
        fn algorithm() -> &'static Algorithm<ffi::EVP_MD>;
    }
}

/// A row: documentation, type, the standard's name, the provider's name, bytes, the first OpenSSL
/// that has it, and the published digest of `abc`, which becomes the example. Without a path and that
/// digest, the example is the caller's.
macro_rules! hashes {
    ($(
        $(#[$about:meta])*
        $hash:ident in $path:literal: $name:literal, $fetched:literal, $len:literal, $since:literal,
        $abc:literal;
    )*) => {$(
        hashes! { $(#[$about])* $hash: $name, $fetched, $len, $since; }

        impl $hash {
            /// Digests `data` at once, in a context that the thread keeps.
            ///
            /// # Errors
            /// [`ErrorKind::OutOfMemory`](crate::ErrorKind::OutOfMemory),
            /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) when no provider offers it.
            ///
            /// ```
            #[doc = concat!("use ffence::crypto::", $path, ";")]
            ///
            #[doc = concat!("let digest = ", stringify!($hash), "::digest(b\"abc\")?;")]
            #[doc = concat!("let expected = \"", $abc, "\";")]
            /// assert_eq!(digest.to_string(), expected);
            /// # Ok::<(), ffence::Error>(())
            /// ```
            #[doc(alias = "EVP_Digest")]
            pub fn digest(data: &[u8]) -> Result<Digest<Self>> {
                Digest::of(data)
            }

            /// Like [`digest`](Self::digest), with what the providers of `library` offer, in a
            /// context of its own.
            ///
            /// # Errors
            /// As for [`digest`](Self::digest).
            pub fn digest_in(library: &Library, data: &[u8]) -> Result<Digest<Self>> {
                Digest::of_in(library, data)
            }
        }
    )*};
    (
        $(#[$about:meta])*
        $hash:ident: $name:literal, $fetched:literal, $len:literal, $since:literal;
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug)]
        pub enum $hash {}

        impl Hash for $hash {
            const NAME: &'static str = $name;
            const LEN: usize = $len;

            type Output = [u8; $len];
        }

        #[allow(private_interfaces, reason = "sealed: no user can name it")]
        impl sealed::Fetched for $hash {
            #[inline]
            fn algorithm() -> &'static Algorithm<ffi::EVP_MD> {
                static KEPT: Algorithm<ffi::EVP_MD> =
                    Algorithm::new($fetched, Lengths::Digest { output: $len }, $since);
                &KEPT
            }
        }

        #[allow(private_interfaces, reason = "sealed: no user can name it")]
        impl library::sealed::Parts for $hash {
            fn parts() -> Vec<&'static dyn library::Part> {
                vec![<Self as sealed::Fetched>::algorithm()]
            }
        }
    };
}
pub(in crate::crypto) use hashes;

hashes! {
    /// SHA-224: a digest of 28 bytes; as strong as half its length against collisions.
    ///
    /// Source: FIPS 180-4, section 6.3; [EVP_MD-SHA2](https://docs.openssl.org/3.0/man7/EVP_MD-SHA2/).
    #[doc(alias = "EVP_sha224")]
    Sha224 in "Sha224": "SHA-224", c"SHA2-224", 28, "0.9.8",
        "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7";

    /// SHA-256: a digest of 32 bytes.
    ///
    /// Source: FIPS 180-4, section 6.2; [EVP_MD-SHA2](https://docs.openssl.org/3.0/man7/EVP_MD-SHA2/).
    #[doc(alias = "EVP_sha256")]
    #[doc(alias = "SHA256")]
    Sha256 in "Sha256": "SHA-256", c"SHA2-256", 32, "0.9.8",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    /// SHA-384: a digest of 48 bytes.
    ///
    /// Source: FIPS 180-4, section 6.5; [EVP_MD-SHA2](https://docs.openssl.org/3.0/man7/EVP_MD-SHA2/).
    #[doc(alias = "EVP_sha384")]
    #[doc(alias = "SHA384")]
    Sha384 in "Sha384": "SHA-384", c"SHA2-384", 48, "0.9.8",
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7";

    /// SHA-512: a digest of 64 bytes.
    ///
    /// Source: FIPS 180-4, section 6.4; [EVP_MD-SHA2](https://docs.openssl.org/3.0/man7/EVP_MD-SHA2/).
    #[doc(alias = "EVP_sha512")]
    #[doc(alias = "SHA512")]
    Sha512 in "Sha512": "SHA-512", c"SHA2-512", 64, "0.9.8",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

    /// SHA-512/224: SHA-512 with a start of its own, cut to 28 bytes.
    ///
    /// Source: FIPS 180-4, section 6.6; [EVP_MD-SHA2](https://docs.openssl.org/3.0/man7/EVP_MD-SHA2/).
    #[doc(alias = "EVP_sha512_224")]
    Sha512_224 in "Sha512_224": "SHA-512/224", c"SHA2-512/224", 28, "1.1.1",
        "4634270f707b6a54daae7530460842e20e37ed265ceee9a43e8924aa";

    /// SHA-512/256: SHA-512 with a start of its own, cut to 32 bytes.
    ///
    /// Source: FIPS 180-4, section 6.7; [EVP_MD-SHA2](https://docs.openssl.org/3.0/man7/EVP_MD-SHA2/).
    #[doc(alias = "EVP_sha512_256")]
    Sha512_256 in "Sha512_256": "SHA-512/256", c"SHA2-512/256", 32, "1.1.1",
        "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23";

    /// SHA3-224: a digest of 28 bytes.
    ///
    /// Source: FIPS 202, section 6.1; [EVP_MD-SHA3](https://docs.openssl.org/3.0/man7/EVP_MD-SHA3/).
    #[doc(alias = "EVP_sha3_224")]
    Sha3_224 in "Sha3_224": "SHA3-224", c"SHA3-224", 28, "1.1.1",
        "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf";

    /// SHA3-256: a digest of 32 bytes.
    ///
    /// Source: FIPS 202, section 6.1; [EVP_MD-SHA3](https://docs.openssl.org/3.0/man7/EVP_MD-SHA3/).
    #[doc(alias = "EVP_sha3_256")]
    Sha3_256 in "Sha3_256": "SHA3-256", c"SHA3-256", 32, "1.1.1",
        "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532";

    /// SHA3-384: a digest of 48 bytes.
    ///
    /// Source: FIPS 202, section 6.1; [EVP_MD-SHA3](https://docs.openssl.org/3.0/man7/EVP_MD-SHA3/).
    #[doc(alias = "EVP_sha3_384")]
    Sha3_384 in "Sha3_384": "SHA3-384", c"SHA3-384", 48, "1.1.1",
        "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf228376d25";

    /// SHA3-512: a digest of 64 bytes.
    ///
    /// Source: FIPS 202, section 6.1; [EVP_MD-SHA3](https://docs.openssl.org/3.0/man7/EVP_MD-SHA3/).
    #[doc(alias = "EVP_sha3_512")]
    Sha3_512 in "Sha3_512": "SHA3-512", c"SHA3-512", 64, "1.1.1",
        "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0";

    /// `BLAKE2s` with a digest of 32 bytes, without a key.
    ///
    /// Source: RFC 7693; [EVP_MD-BLAKE2](https://docs.openssl.org/3.0/man7/EVP_MD-BLAKE2/).
    #[doc(alias = "EVP_blake2s256")]
    Blake2s256 in "Blake2s256": "BLAKE2s-256", c"BLAKE2S-256", 32, "1.1.0",
        "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982";

    /// `BLAKE2b` with a digest of 64 bytes, without a key.
    ///
    /// Source: RFC 7693; [EVP_MD-BLAKE2](https://docs.openssl.org/3.0/man7/EVP_MD-BLAKE2/).
    #[doc(alias = "EVP_blake2b512")]
    Blake2b512 in "Blake2b512": "BLAKE2b-512", c"BLAKE2B-512", 64, "1.1.0",
        "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923";
}
