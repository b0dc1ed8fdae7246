//! CCM, whose lengths of nonce and tag are part of the type.

use std::convert::Infallible;
use std::marker::PhantomData;

use super::{Aead, Flow, Nonced, sealed};
use crate::crypto::algorithm::Algorithm;
use crate::crypto::library;
use crate::crypto::mac::{Aes128, Aes192, Aes256, BlockCipher};
use crate::ffi::openssl as ffi;

/// AES in Counter with CBC-MAC mode, with a nonce of `NONCE` and a tag of `TAG` bytes.
///
/// Take [`Aes128Ccm`] or [`Aes256Ccm`] unless a protocol says otherwise. A nonce has 7 to 13 bytes;
/// the shorter it is, the longer a text may be, and the fewer messages a key may seal:
///
/// | nonce | longest text | messages with [`RandomNonce`](super::RandomNonce) | with [`CounterNonce`](super::CounterNonce) |
/// |---|---|---|---|
/// | 7 | 2^31 - 1 | 2^12 | 2^24 |
/// | 8 | 2^31 - 1 | 2^16 | 2^32 |
/// | 9, 10, 11 | 2^31 - 1 | 2^20, 2^24, 2^28 | 2^33 |
/// | 12 | 2^24 - 1 | 2^32 | 2^40 |
/// | 13 | 2^16 - 1 | 2^36 | 2^48 |
///
/// A tag has 4, 6, 8, 10, 12, 14 or 16 bytes. **One of `TAG` bytes is guessed once in 2^(8 `TAG`)
/// attempts:** whoever takes a short one must limit how many forgeries a key is tried with
/// (SP 800-38C, appendix B.2).
///
/// ```
/// use ffence::crypto::{Aes128, Ccm, Key, RandomNonce};
///
/// type Radio = Ccm<Aes128, 13, 8>; // 802.15.4 and Bluetooth have such
/// let key = Key::<Radio>::generate()?;
/// let sealed = key.sealer(RandomNonce)?.seal(b"frame 7", b"hello")?;
/// assert_eq!(sealed.len(), 13 + 5 + 8);
/// assert_eq!(key.opener()?.open(b"frame 7", &sealed)?, b"hello");
/// # Ok::<(), ffence::Error>(())
/// ```
/// Other lengths do not compile:
/// ```compile_fail,E0277
/// use ffence::crypto::{Aes128, Ccm, Key};
/// let key = Key::<Ccm<Aes128, 12, 5>>::generate();
/// ```
/// ```compile_fail,E0277
/// use ffence::crypto::{Aes128, Ccm, Key};
/// let key = Key::<Ccm<Aes128, 14, 16>>::generate();
/// ```
/// Source: NIST SP 800-38C (lengths: appendix A.1), RFC 3610;
/// [EVP_CIPHER-AES](https://docs.openssl.org/3.0/man7/EVP_CIPHER-AES/).
#[doc(alias = "EVP_aes_128_ccm")]
#[doc(alias = "EVP_CTRL_AEAD_SET_IVLEN")]
#[derive(Clone, Copy, Debug)]
pub enum Ccm<C: BlockCipher, const NONCE: usize, const TAG: usize> {
    #[doc(hidden)]
    Never(Infallible, PhantomData<C>),
}

/// AES-128 in Counter with CBC-MAC mode: key 16, nonce 12, tag 16 bytes, texts below 16 MiB.
///
/// Source: NIST SP 800-38C, RFC 5116 (lengths: section 5.3).
#[doc(alias = "EVP_aes_128_ccm")]
pub type Aes128Ccm = Ccm<Aes128, 12, 16>;

/// AES-192 in Counter with CBC-MAC mode: key 24, nonce 12, tag 16 bytes, texts below 16 MiB.
///
/// Source: NIST SP 800-38C.
#[doc(alias = "EVP_aes_192_ccm")]
pub type Aes192Ccm = Ccm<Aes192, 12, 16>;

