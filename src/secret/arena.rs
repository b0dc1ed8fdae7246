//! Small secrets that share locked pages: what a key of this crate lies in.
//!
//! A [`Slot`] costs no system call, unless its slab is new, and no page of its own. It is made and
//! freed under a lock and used without one.

#![allow(unsafe_code)]

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, Ordering};

use parking_lot::Mutex;
use zeroize::Zeroize as _;

use super::Protection;
use super::region::give_up;
use super::slab::{Place, Slab};
use crate::fork;

/// Bytes of the slots; a longer secret has pages of its own.
const ROOMS: [usize; 6] = [16, 32, 64, 128, 256, 512];

/// Bytes of a slab: four of them fit into the 64 KiB that some systems let a process lock.
const SLAB: usize = 16 << 10;

/// The slabs of one process.
///
/// A child that was forked has an arena of its own: what it inherited was wiped, and another thread
/// of its parent may have held a lock.
struct Arena {
    /// The [`fork::process`] that it belongs to.
    process: u64,
    classes: [Mutex<Class>; ROOMS.len()],
    /// The parent's, so that it stays reachable.
    _inherited: Option<&'static Arena>,
}

static CURRENT: AtomicPtr<Arena> = AtomicPtr::new(ptr::null_mut());

/// The slabs with slots of one size.
#[derive(Default)]
struct Class {
    slabs: Vec<Option<Slab>>,
    /// The numbers of those that have a free slot; there is room for all.
    available: Vec<u32>,
}

/// Secret bytes in a slot of shared pages, zeroes at first; wiped when dropped.
///
/// Before it and behind it are canaries, or the guard page. It is never moved.
pub(crate) struct Slot {
    start: NonNull<u8>,
    len: usize,
    place: Place,
    home: Home,
    process: u64,
    protection: Protection,
}

/// Where the slot goes back to.
enum Home {
    Shared { arena: &'static Arena, class: usize, slab: u32 },
    Own(#[allow(dead_code, reason = "it is dropped")] Box<Slab>),
}

// SAFETY: a slot is plain memory, and its slab belongs to the process.
unsafe impl Send for Slot {}

// SAFETY: through a shared reference its bytes are only read.
unsafe impl Sync for Slot {}

// No panic happens under the arena's locks.
impl UnwindSafe for Slot {}
impl RefUnwindSafe for Slot {}

impl Slot {
    /// A slot of `len` bytes; `None` when the kernel has no pages.
    pub(crate) fn new(len: usize) -> Option<Self> {
        let process = fork::process();
        let class = ROOMS.iter().position(|room| len <= *room);
        let (place, home, protection) = if let Some(class) = class {
            let arena = Arena::of(process);
            let (slab, place, protection) = arena.classes[class].lock().take(ROOMS[class])?;
            (place, Home::Shared { arena, class, slab }, protection)
        } else {
            let mut slab = Box::new(Slab::single(len)?);
            let protection = slab.protection();
            (slab.take()?, Home::Own(slab), protection)
        };
        // SAFETY: the place was just taken, and its room is `len` or more.
        unsafe { place.guard(len) };
        // SAFETY: as above.
        let start = unsafe { place.data(len) };
        Some(Self { start, len, place, home, process, protection })
    }

    /// The bytes; `None` in a process that was forked from the one that wrote them.
    #[inline]
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        // SAFETY: the place is this slot's, and `&self` excludes a writer.
        (!self.is_inherited())
            .then(|| unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) })
    }

    /// The bytes, for writing.
    pub(crate) fn bytes_mut(&mut self) -> Option<&mut [u8]> {
        (!self.is_inherited()).then(|| self.all())
    }

    pub(crate) fn protection(&self) -> Protection {
        self.protection
    }

    fn is_inherited(&self) -> bool {
        self.process != fork::process()
    }

    fn all(&mut self) -> &mut [u8] {
        // SAFETY: the place is this slot's, and `&mut self` excludes all others.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.all().zeroize();
        #[cfg(test)]
        super::AFTER_WIPE.with_borrow_mut(|seen| seen.push(self.all().to_vec()));
        if self.is_inherited() {
            return;
        }
        // SAFETY: the place is this slot's until it goes back below.
        if !unsafe { self.place.is_intact(self.len) } {
            give_up("memory around a key was overwritten");
        }
        if let Home::Shared { arena, class, slab } = self.home {
            // Outside the lock, because it makes a system call.
            let idle = arena.classes[class].lock().give_back(slab, self.place.number);
            drop(idle);
        }
    }
}

impl Arena {
    /// The arena of this process.
    fn of(process: u64) -> &'static Self {
        let mut found = CURRENT.load(Ordering::Acquire);
        loop {
            // SAFETY: NULL, or an arena that is never freed.
            let inherited = unsafe { found.as_ref() };
            match inherited {
                Some(arena) if arena.process == process => return arena,
                _ => {}
            }
            let classes = std::array::from_fn(|_| Mutex::default());
            let fresh = Box::into_raw(Box::new(Self { process, classes, _inherited: inherited }));
            match CURRENT.compare_exchange(found, fresh, Ordering::AcqRel, Ordering::Acquire) {
                // SAFETY: it was just made, and is never freed from here on.
                Ok(_) => return unsafe { &*fresh },
                Err(other) => {
                    // Another thread was first.
                    // SAFETY: nobody else has seen it.
                    drop(unsafe { Box::from_raw(fresh) });
                    found = other;
                }
            }
        }
    }
}

