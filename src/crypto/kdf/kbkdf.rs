//! The key-based KDF, in counter and in feedback mode.

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
    let prf = Prf::hmac::<H>(key, out)?;
    run(&Home::DEFAULT, &Mode::COUNTER, &prf, key, input, out)
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
    let prf = Prf::hmac::<H>(key, out)?;
    run(&library.into(), &Mode::COUNTER, &prf, key, input, out)
}

/// KBKDF in counter mode with CMAC over AES: fills `out` from `key`.
///
/// The key has 16, 24 or 32 bytes, and its length picks AES-128, AES-192 or AES-256. Else as
/// [`kbkdf_hmac`].
///
/// # Errors
/// [`ErrorKind::Length`] for a key of another length; else as for [`kbkdf_hmac`].
pub fn kbkdf_cmac(key: &[u8], input: FixedInput<'_>, out: &mut [u8]) -> Result<()> {
    let prf = Prf::cmac(key, out)?;
    run(&Home::DEFAULT, &Mode::COUNTER, &prf, key, input, out)
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
    let prf = Prf::cmac(key, out)?;
    run(&library.into(), &Mode::COUNTER, &prf, key, input, out)
}

/// KBKDF in feedback mode with HMAC over `H`: fills `out` from `key`.
///
/// What was derived last comes first, before the counter of 32 bits; in its place the first time is
/// `iv`, which is one digest long, or empty. Else as [`kbkdf_hmac`]. OpenSSL offers no
/// double-pipeline mode.
///
/// Source: NIST SP 800-108, section 4.2; [EVP_KDF-KB](https://docs.openssl.org/3.0/man7/EVP_KDF-KB/).
///
/// # Errors
/// [`ErrorKind::Length`] for an `iv` of another length; else as for [`kbkdf_hmac`].
///
/// ```
/// use ffence::crypto::Sha256;
/// use ffence::crypto::kdf::{FixedInput, kbkdf_feedback_hmac};
///
/// let mut key = [0; 48];
/// let input = FixedInput::Labelled { label: b"encryption", context: b"session 7" };
/// kbkdf_feedback_hmac::<Sha256>(b"a key of full entropy, 32 bytes.", &[0; 32], input, &mut key)?;
/// # Ok::<(), ffence::Error>(())
/// ```
#[doc(alias = "OSSL_KDF_PARAM_MODE")]
pub fn kbkdf_feedback_hmac<H: Hash>(
    key: &[u8],
    iv: &[u8],
    input: FixedInput<'_>,
    out: &mut [u8],
) -> Result<()> {
    let prf = Prf::hmac::<H>(key, out)?;
    run(&Home::DEFAULT, &Mode::feedback(iv), &prf, key, input, out)
}

/// Like [`kbkdf_feedback_hmac`], with what the providers of `library` offer.
///
/// # Errors
/// As for [`kbkdf_feedback_hmac`].
pub fn kbkdf_feedback_hmac_in<H: Hash>(
    library: &Library,
    key: &[u8],
    iv: &[u8],
    input: FixedInput<'_>,
    out: &mut [u8],
) -> Result<()> {
    let prf = Prf::hmac::<H>(key, out)?;
    run(&library.into(), &Mode::feedback(iv), &prf, key, input, out)
}

/// KBKDF in feedback mode with CMAC over AES: fills `out` from `key`.
///
/// The key is that of [`kbkdf_cmac`]; `iv` has 16 bytes, or none. Else as [`kbkdf_feedback_hmac`].
///
/// # Errors
/// [`ErrorKind::Length`] for a key or an `iv` of another length; else as for [`kbkdf_hmac`].
pub fn kbkdf_feedback_cmac(
    key: &[u8],
    iv: &[u8],
    input: FixedInput<'_>,
    out: &mut [u8],
) -> Result<()> {
    let prf = Prf::cmac(key, out)?;
    run(&Home::DEFAULT, &Mode::feedback(iv), &prf, key, input, out)
}

