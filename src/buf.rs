//! Bytes that C allocated, each freed by the allocator that made it, and buffers that C fills.
//!
//! ```
//! use ffence::buf::{CBuf, Libc};
//!
//! # fn read_all(len: &mut usize) -> *mut u8 {
//! #     *len = 3;
//! #     unsafe { libc::calloc(3, 1).cast() }
//! # }
//! let mut len = 0;
//! let bytes = read_all(&mut len); // a C function that mallocs its answer
//! // SAFETY: `bytes` holds `len` bytes from malloc, and they are ours now.
//! let bytes = unsafe { CBuf::<Libc>::from_raw(bytes, len) };
//! assert_eq!(bytes.as_deref(), Some(&[0_u8; 3][..]));
//! ```

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

/// A copy of as many bytes as a caller, a peer or C chose: what there is no memory for is an error.
#[cfg(feature = "http")]
pub(crate) fn copied(bytes: &[u8]) -> Result<Vec<u8>, std::collections::TryReserveError> {
    let mut copy = Vec::new();
    copy.try_reserve_exact(bytes.len())?;
    copy.extend_from_slice(bytes);
    Ok(copy)
}

/// An allocator of C: `malloc` has `free`, libcurl has `curl_free`, OpenSSL has `OPENSSL_free`.
///
/// # Safety
/// [`free`](Allocator::free) releases what this allocator made, and does not unwind.
pub unsafe trait Allocator {
    /// Releases a block.
    ///
    /// # Safety
    /// `block` came from this allocator and is not used afterwards.
    unsafe fn free(block: NonNull<c_void>);
}

/// The C library's `malloc` and `free`.
#[derive(Debug)]
pub enum Libc {}

// SAFETY: free(3) releases what malloc, calloc, realloc and strdup returned.
unsafe impl Allocator for Libc {
    unsafe fn free(block: NonNull<c_void>) {
        // SAFETY: the caller vouches for the block.
        unsafe { libc::free(block.as_ptr()) }
    }
}

/// Bytes that C allocated and that are ours to free.
///
/// # Invariants
/// `start` points to `len` initialised bytes of a block of `A` that belongs to this value alone.
pub struct CBuf<A: Allocator> {
    start: NonNull<u8>,
    len: usize,
    allocator: PhantomData<fn() -> A>,
}

impl<A: Allocator> CBuf<A> {
    /// Takes a block that a C function just returned; `None` for NULL.
    ///
    /// # Safety
    /// `start` is NULL, or the caller owns the block of `A` that begins there and hands it over,
    /// and its first `len` bytes are initialised.
    #[must_use]
    pub unsafe fn from_raw(start: *mut u8, len: usize) -> Option<Self> {
        NonNull::new(start).map(|start| Self { start, len, allocator: PhantomData })
    }
}

impl<A: Allocator> Deref for CBuf<A> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: the invariant.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl<A: Allocator> DerefMut for CBuf<A> {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: the invariant, and `&mut self` excludes all others.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl<A: Allocator> Drop for CBuf<A> {
    fn drop(&mut self) {
        // SAFETY: the invariant makes this the last use of the block.
        unsafe { A::free(self.start.cast()) }
    }
}

impl<A: Allocator> fmt::Debug for CBuf<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CBuf({} bytes)", self.len)
    }
}

// SAFETY: a block of bytes is tied to no thread, and C's allocators take it back from any.
unsafe impl<A: Allocator> Send for CBuf<A> {}

// SAFETY: shared access only reads.
unsafe impl<A: Allocator> Sync for CBuf<A> {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    static FREED: AtomicUsize = AtomicUsize::new(0);

    enum Counted {}

    // SAFETY: libc's own free, counted.
    unsafe impl Allocator for Counted {
        unsafe fn free(block: NonNull<c_void>) {
            FREED.fetch_add(1, Ordering::Relaxed);
            // SAFETY: the block came from calloc.
            unsafe { libc::free(block.as_ptr()) }
        }
    }

    #[test]
    fn a_block_is_read_and_freed_once() {
        // SAFETY: calloc answers NULL or a fresh block of 8 zeroes.
        let block = unsafe { libc::calloc(8, 1) };
        // SAFETY: the block is ours and initialised.
        let buf = unsafe { CBuf::<Counted>::from_raw(block.cast(), 8) };
        assert_eq!(buf.as_deref(), Some(&[0_u8; 8][..]));
        drop(buf);
        assert_eq!(FREED.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn null_is_nothing_to_own() {
        // SAFETY: NULL is allowed.
        assert!(unsafe { CBuf::<Libc>::from_raw(std::ptr::null_mut(), 8) }.is_none());
    }
}
