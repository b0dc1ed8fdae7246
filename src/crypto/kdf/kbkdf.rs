//! The key-based KDF in counter mode.

use std::ffi::CStr;

use super::at_most;
use super::derive::derive;
use crate::crypto::algorithm::{Algorithm, Lengths};
use crate::crypto::digest::Hash;
use crate::crypto::library::{Home, Library, Part};
use crate::crypto::param::Param;
use crate::crypto::unauthenticated::{Aes128Cbc, Aes192Cbc, Aes256Cbc, algorithm_of};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::openssl as ffi;

pub(super) static KBKDF: Algorithm<ffi::EVP_KDF> = Algorithm::new(c"KBKDF", Lengths::Kdf, "3.0");

/// What is fed beside the counter.
#[derive(Clone, Copy, Debug)]
pub enum FixedInput<'a> {
    /// The usual form: the label, a zero byte, the context, and the output's length in bits.
    Labelled {
        /// What the bytes are for.
        label: &'a [u8],
        /// Whom they belong to.
        context: &'a [u8],
    },
    /// A form of your protocol's own: these bytes and nothing else.
    Raw(&'a [u8]),
}

/// KBKDF in counter mode with HMAC over `H`: fills `out` from `key`.
///
/// The counter has 32 bits and comes first. `out` is 1 byte to 2^29 - 1 bytes long, so that its
/// length in bits has 32 bits too.
///
/// Source: NIST SP 800-108, section 4.1; [EVP_KDF-KB](https://docs.openssl.org/3.0/man7/EVP_KDF-KB/).
///
/// # Errors
/// [`ErrorKind::Length`] for an empty key and an empty or too long `out`,
/// [`ErrorKind::OutOfMemory`].
///
/// ```
/// use ffence::crypto::Sha256;
/// use ffence::crypto::kdf::{FixedInput, kbkdf_hmac};
///
/// let mut key = [0; 32];
/// let input = FixedInput::Labelled { label: b"encryption", context: b"session 7" };
/// kbkdf_hmac::<Sha256>(b"a key of full entropy, 32 bytes.", input, &mut key)?;
/// # Ok::<(), ffence::Error>(())
/// ```
#[doc(alias = "KBKDF")]
pub fn kbkdf_hmac<H: Hash>(key: &[u8], input: FixedInput<'_>, out: &mut [u8]) -> Result<()> {
    hmac_at::<H>(&Home::DEFAULT, key, input, out)
}

/// Like [`kbkdf_hmac`], with what the providers of `library` offer.
///
/// # Errors
/// As for [`kbkdf_hmac`].
pub fn kbkdf_hmac_in<H: Hash>(
    library: &Library,
    key: &[u8],
    input: FixedInput<'_>,
    out: &mut [u8],
) -> Result<()> {
    hmac_at::<H>(&library.into(), key, input, out)
}

fn hmac_at<H: Hash>(home: &Home, key: &[u8], input: FixedInput<'_>, out: &mut [u8]) -> Result<()> {
    if key.is_empty() {
        return Err(wrong_key(key, "a key that is not empty", out));
    }
    let digest = Param::text(ffi::OSSL_KDF_PARAM_DIGEST, H::algorithm().name());
    run(home, c"HMAC", digest, H::algorithm(), key, input, out)
}

/// KBKDF in counter mode with CMAC over AES: fills `out` from `key`.
///
/// The key has 16, 24 or 32 bytes, and its length picks AES-128, AES-192 or AES-256. Else as
/// [`kbkdf_hmac`].
///
/// # Errors
/// [`ErrorKind::Length`] for a key of another length; else as for [`kbkdf_hmac`].
pub fn kbkdf_cmac(key: &[u8], input: FixedInput<'_>, out: &mut [u8]) -> Result<()> {
    cmac_at(&Home::DEFAULT, key, input, out)
}

/// Like [`kbkdf_cmac`], with what the providers of `library` offer.
///
/// # Errors
/// As for [`kbkdf_cmac`].
pub fn kbkdf_cmac_in(
    library: &Library,
    key: &[u8],
    input: FixedInput<'_>,
    out: &mut [u8],
) -> Result<()> {
    cmac_at(&library.into(), key, input, out)
}

fn cmac_at(home: &Home, key: &[u8], input: FixedInput<'_>, out: &mut [u8]) -> Result<()> {
    let cipher = match key.len() {
        16 => algorithm_of::<Aes128Cbc>(),
        24 => algorithm_of::<Aes192Cbc>(),
        32 => algorithm_of::<Aes256Cbc>(),
        _ => return Err(wrong_key(key, "an AES key of 16, 24 or 32 bytes", out)),
    };
    let name = Param::text(ffi::OSSL_KDF_PARAM_CIPHER, cipher.name());
    run(home, c"CMAC", name, cipher, key, input, out)
}

fn run(
    home: &Home,
    mac: &'static CStr,
    algorithm: Param<'_>,
    part: &'static dyn Part,
    key: &[u8],
    input: FixedInput<'_>,
    out: &mut [u8],
) -> Result<()> {
    at_most("KBKDF", (1 << 29) - 1, out)?;
    let (label, context, labelled) = match input {
        FixedInput::Labelled { label, context } => (label, context, 1),
        FixedInput::Raw(bytes) => (&b""[..], bytes, 0),
    };
    let (mut use_l, mut use_separator) = (labelled, labelled);
    let params = [
        Param::text(ffi::OSSL_KDF_PARAM_MODE, c"counter"),
        Param::text(ffi::OSSL_KDF_PARAM_MAC, mac),
        algorithm,
        Param::bytes(ffi::OSSL_KDF_PARAM_KEY, key),
        // EVP_KDF-KB(7): the label goes as the salt and the context as the info.
        Param::bytes(ffi::OSSL_KDF_PARAM_SALT, label),
        Param::bytes(ffi::OSSL_KDF_PARAM_INFO, context),
        Param::uint(ffi::OSSL_KDF_PARAM_KBKDF_USE_L, &mut use_l),
        Param::uint(ffi::OSSL_KDF_PARAM_KBKDF_USE_SEPARATOR, &mut use_separator),
        Param::end(),
    ];
    derive(home, &KBKDF, Some(part), &params, out)
}

fn wrong_key(key: &[u8], wanted: &str, out: &mut [u8]) -> Error {
    out.fill(0);
    Error::ours(ErrorKind::Length, format!("KBKDF takes {wanted}, not {} bytes", key.len()))
}
