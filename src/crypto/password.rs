//! Passwords, stored so that they can be checked and not read.
//!
//! | scheme | default cost | source of the default | OpenSSL | string |
//! |---|---|---|---|---|
//! | [`PasswordScheme::Scrypt`] (the default) | N = 2^17, r = 8, p = 1: 128 MiB | OWASP | 3.0 | `$scrypt$ln=17,r=8,p=1$salt$hash` |
//! | [`PasswordScheme::Argon2id`] | 19 MiB, 2 passes, 1 lane | OWASP | 3.2 | `$argon2id$v=19$m=19456,t=2,p=1$salt$hash` |
//! | [`PasswordScheme::Pbkdf2Sha256`] | 600,000 iterations | OWASP | 3.0 | `$pbkdf2-sha256$i=600000,l=32$salt$hash` |
//!
//! scrypt is the default rather than Argon2id, because what is stored must be checked by every
//! machine that runs the program, also by one with OpenSSL 3.0. The strings are those of the
//! [PHC string format](https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md): salts
//! of 16 random bytes and hashes of 32 are written, salts of 8 to 64 bytes and hashes of 16 to 64
//! are read.
//!
//! Source: OWASP Password Storage Cheat Sheet; RFC 9106, RFC 7914, RFC 8018.

mod phc;

use std::fmt;
use std::str::FromStr;

use zeroize::Zeroizing;

use super::digest::Sha256;
use super::equal::equal;
use super::held::Held;
use super::kdf::{Argon2Cost, Iterations, ScryptCost, argon2id_at, pbkdf2_at, scrypt_at};
use super::library::{Home, Library};
use super::{rand, random};
use crate::error::{Error, ErrorKind, Result};

/// Bytes of the salts and hashes that are made here.
const SALT: usize = 16;
const HASH: usize = 32;

/// The longest salts and hashes that are read.
const MOST: usize = 64;

/// A function and its cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PasswordScheme {
    /// scrypt.
    Scrypt(ScryptCost),
    /// Argon2id, where the linked OpenSSL is 3.2 or newer.
    Argon2id(Argon2Cost),
    /// PBKDF2 with HMAC-SHA-256, which FIPS 140 allows and which costs an attacker least.
    Pbkdf2Sha256(Iterations),
}

impl Default for PasswordScheme {
    /// scrypt with [`ScryptCost::RECOMMENDED`].
    fn default() -> Self {
        Self::Scrypt(ScryptCost::RECOMMENDED)
    }
}

/// What a stored string may cost to check: whoever can write into the store must not be able to
/// stop the program by it.
///
/// ```
/// use ffence::ErrorKind;
/// use ffence::crypto::password::{PasswordHash, PasswordLimits};
///
/// let greedy = "$scrypt$ln=30,r=8,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA";
/// assert_eq!(greedy.parse::<PasswordHash>().unwrap_err().kind(), ErrorKind::Parameter);
///
/// let limits = PasswordLimits::default().memory(2 << 40).filled(2 << 40);
/// assert!(PasswordHash::parse(greedy, limits).is_ok());
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct PasswordLimits {
    memory: u64,
    filled: u64,
    iterations: u32,
}

impl Default for PasswordLimits {
    /// 512 MiB of memory, 2 GiB filled, 10 million iterations: each about 16 times the default cost
    /// or less, a few seconds of one processor.
    fn default() -> Self {
        Self { memory: 512 << 20, filled: 2 << 30, iterations: 10_000_000 }
    }
}

impl PasswordLimits {
    /// The most memory, in bytes.
    pub const fn memory(mut self, bytes: u64) -> Self {
        self.memory = bytes;
        self
    }

    /// The most bytes of memory that are filled, over all passes and lanes: a measure of time.
    pub const fn filled(mut self, bytes: u64) -> Self {
        self.filled = bytes;
        self
    }

    /// The most iterations of PBKDF2.
    pub const fn iterations(mut self, count: u32) -> Self {
        self.iterations = count;
        self
    }

