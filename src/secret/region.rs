//! Secret bytes at the end of their pages, and what keeps them.

#![allow(unsafe_code)]

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::Write as _;

use parking_lot::Mutex;
use zeroize::Zeroize as _;

use super::Protection;
use super::pages::{Access, Pages};
use crate::error::{Error, ErrorKind, Result};
use crate::fork;
use crate::sync::OnceLock;

/// What stands at least before the data. It fills their first page from its start.
pub(super) const CANARY: usize = 16;

/// Secret bytes, right before the rear guard page.
///
/// # Invariants
/// The canary fills the pages up to the data. While nothing is exposed, the pages allow `at_rest`;
/// while `exposures` is not 0 they allow reading; the data are written through `&mut self` alone.
pub(super) struct Region {
    pages: Pages,
    len: usize,
    at_rest: Access,
    /// Readers of a region that is sealed at rest, which is open as long as there is one.
    exposures: Mutex<usize>,
    /// The process that owns the bytes; a child that was forked from it finds zeroes.
    epoch: u64,
    protection: Protection,
}

impl Region {
    /// A region of `len` bytes, zeroes before `fill` writes them.
    pub(super) fn new<E: From<Error>>(
        len: usize,
        fill: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Result<Self, E> {
        let made = len.checked_add(CANARY).and_then(Pages::protected);
        let (pages, protection) = made.ok_or_else(no_memory)?;
        let epoch = fork::epoch();
        // SAFETY: the pages are writable, and no other reference into them exists.
        let all = unsafe { std::slice::from_raw_parts_mut(pages.inside().as_ptr(), pages.len()) };
        let (before, _) = all.split_at_mut(pages.len() - len);
        before.chunks_mut(8).for_each(|chunk| chunk.copy_from_slice(&canary()[..chunk.len()]));
        let mut region =
            Self { pages, len, at_rest: Access::Read, exposures: Mutex::new(0), epoch, protection };
        region.write(fill)??;
        Ok(region)
    }

    /// The same region, without access while nothing is exposed.
    pub(super) fn sealed_at_rest(mut self) -> Result<Self> {
        // SAFETY: `self` is owned here, so nothing is exposed.
        if !unsafe { self.pages.allow(Access::None) } {
            return Err(no_memory());
        }
        self.at_rest = Access::None;
        self.protection.sealed_at_rest = true;
        Ok(self)
    }

    pub(super) fn protection(&self) -> Protection {
        self.protection
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Lends the bytes.
    pub(super) fn read<R>(&self, look: impl FnOnce(&[u8]) -> R) -> Result<R> {
        if self.is_inherited() {
            return Err(inherited());
        }
        let _open = (self.at_rest == Access::None).then(|| Reading::new(self)).transpose()?;
        // SAFETY: the pages are readable while `_open` lives, and `&self` excludes a writer.
        Ok(look(unsafe { std::slice::from_raw_parts(self.data(), self.len) }))
    }

    /// Lends the bytes for writing.
    pub(super) fn write<R>(&mut self, change: impl FnOnce(&mut [u8]) -> R) -> Result<R> {
        if self.is_inherited() {
            return Err(inherited());
        }
        // SAFETY: `&mut self`: nothing is exposed.
        if !unsafe { self.pages.allow(Access::Write) } {
            return Err(no_memory());
        }
        let open = Writing(self);
        // SAFETY: the pages are writable while `open` lives, and `&mut self` excludes all others.
        Ok(change(unsafe { std::slice::from_raw_parts_mut(open.0.data(), open.0.len) }))
    }

    /// Where the data start: they end where the rear guard page begins.
    fn data(&self) -> *mut u8 {
        // SAFETY: the pages have room for the data.
        unsafe { self.pages.inside().as_ptr().add(self.pages.len() - self.len) }
    }

    /// Whether this process was forked from the one that made the region.
    fn is_inherited(&self) -> bool {
        self.epoch != fork::epoch()
    }

    /// Back to rest, when the last exposure ends.
    fn close(&self) {
        // SAFETY: the last exposure is over, and its slice with it.
        if !unsafe { self.pages.allow(self.at_rest) } && !self.is_inherited() {
            give_up("the kernel refused to take back the access to a secret");
        }
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: `&mut self`: nothing is exposed. Refused, the kernel wipes them when it reuses them.
        if !unsafe { self.pages.allow(Access::Write) } {
            return;
        }
        // SAFETY: the pages are writable, and no other reference into them exists.
        let all = unsafe {
            std::slice::from_raw_parts_mut(self.pages.inside().as_ptr(), self.pages.len())
        };
        let (before, data) = all.split_at_mut(self.pages.len() - self.len);
        data.zeroize();
        #[cfg(test)]
        super::AFTER_WIPE.with_borrow_mut(|seen| seen.push(data.to_vec()));
        let intact = before.chunks(8).all(|chunk| *chunk == canary()[..chunk.len()]);
        if !intact && !self.is_inherited() {
            give_up("memory before a secret was overwritten");
        }
    }
}

/// A reader of a region that is sealed at rest.
struct Reading<'a>(&'a Region);

impl<'a> Reading<'a> {
    fn new(region: &'a Region) -> Result<Self> {
        let mut exposures = region.exposures.lock();
        // SAFETY: readers, if there are any, need no more than that.
        if *exposures == 0 && !unsafe { region.pages.allow(Access::Read) } {
            return Err(no_memory());
        }
        // Each stands for a call on some stack: it cannot wrap.
        *exposures += 1;
        Ok(Self(region))
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        // In a child, a thread that is not there any more may have held the lock.
        if self.0.is_inherited() {
            return;
        }
        let mut exposures = self.0.exposures.lock();
        *exposures -= 1;
        if *exposures == 0 {
            self.0.close();
        }
    }
}

/// The one writer of a region.
struct Writing<'a>(&'a Region);

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// A pattern of this process. Random, so that who overwrites it by mistake does not hit it.
pub(super) fn canary() -> &'static [u8; 8] {
    static PATTERN: OnceLock<[u8; 8]> = OnceLock::new();
    PATTERN.get_or_init(|| (RandomState::new().build_hasher().finish() | 1).to_ne_bytes())
}

