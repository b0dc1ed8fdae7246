//! Memory for keys: locked, guarded, wiped.
//!
//! | type | bytes |
//! |---|---|
//! | [`Secret<N>`] | `N`, part of the type |
//! | [`SecretBytes`] | as many as the constructor was told |
//!
//! Each secret has pages of its own:
//!
//! ```text
//! | no access | canary …………… | secret | no access |
//! ```
//!
//! | against | what is done | on |
//! |---|---|---|
//! | the swap | the pages are locked, as long as the limit (`RLIMIT_MEMLOCK`) allows: [`Protection::locked`] | Unix |
//! | core dumps | `MADV_DONTDUMP`: [`Protection::excluded_from_dumps`] | Linux |
//! | forked children | `MADV_WIPEONFORK`: the child finds zeroes, and an error instead of them: [`Protection::wiped_on_fork`] | Linux 4.14 |
//! | overruns | one byte beyond the end is in a page without access: the process dies at once | Unix |
//! | underruns | the canary is checked on drop: if it was altered, memory was corrupted; the secret is wiped and the process aborted. Beyond the canary is a page without access | Unix |
//! | stray writes | the pages are read-only but for the span of [`expose_mut`](Secret::expose_mut) | Unix |
//! | stray reads | on demand, the pages allow nothing at all but for the span of an exposure: [`sealed_at_rest`](Secret::sealed_at_rest) | Unix |
//! | what is left behind | the bytes are wiped on drop, and on unwind | all |
//!
//! The bytes are reached only inside a closure. They are written by a closure too, so that no copy
//! of them need exist elsewhere. Secrets are compared in constant time; they have no `Debug` and no
//! `Clone`.
//!
//! A secret costs some system calls, at least one locked page, and three of the mappings of which
//! Linux gives a process 65,530 (`vm.max_map_count`); when something of this runs out, that is
//! [`ErrorKind::OutOfMemory`], or, for the lock alone, a secret that
//! is not [`locked`](Protection::locked). This is memory for keys, not for data.
//!
//! # Keys
//!
//! The keys of [`crypto`](crate::crypto), and what else it keeps of secrets, do not have pages of their
//! own, which would be dear for a hundred thousand of them. They lie on pages of 16 KiB that many
//! share, each in a slot of 16 to 512 bytes (what is longer has its own pages):
//!
//! ```text
//! | no access | canary, slot | canary, slot | … | canary, slot | no access |
//! ```
//!
//! These pages are locked, guarded and kept from core dumps and forked children like those above, and
//! a slot is wiped as soon as its key is dropped. What a secret on its own pages has and a key has not:
//! the pages can be written at all times, and only beyond the last slot does an access fault; a write
//! over either end of a slot is noticed when its key is dropped, by the canaries before and behind it,
//! and ends the process. Making and dropping a key takes a lock for a moment and mostly no system call,
//! using it neither. `protection()` of a key says what the kernel granted; where it gives no pages at
//! all, that is nothing, and the key lies on the ordinary heap and works. A key belongs to the process
//! that made it: in one that was forked from it, to make something of the key is
//! [`ErrorKind::Poisoned`].
//!
//! [`Init::secure_heap`](crate::Init::secure_heap) puts keys into OpenSSL's secure heap instead.
//!
//! # What it does not do
//!
//! It guards the bytes that it holds. A copy that a closure makes is the closure's; so are the
//! registers and the stack of what computes with the bytes. What OpenSSL derives from a key (its key
//! schedule) lies on C's heap, inside a context, and is cleansed by OpenSSL when that is freed. Who
//! may read this process's memory (a debugger, root, a hibernated image) may read its secrets. A
//! process that forks *inside* a closure goes on in the child with zeroes. Secrets that are leaked
//! ([`std::mem::forget`]), or alive when the process ends, are not wiped by this module; the kernel
//! clears pages before it gives them to another process.
//!
//! There is no such memory outside Unix, and no such module.
//!
//! ```
//! use ffence::secret::Secret;
//!
//! let secret = Secret::<32>::fill_with(|bytes| bytes.fill(7))?; // a generator, a file, a handshake
//! let sum = secret.expose(|bytes| bytes.iter().map(|it| u32::from(*it)).sum::<u32>())?;
//! assert_eq!(sum, 7 * 32);
//! assert!(!secret.ct_eq(b"a guess")?);
//! if !secret.protection().locked {
//!     eprintln!("the limit for locked memory is reached; see RLIMIT_MEMLOCK");
//! }
//! # Ok::<(), ffence::Error>(())
//! ```

