//! The one-step functions that key agreement standards name.

use super::at_most;
use super::derive::derive;
use crate::crypto::algorithm::{Algorithm, Lengths};
use crate::crypto::digest::Hash;
use crate::crypto::library::{Home, Library};
use crate::crypto::mac::{Kmac128, Kmac256};
use crate::crypto::param::Param;
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::openssl as ffi;

pub(super) static SSKDF: Algorithm<ffi::EVP_KDF> = Algorithm::new(c"SSKDF", Lengths::Kdf, "3.0");
pub(super) static X963KDF: Algorithm<ffi::EVP_KDF> =
    Algorithm::new(c"X963KDF", Lengths::Kdf, "3.0");

/// The single-step KDF with a digest (also called concat KDF): fills `out` from a shared secret.
///
/// `secret` and `info` may have up to 1 GiB; `out` is 1 byte to 2^32 - 1 digests long (and at most
/// 1 GiB).
///
/// Source: NIST SP 800-56C, section 4.1; [EVP_KDF-SS](https://docs.openssl.org/3.0/man7/EVP_KDF-SS/).
///
/// # Errors
/// [`ErrorKind::Length`](crate::ErrorKind::Length) for an empty or too long `out`,
/// [`ErrorKind::OutOfMemory`](crate::ErrorKind::OutOfMemory).
///
/// ```
/// use ffence::crypto::Sha256;
/// use ffence::crypto::kdf::single_step;
///
/// let mut key = [0; 16];
/// single_step::<Sha256>(b"shared secret", b"algorithm, parties", &mut key)?;
/// # Ok::<(), ffence::Error>(())
/// ```
#[doc(alias = "SSKDF")]
pub fn single_step<H: Hash>(secret: &[u8], info: &[u8], out: &mut [u8]) -> Result<()> {
    run::<H>(&Home::DEFAULT, &SSKDF, "the single-step KDF", secret, info, out)
}

/// Like [`single_step`], with what the providers of `library` offer.
///
/// # Errors
/// As for [`single_step`].
pub fn single_step_in<H: Hash>(
    library: &Library,
    secret: &[u8],
    info: &[u8],
    out: &mut [u8],
) -> Result<()> {
    run::<H>(&library.into(), &SSKDF, "the single-step KDF", secret, info, out)
}

/// The single-step KDF with HMAC over `H`: fills `out` from a shared secret.
///
/// `salt` is HMAC's key; an empty one stands for zeroes. Else as [`single_step`].
///
/// Source: NIST SP 800-56C, section 4.1 (option 2);
/// [EVP_KDF-SS](https://docs.openssl.org/3.0/man7/EVP_KDF-SS/).
///
/// # Errors
/// As for [`single_step`].
///
/// ```
/// use ffence::crypto::Sha256;
/// use ffence::crypto::kdf::single_step_hmac;
///
/// let mut key = [0; 16];
/// single_step_hmac::<Sha256>(b"shared secret", b"salt", b"algorithm, parties", &mut key)?;
/// # Ok::<(), ffence::Error>(())
/// ```
pub fn single_step_hmac<H: Hash>(
    secret: &[u8],
    salt: &[u8],
    info: &[u8],
    out: &mut [u8],
) -> Result<()> {
    hmac::<H>(&Home::DEFAULT, secret, salt, info, out)
}

/// Like [`single_step_hmac`], with what the providers of `library` offer.
///
/// # Errors
/// As for [`single_step_hmac`].
pub fn single_step_hmac_in<H: Hash>(
    library: &Library,
    secret: &[u8],
    salt: &[u8],
    info: &[u8],
    out: &mut [u8],
) -> Result<()> {
    hmac::<H>(&library.into(), secret, salt, info, out)
}

fn hmac<H: Hash>(
    home: &Home,
    secret: &[u8],
    salt: &[u8],
    info: &[u8],
    out: &mut [u8],
) -> Result<()> {
    at_most("the single-step KDF", u64::from(u32::MAX) * H::LEN as u64, out)?;
    let params = [
        Param::text(ffi::OSSL_KDF_PARAM_MAC, c"HMAC"),
        Param::text(ffi::OSSL_KDF_PARAM_DIGEST, H::algorithm().name()),
        Param::bytes(ffi::OSSL_KDF_PARAM_KEY, secret),
        Param::bytes(ffi::OSSL_KDF_PARAM_SALT, salt),
        Param::bytes(ffi::OSSL_KDF_PARAM_INFO, info),
        Param::end(),
    ];
    derive(home, &SSKDF, Some(H::algorithm()), &params, out)
}

/// The single-step KDF with KMAC128: fills `out` from a shared secret.
///
/// `salt` is KMAC's key: 4 to 512 bytes, or none, which stands for 164 zeroes. The output comes
/// from one KMAC, so that its length goes into it: a shorter `out` is not the start of a longer one.
/// It is 4 bytes to 2 MiB - 1 long. Else as [`single_step`].
///
/// Source: NIST SP 800-56C, section 4.1 (option 3);
/// [EVP_KDF-SS](https://docs.openssl.org/3.0/man7/EVP_KDF-SS/).
///
/// # Errors
/// [`ErrorKind::Length`](crate::ErrorKind::Length) for a salt or an `out` of other lengths; else as
/// for [`single_step`].
///
/// ```
/// use ffence::crypto::kdf::single_step_kmac128;
///
/// let mut key = [0; 16];
/// single_step_kmac128(b"shared secret", b"salt", b"algorithm, parties", &mut key)?;
/// # Ok::<(), ffence::Error>(())
/// ```
pub fn single_step_kmac128(secret: &[u8], salt: &[u8], info: &[u8], out: &mut [u8]) -> Result<()> {
    kmac(&Home::DEFAULT, <Kmac128>::algorithm(), secret, salt, info, out)
}