    fn allow(self, scheme: PasswordScheme) -> Result<()> {
        let (memory, filled, iterations) = match scheme {
            PasswordScheme::Scrypt(cost) => (cost.memory(), cost.filled(), 0),
            PasswordScheme::Argon2id(cost) => {
                let memory = u64::from(cost.memory_kib()) * 1024;
                (memory, memory.saturating_mul(u64::from(cost.passes())), 0)
            }
            PasswordScheme::Pbkdf2Sha256(iterations) => (0, 0, iterations.get()),
        };
        if memory <= self.memory && filled <= self.filled && iterations <= self.iterations {
            return Ok(());
        }
        Err(Error::ours(
            ErrorKind::Parameter,
            format!(
                "the stored hash costs {memory} bytes of memory, {filled} filled and {iterations} \
                 iterations, of which {}, {} and {} are allowed",
                self.memory, self.filled, self.iterations
            ),
        ))
    }
}

/// A password's hash with all that is needed to check a password against it.
///
/// `Send` and `Sync`. Its text, by [`Display`](fmt::Display), is what to store; `Debug` shows the
/// scheme alone.
///
/// ```
/// use ffence::ErrorKind;
/// use ffence::crypto::password::{PasswordHash, PasswordScheme};
///
/// let stored = PasswordHash::new(b"correct horse")?.to_string();
/// assert!(stored.starts_with("$scrypt$ln=17,r=8,p=1$"));
///
/// let hash: PasswordHash = stored.parse()?;
/// hash.verify(b"correct horse")?;
/// assert_eq!(hash.verify(b"battery staple").unwrap_err().kind(), ErrorKind::Authentication);
/// assert!(!hash.needs_rehash(PasswordScheme::default())); // else: hash anew while it is at hand
/// # Ok::<(), ffence::Error>(())
/// ```
pub struct PasswordHash {
    scheme: PasswordScheme,
    salt: Short,
    hash: Short,
}

impl PasswordHash {
    /// Hashes with the default scheme and a random salt.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`], [`ErrorKind::OpenSsl`] when there is no entropy,
    /// [`ErrorKind::Length`] for a password of more than 1 GiB.
    pub fn new(password: &[u8]) -> Result<Self> {
        Self::with(PasswordScheme::default(), password)
    }

    /// Hashes with a scheme and a random salt.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] for Argon2id on OpenSSL before 3.2; else as for
    /// [`new`](Self::new).
    ///
    /// ```
    /// use ffence::crypto::kdf::ScryptCost;
    /// use ffence::crypto::password::{PasswordHash, PasswordScheme};
    ///
    /// let scheme = PasswordScheme::Scrypt(ScryptCost::new(14, 8, 5)?);
    /// let hash = PasswordHash::with(scheme, b"correct horse")?;
    /// assert!(hash.to_string().starts_with("$scrypt$ln=14,r=8,p=5$"));
    /// # Ok::<(), ffence::Error>(())
    /// ```
    pub fn with(scheme: PasswordScheme, password: &[u8]) -> Result<Self> {
        Self::hashed(&Home::DEFAULT, scheme, password)
    }

    /// Like [`with`](Self::with), with what the providers of `library` offer; the salt is from its
    /// generator.
    ///
    /// # Errors
    /// As for [`with`](Self::with).
    ///
    /// ```
    /// use ffence::crypto::kdf::Iterations;
    /// use ffence::crypto::password::{PasswordHash, PasswordScheme};
    /// use ffence::crypto::Library;
    ///
    /// let library = Library::builder().properties("?fips=yes").build()?;
    /// let scheme = PasswordScheme::Pbkdf2Sha256(Iterations::SHA_256);
    /// let hash = PasswordHash::with_in(&library, scheme, b"correct horse")?;
    /// hash.verify_in(&library, b"correct horse")?;
    /// # Ok::<(), ffence::Error>(())
    /// ```
    pub fn with_in(library: &Library, scheme: PasswordScheme, password: &[u8]) -> Result<Self> {
        Self::hashed(&library.into(), scheme, password)
    }