impl Class {
    fn take(&mut self, room: usize) -> Option<(u32, Place, Protection)> {
        let number = match self.available.last() {
            Some(number) => *number,
            None => self.grow(room)?,
        };
        let slab = self.slabs.get_mut(number as usize)?.as_mut()?;
        let place = slab.take()?;
        if slab.is_full() {
            self.available.pop();
        }
        Some((number, place, slab.protection()))
    }

    /// Adds a slab, which is the last of those that are available.
    fn grow(&mut self, room: usize) -> Option<u32> {
        let slab = Slab::shared(room, SLAB)?;
        let at = self.slabs.iter().position(Option::is_none).unwrap_or(self.slabs.len());
        let number = u32::try_from(at).ok()?;
        self.slabs.try_reserve(1).ok()?;
        self.available.try_reserve(self.slabs.len() + 1).ok()?;
        match self.slabs.get_mut(at) {
            Some(vacant) => *vacant = Some(slab),
            None => self.slabs.push(Some(slab)),
        }
        self.available.push(number);
        Some(number)
    }

    /// Takes a slot back. A slab that nobody uses any more is handed out to be dropped, unless it is
    /// the only one with a free slot: who makes and frees one key again and again needs it.
    fn give_back(&mut self, number: u32, slot: u16) -> Option<Slab> {
        let vacant = self.slabs.get_mut(number as usize)?;
        let slab = vacant.as_mut()?;
        if slab.is_full() {
            self.available.push(number);
        }
        slab.give_back(slot);
        if !slab.is_empty() || self.available.len() == 1 {
            return None;
        }
        self.available.retain(|it| *it != number);
        vacant.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::AFTER_WIPE;

    fn filled(len: usize) -> Slot {
        let mut slot = Slot::new(len).unwrap();
        assert_eq!(slot.bytes().unwrap(), vec![0; len]);
        slot.bytes_mut().unwrap().fill(0xA5);
        slot
    }

    #[test]
    fn a_slot_is_wiped_before_it_is_used_again() {
        for len in [0, 1, 16, 17, 32, 33, 512, 513, 5000] {
            let slot = filled(len);
            let at = slot.start;
            assert_eq!(AFTER_WIPE.take(), Vec::<Vec<u8>>::new());
            drop(slot);
            assert_eq!(AFTER_WIPE.take(), [vec![0; len]]);
            // Other threads use the arena of this process too: most often it is the same place.
            let again = Slot::new(len).unwrap();
            assert_eq!(again.bytes().unwrap(), vec![0; len], "{at:?}");
            drop(again);
            AFTER_WIPE.take();
        }
    }

    #[test]
    fn a_slot_is_wiped_on_unwind() {
        let slot = filled(32);
        let panicked = std::panic::catch_unwind(move || {
            let _slot = slot;
            panic!("with a key");
        });
        assert!(panicked.is_err());
        assert_eq!(AFTER_WIPE.take(), [[0; 32]]);
    }

    #[test]
    fn no_two_slots_overlap_and_each_is_between_canaries() {
        let lens = [0, 1, 15, 16, 24, 32, 48, 64, 100, 512, 600];
        let mut slots: Vec<_> = (0..2000).map(|at| filled(lens[at % lens.len()])).collect();
        slots.sort_by_key(|slot| slot.start);
        for pair in slots.windows(2) {
            let end = pair[0].start.as_ptr() as usize + pair[0].len;
            assert!(end + super::super::region::CANARY <= pair[1].start.as_ptr() as usize);
        }
        for slot in &slots {
            // SAFETY: the slot's own place and length.
            assert!(unsafe { slot.place.is_intact(slot.len) });
        }
        assert!(slots.iter().all(|slot| slot.bytes().unwrap().iter().all(|byte| *byte == 0xA5)));
    }

    #[test]
    fn what_no_memory_can_hold_is_refused() {
        for len in [usize::MAX, usize::MAX - 16, usize::MAX / 2, usize::MAX >> 4] {
            assert!(Slot::new(len).is_none());
        }
    }

    #[test]
    fn a_slab_that_nobody_uses_is_given_back_but_for_one() {
        let mut class = Class::default();
        let taken: Vec<_> = (0..2000).map(|_| class.take(32).unwrap()).collect();
        let slabs = class.slabs.iter().flatten().count();
        assert!(slabs > 4, "{slabs}");
        let mut given = 0;
        // Not in the order of their making.
        for at in 0..taken.len() {
            let (slab, place, _) = taken[at * 7 % taken.len()];
            given += usize::from(class.give_back(slab, place.number).is_some());
        }
        assert_eq!((given, class.slabs.iter().flatten().count()), (slabs - 1, 1));
        assert_eq!(class.available.len(), 1);
        // And the places in the table are used again.
        assert!((0..2000).all(|_| class.take(32).is_some()));
        assert_eq!(class.slabs.len(), slabs);
    }
}
