//! Random bytes from OpenSSL's generators.
//!
//! | function | generator | for | length | OpenSSL | source |
//! |---|---|---|---|---|---|
//! | [`fill`], [`bytes()`] | public: CTR-DRBG, AES-256 | salts, nonces, identifiers: what others may see | any | 3.0 | SP 800-90A |
//! | [`fill_private`], [`private_bytes`] | private: another such | keys and other secrets | any | 3.0 | SP 800-90A |
//! | [`fill_in`], [`bytes_in`], [`fill_private_in`], [`private_bytes_in`] | a [`Library`]'s primary | the same, where its rules hold | any | 3.0 | SP 800-90A |
//!
//! Each thread has both generators, DRBGs of SP 800-90A that are seeded from the operating system.
//! They reseed in a process that was forked, so that parent and child never draw the same bytes
//! ([RAND(7)](https://docs.openssl.org/3.0/man7/RAND/)). A generator without entropy is an error,
//! and never silence: what was to be filled is then zero. There is no limit to the length.
//!
//! Source: NIST SP 800-90A; [RAND_bytes](https://docs.openssl.org/3.0/man3/RAND_bytes/).

use super::kdf::KeyMaterial;
use super::library::{Home, Library};
use super::rand::{self, Use};
use crate::error::Result;
use crate::init;

/// Fills `out` with random bytes that others may see.
///
/// # Errors
/// [`ErrorKind::OpenSsl`](crate::ErrorKind::OpenSsl) when the generator has no entropy,
/// [`ErrorKind::Init`](crate::ErrorKind::Init); `out` is then zero.
///
/// ```
/// let mut salt = [0; 16];
/// ffence::crypto::random::fill(&mut salt)?;
/// # Ok::<(), ffence::Error>(())
/// ```
#[doc(alias = "RAND_bytes")]
pub fn fill(out: &mut [u8]) -> Result<()> {
    draw(&Home::DEFAULT, out, Use::Public)
}

/// Like [`fill`], from the generator of `library`.
///
/// # Errors
/// As for [`fill`], and [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) when none of its
/// providers offers a generator.
#[doc(alias = "RAND_get0_primary")]
#[doc(alias = "EVP_RAND_generate")]
pub fn fill_in(library: &Library, out: &mut [u8]) -> Result<()> {
    draw(&library.into(), out, Use::Public)
}

/// `N` random bytes that others may see.
///
/// # Errors
/// As for [`fill`].
///
/// ```
/// let request: [u8; 16] = ffence::crypto::random::bytes()?;
/// # Ok::<(), ffence::Error>(())
/// ```
#[doc(alias = "RAND_bytes")]
pub fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut out = [0; N];
    fill(&mut out)?;
    Ok(out)
}

/// Like [`bytes()`], from the generator of `library`.
///
/// # Errors
/// As for [`fill_in`].
pub fn bytes_in<const N: usize>(library: &Library) -> Result<[u8; N]> {
    let mut out = [0; N];
    fill_in(library, &mut out)?;
    Ok(out)
}

/// Fills `out` with random bytes for a secret, from a generator that draws nothing else.
///
/// # Errors
/// As for [`fill`].
///
/// ```
/// let mut secret = [0; 32];
/// ffence::crypto::random::fill_private(&mut secret)?;
/// # Ok::<(), ffence::Error>(())
/// ```
#[doc(alias = "RAND_priv_bytes")]
pub fn fill_private(out: &mut [u8]) -> Result<()> {
    draw(&Home::DEFAULT, out, Use::Private)
}

/// Like [`fill_private`], from the generator of `library`.
///
/// # Errors
/// As for [`fill_in`].
pub fn fill_private_in(library: &Library, out: &mut [u8]) -> Result<()> {
    draw(&library.into(), out, Use::Private)
}

/// `N` random bytes for a secret, which are wiped when they are dropped.
///
/// # Errors
/// As for [`fill`].
///
/// ```
/// let secret = ffence::crypto::random::private_bytes::<32>()?;
/// assert_ne!(secret.as_bytes()?, &[0; 32]);
/// # Ok::<(), ffence::Error>(())
/// ```
#[doc(alias = "RAND_priv_bytes")]
pub fn private_bytes<const N: usize>() -> Result<KeyMaterial<N>> {
    KeyMaterial::filled(fill_private)
}

/// Like [`private_bytes`], from the generator of `library`.
///
/// # Errors
/// As for [`fill_in`].
pub fn private_bytes_in<const N: usize>(library: &Library) -> Result<KeyMaterial<N>> {
    KeyMaterial::filled(|out| fill_private_in(library, out))
}

pub(super) fn draw(home: &Home, out: &mut [u8], purpose: Use) -> Result<()> {
    match init::openssl::ready() {
        Ok(_) => rand::fill_in(home, out, purpose),
        Err(error) => {
            out.fill(0);
            Err(error)
        }
    }
}