/// Like [`kbkdf_feedback_cmac`], with what the providers of `library` offer.
///
/// # Errors
/// As for [`kbkdf_feedback_cmac`].
pub fn kbkdf_feedback_cmac_in(
    library: &Library,
    key: &[u8],
    iv: &[u8],
    input: FixedInput<'_>,
    out: &mut [u8],
) -> Result<()> {
    let prf = Prf::cmac(key, out)?;
    run(&library.into(), &Mode::feedback(iv), &prf, key, input, out)
}

/// What is iterated.
struct Mode<'a> {
    name: &'static CStr,
    iv: &'a [u8],
}

impl<'a> Mode<'a> {
    const COUNTER: Mode<'static> = Mode { name: c"counter", iv: b"" };

    fn feedback(iv: &'a [u8]) -> Self {
        Self { name: c"feedback", iv }
    }
}

/// The pseudorandom function: a MAC, and what it is made of.
struct Prf {
    mac: &'static CStr,
    of: (&'static CStr, &'static CStr),
    part: &'static dyn Part,
    output: usize,
}

impl Prf {
    fn hmac<H: Hash>(key: &[u8], out: &mut [u8]) -> Result<Self> {
        if key.is_empty() {
            return Err(wrong_key(key, "a key that is not empty", out));
        }
        let digest = H::algorithm();
        let of = (ffi::OSSL_KDF_PARAM_DIGEST, digest.name());
        Ok(Self { mac: c"HMAC", of, part: digest, output: H::LEN })
    }

    fn cmac(key: &[u8], out: &mut [u8]) -> Result<Self> {
        let cipher = match key.len() {
            16 => algorithm_of::<Aes128Cbc>(),
            24 => algorithm_of::<Aes192Cbc>(),
            32 => algorithm_of::<Aes256Cbc>(),
            _ => return Err(wrong_key(key, "an AES key of 16, 24 or 32 bytes", out)),
        };
        let of = (ffi::OSSL_KDF_PARAM_CIPHER, cipher.name());
        Ok(Self { mac: c"CMAC", of, part: cipher, output: 16 })
    }
}

fn run(
    home: &Home,
    mode: &Mode<'_>,
    prf: &Prf,
    key: &[u8],
    input: FixedInput<'_>,
    out: &mut [u8],
) -> Result<()> {
    at_most("KBKDF", (1 << 29) - 1, out)?;
    if !mode.iv.is_empty() && mode.iv.len() != prf.output {
        out.fill(0);
        return Err(Error::ours(
            ErrorKind::Length,
            format!("KBKDF takes an IV of {} bytes or none, not {}", prf.output, mode.iv.len()),
        ));
    }
    let (label, context, labelled) = match input {
        FixedInput::Labelled { label, context } => (label, context, 1),
        FixedInput::Raw(bytes) => (&b""[..], bytes, 0),
    };
    let (mut use_l, mut use_separator) = (labelled, labelled);
    let params = [
        Param::text(ffi::OSSL_KDF_PARAM_MODE, mode.name),
        Param::text(ffi::OSSL_KDF_PARAM_MAC, prf.mac),
        Param::text(prf.of.0, prf.of.1),
        Param::bytes(ffi::OSSL_KDF_PARAM_KEY, key),
        // EVP_KDF-KB(7): the label goes as the salt and the context as the info.
        Param::bytes(ffi::OSSL_KDF_PARAM_SALT, label),
        Param::bytes(ffi::OSSL_KDF_PARAM_INFO, context),
        Param::bytes(ffi::OSSL_KDF_PARAM_SEED, mode.iv),
        Param::uint(ffi::OSSL_KDF_PARAM_KBKDF_USE_L, &mut use_l),
        Param::uint(ffi::OSSL_KDF_PARAM_KBKDF_USE_SEPARATOR, &mut use_separator),
        Param::end(),
    ];
    derive(home, &KBKDF, Some(prf.part), &params, out)
}

fn wrong_key(key: &[u8], wanted: &str, out: &mut [u8]) -> Error {
    out.fill(0);
    Error::ours(ErrorKind::Length, format!("KBKDF takes {wanted}, not {} bytes", key.len()))
}
