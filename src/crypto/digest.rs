//! Digests, and functions whose output is as long as the caller wants. The table of them opens the
//! documentation of [`crypto`](super).
//!
//! | family | output | longest input, in bytes | OpenSSL | source |
//! |---|---|---|---|---|
//! | SHA-1, SHA-224, SHA-256 | 20, 28, 32 | 2^61 - 1 | 3.0 | FIPS 180-4 |
//! | the other SHA-2 | 28 to 64 | 2^125 - 1 | 3.0 | FIPS 180-4 |
//! | SHA-3, SHAKE | 28 to 64, any | any | 3.0 | FIPS 202 |
//! | BLAKE2s, BLAKE2b | 32, 64 | 2^64 - 1, 2^128 - 1 | 3.0 | RFC 7693 |

pub(super) mod algorithms;
mod context;
mod xof;

use std::fmt;
use std::io;
use std::marker::PhantomData;

pub use self::algorithms::{
    Blake2b512, Blake2s256, Hash, Sha3_224, Sha3_256, Sha3_384, Sha3_512, Sha224, Sha256, Sha384,
    Sha512, Sha512_224, Sha512_256,
};
use self::context::Context;
pub use self::xof::{Extendable, Shake128, Shake256, Squeezer, Xof};
use super::library::{Home, Library};
use crate::error::Result;
use crate::pool::Reset;

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

    /// Like [`of`](Self::of), with what the providers of `library` offer, in a context of its own.
    ///
    /// # Errors
    /// As for [`of`](Self::of).
    pub fn of_in(library: &Library, data: &[u8]) -> Result<Self> {
        let mut hasher = Hasher::new_in(library)?;
        hasher.update(data)?;
        hasher.finish()
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
    context: Context,
    algorithm: PhantomData<fn() -> H>,
}

impl<H: Hash> Hasher<H> {
    /// A hasher that has seen nothing.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`](crate::ErrorKind::OutOfMemory),
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) when no provider offers `H`.
    #[doc(alias = "EVP_DigestInit_ex2")]
    pub fn new() -> Result<Self> {
        Context::new(&Home::DEFAULT, H::algorithm()).map(Self::with)
    }

    /// Like [`new`](Self::new), with what the providers of `library` offer.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    ///
    /// ```
    /// use ffence::crypto::{Hasher, Library, Sha256};
    ///
    /// let library = Library::new()?;
    /// let mut hasher = Hasher::<Sha256>::new_in(&library)?;
    /// hasher.update(b"abc")?;
    /// assert_eq!(hasher.finish()?, Sha256::digest(b"abc")?);
    /// # Ok::<(), ffence::Error>(())
    /// ```
    pub fn new_in(library: &Library) -> Result<Self> {
        Context::new(&library.into(), H::algorithm()).map(Self::with)
    }

    /// Takes more data in.
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned) after an earlier failure.
    #[doc(alias = "EVP_DigestUpdate")]
    pub fn update(&mut self, data: &[u8]) -> Result<()> {
        self.context.update(data)
    }

    /// A hasher that has seen the same and goes on by itself.
    ///
    /// ```
    /// use ffence::crypto::{Hasher, Sha256};
    ///
    /// let mut start = Hasher::<Sha256>::new()?;
    /// start.update(b"a common start, ")?;
    /// let mut other = start.try_clone()?;
    /// other.update(b"another end")?;
    /// start.update(b"one end")?;
    /// assert_eq!(start.finish()?, Sha256::digest(b"a common start, one end")?);
    /// assert_eq!(other.finish()?, Sha256::digest(b"a common start, another end")?);
    /// # Ok::<(), ffence::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`](crate::ErrorKind::OutOfMemory),
    /// [`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned) after an earlier failure.
    #[doc(alias = "EVP_MD_CTX_copy_ex")]
    pub fn try_clone(&self) -> Result<Self> {
        self.context.try_clone().map(Self::with)
    }

    /// The digest of all that was taken in.
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned) after an earlier failure.
    #[doc(alias = "EVP_DigestFinal_ex")]
    pub fn finish(mut self) -> Result<Digest<H>> {
        self.context.finish::<H>().map(Digest::new)
    }

    /// The digest of all that was taken in; what comes next starts anew in the same context.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`](crate::ErrorKind::OutOfMemory),
    /// [`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned) after an earlier failure.
    pub fn finish_reset(&mut self) -> Result<Digest<H>> {
        let digest = self.context.finish::<H>().map(Digest::new)?;
        self.context.begin(H::algorithm())?;
        Ok(digest)
    }

    fn with(context: Context) -> Self {
        Self { context, algorithm: PhantomData }
    }
}

impl<H: Hash> Reset for Hasher<H> {
    fn reset(&mut self) -> Result<()> {
        self.context.reset(H::algorithm())
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
