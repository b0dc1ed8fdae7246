//! The room for an upload's next bytes.

#![allow(unsafe_code)]

use std::fmt;
use std::io;
use std::mem::MaybeUninit;
use std::slice;

/// Room for bytes to upload, which can only be appended to: what was not written cannot leave.
///
/// # Invariants
/// The first `len` bytes of `out` are initialised.
pub struct Upload<'a> {
    out: &'a mut [MaybeUninit<u8>],
    len: usize,
}

impl<'a> Upload<'a> {
    pub(super) fn new(out: &'a mut [MaybeUninit<u8>]) -> Self {
        Self { out, len: 0 }
    }

    /// Appends as much of `bytes` as there is room for, and tells how much that was.
    pub fn append(&mut self, bytes: &[u8]) -> usize {
        let free = &mut self.out[self.len..];
        let taken = bytes.len().min(free.len());
        let from = bytes.as_ptr().cast::<MaybeUninit<u8>>();
        // SAFETY: both hold `taken` bytes, and what is borrowed mutably lies nowhere else.
        unsafe { std::ptr::copy_nonoverlapping(from, free.as_mut_ptr(), taken) };
        self.len += taken;
        taken
    }

    /// Reads once from `source` into the room that is left, and tells how much was read.
    ///
    /// The room is zeroed first: a source that claims more than it wrote sends zeros.
    ///
    /// # Errors
    /// Those of the source.
    pub fn append_from(&mut self, source: &mut impl io::Read) -> io::Result<usize> {
        let free = &mut self.out[self.len..];
        free.fill(MaybeUninit::new(0));
        // SAFETY: all of it was just written to.
        let free = unsafe { slice::from_raw_parts_mut(free.as_mut_ptr().cast::<u8>(), free.len()) };
        let read = source.read(free)?.min(free.len());
        self.len += read;
        Ok(read)
    }

    /// How many bytes there is room for.
    pub fn room(&self) -> usize {
        self.out.len() - self.len
    }

    /// How many bytes were appended.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing was appended.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl fmt::Debug for Upload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upload({} bytes, room for {})", self.len, self.room())
    }
}
