//! Who closes the sockets of a cache of connections.

#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};
use std::os::fd::{FromRawFd, OwnedFd};
use std::ptr;

use super::handle::{Handle, answered};
use super::kept::Kept;
use crate::error::Result;
use crate::ffi::curl as ffi;
use crate::unwind::{Panic, Slot, guard};

/// What libcurl calls in place of `close(2)`.
///
/// A connection keeps the pointer to it for as long as it lives, and that is longer than the handle
/// that made it where a multi or a share keeps the connections: it belongs to whoever owns their
/// cache, is made once, and is dropped after the cache. What it runs can be exchanged.
#[derive(Debug)]
pub(super) struct Closer {
    state: Kept<State>,
}

struct State {
    slot: Slot,
    close: Option<Box<dyn FnMut(OwnedFd) + Send>>,
}

impl Closer {
    pub(super) fn new() -> Self {
        Self { state: Kept::new(State { slot: Slot::new(), close: None }) }
    }

    /// Runs `close` for the sockets that are closed from now on.
    pub(super) fn run(&mut self, close: impl FnMut(OwnedFd) + Send + 'static) {
        self.state_mut().close = Some(Box::new(close));
    }

    /// The panic of a socket that was closed.
    pub(super) fn take_panic(&mut self) -> Option<Panic> {
        self.state_mut().slot.take()
    }

    fn state_mut(&mut self) -> &mut State {
        // SAFETY: `Kept` keeps the value alive, and no callback runs while one of our own functions
        // does.
        unsafe { &mut *self.state.as_ptr() }
    }

    /// Makes `handle` give its new connections this one; `None` stands for `close(2)`.
    ///
    /// # Safety
    /// The closer outlives the cache that the connections of `handle` are kept in.
    pub(super) unsafe fn of_new_connections(
        closer: Option<&Self>,
        handle: &mut Handle,
    ) -> Result<()> {
        let (state, function): (*mut c_void, ffi::curl_closesocket_callback) = match closer {
            None => (ptr::null_mut(), None),
            Some(closer) => (closer.state.as_ptr().cast(), Some(on_close)),
        };
        // SAFETY: CURLOPT_CLOSESOCKETDATA(3): the pointer is for the function below, and the caller
        // promises that it lives as long as a connection.
        unsafe {
            handle.set_pointer(ffi::CURLOPT_CLOSESOCKETDATA, "CURLOPT_CLOSESOCKETDATA", state)
        }?;
        // SAFETY: the callback is the one that CURLOPT_CLOSESOCKETFUNCTION(3) describes, or none.
        let code = unsafe {
            ffi::ffence_easy_setopt_closesocket(
                handle.as_ptr(),
                ffi::CURLOPT_CLOSESOCKETFUNCTION,
                function,
            )
        };
        answered("CURLOPT_CLOSESOCKETFUNCTION", code)
    }
}

/// `CURLOPT_CLOSESOCKETFUNCTION`
extern "C" fn on_close(state: *mut c_void, socket: ffi::curl_socket_t) -> c_int {
    // SAFETY: what `of_new_connections` registered; nothing else uses it while a callback runs.
    let State { slot, close } = unsafe { &mut *state.cast::<State>() };
    // SAFETY: CURLOPT_CLOSESOCKETFUNCTION(3): libcurl leaves the socket to this function. Whatever
    // happens in it, the socket is closed.
    let socket = unsafe { OwnedFd::from_raw_fd(socket) };
    guard(slot, (), || match close {
        None => drop(socket),
        Some(close) => close(socket),
    });
    0
}