/// Like [`single_step_kmac128`], with what the providers of `library` offer.
///
/// # Errors
/// As for [`single_step_kmac128`].
pub fn single_step_kmac128_in(
    library: &Library,
    secret: &[u8],
    salt: &[u8],
    info: &[u8],
    out: &mut [u8],
) -> Result<()> {
    kmac(&library.into(), <Kmac128>::algorithm(), secret, salt, info, out)
}

/// The single-step KDF with KMAC256: fills `out` from a shared secret.
///
/// No salt stands for 132 zeroes. Else as [`single_step_kmac128`].
///
/// # Errors
/// As for [`single_step_kmac128`].
pub fn single_step_kmac256(secret: &[u8], salt: &[u8], info: &[u8], out: &mut [u8]) -> Result<()> {
    kmac(&Home::DEFAULT, <Kmac256>::algorithm(), secret, salt, info, out)
}

/// Like [`single_step_kmac256`], with what the providers of `library` offer.
///
/// # Errors
/// As for [`single_step_kmac256`].
pub fn single_step_kmac256_in(
    library: &Library,
    secret: &[u8],
    salt: &[u8],
    info: &[u8],
    out: &mut [u8],
) -> Result<()> {
    kmac(&library.into(), <Kmac256>::algorithm(), secret, salt, info, out)
}

/// EVP_MAC-KMAC(7): what KMAC takes for a key.
const KMAC_KEY: std::ops::RangeInclusive<usize> = 4..=512;

/// EVP_MAC-KMAC(7): the longest tag has fewer than 2^24 bits; SP 800-185, section 8.4.2: the
/// shortest has 32.
const KMAC_OUTPUT: std::ops::RangeInclusive<usize> = 4..=0x00ff_ffff / 8;

fn kmac(
    home: &Home,
    mac: &'static Algorithm<ffi::EVP_MAC>,
    secret: &[u8],
    salt: &[u8],
    info: &[u8],
    out: &mut [u8],
) -> Result<()> {
    if !KMAC_OUTPUT.contains(&out.len()) || !(salt.is_empty() || KMAC_KEY.contains(&salt.len())) {
        out.fill(0);
        return Err(Error::ours(
            ErrorKind::Length,
            "the single-step KDF with KMAC takes a salt of 4 to 512 bytes, or none, and derives 4 \
             to 2097151 bytes",
        ));
    }
    let params = [
        Param::text(ffi::OSSL_KDF_PARAM_MAC, mac.name()),
        Param::bytes(ffi::OSSL_KDF_PARAM_KEY, secret),
        Param::bytes(ffi::OSSL_KDF_PARAM_SALT, salt),
        Param::bytes(ffi::OSSL_KDF_PARAM_INFO, info),
        Param::end(),
    ];
    derive(home, &SSKDF, Some(mac), &params, out)
}

/// The KDF of ANSI X9.63: fills `out` from a shared secret.
///
/// Lengths as for [`single_step`]; it differs in the place of the counter.
///
/// Source: SEC 1, section 3.6.1; [EVP_KDF-X963](https://docs.openssl.org/3.0/man7/EVP_KDF-X963/).
///
/// # Errors
/// As for [`single_step`].
///
/// ```
/// use ffence::crypto::Sha256;
/// use ffence::crypto::kdf::x963;
///
/// let mut key = [0; 16];
/// x963::<Sha256>(b"shared secret", b"shared info", &mut key)?;
/// # Ok::<(), ffence::Error>(())
/// ```
#[doc(alias = "X963KDF")]
pub fn x963<H: Hash>(secret: &[u8], info: &[u8], out: &mut [u8]) -> Result<()> {
    run::<H>(&Home::DEFAULT, &X963KDF, "the KDF of X9.63", secret, info, out)
}

/// Like [`x963`], with what the providers of `library` offer.
///
/// # Errors
/// As for [`x963`].
pub fn x963_in<H: Hash>(
    library: &Library,
    secret: &[u8],
    info: &[u8],
    out: &mut [u8],
) -> Result<()> {
    run::<H>(&library.into(), &X963KDF, "the KDF of X9.63", secret, info, out)
}

fn run<H: Hash>(
    home: &Home,
    kdf: &'static Algorithm<ffi::EVP_KDF>,
    name: &str,
    secret: &[u8],
    info: &[u8],
    out: &mut [u8],
) -> Result<()> {
    at_most(name, u64::from(u32::MAX) * H::LEN as u64, out)?;
    let params = [
        Param::text(ffi::OSSL_KDF_PARAM_DIGEST, H::algorithm().name()),
        Param::bytes(ffi::OSSL_KDF_PARAM_KEY, secret),
        Param::bytes(ffi::OSSL_KDF_PARAM_INFO, info),
        Param::end(),
    ];
    derive(home, kdf, Some(H::algorithm()), &params, out)
}