/// AES-256 in Counter with CBC-MAC mode: key 32, nonce 12, tag 16 bytes, texts below 16 MiB.
///
/// Source: NIST SP 800-38C, RFC 5116 (lengths: section 5.4).
#[doc(alias = "EVP_aes_256_ccm")]
pub type Aes256Ccm = Ccm<Aes256, 12, 16>;

/// `AEAD_AES_128_CCM_8`: key 16, nonce 12, tag 8 bytes, for protocols that name it.
///
/// Source: RFC 6655, section 6.1.
pub type Aes128Ccm8 = Ccm<Aes128, 12, 8>;

/// `AEAD_AES_256_CCM_8`: key 32, nonce 12, tag 8 bytes, for protocols that name it.
///
/// Source: RFC 6655, section 6.2.
pub type Aes256Ccm8 = Ccm<Aes256, 12, 8>;

/// Bytes that may be a nonce of [`Ccm`].
pub trait CcmNonce {}

/// Bytes that may be a tag of [`Ccm`].
pub trait CcmTag {}

macro_rules! lengths {
    ($length:ident: $($bytes:literal)*) => {$(impl $length for [u8; $bytes] {})*};
}

lengths!(CcmNonce: 7 8 9 10 11 12 13);
lengths!(CcmTag: 4 6 8 10 12 14 16);

/// The text's length has 15 bytes less those of the nonce, and OpenSSL's `int`.
const fn longest_text(nonce: usize) -> u64 {
    match nonce {
        13 => (1 << 16) - 1,
        12 => (1 << 24) - 1,
        _ => (1 << 31) - 1,
    }
}

/// The chance that two random nonces are the same stays below 2^-32, as SP 800-38D, section 8.3,
/// has it for GCM.
const fn random_messages(nonce: usize) -> u64 {
    1 << (4 * nonce - 16)
}

/// What is least of: 2^48; 2^61 calls of the block cipher (SP 800-38C, section 5.3), of which the
/// longest text takes two for each block; and what a counter behind a prefix of 4 bytes can count.
const fn messages(nonce: usize) -> u64 {
    let calls = (1 << 61) / (2 * ((longest_text(nonce) + 1) / 16));
    let counted = if nonce < 10 { 1 << (8 * (nonce - 4)) } else { 1 << 48 };
    if calls < counted { calls } else { counted }
}

impl<C: BlockCipher, const NONCE: usize, const TAG: usize> Aead for Ccm<C, NONCE, TAG>
where
    [u8; NONCE]: CcmNonce,
    [u8; TAG]: CcmTag,
{
    const NAME: &'static str = C::CCM;
    const KEY_LEN: usize = C::KEY_LEN;
    const NONCE_LEN: usize = NONCE;
    const TAG_LEN: usize = TAG;
    const MAX_LEN: u64 = longest_text(NONCE);
    const RANDOM_NONCE_MESSAGES: u64 = random_messages(NONCE);
    const MESSAGES: u64 = messages(NONCE);

    type KeyBytes = C::KeyBytes;
    type Nonce = [u8; NONCE];
    type Tag = [u8; TAG];
}

impl<C: BlockCipher, const NONCE: usize, const TAG: usize> Nonced for Ccm<C, NONCE, TAG>
where
    [u8; NONCE]: CcmNonce,
    [u8; TAG]: CcmTag,
{
}

#[allow(private_interfaces, reason = "sealed: no user can name it")]
impl<C: BlockCipher, const NONCE: usize, const TAG: usize> sealed::Fetched for Ccm<C, NONCE, TAG>
where
    [u8; NONCE]: CcmNonce,
    [u8; TAG]: CcmTag,
{
    const FLOW: Flow = Flow::Ccm;

    fn algorithm() -> &'static Algorithm<ffi::EVP_CIPHER> {
        C::ccm()
    }
}

#[allow(private_interfaces, reason = "sealed: no user can name it")]
impl<C: BlockCipher, const NONCE: usize, const TAG: usize> library::sealed::Parts
    for Ccm<C, NONCE, TAG>
where
    [u8; NONCE]: CcmNonce,
    [u8; TAG]: CcmTag,
{
    fn parts() -> Vec<&'static dyn library::Part> {
        vec![C::ccm()]
    }
}