    fn hashed(home: &Home, scheme: PasswordScheme, password: &[u8]) -> Result<Self> {
        let mut salt = Short::zero(SALT);
        random::draw(home, salt.as_mut(), rand::Use::Public)?;
        let mut hash = Short::zero(HASH);
        derive(home, scheme, password, salt.as_ref(), hash.as_mut())?;
        Ok(Self { scheme, salt, hash })
    }

    /// Reads a stored string, within `limits`. `str::parse` does it within the default ones.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] for what is no PHC string of a known scheme,
    /// [`ErrorKind::Parameter`] for a cost that the scheme does not have or `limits` do not allow.
    /// A cost that is too low is read, so that it can be verified and replaced.
    pub fn parse(stored: &str, limits: PasswordLimits) -> Result<Self> {
        let hash = phc::read(stored)?;
        limits.allow(hash.scheme)?;
        Ok(hash)
    }

    /// Checks a password; the hashes are compared in constant time.
    ///
    /// # Errors
    /// [`ErrorKind::Authentication`] for another password; [`ErrorKind::OutOfMemory`],
    /// [`ErrorKind::Unsupported`] for Argon2id on OpenSSL before 3.2.
    #[doc(alias = "CRYPTO_memcmp")]
    pub fn verify(&self, password: &[u8]) -> Result<()> {
        self.check(&Home::DEFAULT, password)
    }

    /// Like [`verify`](Self::verify), with what the providers of `library` offer.
    ///
    /// # Errors
    /// As for [`verify`](Self::verify).
    pub fn verify_in(&self, library: &Library, password: &[u8]) -> Result<()> {
        self.check(&library.into(), password)
    }

    fn check(&self, home: &Home, password: &[u8]) -> Result<()> {
        let again = Held::filled(self.hash.len, |out| {
            derive(home, self.scheme, password, self.salt.as_ref(), out)
        })?;
        if equal(again.bytes()?, self.hash.as_ref()) {
            Ok(())
        } else {
            Err(Error::ours(ErrorKind::Authentication, "the password is wrong"))
        }
    }

    /// Whether the hash was made otherwise than `wanted` would make it now.
    pub fn needs_rehash(&self, wanted: PasswordScheme) -> bool {
        self.scheme != wanted || self.salt.len < SALT || self.hash.len < HASH
    }

    /// The function and its cost.
    pub fn scheme(&self) -> PasswordScheme {
        self.scheme
    }
}

fn derive(
    home: &Home,
    scheme: PasswordScheme,
    password: &[u8],
    salt: &[u8],
    out: &mut [u8],
) -> Result<()> {
    match scheme {
        // The limit was checked where the cost came from.
        PasswordScheme::Scrypt(cost) => scrypt_at(home, password, salt, cost, cost.memory(), out),
        PasswordScheme::Argon2id(cost) => argon2id_at(home, password, salt, cost, out),
        PasswordScheme::Pbkdf2Sha256(iterations) => {
            pbkdf2_at::<Sha256>(home, password, salt, iterations, out)
        }
    }
}

impl FromStr for PasswordHash {
    type Err = Error;

    fn from_str(stored: &str) -> Result<Self> {
        Self::parse(stored, PasswordLimits::default())
    }
}

impl fmt::Display for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        phc::write(self, f)
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordHash").field("scheme", &self.scheme).finish_non_exhaustive()
    }
}

/// Up to [`MOST`] bytes, wiped when dropped.
struct Short {
    bytes: Zeroizing<[u8; MOST]>,
    len: usize,
}

impl Short {
    fn zero(len: usize) -> Self {
        Self { bytes: Zeroizing::new([0; MOST]), len: len.min(MOST) }
    }

    fn as_ref(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.len]
    }
}
