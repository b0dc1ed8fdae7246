//! scrypt.

use super::derive::derive;
use super::{at_most, refused};
use crate::crypto::algorithm::{Algorithm, Lengths};
use crate::crypto::library::{Home, Library};
use crate::crypto::param::Param;
use crate::error::Result;
use crate::ffi::openssl as ffi;

pub(super) static SCRYPT: Algorithm<ffi::EVP_KDF> =
    Algorithm::new(c"SCRYPT", Lengths::Kdf, "1.1.0");

/// What scrypt costs: N = 2^`log_n`, the block size `r` and the parallelism `p`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScryptCost {
    log_n: u8,
    r: u32,
    p: u32,
}

impl ScryptCost {
    /// N = 2^17, r = 8, p = 1, which takes 128 MiB: what OWASP's Password Storage Cheat Sheet
    /// recommends.
    pub const RECOMMENDED: Self = Self { log_n: 17, r: 8, p: 1 };

    /// Any cost that RFC 7914 allows.
    ///
    /// # Errors
    /// [`ErrorKind::Parameter`](crate::ErrorKind::Parameter) unless `log_n` is 1 to 63 and less
    /// than 16 * r, and 0 < r * p < 2^30.
    ///
    /// ```
    /// use ffence::crypto::kdf::ScryptCost;
    ///
    /// let cost = ScryptCost::new(14, 8, 1)?;
    /// assert_eq!(cost.memory(), 16 * 1024 * 1024 + 3 * 1024);
    /// assert!(ScryptCost::new(14, 0, 1).is_err());
    /// # Ok::<(), ffence::Error>(())
    /// ```
    pub fn new(log_n: u8, r: u32, p: u32) -> Result<Self> {
        let blocks = u64::from(r) * u64::from(p);
        let allowed = (1..64).contains(&log_n)
            && u64::from(log_n) < 16 * u64::from(r)
            && (1..1 << 30).contains(&blocks);
        if allowed {
            Ok(Self { log_n, r, p })
        } else {
            Err(refused(format!("scrypt has no N = 2^{log_n} with r = {r} and p = {p}")))
        }
    }

    /// The bytes of memory that it takes; `u64::MAX` for more than 64 bits can say.
    pub const fn memory(self) -> u64 {
        // RFC 7914: p blocks of 128 * r bytes, and N of them, with two to work in.
        let (block, p) = (128 * self.r as u64, self.p as u64);
        let blocks = (1_u64 << self.log_n).saturating_add(2).saturating_add(p);
        block.saturating_mul(blocks)
    }

    /// The bytes of memory that are filled, over all lanes: a measure of time.
    pub(in crate::crypto) const fn filled(self) -> u64 {
        self.memory().saturating_mul(self.p as u64)
    }

    /// log2 of N.
    pub const fn log_n(self) -> u8 {
        self.log_n
    }

    /// The block size.
    pub const fn r(self) -> u32 {
        self.r
    }

    /// The parallelism.
    pub const fn p(self) -> u32 {
        self.p
    }
}

/// scrypt: fills `out` from a password and a salt, in no more than `memory_limit` bytes.
///
/// `out` is 1 byte to 1 GiB long. The memory is taken for the time of the call.
///
/// Source: RFC 7914; [EVP_KDF-SCRYPT](https://docs.openssl.org/3.0/man7/EVP_KDF-SCRYPT/).
///
/// # Errors
/// [`ErrorKind::Parameter`](crate::ErrorKind::Parameter) when `cost` takes more than
/// `memory_limit`, [`ErrorKind::Length`](crate::ErrorKind::Length) for an empty or too long `out`,
/// [`ErrorKind::OutOfMemory`](crate::ErrorKind::OutOfMemory).
///
/// ```
/// use ffence::crypto::kdf::{ScryptCost, scrypt};
///
/// let mut key = [0; 32];
/// let cost = ScryptCost::new(10, 8, 1)?; // for an example; see ScryptCost::RECOMMENDED
/// scrypt(b"password", b"0123456789abcdef", cost, 32 << 20, &mut key)?;
/// # Ok::<(), ffence::Error>(())
/// ```
#[doc(alias = "EVP_PBE_scrypt")]
pub fn scrypt(
    password: &[u8],
    salt: &[u8],
    cost: ScryptCost,
    memory_limit: u64,
    out: &mut [u8],
) -> Result<()> {
    scrypt_at(&Home::DEFAULT, password, salt, cost, memory_limit, out)
}

/// Like [`scrypt`], with what the providers of `library` offer.
///
/// # Errors
/// As for [`scrypt`].
pub fn scrypt_in(
    library: &Library,
    password: &[u8],
    salt: &[u8],
    cost: ScryptCost,
    memory_limit: u64,
    out: &mut [u8],
) -> Result<()> {
    scrypt_at(&library.into(), password, salt, cost, memory_limit, out)
}

pub(in crate::crypto) fn scrypt_at(
    home: &Home,
    password: &[u8],
    salt: &[u8],
    cost: ScryptCost,
    memory_limit: u64,
    out: &mut [u8],
) -> Result<()> {
    at_most("scrypt", u64::from(u32::MAX) * 32, out)?;
    // OpenSSL computes in size_t.
    if cost.memory() > memory_limit || usize::try_from(cost.memory()).is_err() {
        out.fill(0);
        return Err(refused(format!(
            "scrypt would take {} bytes of memory, and {memory_limit} are allowed",
            cost.memory()
        )));
    }
    let mut n = 1_u64 << cost.log_n;
    let (mut r, mut p) = (u64::from(cost.r), u64::from(cost.p));
    let mut limit = memory_limit;
    let params = [
        Param::bytes(ffi::OSSL_KDF_PARAM_PASSWORD, password),
        Param::bytes(ffi::OSSL_KDF_PARAM_SALT, salt),
        Param::uint64(ffi::OSSL_KDF_PARAM_SCRYPT_N, &mut n),
        Param::uint64(ffi::OSSL_KDF_PARAM_SCRYPT_R, &mut r),
        Param::uint64(ffi::OSSL_KDF_PARAM_SCRYPT_P, &mut p),
        Param::uint64(ffi::OSSL_KDF_PARAM_SCRYPT_MAXMEM, &mut limit),
        Param::end(),
    ];
    derive(home, &SCRYPT, None, &params, out)
}
