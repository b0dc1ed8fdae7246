//! Random bytes from OpenSSL's generators.

#![allow(unsafe_code)]

use std::ptr;

use super::library::{Home, Library};
use crate::error::openssl::{Checked as _, bracket, unmarked};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::openssl as ffi;
use crate::fork;
use crate::owned::Borrowed;

/// What the bytes are for: OpenSSL keeps a generator of its own for secrets.
#[derive(Clone, Copy)]
pub(super) enum Use {
    /// Bytes that others will see.
    Public,
    /// Keys.
    Private,
}

/// Fills `bytes`; an error leaves them zero.
///
/// The generators notice a fork by themselves and reseed in the child (RAND(7)).
#[inline]
pub(super) fn fill(bytes: &mut [u8], purpose: Use) -> Result<()> {
    let draw = |bytes: &mut [u8]| {
        let (start, len) = (bytes.as_mut_ptr(), bytes.len());
        match purpose {
            // SAFETY: `len` bytes are written; NULL is the default context, 0 the default strength.
            Use::Public => unsafe { ffi::RAND_bytes_ex(ptr::null_mut(), start, len, 0) }
                .checked("RAND_bytes_ex"),
            // SAFETY: as above.
            Use::Private => unsafe { ffi::RAND_priv_bytes_ex(ptr::null_mut(), start, len, 0) }
                .checked("RAND_priv_bytes_ex"),
        }
    };
    if unmarked(|| draw(bytes)).is_ok() {
        return Ok(());
    }
    // Drawing again is harmless, and under a mark it tells why.
    let again = bracket(|| draw(bytes));
    if again.is_err() {
        bytes.fill(0);
    }
    again
}

/// Fills `bytes` in the library of `home`; an error leaves them zero.
#[inline]
pub(super) fn fill_in(home: &Home, bytes: &mut [u8], purpose: Use) -> Result<()> {
    match home.library() {
        None => fill(bytes, purpose),
        Some(library) => fill_from(library, home, bytes),
    }
}

/// Draws from the library's primary generator, for either use.
///
/// Those of `RAND_bytes_ex` belong to the thread: one that ends after the library was freed would
/// look them up in it (`OPENSSL_thread_stop_ex(3)`; `rand_delete_thread_state` in `rand_lib.c`).
#[cold]
fn fill_from(library: &Library, home: &Home, bytes: &mut [u8]) -> Result<()> {
    let drawn = bracket(|| {
        // SAFETY: the context is live.
        let primary = unsafe { ffi::RAND_get0_primary(home.as_ptr()) };
        // SAFETY: RAND_get0_primary(3): NULL or the context's own, which lives as long as `home`.
        let primary = unsafe { Borrowed::from_raw(primary) }.checked("RAND_get0_primary")?;
        let (start, len) = (bytes.as_mut_ptr(), bytes.len());
        // SAFETY: RAND(7): the primary generator has a lock of its own; `len` bytes are written;
        // without additional input NULL is passed.
        unsafe { ffi::EVP_RAND_generate(primary.as_ptr(), start, len, 0, 0, ptr::null(), 0) }
            .checked("EVP_RAND_generate")
    });
    drawn.map_err(|error| {
        bytes.fill(0);
        if error.kind() != ErrorKind::Unsupported {
            return error;
        }
        let message =
            format!("no provider of {library} offers a generator of random bytes ({error})");
        Error::ours(ErrorKind::Unsupported, message)
    })
}

/// Random bytes that others will see, drawn ahead: on OpenSSL 3.0 a call of the generator costs 6,667
/// instructions for 12 bytes and 7,282 for 384.
///
/// # Invariants
/// No byte is handed out twice, in this process or in one that was forked from it.
#[allow(unreachable_pub, reason = "an associated type of a sealed trait must be public")]
#[allow(missing_debug_implementations, reason = "nobody outside can have one")]
pub struct Batch {
    bytes: [u8; 384],
    /// Where the bytes begin that were not handed out.
    next: usize,
    /// The [`fork::epoch`] in which they were drawn.
    epoch: u64,
}

impl Default for Batch {
    fn default() -> Self {
        Self { bytes: [0; 384], next: usize::MAX, epoch: 0 }
    }
}

impl Batch {
    /// Fills `bytes` with what nobody had before.
    #[inline]
    pub(super) fn take(&mut self, home: &Home, bytes: &mut [u8]) -> Result<()> {
        let epoch = fork::epoch();
        if epoch == self.epoch && epoch != fork::UNKNOWN {
            let fresh = self.bytes.get(self.next..).and_then(|rest| rest.get(..bytes.len()));
            if let Some(fresh) = fresh {
                bytes.copy_from_slice(fresh);
                self.next += bytes.len();
                return Ok(());
            }
        }
        self.refill(home, epoch, bytes)
    }

    #[cold]
    fn refill(&mut self, home: &Home, epoch: u64, bytes: &mut [u8]) -> Result<()> {
        // Should drawing fail, the old bytes are gone all the same.
        self.next = usize::MAX;
        if epoch == fork::UNKNOWN || bytes.len() > self.bytes.len() {
            return fill_in(home, bytes, Use::Public);
        }
        fill_in(home, &mut self.bytes, Use::Public)?;
        bytes.copy_from_slice(&self.bytes[..bytes.len()]);
        self.next = bytes.len();
        self.epoch = epoch;
        Ok(())
    }
}