#[cold]
fn no_memory() -> Error {
    Error::of(ErrorKind::OutOfMemory)
}

#[cold]
fn inherited() -> Error {
    Error::ours(ErrorKind::Poisoned, "the secret was wiped when this process was forked")
}

/// Ends the process: what a secret relies on is gone.
#[cold]
pub(super) fn give_up(why: &str) -> ! {
    // Nobody is left to tell that the message could not be written.
    let _ = writeln!(std::io::stderr(), "ffence: {why}; the process ends here");
    std::process::abort()
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    fn wiped() -> Vec<Vec<u8>> {
        crate::secret::AFTER_WIPE.take()
    }

    fn filled(len: usize) -> Region {
        Region::new::<Error>(len, |bytes| {
            bytes.fill(0xA5);
            Ok(())
        })
        .unwrap()
    }

    #[test]
    fn a_region_is_wiped_before_it_is_unmapped() {
        for len in [0, 1, 32, 4080, 4096, 10_000] {
            let region = filled(len);
            assert!(region.read(|bytes| bytes == vec![0xA5; len]).unwrap());
            assert_eq!(wiped(), Vec::<Vec<u8>>::new());
            drop(region);
            assert_eq!(wiped(), [vec![0; len]]);
        }
        drop(filled(32).sealed_at_rest().unwrap());
        assert_eq!(wiped(), [[0; 32]]);
    }

    #[test]
    fn a_region_whose_filler_fails_or_panics_is_wiped() {
        let failed = Region::new(32, |bytes| {
            bytes.fill(0xA5);
            Err(Error::of(ErrorKind::Length))
        });
        assert_eq!(failed.err().unwrap().kind(), ErrorKind::Length);
        assert_eq!(wiped(), [[0; 32]]);

        let panicked = catch_unwind(|| {
            Region::new::<Error>(32, |bytes| {
                bytes.fill(0xA5);
                panic!("half way")
            })
        });
        assert!(panicked.is_err());
        assert_eq!(wiped(), [[0; 32]]);
    }

    #[test]
    fn a_region_is_wiped_on_unwind() {
        let region = filled(32).sealed_at_rest().unwrap();
        let panicked = catch_unwind(AssertUnwindSafe(move || region.read(|_| panic!("exposed"))));
        assert!(panicked.is_err());
        assert_eq!(wiped(), [[0; 32]]);
    }

    #[test]
    fn the_data_end_where_the_guard_begins_and_the_canary_is_before_them() {
        for len in [0, 1, 32, 4080, 4081, 4096] {
            let region = filled(len);
            let end = region.data() as usize + len;
            assert_eq!(end, region.pages.inside().as_ptr() as usize + region.pages.len());
            assert!(region.pages.len() - len >= CANARY);
        }
    }

    #[test]
    fn what_no_memory_can_hold_is_an_error() {
        for len in [usize::MAX, usize::MAX / 2, usize::MAX / 2 - 8192, usize::MAX >> 4] {
            let error = Region::new::<Error>(len, |_| Ok(())).err().unwrap();
            assert_eq!(error.kind(), ErrorKind::OutOfMemory);
        }
    }
}
