//! PBKDF2.

use std::num::NonZeroU32;

use super::derive::derive;
use super::{at_most, refused};
use crate::crypto::algorithm::{Algorithm, Lengths};
use crate::crypto::digest::Hash;
use crate::crypto::library::{Home, Library};
use crate::crypto::param::Param;
use crate::error::Result;
use crate::ffi::openssl as ffi;

pub(super) static PBKDF2: Algorithm<ffi::EVP_KDF> =
    Algorithm::new(c"PBKDF2", Lengths::Kdf, "1.0.0");

/// How often PBKDF2 runs its HMAC for each digest of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Iterations(NonZeroU32);

impl Iterations {
    /// The fewest that [`new`](Self::new) takes: SP 800-132, section 5.2.
    pub const LEAST: u32 = 1000;

    /// What OWASP's Password Storage Cheat Sheet recommends for SHA-256.
    pub const SHA_256: Self = Self(NonZeroU32::MIN.saturating_add(600_000 - 1));

    /// As many as given, if they protect at all.
    ///
    /// # Errors
    /// [`ErrorKind::Parameter`](crate::ErrorKind::Parameter) below [`LEAST`](Self::LEAST).
    ///
    /// ```
    /// use ffence::ErrorKind;
    /// use ffence::crypto::kdf::Iterations;
    ///
    /// assert_eq!(Iterations::new(600_000)?, Iterations::SHA_256);
    /// assert_eq!(Iterations::new(100).unwrap_err().kind(), ErrorKind::Parameter);
    /// # Ok::<(), ffence::Error>(())
    /// ```
    pub fn new(count: u32) -> Result<Self> {
        match NonZeroU32::new(count) {
            Some(count) if count.get() >= Self::LEAST => Ok(Self(count)),
            _ => Err(refused(format!(
                "PBKDF2 protects nothing with {count} iterations: use {} or more",
                Self::LEAST
            ))),
        }
    }

    /// Any number, to read what was written with too few.
    pub const fn legacy(count: NonZeroU32) -> Self {
        Self(count)
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0.get()
    }
}

/// PBKDF2 with HMAC over `H`: fills `out` from a password and a salt.
///
/// `out` is 1 byte to 2^32 - 1 digests long (and at most 1 GiB); more than one digest makes you wait longer
/// than an attacker, who needs the first only. SP 800-132 asks for a random salt of 16 bytes.
///
/// Source: RFC 8018, section 5.2; [EVP_KDF-PBKDF2](https://docs.openssl.org/3.0/man7/EVP_KDF-PBKDF2/).
///
/// # Errors
/// [`ErrorKind::Length`](crate::ErrorKind::Length) for an empty or too long `out`,
/// [`ErrorKind::OpenSsl`](crate::ErrorKind::OpenSsl) where a FIPS provider wants longer inputs,
/// [`ErrorKind::OutOfMemory`](crate::ErrorKind::OutOfMemory).
///
/// ```
/// use ffence::crypto::Sha256;
/// use ffence::crypto::kdf::{Iterations, pbkdf2};
///
/// let mut key = [0; 32];
/// pbkdf2::<Sha256>(b"password", b"0123456789abcdef", Iterations::new(100_000)?, &mut key)?;
/// # Ok::<(), ffence::Error>(())
/// ```
#[doc(alias = "PKCS5_PBKDF2_HMAC")]
pub fn pbkdf2<H: Hash>(
    password: &[u8],
    salt: &[u8],
    iterations: Iterations,
    out: &mut [u8],
) -> Result<()> {
    pbkdf2_at::<H>(&Home::DEFAULT, password, salt, iterations, out)
}

/// Like [`pbkdf2`], with what the providers of `library` offer.
///
/// # Errors
/// As for [`pbkdf2`].
pub fn pbkdf2_in<H: Hash>(
    library: &Library,
    password: &[u8],
    salt: &[u8],
    iterations: Iterations,
    out: &mut [u8],
) -> Result<()> {
    pbkdf2_at::<H>(&library.into(), password, salt, iterations, out)
}

pub(in crate::crypto) fn pbkdf2_at<H: Hash>(
    home: &Home,
    password: &[u8],
    salt: &[u8],
    iterations: Iterations,
    out: &mut [u8],
) -> Result<()> {
    at_most("PBKDF2", u64::from(u32::MAX) * H::LEN as u64, out)?;
    let mut iterations = u64::from(iterations.get());
    let params = [
        Param::text(ffi::OSSL_KDF_PARAM_DIGEST, H::algorithm().name()),
        Param::bytes(ffi::OSSL_KDF_PARAM_PASSWORD, password),
        Param::bytes(ffi::OSSL_KDF_PARAM_SALT, salt),
        Param::uint64(ffi::OSSL_KDF_PARAM_ITER, &mut iterations),
        Param::end(),
    ];
    derive(home, &PBKDF2, Some(H::algorithm()), &params, out)
}