#[cfg(feature = "crypto")]
pub(crate) mod arena;
mod pages;
mod region;
#[cfg(feature = "crypto")]
mod slab;

use std::hint::black_box;

use zeroize::Zeroize as _;

use self::region::Region;
use crate::error::{Error, ErrorKind, Result};

#[cfg(test)]
thread_local! {
    /// The bytes of each secret that this thread dropped, after the wipe and before their place was
    /// used again or unmapped.
    static AFTER_WIPE: std::cell::RefCell<Vec<Vec<u8>>> =
        const { std::cell::RefCell::new(Vec::new()) };
}

/// What the kernel grants to a secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[allow(clippy::struct_excessive_bools, reason = "independent facts")]
pub struct Protection {
    /// The pages are never written to the swap.
    #[doc(alias = "mlock")]
    pub locked: bool,
    /// The pages are not part of a core dump.
    #[doc(alias = "MADV_DONTDUMP")]
    pub excluded_from_dumps: bool,
    /// A forked child finds zeroes and is given an error; where this is `false`, it inherits a copy.
    #[doc(alias = "MADV_WIPEONFORK")]
    pub wiped_on_fork: bool,
    /// Nothing in this process can read the pages while the secret is not exposed.
    #[doc(alias = "PROT_NONE")]
    pub sealed_at_rest: bool,
    /// The bytes are a key's and lie in OpenSSL's secure heap
    /// ([`Init::secure_heap`](crate::Init::secure_heap)).
    #[doc(alias = "CRYPTO_secure_malloc")]
    pub in_openssl_heap: bool,
}

/// `N` secret bytes in guarded memory.
///
/// `Send` and `Sync`: threads share it by reference and may expose it at the same time.
///
/// A secret is not printed:
/// ```compile_fail,E0277
/// # use ffence::secret::Secret;
/// let secret = Secret::<32>::fill_with(|bytes| bytes.fill(7)).unwrap();
/// println!("{secret:?}");
/// ```
/// nor cloned:
/// ```compile_fail,E0599
/// # use ffence::secret::Secret;
/// let secret = Secret::<32>::fill_with(|bytes| bytes.fill(7)).unwrap();
/// let second = secret.clone();
/// ```
/// nor compared by what stops at the first difference:
/// ```compile_fail,E0369
/// # use ffence::secret::Secret;
/// let secret = Secret::<32>::fill_with(|bytes| bytes.fill(7)).unwrap();
/// let same = secret == secret;
/// ```
/// and its bytes do not leave the closure by reference:
/// ```compile_fail
/// # use ffence::secret::Secret;
/// let secret = Secret::<32>::fill_with(|bytes| bytes.fill(7)).unwrap();
/// let bytes = secret.expose(|bytes| bytes).unwrap();
/// ```
#[allow(missing_debug_implementations, reason = "a secret is never printed")]
pub struct Secret<const N: usize> {
    region: Region,
}

/// Secret bytes in guarded memory, as many as the constructor was told.
///
/// `Send` and `Sync`: threads share it by reference and may expose it at the same time.
///
/// A secret is not printed:
/// ```compile_fail,E0277
/// # use ffence::secret::SecretBytes;
/// let secret = SecretBytes::fill_with(32, |bytes| bytes.fill(7)).unwrap();
/// println!("{secret:?}");
/// ```
/// nor cloned:
/// ```compile_fail,E0599
/// # use ffence::secret::SecretBytes;
/// let secret = SecretBytes::fill_with(32, |bytes| bytes.fill(7)).unwrap();
/// let second = secret.clone();
/// ```
#[allow(missing_debug_implementations, reason = "a secret is never printed")]
pub struct SecretBytes {
    region: Region,
}

