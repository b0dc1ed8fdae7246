//! One handle of a multi.

#![allow(unsafe_code)]

use std::sync::atomic::{AtomicU64, Ordering};

use slab::Slab;

use super::Id;
use super::stacks::Stacks;
use crate::curl::easy::Easy;
use crate::curl::handler::{Handler, Pauses};
use crate::curl::state::Receive;
#[cfg(all(feature = "websocket", unix))]
use crate::curl::transfer::Transfer;
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::curl as ffi;

/// # Invariants
/// The handle is in that stack of the multi unless `state` is `Out`, and it is not dropped and not moved
/// to a caller before it is.
pub(super) struct Entry<H: Handler, S> {
    easy: Easy<H, S>,
    stamp: u64,
    /// Which of the multi's stacks it belongs to.
    pub(super) stack: usize,
    pub(super) state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Not in the stack.
    Out,
    /// Its transfer is not over, as far as anybody was told.
    Running,
    /// Its transfer is over.
    Over,
    /// Given up; libcurl still resolves a name for it.
    Parked,
}

impl<H: Handler, S> Entry<H, S> {
    /// Puts a handle into the slab and makes it ready for a transfer.
    pub(super) fn place(
        entries: &mut Slab<Self>,
        mut easy: Easy<H, S>,
        stack: usize,
    ) -> Result<(Id, &mut Self)> {
        // Of a process, so that no id is ever that of another handle.
        static STAMPS: AtomicU64 = AtomicU64::new(1);

        easy.transfer_mut().begin()?;
        let stamp = STAMPS.fetch_add(1, Ordering::Relaxed);
        let place = entries.vacant_entry();
        let id = Id { stamp, key: place.key() };
        Ok((id, place.insert(Self { easy, stamp, stack, state: State::Out })))
    }

    pub(super) fn attach(&mut self, stacks: &mut Stacks, key: usize) -> Result<()> {
        let stack = stacks.at(self.stack)?;
        #[cfg(unix)]
        // SAFETY: the stack drops its closer after the connections that it keeps; where a local share
        // keeps them, nobody can give the multi a closer.
        unsafe { self.easy.transfer_mut().close_sockets_of_another(stack.closer()) }?;
        // SAFETY: the invariant: the entry owns the handle, and detaches it before it lets it go.
        unsafe { stack.add(self.easy.transfer_mut().as_ptr(), key) }?;
        self.state = State::Running;
        stacks.came(self.stack);
        Ok(())
    }

    pub(super) fn detach_from(&mut self, stacks: &mut Stacks) -> Result<()> {
        if self.state != State::Out {
            let stack = stacks.at(self.stack)?;
            // SAFETY: the invariant: the handle is in this stack.
            unsafe { stack.remove(self.easy.transfer_mut().as_ptr()) }?;
            self.state = State::Out;
            stacks.went(self.stack);
        }
        Ok(())
    }

    /// The handle of an entry that was detached.
    pub(super) fn taken_back(mut self, stacks: &mut Stacks) -> Result<Easy<H, S>> {
        #[cfg(unix)]
        self.easy.transfer_mut().close_own_sockets_again(stacks.closer(self.stack))?;
        #[cfg(not(unix))]
        let _ = stacks;
        self.easy.transfer_mut().give_up()?;
        Ok(self.easy)
    }

    pub(super) fn finish(&mut self, code: ffi::CURLcode) -> Result<()> {
        self.state = State::Over;
        self.easy.transfer_mut().finish(code)
    }

    /// Gives the transfer up without removing it: it ends by itself once the name is resolved.
    pub(super) fn park(&mut self) -> Result<()> {
        self.easy.transfer_mut().abandon()?;
        self.state = State::Parked;
        Ok(())
    }

    pub(super) fn pause(&mut self, pauses: Pauses, stacks: &mut Stacks) -> Result<()> {
        let unconnected = || Error::ours(ErrorKind::Parameter, "no connection to be paused yet");
        if self.state != State::Running {
            return Err(unconnected());
        }
        let outcome = self.easy.transfer_mut().pause(pauses);
        stacks.heed(self.stack);
        match &outcome {
            Ok(()) => {}
            // What curl_easy_pause(3) answers without a connection.
            Err(error) if error.code() == Some(i64::from(ffi::CURLE_BAD_FUNCTION_ARGUMENT)) => {
                return Err(unconnected());
            }
            // A callback refused what it was handed: libcurl would go on behind the gap.
            Err(_) => self.detach_from(stacks)?,
        }
        outcome
    }

    pub(super) fn lend<R>(&mut self, receiver: &mut dyn Receive, drive: impl FnOnce() -> R) -> R {
        self.easy.transfer_mut().lend(receiver, drive)
    }

    pub(super) fn id(&self, key: usize) -> Id {
        Id { stamp: self.stamp, key }
    }

    pub(super) fn is(&self, id: Id) -> bool {
        self.stamp == id.stamp && self.state != State::Parked
    }

    pub(super) fn has(&self, curl: *mut ffi::CURL) -> bool {
        self.easy.transfer().as_ptr() == curl
    }

    pub(super) fn easy(&self) -> &Easy<H, S> {
        &self.easy
    }

    pub(super) fn handler_mut(&mut self) -> &mut H {
        self.easy.handler_mut()
    }

    #[cfg(all(feature = "websocket", unix))]
    pub(super) fn transfer_mut(&mut self) -> &mut Transfer<H, S> {
        self.easy.transfer_mut()
    }
}
