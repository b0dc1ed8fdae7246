//! The one-step functions that key agreement standards name.

use super::at_most;
use super::derive::derive;
use crate::crypto::algorithm::{Algorithm, Lengths};
use crate::crypto::digest::Hash;
use crate::crypto::library::{Home, Library};
use crate::crypto::param::Param;
use crate::error::Result;
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
