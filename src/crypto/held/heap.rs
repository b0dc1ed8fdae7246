//! A block of OpenSSL's secure heap.

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicUsize, Ordering};

use zeroize::Zeroize as _;

use crate::buf::{Allocator, CBuf};
use crate::ffi::openssl as ffi;
use crate::init::openssl::{Heap, heap};
#[cfg(unix)]
use crate::secret::Protection;

/// What our blocks take of the heap: the other half is left to OpenSSL, whose generators and private
/// numbers find no room elsewhere.
static TAKEN: AtomicUsize = AtomicUsize::new(0);

/// Secret bytes in the secure heap.
pub(super) struct Block {
    /// Always there until it is dropped.
    buf: Option<CBuf<SecureHeap>>,
    heap: Heap,
    taken: usize,
}

/// `CRYPTO_secure_malloc` and `CRYPTO_secure_free`.
enum SecureHeap {}

// SAFETY: OPENSSL_secure_malloc(3): CRYPTO_secure_free releases what CRYPTO_secure_malloc made, once it
// has wiped it, from any thread (a lock of its own is inside).
unsafe impl Allocator for SecureHeap {
    unsafe fn free(block: NonNull<c_void>) {
        // SAFETY: the caller vouches for the block; NULL and 0 name no place in a source.
        unsafe { ffi::CRYPTO_secure_free(block.as_ptr(), ptr::null(), 0) }
    }
}

impl Block {
    /// A block of zeroes, where the heap is on and has room.
    pub(super) fn new(len: usize) -> Option<Self> {
        // In a child the heap is not locked any more, and its lock may be held by nobody.
        let heap = heap().filter(Heap::is_ours)?;
        // OpenSSL hands out powers of 2.
        let taken = len.max(heap.size.least).checked_next_power_of_two()?;
        let room = (heap.size.size / 2).checked_sub(taken)?;
        let fits = |before: usize| (before <= room).then(|| before + taken);
        TAKEN.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).ok()?;
        // SAFETY: OPENSSL_secure_malloc(3) answers NULL or a block; without a place in a source it
        // raises no record when it has no room.
        let start = unsafe { ffi::CRYPTO_secure_malloc(len.max(1), ptr::null(), 0) };
        let Some(start) = NonNull::new(start.cast::<u8>()) else {
            TAKEN.fetch_sub(taken, Ordering::Relaxed);
            return None;
        };
        // SAFETY: the block was just made, of `len` bytes or one more.
        unsafe { start.write_bytes(0, len) };
        // SAFETY: the block is ours, of the secure heap, and its `len` bytes are initialised.
        let buf = unsafe { CBuf::from_raw(start.as_ptr(), len) };
        Some(Self { buf, heap, taken })
    }

    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        self.buf.as_deref().unwrap_or_default()
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        self.buf.as_deref_mut().unwrap_or_default()
    }

    #[cfg(unix)]
    pub(super) fn protection(&self) -> Protection {
        Protection {
            locked: self.heap.locked,
            excluded_from_dumps: self.heap.locked && cfg!(target_os = "linux"),
            in_openssl_heap: true,
            ..Protection::default()
        }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        if self.heap.is_ours() {
            // Wiped by OpenSSL, for its whole size.
            TAKEN.fetch_sub(self.taken, Ordering::Relaxed);
        } else {
            // A child's copy. Another thread of the parent may have held the heap's lock.
            self.bytes_mut().zeroize();
            std::mem::forget(self.buf.take());
        }
    }
}
