//! Argon2id.

use super::derive::derive;
use super::{at_most, refused};
use crate::crypto::algorithm::{Algorithm, Lengths};
use crate::crypto::library::{Home, Library};
use crate::crypto::param::Param;
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::openssl as ffi;

pub(super) static ARGON2ID: Algorithm<ffi::EVP_KDF> =
    Algorithm::new(c"ARGON2ID", Lengths::Kdf, "3.2");

/// What Argon2id costs: memory in KiB, passes over it, and lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon2Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Argon2Cost {
    /// 19 MiB, 2 passes, 1 lane: what OWASP's Password Storage Cheat Sheet recommends.
    pub const RECOMMENDED: Self = Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 };

    /// 64 MiB, 3 passes, 4 lanes: the second recommended option of RFC 9106, section 4.
    pub const RFC_9106_LOW_MEMORY: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 };

    /// Any cost that RFC 9106 allows.
    ///
    /// # Errors
    /// [`ErrorKind::Parameter`] unless there is a pass, 1 to 2^24 - 1 lanes, and 8 KiB a lane.
    ///
    /// ```
    /// use ffence::crypto::kdf::Argon2Cost;
    ///
    /// assert_eq!(Argon2Cost::new(19_456, 2, 1)?, Argon2Cost::RECOMMENDED);
    /// assert!(Argon2Cost::new(19_456, 0, 1).is_err());
    /// # Ok::<(), ffence::Error>(())
    /// ```
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self> {
        // RFC 9106, section 3.1.
        let allowed =
            passes > 0 && (1..1 << 24).contains(&lanes) && memory_kib >= lanes.saturating_mul(8);
        if allowed {
            Ok(Self { memory_kib, passes, lanes })
        } else {
            Err(refused(format!(
                "Argon2id has no {memory_kib} KiB with {passes} passes and {lanes} lanes"
            )))
        }
    }

    /// KiB of memory.
    pub const fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    /// Passes over the memory.
    pub const fn passes(self) -> u32 {
        self.passes
    }

    /// Lanes.
    pub const fn lanes(self) -> u32 {
        self.lanes
    }
}

/// Argon2id, version 1.3: fills `out` from a password and a salt.
///
/// The salt is 8 bytes or more, best 16 random ones; `out` is 4 bytes to 1 GiB long. The lanes are
/// filled one after the other on the calling thread.
///
/// Source: RFC 9106; [EVP_KDF-ARGON2](https://docs.openssl.org/3.2/man7/EVP_KDF-ARGON2/).
///
/// # Errors
/// [`ErrorKind::Unsupported`] on OpenSSL before 3.2, [`ErrorKind::Length`] for a short salt and a
/// short or too long `out`, [`ErrorKind::OutOfMemory`].
///
/// ```
/// use ffence::ErrorKind;
/// use ffence::crypto::kdf::{Argon2Cost, argon2id};
///
/// let mut key = [0; 32];
/// match argon2id(b"password", b"0123456789abcdef", Argon2Cost::RECOMMENDED, &mut key) {
///     Ok(()) => {}
///     Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported), // OpenSSL 3.0
/// }
/// ```
pub fn argon2id(password: &[u8], salt: &[u8], cost: Argon2Cost, out: &mut [u8]) -> Result<()> {
    argon2id_at(&Home::DEFAULT, password, salt, cost, out)
}

/// Like [`argon2id`], with what the providers of `library` offer.
///
/// # Errors
/// As for [`argon2id`].
pub fn argon2id_in(
    library: &Library,
    password: &[u8],
    salt: &[u8],
    cost: Argon2Cost,
    out: &mut [u8],
) -> Result<()> {
    argon2id_at(&library.into(), password, salt, cost, out)
}

pub(in crate::crypto) fn argon2id_at(
    home: &Home,
    password: &[u8],
    salt: &[u8],
    cost: Argon2Cost,
    out: &mut [u8],
) -> Result<()> {
    at_most("Argon2id", u64::from(u32::MAX), out)?;
    if salt.len() < 8 || out.len() < 4 {
        out.fill(0);
        return Err(Error::ours(
            ErrorKind::Length,
            "Argon2id takes a salt of 8 bytes or more and derives 4 bytes or more",
        ));
    }
    let Argon2Cost { mut memory_kib, mut passes, mut lanes } = cost;
    // The names are those of OpenSSL 3.2, which the headers of 3.0 do not have.
    let params = [
        Param::bytes(ffi::OSSL_KDF_PARAM_PASSWORD, password),
        Param::bytes(ffi::OSSL_KDF_PARAM_SALT, salt),
        Param::uint(ffi::OSSL_KDF_PARAM_ITER, &mut passes),
        Param::uint(c"memcost", &mut memory_kib),
        Param::uint(c"lanes", &mut lanes),
        Param::end(),
    ];
    derive(home, &ARGON2ID, None, &params, out)
}
