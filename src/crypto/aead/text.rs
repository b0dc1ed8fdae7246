//! What is read and where the result goes.

#![allow(unsafe_code)]

use std::ffi::{c_int, c_uchar};
use std::marker::PhantomData;
use std::mem::MaybeUninit;

use zeroize::Zeroize as _;

use super::{Aead, Flow, other_length};
use crate::crypto::octets::Octets;
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::openssl as ffi;

/// Lengths are `int` in C: longer texts go in pieces where the mode allows it. A multiple of every
/// block, so that only the last piece can end within one.
pub(super) const PIECE: usize = 1 << 30;

pub(super) type Update = unsafe extern "C" fn(
    *mut ffi::EVP_CIPHER_CTX,
    *mut c_uchar,
    *mut c_int,
    *const u8,
    c_int,
) -> c_int;

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

    /// The same text, for a shorter time.
    fn reborrow(&mut self) -> Text<'_> {
        Text { from: self.from, to: self.to, len: self.len, place: PhantomData }
    }

    /// Passes the text to C, in pieces where the mode allows it; says how much of the result was
    /// written, or `None` when C failed.
    #[inline]
    pub(super) fn update<A: Aead>(
        &mut self,
        ctx: *mut ffi::EVP_CIPHER_CTX,
        update: Update,
    ) -> Option<usize> {
        if A::FLOW != Flow::Pieces {
            // One update is due even for an empty text: it gives the verdict.
            return self.one_piece(ctx, update, 0, self.len);
        }
        match self.len {
            0 => Some(0),
            1..=PIECE => self.one_piece(ctx, update, 0, self.len),
            _ => self.reborrow().pieces(ctx, update),
        }
    }

    #[cold]
    fn pieces(&self, ctx: *mut ffi::EVP_CIPHER_CTX, update: Update) -> Option<usize> {
        let (mut read, mut done) = (0, 0);
        // Only of the last piece may bytes be held back.
        while read < self.len && read == done {
            let len = PIECE.min(self.len - read);
            done += self.one_piece(ctx, update, read, len)?;
            read += len;
        }
        (read == self.len).then_some(done)
    }

    /// Passes `len` bytes from `start` on; says how many of the result were written.
    #[inline]
    fn one_piece(
        &self,
        ctx: *mut ffi::EVP_CIPHER_CTX,
        update: Update,
        start: usize,
        len: usize,
    ) -> Option<usize> {
        // SAFETY: `start` is within the text.
        let from = unsafe { self.from.add(start) };
        // SAFETY: as much was written as was read, and the result is as long as the text.
        let to = unsafe { self.to.add(start) };
        let mut written = 0;
        // SAFETY: an AEAD writes at most as many bytes as it has read; the places are `len` bytes
        // long from here on and are the same or apart.
        let updated = unsafe { update(ctx, to, &raw mut written, from, int(len)) };
        if updated != 1 {
            return None;
        }
        if written == int(len) {
            return Some(len);
        }
        // OCB holds bytes back, less than a block.
        usize::try_from(written).ok().filter(|written| *written < len)
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
        // SAFETY: `rest` is as long as the place behind `done`, lies elsewhere, and C wrote it.
        unsafe { place.copy_from_nonoverlapping(rest.as_ptr().cast(), rest.len()) }
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

/// Room behind the bytes of a `Vec`: for something in front, the result for a text, and an end of a
/// fixed length. Until it is [filled](Self::fill), the `Vec` keeps its bytes.
pub(super) struct Room<'a, End> {
    out: &'a mut Vec<u8>,
    front: usize,
    text: &'a [u8],
    end: PhantomData<End>,
}

impl<'a, End: Octets> Room<'a, End> {
    /// The caller has reserved it.
    #[inline]
    pub(super) fn behind(out: &'a mut Vec<u8>, front: usize, text: &'a [u8]) -> Result<Self> {
        let free = out.capacity() - out.len();
        let enough = free.checked_sub(text.len()).is_some_and(|it| it >= front + size_of::<End>());
        if !enough {
            return Err(Error::of(ErrorKind::OutOfMemory));
        }
        Ok(Self { out, front, text, end: PhantomData })
    }

    /// Where the text is read and where the result and the end go.
    #[inline]
    pub(super) fn places(&mut self) -> (Text<'_>, &mut End) {
        let len = self.text.len();
        let room = self.out.spare_capacity_mut().as_mut_ptr().cast::<u8>();
        // SAFETY: there is room for the front, the text and the end.
        let to = unsafe { room.add(self.front) };
        // SAFETY: as above.
        let end = unsafe { to.add(len) }.cast::<MaybeUninit<End>>();
        // SAFETY: an array of bytes has no alignment, and the place is ours and apart from `to`.
        let end = unsafe { &mut *end };
        (Text { from: self.text.as_ptr(), to, len, place: PhantomData }, end.write(End::ZERO))
    }

