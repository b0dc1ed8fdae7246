//! The table of algorithms.

use std::convert::Infallible;
use std::marker::PhantomData;

use super::{Aead, Flow, Nonced, sealed};
use crate::crypto::algorithm::{Algorithm, Lengths};
use crate::crypto::library;
use crate::ffi::openssl as ffi;

/// The birthday bound of random nonces of 96 bits: SP 800-38D, section 8.3, keeps the chance of a
/// repetition below 2^-32 by it, for GCM; the other algorithms with such nonces take it over.
const RANDOM_96: u64 = 1 << 32;

/// [`Aead::MESSAGES`].
const MESSAGES: u64 = 1 << 48;

/// S2V computes a CMAC of a zero block, the header, the nonce and the text; SP 800-38B, appendix
/// B, allows 2^48 CMACs a key.
const SIV_MESSAGES: u64 = 1 << 46;

/// What one update takes: its length is an `int`.
const ONE_UPDATE: u64 = (1 << 31) - 1;

macro_rules! aead {
    ($(
        $(#[$doc:meta])*
        $type:ident $name:literal $fetch:literal since $since:literal,
        key $key:literal, nonce $nonce:literal (OpenSSL: $iv:literal), tag $tag:literal,
        text $max:expr, messages $random:expr, $all:expr, $flow:ident $(of $share:expr)?;
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub enum $type {}

        impl Aead for $type {
            const NAME: &'static str = $name;
            const KEY_LEN: usize = $key;
            const NONCE_LEN: usize = $nonce;
            const TAG_LEN: usize = $tag;
            const MAX_LEN: u64 = $max;
            const RANDOM_NONCE_MESSAGES: u64 = $random;
            const MESSAGES: u64 = $all;

            type KeyBytes = [u8; $key];
            type Nonce = [u8; $nonce];
            type Tag = [u8; $tag];
        }

        impl Nonced for $type {}

        #[allow(private_interfaces, reason = "sealed: no user can name it")]
        impl sealed::Fetched for $type {
            const FLOW: Flow = Flow::$flow;
            $(const SHARE: usize = $share;)?

            fn algorithm() -> &'static Algorithm<ffi::EVP_CIPHER> {
                static ALGORITHM: Algorithm<ffi::EVP_CIPHER> = Algorithm::new(
                    $fetch,
                    Lengths::Cipher { key: $key, nonce: $iv },
                    $since,
                );
                &ALGORITHM
            }
        }

        #[allow(private_interfaces, reason = "sealed: no user can name it")]
        impl library::sealed::Parts for $type {
            fn parts() -> Vec<&'static dyn library::Part> {
                vec![<Self as sealed::Fetched>::algorithm()]
            }
        }
    )*};
}

