//! What a multi consists of: one of libcurl's multis, or several.

use std::ffi::c_long;
use std::time::Duration;
#[cfg(target_os = "linux")]
use std::time::Instant;

#[cfg(target_os = "linux")]
use super::group::Group;
use super::stack::{Message, Stack};
use super::waker::Waker;
#[cfg(unix)]
use super::watched::Watched;
#[cfg(unix)]
use crate::curl::closer::Closer;
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::curl as ffi;

pub(super) enum Stacks {
    /// Waits with `curl_multi_poll`.
    Polled(Stack),
    #[cfg(target_os = "linux")]
    Events(Box<Group>),
}

/// Does the same with either.
macro_rules! each {
    ($self:expr, $it:ident => $do:expr) => {
        match $self {
            Stacks::Polled($it) => $do,
            #[cfg(target_os = "linux")]
            Stacks::Events($it) => $do,
        }
    };
}

impl Stacks {
    pub(super) fn polled() -> Result<Self> {
        Stack::polled().map(Self::Polled)
    }

    /// Waits with epoll, for several of libcurl's multis with at most so many handles each.
    #[cfg(target_os = "linux")]
    pub(super) fn event_driven(most: usize) -> Result<Self> {
        Ok(Self::Events(Box::new(Group::new(most)?)))
    }

    /// The multi belongs to this process.
    #[inline]
    pub(super) fn here(&self) -> Result<()> {
        each!(self, it => it.here())
    }

    pub(super) fn waker(&self) -> &Waker {
        each!(self, it => it.waker())
    }

    #[cfg(target_os = "linux")]
    pub(super) fn epoll(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        match self {
            Self::Polled(_) => None,
            Self::Events(group) => Some(group.epoll().as_fd()),
        }
    }

    /// Which stack takes the next handle.
    pub(super) fn room(&mut self) -> Result<usize> {
        match self {
            Self::Polled(_) => Ok(0),
            #[cfg(target_os = "linux")]
            Self::Events(group) => group.room(),
        }
    }

    pub(super) fn at(&mut self, number: usize) -> Result<&mut Stack> {
        match self {
            Self::Polled(stack) if number == 0 => Ok(stack),
            Self::Polled(_) => Err(Error::of(ErrorKind::Closed)),
            #[cfg(target_os = "linux")]
            Self::Events(group) => group.at(number),
        }
    }

    /// A stack has a handle more.
    pub(super) fn came(&mut self, number: usize) {
        match self {
            Self::Polled(_) => _ = number,
            #[cfg(target_os = "linux")]
            Self::Events(group) => group.came(number),
        }
    }

    /// A stack has a handle less.
    pub(super) fn went(&mut self, number: usize) {
        match self {
            Self::Polled(_) => _ = number,
            #[cfg(target_os = "linux")]
            Self::Events(group) => group.went(number),
        }
    }

    /// Something was done with one of a stack's handles.
    pub(super) fn heed(&mut self, number: usize) {
        match self {
            Self::Polled(_) => _ = number,
            #[cfg(target_os = "linux")]
            Self::Events(group) => group.heed(number),
        }
    }

    /// Does what can be done at once; answers how many transfers are not over.
    pub(super) fn perform(&mut self) -> Result<usize> {
        each!(self, it => it.perform())
    }

    /// Waits until something can be done, but no longer than `timeout`.
    pub(super) fn poll(&mut self, timeout: Duration) -> Result<()> {
        each!(self, it => it.poll(timeout))
    }

    /// The same, also for descriptors that are not libcurl's.
    #[cfg(unix)]
    pub(super) fn poll_with(
        &mut self,
        timeout: Duration,
        watched: &mut [Watched<'_>],
    ) -> Result<()> {
        each!(self, it => it.poll_with(timeout, watched))
    }

    /// How long libcurl may be left alone; `None` when it waits for its sockets only.
    pub(super) fn timeout(&self) -> Result<Option<Duration>> {
        each!(self, it => it.timeout())
    }

    pub(super) fn message(&mut self) -> Option<Message> {
        each!(self, it => it.message())
    }

    pub(super) fn set_long(&mut self, option: ffi::CURLMoption, value: c_long) -> Result<()> {
        each!(self, it => it.set_long(option, value))
    }

    /// Ends those that have had no handle for so long.
    #[cfg(target_os = "linux")]
    pub(super) fn sweep(&mut self, life: Duration) -> Result<Option<Instant>> {
        match self {
            Self::Polled(_) => Ok(None),
            Self::Events(group) => group.sweep(life),
        }
    }

    /// See [`Multi::on_close_socket`](super::Multi::on_close_socket): of the first, as that is for
    /// multis which are one.
    #[cfg(unix)]
    pub(super) fn on_close_socket(
        &mut self,
        close: impl FnMut(std::os::fd::OwnedFd) + Send + 'static,
    ) -> Result<()> {
        self.at(0)?.on_close_socket(close)
    }

    #[cfg(unix)]
    pub(super) fn closer(&mut self, number: usize) -> Option<&Closer> {
        self.at(number).ok().and_then(|stack| stack.closer())
    }
}
