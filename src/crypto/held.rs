//! The bytes of keys, for as long as this crate keeps them.

mod heap;

use zeroize::Zeroizing;

use self::heap::Block;
use crate::error::{Error, ErrorKind, Result};
use crate::fork;
#[cfg(unix)]
use crate::secret::{Protection, arena::Slot};

/// Secret bytes in the best memory that there is: OpenSSL's secure heap where [`Init`](crate::Init)
/// asked for it, else a slot of [`secret`](crate::secret)'s shared pages, else the ordinary heap.
///
/// They are read without a lock, wiped when dropped, and refused to a process that was forked from the
/// one that made them, wherever they lie.
pub(super) struct Held {
    memory: Memory,
    process: u64,
}

enum Memory {
    OpenSsl(Block),
    #[cfg(unix)]
    Pages(Slot),
    /// The kernel gave no pages, or this is no Unix.
    Ordinary(Zeroizing<Vec<u8>>),
}

impl Held {
    /// `len` bytes that `fill` writes, over zeroes, where they stay.
    pub(super) fn filled(len: usize, fill: impl FnOnce(&mut [u8]) -> Result<()>) -> Result<Self> {
        let memory = match Memory::guarded(len) {
            Some(memory) => memory,
            None => Memory::ordinary(len).ok_or_else(|| Error::of(ErrorKind::OutOfMemory))?,
        };
        let mut held = Self { memory, process: fork::process() };
        fill(held.memory.bytes_mut().ok_or_else(inherited)?)?;
        Ok(held)
    }

    /// A copy of a key's bytes, which are few: like every small box, it is made or the process ends.
    pub(super) fn copy_of(bytes: &[u8]) -> Self {
        let mut memory = Memory::guarded(bytes.len());
        let memory = match memory.as_mut().and_then(Memory::bytes_mut) {
            Some(own) => {
                own.copy_from_slice(bytes);
                memory
            }
            None => None,
        };
        let ordinary = || Memory::Ordinary(Zeroizing::new(bytes.to_vec()));
        Self { memory: memory.unwrap_or_else(ordinary), process: fork::process() }
    }

    /// The bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`] in a process that was forked since.
    #[inline]
    pub(super) fn bytes(&self) -> Result<&[u8]> {
        if self.process != fork::process() {
            return Err(inherited());
        }
        match &self.memory {
            Memory::OpenSsl(block) => Ok(block.bytes()),
            #[cfg(unix)]
            Memory::Pages(slot) => slot.bytes().ok_or_else(inherited),
            Memory::Ordinary(bytes) => Ok(bytes),
        }
    }

    /// What is known about the memory.
    #[cfg(unix)]
    pub(super) fn protection(&self) -> Protection {
        match &self.memory {
            Memory::OpenSsl(block) => block.protection(),
            Memory::Pages(slot) => slot.protection(),
            Memory::Ordinary(_) => Protection::default(),
        }
    }
}

impl Memory {
    /// Zeroes where they are guarded.
    fn guarded(len: usize) -> Option<Self> {
        let block = Block::new(len).map(Self::OpenSsl);
        #[cfg(unix)]
        return block.or_else(|| Slot::new(len).map(Self::Pages));
        #[cfg(not(unix))]
        return block;
    }

    /// Zeroes where they are not.
    fn ordinary(len: usize) -> Option<Self> {
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(len).ok()?;
        bytes.resize(len, 0);
        Some(Self::Ordinary(Zeroizing::new(bytes)))
    }

    fn bytes_mut(&mut self) -> Option<&mut [u8]> {
        match self {
            Self::OpenSsl(block) => Some(block.bytes_mut()),
            #[cfg(unix)]
            Self::Pages(slot) => slot.bytes_mut(),
            Self::Ordinary(bytes) => Some(bytes),
        }
    }
}

#[cold]
fn inherited() -> Error {
    Error::ours(
        ErrorKind::Poisoned,
        "the key belongs to the process that this one was forked from: make or load it after the fork",
    )
}