impl<const N: usize> Secret<N> {
    /// A secret that `fill` writes, over zeroes, where it stays.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`].
    pub fn fill_with(fill: impl FnOnce(&mut [u8; N])) -> Result<Self> {
        Self::try_fill_with(|bytes| {
            fill(bytes);
            Ok(())
        })
    }

    /// Like [`fill_with`](Self::fill_with), for what can fail; what was written by then is wiped.
    ///
    /// # Errors
    /// What `fill` answers; [`ErrorKind::OutOfMemory`].
    ///
    /// ```
    /// use ffence::secret::Secret;
    /// use std::io::Read as _;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut file = std::fs::File::open("/dev/urandom")?;
    /// let secret = Secret::<32>::try_fill_with(|bytes| {
    ///     file.read_exact(bytes)?;
    ///     Ok::<_, Box<dyn std::error::Error>>(())
    /// })?;
    /// # Ok(()) }
    /// ```
    pub fn try_fill_with<E: From<Error>>(
        fill: impl FnOnce(&mut [u8; N]) -> Result<(), E>,
    ) -> Result<Self, E> {
        let region = Region::new(N, |bytes| match bytes.first_chunk_mut() {
            Some(bytes) => fill(bytes),
            None => Err(wrong_length().into()),
        })?;
        Ok(Self { region })
    }

    /// Moves the bytes in: the array is wiped, whether or not this succeeds.
    ///
    /// Copies that the compiler made of it before are not known here; `fill_with` avoids them.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`].
    pub fn take_from(bytes: &mut [u8; N]) -> Result<Self> {
        let taken = Self::fill_with(|own| own.copy_from_slice(bytes));
        bytes.zeroize();
        taken
    }

    /// The same secret, in pages that allow no access while it is not exposed.
    ///
    /// Each exposure then costs two system calls, unless it falls into another's span, and a lock.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`]; the secret is wiped.
    ///
    /// ```
    /// use ffence::secret::Secret;
    ///
    /// let secret = Secret::<32>::fill_with(|bytes| bytes.fill(7))?.sealed_at_rest()?;
    /// assert_eq!(secret.expose(|bytes| bytes[0])?, 7); // readable in here alone
    /// # Ok::<(), ffence::Error>(())
    /// ```
    #[doc(alias = "mprotect")]
    pub fn sealed_at_rest(self) -> Result<Self> {
        Ok(Self { region: self.region.sealed_at_rest()? })
    }

    /// Lends the bytes to `look`.
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`] in a process that was forked since; [`ErrorKind::OutOfMemory`] when
    /// the kernel does not give access to a secret that is sealed at rest. `look` is not called.
    #[inline]
    pub fn expose<R>(&self, look: impl FnOnce(&[u8; N]) -> R) -> Result<R> {
        self.region.read(|bytes| bytes.first_chunk().map(look))?.ok_or_else(wrong_length)
    }

    /// Lends the bytes to `change`, for writing; what it wrote stays, even when it panics.
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`] in a process that was forked since; [`ErrorKind::OutOfMemory`] when
    /// the kernel does not give access. `change` is not called.
    pub fn expose_mut<R>(&mut self, change: impl FnOnce(&mut [u8; N]) -> R) -> Result<R> {
        self.region.write(|bytes| bytes.first_chunk_mut().map(change))?.ok_or_else(wrong_length)
    }

    /// Whether `other` is the same, in a time that depends on the length of `other` alone.
    ///
    /// Two secrets: `one.expose(|bytes| other.ct_eq(bytes))`.
    ///
    /// # Errors
    /// As for [`expose`](Self::expose).
    #[doc(alias = "CRYPTO_memcmp")]
    pub fn ct_eq(&self, other: &[u8]) -> Result<bool> {
        self.region.read(|own| equal(own, other))
    }

    /// Whether the pages are kept out of the swap; `false` when the limit was reached.
    #[doc(alias = "mlock")]
    pub fn is_locked(&self) -> bool {
        self.protection().locked
    }

    /// What the kernel granted.
    pub fn protection(&self) -> Protection {
        self.region.protection()
    }
}

