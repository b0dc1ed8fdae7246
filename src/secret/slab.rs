//! Pages that many small secrets share.
//!
//! ```text
//! | no access | rest | canary, slot | canary, slot | … | canary, slot | no access |
//! ```

#![allow(unsafe_code)]

use std::ptr::NonNull;

use super::Protection;
use super::pages::Pages;
use super::region::{CANARY, canary};

/// Guarded pages, cut into slots of one size.
///
/// # Invariants
/// The pages stay writable. A number below `count` stands in `free` or belongs to one [`Place`],
/// never to two; `free` has room for all of them. The canary before each slot is written here once
/// and only read afterwards; a slot's own bytes are read and written by its place alone.
pub(super) struct Slab {
    pages: Pages,
    /// Bytes of a slot, without the canary before it.
    room: usize,
    count: usize,
    free: Vec<u16>,
    protection: Protection,
}

/// The bytes of one slot, for as long as its number is not given back.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// The canary before the slot.
    start: NonNull<u8>,
    /// Bytes of the slot.
    room: usize,
    /// Bytes behind the slot that are a canary: none where the guard page follows.
    behind: usize,
    pub(super) number: u16,
}

impl Slab {
    /// Pages of `bytes` or more, cut into slots of `room` bytes.
    pub(super) fn shared(room: usize, bytes: usize) -> Option<Self> {
        Self::new(room, bytes, u16::MAX)
    }

    /// Pages with one slot of `room` bytes.
    pub(super) fn single(room: usize) -> Option<Self> {
        Self::new(room, 0, 1)
    }

    fn new(room: usize, bytes: usize, most: u16) -> Option<Self> {
        let stride = room.checked_add(CANARY)?;
        let (pages, protection) = Pages::protected(bytes.max(stride))?;
        let count = u16::try_from(pages.len() / stride).unwrap_or(u16::MAX).min(most);
        let mut free = Vec::new();
        free.try_reserve_exact(count.into()).ok()?;
        // The first slots are handed out first.
        free.extend((0..count).rev());
        let slab = Self { pages, room, count: count.into(), free, protection };
        for number in 0..count {
            let before = slab.place(number).start.as_ptr();
            // SAFETY: the pages are writable, no other reference into them exists, and each place
            // begins with as many bytes of canary.
            let before = unsafe { std::slice::from_raw_parts_mut(before, CANARY) };
            write_canary(before);
        }
        Some(slab)
    }

    /// A slot that nobody has; it holds no secret.
    pub(super) fn take(&mut self) -> Option<Place> {
        self.free.pop().map(|number| self.place(number))
    }

    /// Takes a number back; its bytes are wiped already.
    pub(super) fn give_back(&mut self, number: u16) {
        debug_assert!(self.free.len() < self.count);
        self.free.push(number);
    }

    pub(super) fn is_full(&self) -> bool {
        self.free.is_empty()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.free.len() == self.count
    }

    pub(super) fn protection(&self) -> Protection {
        self.protection
    }

    /// The slots end where the rear guard page begins.
    fn place(&self, number: u16) -> Place {
        let stride = self.room + CANARY;
        let after = self.count - usize::from(number);
        // SAFETY: `count` slots fit into the pages, and `number` is below it.
        let start = unsafe { self.pages.inside().add(self.pages.len() - after * stride) };
        Place { start, room: self.room, behind: if after == 1 { 0 } else { CANARY }, number }
    }
}

impl Place {
    /// Where data of `len` bytes begin, which end where the slot does.
    ///
    /// # Safety
    /// `len` is at most the slot's room.
    pub(super) unsafe fn data(self, len: usize) -> NonNull<u8> {
        // SAFETY: the slot lies behind its canary, and the caller vouches for the length.
        unsafe { self.start.add(CANARY + self.room - len) }
    }

    /// Makes the data zeroes and fills what is before them.
    ///
    /// # Safety
    /// The place is the caller's, whose `len` is at most the slot's room, and nothing refers to it.
    pub(super) unsafe fn guard(self, len: usize) {
        let (start, spare) = (self.start.as_ptr(), self.room - len);
        // SAFETY: the slot lies behind its canary.
        let behind = unsafe { start.add(CANARY) };
        // SAFETY: the spare bytes are the slot's first, and the caller alone knows them.
        let spare = unsafe { std::slice::from_raw_parts_mut(behind, spare) };
        write_canary(spare);
        // SAFETY: the place is the caller's alone.
        let data = unsafe { self.data(len) };
        // SAFETY: as above; the data end where the slot does.
        unsafe { data.write_bytes(0, len) };
    }

    /// Whether what is around data of `len` bytes is as it was written.
    ///
    /// # Safety
    /// The place is the caller's, and `len` is what it was guarded with.
    pub(super) unsafe fn is_intact(self, len: usize) -> bool {
        let start = self.start.as_ptr().cast_const();
        // SAFETY: the canary and the spare bytes; nobody writes them while the place is taken.
        let before = unsafe { std::slice::from_raw_parts(start, CANARY + self.room - len) };
        // SAFETY: the next slot's canary, if there is one.
        let next = unsafe { start.add(CANARY + self.room) };
        // SAFETY: as above; it is never written again.
        let behind = unsafe { std::slice::from_raw_parts(next, self.behind) };
        is_canary(before) && is_canary(behind)
    }
}

fn write_canary(bytes: &mut [u8]) {
    bytes.chunks_mut(8).for_each(|chunk| chunk.copy_from_slice(&canary()[..chunk.len()]));
}

fn is_canary(bytes: &[u8]) -> bool {
    bytes.chunks(8).all(|chunk| *chunk == canary()[..chunk.len()])
}