    /// Puts `front` before what was written.
    ///
    /// # Safety
    /// The whole result for the text was written to its place.
    #[inline]
    pub(super) unsafe fn fill(self, front: &[u8]) {
        debug_assert_eq!(front.len(), self.front);
        let room = self.out.spare_capacity_mut().as_mut_ptr().cast::<u8>();
        // SAFETY: there is room, and `front` lies elsewhere.
        unsafe { room.copy_from_nonoverlapping(front.as_ptr(), self.front) }
        let len = self.out.len() + self.front + self.text.len() + size_of::<End>();
        // SAFETY: the front was written above, the end by `places`, the result as the caller says.
        unsafe { self.out.set_len(len) };
    }
}

/// A length that `Context::check` or [`PIECE`] has limited to what an `int` holds.
#[inline]
pub(super) fn int(len: usize) -> c_int {
    debug_assert!(c_int::try_from(len).is_ok());
    #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
    {
        len as c_int
    }
}

/// Room for the block that the final call of some ciphers writes.
pub(super) struct Spare([MaybeUninit<u8>; 32]);

impl Spare {
    #[inline]
    pub(super) fn new() -> Self {
        Self([MaybeUninit::uninit(); 32])
    }

    #[inline]
    pub(super) fn start(&mut self) -> *mut u8 {
        self.0.as_mut_ptr().cast()
    }

    /// Owed after a message that is not genuine, and when something was written.
    #[cold]
    pub(super) fn wipe(&mut self) {
        self.0.as_mut_slice().zeroize();
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    thread_local! {
        /// What the calls were given, from the last one on, and what they are to answer.
        static GIVEN: RefCell<Vec<c_int>> = const { RefCell::new(Vec::new()) };
        static ANSWERS: RefCell<Vec<(c_int, c_int)>> = const { RefCell::new(Vec::new()) };
    }

    /// Reads and writes no text, so that a text of some GiB needs no memory.
    unsafe extern "C" fn update(
        _ctx: *mut ffi::EVP_CIPHER_CTX,
        _to: *mut c_uchar,
        written: *mut c_int,
        _from: *const u8,
        len: c_int,
    ) -> c_int {
        GIVEN.with_borrow_mut(|given| given.push(len));
        let (answer, held_back) = ANSWERS.with_borrow_mut(Vec::pop).unwrap_or((1, 0));
        // SAFETY: the caller passes a place for it.
        unsafe { *written = len - held_back };
        answer
    }

    /// The result for a text of two pieces and 5 bytes, and the lengths that C was given.
    fn passed(mut answers: Vec<(c_int, c_int)>) -> (Option<usize>, Vec<c_int>) {
        answers.reverse();
        ANSWERS.set(answers);
        let len = 2 * PIECE + 5;
        let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a new mapping, wherever the kernel likes.
        let place = unsafe { libc::mmap(std::ptr::null_mut(), len, libc::PROT_NONE, kind, -1, 0) };
        assert_ne!(place, libc::MAP_FAILED);
        let to = place.cast::<u8>();
        let mut text = Text { from: to, to, len, place: PhantomData };
        let done = text.update::<crate::crypto::Aes256Ocb>(std::ptr::null_mut(), update);
        // SAFETY: the mapping is ours.
        unsafe { libc::munmap(place, len) };
        (done, GIVEN.take())
    }

    #[test]
    fn a_text_longer_than_an_int_goes_in_pieces() {
        let piece = int(PIECE);
        assert_eq!(passed(vec![]), (Some(2 * PIECE + 5), vec![piece, piece, 5]));
        // OCB keeps what does not fill a block for the final call.
        let held_back = passed(vec![(1, 0), (1, 0), (1, 5)]);
        assert_eq!(held_back, (Some(2 * PIECE), vec![piece, piece, 5]));
        // In between that would leave a gap.
        assert_eq!(passed(vec![(1, 0), (1, 16)]), (None, vec![piece, piece]));
        assert_eq!(passed(vec![(1, 0), (0, 0)]), (None, vec![piece, piece]));
        // A provider that claims more than there is room for.
        assert_eq!(passed(vec![(1, -1)]), (None, vec![piece]));
        assert_eq!(passed(vec![(1, piece + 1)]), (None, vec![piece]));
    }
}