impl SecretBytes {
    /// A secret of `len` bytes that `fill` writes, over zeroes, where it stays.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`].
    ///
    /// ```
    /// use ffence::secret::SecretBytes;
    ///
    /// let secret = SecretBytes::fill_with(9, |bytes| bytes.copy_from_slice(b"from afar"))?;
    /// assert_eq!(secret.len(), 9);
    /// assert!(secret.ct_eq(b"from afar")?);
    /// # Ok::<(), ffence::Error>(())
    /// ```
    pub fn fill_with(len: usize, fill: impl FnOnce(&mut [u8])) -> Result<Self> {
        Self::try_fill_with(len, |bytes| {
            fill(bytes);
            Ok(())
        })
    }

    /// Like [`fill_with`](Self::fill_with), for what can fail; what was written by then is wiped.
    ///
    /// # Errors
    /// What `fill` answers; [`ErrorKind::OutOfMemory`].
    pub fn try_fill_with<E: From<Error>>(
        len: usize,
        fill: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Result<Self, E> {
        Ok(Self { region: Region::new(len, fill)? })
    }

    /// Moves the bytes in: the slice is wiped, whether or not this succeeds.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`].
    pub fn take_from(bytes: &mut [u8]) -> Result<Self> {
        let taken = Self::fill_with(bytes.len(), |own| own.copy_from_slice(bytes));
        bytes.zeroize();
        taken
    }

    /// The same secret, in pages that allow no access while it is not exposed.
    ///
    /// Each exposure then costs two system calls, unless it falls into another's span, and a lock.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`]; the secret is wiped.
    #[doc(alias = "mprotect")]
    pub fn sealed_at_rest(self) -> Result<Self> {
        Ok(Self { region: self.region.sealed_at_rest()? })
    }

    /// Lends the bytes to `look`.
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`] in a process that was forked since; [`ErrorKind::OutOfMemory`] when
    /// the kernel does not give access to a secret that is sealed at rest. `look` is not called.
    #[inline]
    pub fn expose<R>(&self, look: impl FnOnce(&[u8]) -> R) -> Result<R> {
        self.region.read(look)
    }

    /// Lends the bytes to `change`, for writing; what it wrote stays, even when it panics.
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`] in a process that was forked since; [`ErrorKind::OutOfMemory`] when
    /// the kernel does not give access. `change` is not called.
    pub fn expose_mut<R>(&mut self, change: impl FnOnce(&mut [u8]) -> R) -> Result<R> {
        self.region.write(change)
    }

    /// Whether `other` is the same, in a time that depends on the length of `other` alone.
    ///
    /// Two secrets: `one.expose(|bytes| other.ct_eq(bytes))`. That the lengths differ is no secret.
    ///
    /// # Errors
    /// As for [`expose`](Self::expose).
    #[doc(alias = "CRYPTO_memcmp")]
    pub fn ct_eq(&self, other: &[u8]) -> Result<bool> {
        self.region.read(|own| equal(own, other))
    }

    /// The number of bytes.
    pub fn len(&self) -> usize {
        self.region.len()
    }

    /// Whether there are no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the pages are kept out of the swap; `false` when the limit was reached.
    #[doc(alias = "mlock")]
    pub fn is_locked(&self) -> bool {
        self.protection().locked
    }

    /// What the kernel granted.
    pub fn protection(&self) -> Protection {
        self.region.protection()
    }
}

/// Looks at every byte; the compiler cannot tell that it could stop earlier.
#[inline(never)]
fn equal(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let differing = one.iter().zip(other).fold(0, |bits, (a, b)| black_box(bits | (a ^ b)));
    black_box(differing) == 0
}

/// A region has the length that it was made with.
#[cold]
fn wrong_length() -> Error {
    Error::of(ErrorKind::Length)
}