aead! {
    /// AES-128 in Galois/Counter Mode: key 16, nonce 12, tag 16 bytes.
    ///
    /// Source: NIST SP 800-38D (text: section 5.2.1.1, messages: section 8.3);
    /// [EVP_CIPHER-AES](https://docs.openssl.org/3.0/man7/EVP_CIPHER-AES/).
    #[doc(alias = "EVP_aes_128_gcm")]
    Aes128Gcm "AES-128-GCM" c"AES-128-GCM" since "1.0.1",
    key 16, nonce 12 (OpenSSL: 12), tag 16,
    text (1 << 36) - 32, messages RANDOM_96, MESSAGES, Pieces;

    /// AES-192 in Galois/Counter Mode: key 24, nonce 12, tag 16 bytes.
    ///
    /// Source: NIST SP 800-38D (text: section 5.2.1.1, messages: section 8.3);
    /// [EVP_CIPHER-AES](https://docs.openssl.org/3.0/man7/EVP_CIPHER-AES/).
    #[doc(alias = "EVP_aes_192_gcm")]
    Aes192Gcm "AES-192-GCM" c"AES-192-GCM" since "1.0.1",
    key 24, nonce 12 (OpenSSL: 12), tag 16,
    text (1 << 36) - 32, messages RANDOM_96, MESSAGES, Pieces;

    /// AES-256 in Galois/Counter Mode: key 32, nonce 12, tag 16 bytes.
    ///
    /// Source: NIST SP 800-38D (text: section 5.2.1.1, messages: section 8.3);
    /// [EVP_CIPHER-AES](https://docs.openssl.org/3.0/man7/EVP_CIPHER-AES/).
    #[doc(alias = "EVP_aes_256_gcm")]
    Aes256Gcm "AES-256-GCM" c"AES-256-GCM" since "1.0.1",
    key 32, nonce 12 (OpenSSL: 12), tag 16,
    text (1 << 36) - 32, messages RANDOM_96, MESSAGES, Pieces;

    /// The cipher `ChaCha20` with the authenticator Poly1305: key 32, nonce 12, tag 16 bytes.
    ///
    /// Source: RFC 8439 (text: section 2.8);
    /// [EVP_CIPHER-CHACHA](https://docs.openssl.org/3.0/man7/EVP_CIPHER-CHACHA/).
    #[doc(alias = "EVP_chacha20_poly1305")]
    ChaCha20Poly1305 "ChaCha20-Poly1305" c"ChaCha20-Poly1305" since "1.1.0",
    key 32, nonce 12 (OpenSSL: 12), tag 16,
    text (1 << 38) - 64, messages RANDOM_96, MESSAGES, Pieces;

    /// AES-128 in Offset Codebook mode: key 16, nonce 12, tag 16 bytes.
    ///
    /// A key should encrypt at most 2^48 blocks, headers included (RFC 7253, section 5): 2^32 messages
    /// of 1 MiB, less the two blocks of nonce and tag. A longer message counts as several of them.
    ///
    /// Source: RFC 7253;
    /// [EVP_CIPHER-AES](https://docs.openssl.org/3.0/man7/EVP_CIPHER-AES/).
    #[doc(alias = "EVP_aes_128_ocb")]
    Aes128Ocb "AES-128-OCB" c"AES-128-OCB" since "1.1.0",
    key 16, nonce 12 (OpenSSL: 12), tag 16,
    text (1 << 52) - 32, messages RANDOM_96, RANDOM_96, Pieces of (1 << 20) - 32;

    /// AES-192 in Offset Codebook mode: key 24, nonce 12, tag 16 bytes.
    ///
    /// The limits are those of [`Aes128Ocb`].
    ///
    /// Source: RFC 7253;
    /// [EVP_CIPHER-AES](https://docs.openssl.org/3.0/man7/EVP_CIPHER-AES/).
    #[doc(alias = "EVP_aes_192_ocb")]
    Aes192Ocb "AES-192-OCB" c"AES-192-OCB" since "1.1.0",
    key 24, nonce 12 (OpenSSL: 12), tag 16,
    text (1 << 52) - 32, messages RANDOM_96, RANDOM_96, Pieces of (1 << 20) - 32;

    /// AES-256 in Offset Codebook mode: key 32, nonce 12, tag 16 bytes.
    ///
    /// The limits are those of [`Aes128Ocb`].
    ///
    /// Source: RFC 7253;
    /// [EVP_CIPHER-AES](https://docs.openssl.org/3.0/man7/EVP_CIPHER-AES/).
    #[doc(alias = "EVP_aes_256_ocb")]
    Aes256Ocb "AES-256-OCB" c"AES-256-OCB" since "1.1.0",
    key 32, nonce 12 (OpenSSL: 12), tag 16,
    text (1 << 52) - 32, messages RANDOM_96, RANDOM_96, Pieces of (1 << 20) - 32;

    /// AES-128-SIV, which a repeated nonce harms least: key 32, nonce 16, tag 16 bytes, texts below
    /// 2 GiB.
    ///
    /// What repeats under a repeated nonce is only seen to be equal. The nonce is the last of the
    /// associated data, and the tag is what the RFC calls V. An empty text needs OpenSSL 3.5, an
    /// empty header 3.0.10.
    ///
    /// Source: RFC 5297 (`AEAD_AES_SIV_CMAC_256`);
    /// [EVP_CIPHER-AES](https://docs.openssl.org/3.0/man7/EVP_CIPHER-AES/).
    Aes128Siv "AES-128-SIV" c"AES-128-SIV" since "3.0",
    key 32, nonce 16 (OpenSSL: 0), tag 16,
    text ONE_UPDATE, messages SIV_MESSAGES, SIV_MESSAGES, Siv;

    /// AES-192-SIV: key 48, nonce 16, tag 16 bytes; else like [`Aes128Siv`].
    ///
    /// Source: RFC 5297 (`AEAD_AES_SIV_CMAC_384`);
    /// [EVP_CIPHER-AES](https://docs.openssl.org/3.0/man7/EVP_CIPHER-AES/).
    Aes192Siv "AES-192-SIV" c"AES-192-SIV" since "3.0",
    key 48, nonce 16 (OpenSSL: 0), tag 16,
    text ONE_UPDATE, messages SIV_MESSAGES, SIV_MESSAGES, Siv;

    /// AES-256-SIV: key 64, nonce 16, tag 16 bytes; else like [`Aes128Siv`].
    ///
    /// Source: RFC 5297 (`AEAD_AES_SIV_CMAC_512`);
    /// [EVP_CIPHER-AES](https://docs.openssl.org/3.0/man7/EVP_CIPHER-AES/).
    Aes256Siv "AES-256-SIV" c"AES-256-SIV" since "3.0",
    key 64, nonce 16 (OpenSSL: 0), tag 16,
    text ONE_UPDATE, messages SIV_MESSAGES, SIV_MESSAGES, Siv;

    /// AES-128-GCM-SIV, which a repeated nonce harms little: key 16, nonce 12, tag 16 bytes, texts
    /// below 2 GiB, from OpenSSL 3.2 on; an empty text from 3.5 on.
    ///
    /// Source: RFC 8452;
    /// [EVP_CIPHER-AES](https://docs.openssl.org/3.2/man7/EVP_CIPHER-AES/).
    Aes128GcmSiv "AES-128-GCM-SIV" c"AES-128-GCM-SIV" since "3.2",
    key 16, nonce 12 (OpenSSL: 12), tag 16,
    text ONE_UPDATE, messages RANDOM_96, MESSAGES, GcmSiv;

    /// AES-256-GCM-SIV: key 32, nonce 12, tag 16 bytes; else like [`Aes128GcmSiv`].
    ///
    /// Source: RFC 8452;
    /// [EVP_CIPHER-AES](https://docs.openssl.org/3.2/man7/EVP_CIPHER-AES/).
    Aes256GcmSiv "AES-256-GCM-SIV" c"AES-256-GCM-SIV" since "3.2",
    key 32, nonce 12 (OpenSSL: 12), tag 16,
    text ONE_UPDATE, messages RANDOM_96, MESSAGES, GcmSiv;
}

