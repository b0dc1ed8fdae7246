//! Digests.

mod context;

use std::fmt;
use std::io;
use std::marker::PhantomData;

use self::context::Context;
use super::algorithm::{Algorithm, Lengths};
use crate::error::Result;
use crate::ffi::openssl as ffi;

/// An algorithm that digests.
///
/// This crate implements the trait, nobody else can.
pub trait Hash: sealed::Fetched {
    /// OpenSSL's name of the algorithm.
    const NAME: &'static str;
    /// Bytes of a digest.
    const LEN: usize;

    /// `[u8; LEN]`
    type Output: AsRef<[u8]> + AsMut<[u8]> + Copy + Default + Eq + Send + Sync + 'static;
}

/// SHA-256: a digest of 32 bytes.
///
/// Source: FIPS 180-4; [EVP_MD-SHA2](https://docs.openssl.org/3.0/man7/EVP_MD-SHA2/).
#[doc(alias = "EVP_sha256")]
#[derive(Clone, Copy, Debug)]
pub enum Sha256 {}

static SHA_256: Algorithm<ffi::EVP_MD> =
    Algorithm::new(c"SHA2-256", Lengths::Digest { output: 32 }, "0.9.8");

impl Hash for Sha256 {
    const NAME: &'static str = "SHA-256";
    const LEN: usize = 32;

    type Output = [u8; 32];
}

#[allow(private_interfaces, reason = "sealed: no user can name it")]
impl sealed::Fetched for Sha256 {
    fn algorithm() -> &'static Algorithm<ffi::EVP_MD> {
        &SHA_256
    }
}

mod sealed {
    use super::{Algorithm, ffi};

    #[allow(private_interfaces, reason = "sealed: no user can name it")]
    pub trait Fetched: 'static {
        #[doc(hidden)]
        fn algorithm() -> &'static Algorithm<ffi::EVP_MD>;
    }
}

impl Sha256 {
    /// Digests `data` at once.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`](crate::ErrorKind::OutOfMemory),
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) when no provider offers SHA-256.
    ///
    /// ```
    /// use ffence::crypto::Sha256;
    ///
    /// assert_eq!(
    ///     Sha256::digest(b"abc")?.to_string(),
    ///     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    /// );
    /// # Ok::<(), ffence::Error>(())
    /// ```
    #[doc(alias = "EVP_Digest")]
    #[doc(alias = "SHA256")]
    pub fn digest(data: &[u8]) -> Result<Digest<Self>> {
        Digest::of(data)
    }
}

/// The digest of something; its length is part of its type.
pub struct Digest<H: Hash> {
    bytes: H::Output,
    algorithm: PhantomData<fn() -> H>,
}

impl<H: Hash> Digest<H> {
    /// Digests `data` at once, in a context that the thread keeps.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`](crate::ErrorKind::OutOfMemory),
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) when no provider offers `H`.
    pub fn of(data: &[u8]) -> Result<Self> {
        context::once::<H>(data).map(Self::new)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.as_ref()
    }

    /// The bytes as an array.
    pub fn into_bytes(self) -> H::Output {
        self.bytes
    }

    fn new(bytes: H::Output) -> Self {
        Self { bytes, algorithm: PhantomData }
    }
}

impl<H: Hash> Clone for Digest<H> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<H: Hash> Copy for Digest<H> {}

impl<H: Hash> PartialEq for Digest<H> {
    /// Not in constant time: a digest is public. To check a tag, use a MAC.
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl<H: Hash> Eq for Digest<H> {}

impl<H: Hash> AsRef<[u8]> for Digest<H> {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl<H: Hash> fmt::Display for Digest<H> {
    /// Lower-case hexadecimal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<H: Hash> fmt::Debug for Digest<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({self})", H::NAME)
    }
}

/// Digests what comes piece by piece.
///
/// `Send`, not `Sync`. A failed step leaves it unusable
/// ([`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned)).
///
/// ```
/// use ffence::crypto::{Hasher, Sha256};
///
/// let mut hasher = Hasher::<Sha256>::new()?;
/// hasher.update(b"a")?;
/// hasher.update(b"bc")?;
/// assert_eq!(hasher.finish()?, Sha256::digest(b"abc")?);
/// # Ok::<(), ffence::Error>(())
/// ```
/// A finished one is gone:
/// ```compile_fail,E0382
/// # use ffence::crypto::{Hasher, Sha256};
/// let mut hasher = Hasher::<Sha256>::new().unwrap();
/// hasher.finish().unwrap();
/// hasher.update(b"more").unwrap(); // borrow of moved value
/// ```
/// [EVP_DigestInit](https://docs.openssl.org/3.0/man3/EVP_DigestInit/)
#[doc(alias = "EVP_MD_CTX")]
pub struct Hasher<H: Hash> {
    context: Context<H>,
}

impl<H: Hash> Hasher<H> {
    /// A hasher that has seen nothing.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`](crate::ErrorKind::OutOfMemory),
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) when no provider offers `H`.
    #[doc(alias = "EVP_DigestInit_ex2")]
    pub fn new() -> Result<Self> {
        Context::new().map(|context| Self { context })
    }

    /// Takes more data in.
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned) after an earlier failure.
    #[doc(alias = "EVP_DigestUpdate")]
    pub fn update(&mut self, data: &[u8]) -> Result<()> {
        self.context.update(data)
    }

    /// The digest of all that was taken in.
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned) after an earlier failure.
    #[doc(alias = "EVP_DigestFinal_ex")]
    pub fn finish(mut self) -> Result<Digest<H>> {
        self.context.finish().map(Digest::new)
    }

    /// The digest of all that was taken in; what comes next starts anew in the same context.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`](crate::ErrorKind::OutOfMemory),
    /// [`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned) after an earlier failure.
    pub fn finish_reset(&mut self) -> Result<Digest<H>> {
        let digest = self.context.finish().map(Digest::new)?;
        self.context.begin()?;
        Ok(digest)
    }
}

impl<H: Hash> io::Write for Hasher<H> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.update(data)?;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<H: Hash> fmt::Debug for Hasher<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hasher<{}>", H::NAME)
    }
}
