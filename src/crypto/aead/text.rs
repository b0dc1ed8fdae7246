//! What is read and where the result goes.

#![allow(unsafe_code)]

use std::ffi::c_int;
use std::marker::PhantomData;
use std::mem::MaybeUninit;

use zeroize::Zeroize as _;

use super::other_length;
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::openssl as ffi;

/// Where a text is read and where the result goes: the same place, or two that do not overlap.
///
/// # Invariants
/// `from` is readable and `to` writable for `len` bytes during `'a`, and neither is NULL.
pub(super) struct Text<'a> {
    pub(super) from: *const u8,
    pub(super) to: *mut u8,
    pub(super) len: usize,
    place: PhantomData<&'a mut [u8]>,
}

impl<'a> Text<'a> {
    pub(super) fn in_place(text: &'a mut [u8]) -> Self {
        let to = text.as_mut_ptr();
        Self { from: to, to, len: text.len(), place: PhantomData }
    }

    pub(super) fn between(from: &'a [u8], to: &'a mut [u8]) -> Result<Self> {
        if from.len() != to.len() {
            return Err(other_length(from.len(), to.len()));
        }
        let len = from.len();
        Ok(Self { from: from.as_ptr(), to: to.as_mut_ptr(), len, place: PhantomData })
    }

    /// `None` when `to` is shorter than `from`.
    fn copied(from: &'a [u8], to: &'a mut [MaybeUninit<u8>]) -> Option<Self> {
        (to.len() >= from.len()).then(|| Self {
            from: from.as_ptr(),
            to: to.as_mut_ptr().cast(),
            len: from.len(),
            place: PhantomData,
        })
    }

    /// Moves the `end` bytes that the final call left in `spare` behind the first `done`; `false`
    /// unless that makes the result complete.
    #[inline]
    pub(super) fn complete(&mut self, done: usize, spare: &mut Spare, end: c_int) -> bool {
        if end == 0 {
            return done == self.len;
        }
        let rest = usize::try_from(end).ok().and_then(|end| spare.0.get(..end));
        let Some(rest) = rest.filter(|rest| self.len.checked_sub(done) == Some(rest.len())) else {
            return false;
        };
        // SAFETY: `done` is within the result's place.
        let place = unsafe { self.to.add(done) };
        // SAFETY: `rest` is as long as the place behind `done`, and lies elsewhere.
        unsafe { place.copy_from_nonoverlapping(rest.as_ptr(), rest.len()) }
        spare.wipe();
        true
    }

    /// Wipes where the result went.
    pub(super) fn wipe(&mut self) {
        if self.len > 0 {
            // SAFETY: `to` is writable for `len` bytes for as long as this value lives.
            unsafe { ffi::OPENSSL_cleanse(self.to.cast(), self.len) }
        }
    }
}

/// Lets `cipher` write the result for `text` into room behind `out`, which grows if it succeeds.
#[inline]
pub(super) fn onto(
    out: &mut Vec<u8>,
    text: &[u8],
    cipher: impl FnOnce(Text<'_>) -> Result<()>,
) -> Result<()> {
    let no_room = || Error::of(ErrorKind::OutOfMemory);
    out.try_reserve(text.len()).map_err(|_| no_room())?;
    cipher(Text::copied(text, out.spare_capacity_mut()).ok_or_else(no_room)?)?;
    let len = out.len() + text.len();
    // SAFETY: `cipher` succeeded, so as many bytes as `text` has were written behind the old end.
    unsafe { out.set_len(len) };
    Ok(())
}

/// Room for the block that the final call of some ciphers writes.
pub(super) struct Spare([u8; 32]);

impl Spare {
    #[inline]
    pub(super) fn new() -> Self {
        Self([0; 32])
    }

    #[inline]
    pub(super) fn start(&mut self) -> *mut u8 {
        self.0.as_mut_ptr()
    }

    /// Owed after a message that is not genuine, and when something was written.
    #[cold]
    pub(super) fn wipe(&mut self) {
        self.0.zeroize();
    }
}
