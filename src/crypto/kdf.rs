//! Keys from secrets: key derivation functions (KDFs).
//!
//! | function | for | key or secret | salt or IV | longest output, in bytes | OpenSSL | source |
//! |---|---|---|---|---|---|---|
//! | [`hkdf`], [`Prk`] | a shared secret of full entropy | any; a `Prk` one digest | any | 255 digests | 3.0 | RFC 5869 |
//! | [`Prk::expand_label`] | the keys of TLS 1.3 and QUIC | one digest | a context up to 255 | 255 digests | 3.0 | RFC 8446, 7.1 |
//! | [`pbkdf2`] | a password, where a standard names it | any | any; 16 and more | 2^32 - 1 digests | 3.0 | RFC 8018, 5.2 |
//! | [`scrypt`] | a password; costs memory | any | any; 16 and more | (2^32 - 1) * 32 | 3.0 | RFC 7914 |
//! | [`argon2id`] | a password; costs memory | any | 8 and more | 2^32 - 1 | 3.2 | RFC 9106 |
//! | [`kbkdf_hmac`], [`kbkdf_cmac`] | a key of full entropy | 1 and more; 16, 24, 32 | | 2^29 - 1 | 3.0 | SP 800-108, 4.1 |
//! | [`kbkdf_feedback_hmac`], [`kbkdf_feedback_cmac`] | the same, in feedback mode | 1 and more; 16, 24, 32 | none, or one digest; 16 | 2^29 - 1 | 3.0 | SP 800-108, 4.2 |
//! | [`single_step`] | a shared secret, where a standard names it | any | | 2^32 - 1 digests | 3.0 | SP 800-56C, 4.1 |
//! | [`single_step_hmac`] | the same, with HMAC | any | any | 2^32 - 1 digests | 3.0 | SP 800-56C, 4.1 |
//! | [`single_step_kmac128`], [`single_step_kmac256`] | the same, with KMAC | any | none, or 4 to 512 | 2^21 - 1 | 3.0 | SP 800-56C, 4.1 |
//! | [`x963`] | a shared secret, where a standard names it | any | | 2^32 - 1 digests | 3.0 | ANSI X9.63 (SEC 1, 3.6.1) |
//!
//! Lengths are in bytes, and none is above 2^30.
//!
//! Each has a form that works in a [`Library`](super::Library), [`hkdf_in`] and so on, and a type
//! ([`Hkdf`], [`Pbkdf2`], …) by which to ask who implements it. The two modes of KBKDF have one such
//! type, as have the single step's digest and HMAC.
//!
//! To store passwords, use [`PasswordHash`](super::PasswordHash), which picks the salt and the cost.
//!
//! Every function fills the slice that it is given; an error leaves zeroes there. An empty slice
//! and an input of more than 1 GiB is an [`ErrorKind::Length`], found before
//! OpenSSL is called. All of them may be called from any thread.
//!
//! ```
//! use ffence::crypto::Sha256;
//! use ffence::crypto::kdf::{KeyMaterial, Prk};
//!
//! let prk = Prk::<Sha256>::extract(b"salt", b"the secret that both sides agreed on")?;
//! let key: KeyMaterial<32> = prk.expand_array(b"encryption")?;
//! let other: KeyMaterial<32> = prk.expand_array(b"authentication")?;
//! assert_ne!(key.as_bytes()?, other.as_bytes()?);
//! # Ok::<(), ffence::Error>(())
//! ```

mod argon2;
mod derive;
mod hkdf;
mod kbkdf;
mod kinds;
mod pbkdf2;
mod scrypt;
mod single_step;

use zeroize::Zeroize as _;

pub(super) use self::argon2::argon2id_at;
pub use self::argon2::{Argon2Cost, argon2id, argon2id_in};
pub(super) use self::hkdf::expand_any;
pub use self::hkdf::{Prk, hkdf, hkdf_in};
pub use self::kbkdf::{
    FixedInput, kbkdf_cmac, kbkdf_cmac_in, kbkdf_feedback_cmac, kbkdf_feedback_cmac_in,
    kbkdf_feedback_hmac, kbkdf_feedback_hmac_in, kbkdf_hmac, kbkdf_hmac_in,
};
pub use self::kinds::{
    Argon2id, Hkdf, KbkdfCmac, KbkdfHmac, Pbkdf2, Scrypt, SingleStep, SingleStepKmac128,
    SingleStepKmac256, X963,
};
pub(super) use self::pbkdf2::pbkdf2_at;
pub use self::pbkdf2::{Iterations, pbkdf2, pbkdf2_in};
pub(super) use self::scrypt::scrypt_at;
pub use self::scrypt::{ScryptCost, scrypt, scrypt_in};
pub use self::single_step::{
    single_step, single_step_hmac, single_step_hmac_in, single_step_in, single_step_kmac128,
    single_step_kmac128_in, single_step_kmac256, single_step_kmac256_in, x963, x963_in,
};
use super::held::Held;
use crate::error::{Error, ErrorKind, Result};
#[cfg(unix)]
use crate::secret::Protection;

/// `N` secret bytes, in the memory that a [`Key`](super::Key) lies in; wiped when they are dropped.
///
/// `Send` and `Sync`. A [`Secret`](crate::secret::Secret) has pages of its own, which cost more; every
/// function here can fill one: [`Secret::try_fill_with`](crate::secret::Secret::try_fill_with).
///
/// They are not printed:
/// ```compile_fail,E0277
/// let key = ffence::crypto::random::private_bytes::<32>().unwrap();
/// println!("{key:?}");
/// ```
/// nor cloned:
/// ```compile_fail,E0599
/// let key = ffence::crypto::random::private_bytes::<32>().unwrap();
/// let second = key.clone();
/// ```
#[allow(missing_debug_implementations, reason = "a secret is never printed")]
pub struct KeyMaterial<const N: usize> {
    bytes: Held,
}

impl<const N: usize> KeyMaterial<N> {
    /// Lets `fill` write the bytes where they stay.
    pub(super) fn filled(fill: impl FnOnce(&mut [u8]) -> Result<()>) -> Result<Self> {
        Ok(Self { bytes: Held::filled(N, fill)? })
    }

    /// The bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`] in a process that was forked since: they were wiped there.
    pub fn as_bytes(&self) -> Result<&[u8; N]> {
        self.bytes.bytes()?.first_chunk().ok_or_else(|| Error::of(ErrorKind::Length))
    }

    /// What is known about the memory that the bytes lie in.
    #[cfg(unix)]
    #[doc(alias = "mlock")]
    pub fn protection(&self) -> Protection {
        self.bytes.protection()
    }
}

/// Refuses an output that is longer than `most` bytes.
fn at_most(name: &str, most: u64, out: &mut [u8]) -> Result<()> {
    if u64::try_from(out.len()).is_ok_and(|len| len <= most) {
        return Ok(());
    }
    let len = out.len();
    out.zeroize();
    Err(Error::ours(
        ErrorKind::Length,
        format!("{name} derives at most {most} bytes at once, not {len}"),
    ))
}

/// A cost or another parameter that the function's standard, or this crate, does not allow.
fn refused(message: impl Into<String>) -> Error {
    Error::ours(ErrorKind::Parameter, message)
}