/// An AES-SIV without a nonce: the same text under the same header is always sealed to the same
/// bytes, and whoever sees both knows that they are equal.
///
/// For wrapping keys, or for values that are looked up by their sealed form. Its nonce is empty and
/// its policy [`NoNonce`](super::NoNonce).
///
/// Source: RFC 5297, section 4.
///
/// ```
/// use ffence::crypto::{Aes256Siv, Deterministic, Key, NoNonce};
///
/// let key = Key::<Deterministic<Aes256Siv>>::generate()?;
/// let mut sealer = key.sealer(NoNonce)?;
/// let sealed = sealer.seal(b"column 3", b"Ada")?;
/// assert_eq!(sealed, sealer.seal(b"column 3", b"Ada")?);
/// assert_eq!(key.opener()?.open(b"column 3", &sealed)?, b"Ada");
/// # Ok::<(), ffence::Error>(())
/// ```
/// Other algorithms need their nonce:
/// ```compile_fail,E0277
/// # use ffence::crypto::{Aes256Gcm, Key, NoNonce};
/// let key = Key::<Aes256Gcm>::generate().unwrap();
/// let sealer = key.sealer(NoNonce);
/// ```
#[derive(Clone, Copy, Debug)]
pub enum Deterministic<A: SivMode> {
    #[doc(hidden)]
    Never(Infallible, PhantomData<A>),
}

/// An algorithm that [`Deterministic`] takes.
///
/// This crate implements the trait, nobody else can.
pub trait SivMode: Aead {
    /// The algorithm's name without a nonce.
    #[doc(hidden)]
    const WITHOUT_NONCE: &'static str;
}

impl SivMode for Aes128Siv {
    const WITHOUT_NONCE: &'static str = "AES-128-SIV without a nonce";
}

impl SivMode for Aes192Siv {
    const WITHOUT_NONCE: &'static str = "AES-192-SIV without a nonce";
}

impl SivMode for Aes256Siv {
    const WITHOUT_NONCE: &'static str = "AES-256-SIV without a nonce";
}

impl<A: SivMode> Aead for Deterministic<A> {
    const NAME: &'static str = A::WITHOUT_NONCE;
    const KEY_LEN: usize = A::KEY_LEN;
    const NONCE_LEN: usize = 0;
    const TAG_LEN: usize = A::TAG_LEN;
    const MAX_LEN: u64 = A::MAX_LEN;
    const RANDOM_NONCE_MESSAGES: u64 = 0;
    const MESSAGES: u64 = A::MESSAGES;

    type KeyBytes = A::KeyBytes;
    type Nonce = [u8; 0];
    type Tag = A::Tag;
}

#[allow(private_interfaces, reason = "sealed: no user can name it")]
impl<A: SivMode> sealed::Fetched for Deterministic<A> {
    const FLOW: Flow = A::FLOW;

    fn algorithm() -> &'static Algorithm<ffi::EVP_CIPHER> {
        A::algorithm()
    }
}

#[allow(private_interfaces, reason = "sealed: no user can name it")]
impl<A: SivMode> library::sealed::Parts for Deterministic<A> {
    fn parts() -> Vec<&'static dyn library::Part> {
        A::parts()
    }
}
