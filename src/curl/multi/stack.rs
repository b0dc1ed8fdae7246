//! A libcurl multi handle with what drives it, whichever handlers its transfers have.

#![allow(unsafe_code)]

use std::ffi::{c_int, c_long, c_uint, c_void};
use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};
use std::time::Duration;
#[cfg(target_os = "linux")]
use std::time::Instant;

#[cfg(target_os = "linux")]
use super::events::{Epoll, Events, Found, on_socket, on_timer};
use super::waker::Waker;
#[cfg(unix)]
use super::watched::{self, Watched};
use crate::capabilities::{Libcurl, Version};
#[cfg(unix)]
use crate::curl::closer::Closer;
use crate::curl::kept::Kept;
use crate::curl::newer;
#[cfg(unix)]
use crate::error::Library;
use crate::error::libcurl::{check, check_multi, out_of_memory};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::curl::{self as ffi, newer::CURLMNOTIFY_INFO_READ};
use crate::owned::Owned;
use crate::{fork, init};

/// # Invariants
/// What libcurl points to (`events`, `notes`, `closer`) is owned here, at an address that does not change, and
/// outlives the multi. No reference into it is held while libcurl is called.
pub(super) struct Stack {
    /// Freed by `drop`, before what it points to; never by a process that inherited it.
    multi: ManuallyDrop<Owned<ffi::CURLM>>,
    #[cfg(target_os = "linux")]
    events: Option<Kept<Events>>,
    notes: Kept<Notes>,
    waker: Waker,
    /// Who closes the sockets of the connections that the multi keeps.
    #[cfg(unix)]
    closer: Option<Closer>,
    /// What libcurl last counted.
    running: c_int,
    /// A transfer came or went since libcurl last counted.
    changed: bool,
    born: u64,
}

/// What libcurl notifies of.
struct Notes {
    /// It does so at all: from 8.17 on.
    on: bool,
    /// A message may wait.
    waiting: bool,
}

// SAFETY: libcurl-thread(3): one thread at a time may use a multi handle with its easy handles,
// whichever; all that is inside is owned, and the waker is for every thread.
unsafe impl Send for Stack {}

/// A message that libcurl had: a transfer is over.
pub(super) struct Message {
    pub(super) curl: *mut ffi::CURL,
    pub(super) key: usize,
    pub(super) code: ffi::CURLcode,
}

impl Stack {
    /// Waits with `curl_multi_poll`.
    pub(super) fn polled() -> Result<Self> {
        let multi = made()?;
        let waker = Waker::of_poll(multi.as_ptr());
        Self::assembled(multi, waker)
    }

    /// Has its sockets waited for with an epoll, as the multi of this number there.
    #[cfg(target_os = "linux")]
    pub(super) fn event_driven(epoll: &Epoll, number: u32, waker: Waker) -> Result<Self> {
        let mut stack = Self::assembled(made()?, waker)?;
        let events = stack.events.insert(Kept::new(epoll.events(number)));
        let data: *mut c_void = events.as_ptr().cast();
        let multi = stack.as_ptr();
        for option in [ffi::CURLMOPT_SOCKETDATA, ffi::CURLMOPT_TIMERDATA] {
            // SAFETY: the pointer is for the callbacks below; the invariant keeps what it points to.
            let code = unsafe { ffi::ffence_multi_setopt_pointer(multi, option, data) };
            check_multi("curl_multi_setopt", code)?;
        }
        let option = ffi::CURLMOPT_SOCKETFUNCTION;
        // SAFETY: `on_socket` is the callback that CURLMOPT_SOCKETFUNCTION(3) describes.
        let code = unsafe { ffi::ffence_multi_setopt_socket(multi, option, on_socket) };
        check_multi("curl_multi_setopt", code)?;
        let option = ffi::CURLMOPT_TIMERFUNCTION;
        // SAFETY: `on_timer` is the callback that CURLMOPT_TIMERFUNCTION(3) describes.
        let code = unsafe { ffi::ffence_multi_setopt_timer(multi, option, on_timer) };
        check_multi("curl_multi_setopt", code)?;
        Ok(stack)
    }

    fn assembled(multi: Owned<ffi::CURLM>, waker: Waker) -> Result<Self> {
        let mut stack = Self {
            multi: ManuallyDrop::new(multi),
            #[cfg(target_os = "linux")]
            events: None,
            notes: Kept::new(Notes { on: false, waiting: false }),
            waker,
            #[cfg(unix)]
            closer: None,
            running: 0,
            changed: false,
            born: fork::epoch(),
        };
        stack.ask_for_notes()?;
        Ok(stack)
    }

    /// From 8.17 on libcurl tells when a message is there, and need not be asked each time.
    fn ask_for_notes(&mut self) -> Result<()> {
        let Ok(enable) = newer::notify_enable() else { return Ok(()) };
        let (multi, notes) = (self.as_ptr(), self.notes.as_ptr());
        let option = ffi::newer::CURLMOPT_NOTIFYDATA;
        // SAFETY: the pointer is for the callback below; the invariant keeps what it points to.
        let code = unsafe { ffi::ffence_multi_setopt_pointer(multi, option, notes.cast()) };
        check_multi("curl_multi_setopt", code)?;
        let option = ffi::newer::CURLMOPT_NOTIFYFUNCTION;
        // SAFETY: `on_note` is the callback that CURLMOPT_NOTIFYFUNCTION(3) describes.
        let code = unsafe { ffi::ffence_multi_setopt_notify(multi, option, Some(on_note)) };
        check_multi("curl_multi_setopt", code)?;
        // SAFETY: the multi is ours.
        let code = unsafe { enable(multi, CURLMNOTIFY_INFO_READ) };
        check_multi("curl_multi_notify_enable", code)?;
        // SAFETY: ours, and no call of libcurl is running.
        unsafe { (*notes).on = true };
        Ok(())
    }

    pub(super) fn as_ptr(&self) -> *mut ffi::CURLM {
        self.multi.as_ptr()
    }

    /// The multi belongs to this process.
    #[inline]
    pub(super) fn here(&self) -> Result<()> {
        if self.born == fork::epoch() { Ok(()) } else { Err(Error::of(ErrorKind::Forked)) }
    }

    pub(super) fn waker(&self) -> &Waker {
        &self.waker
    }

    /// A socket is ready.
    #[cfg(target_os = "linux")]
    pub(super) fn found(&mut self, found: Found) {
        if let Some(events) = &self.events {
            // SAFETY: ours, and no call of libcurl is running.
            unsafe { &mut *events.as_ptr() }.found(found);
        }
    }

    /// When libcurl wants to be called whatever the sockets do, and whether that is at once.
    #[cfg(target_os = "linux")]
    pub(super) fn due(&mut self) -> (Option<Instant>, bool) {
        match &self.events {
            // SAFETY: ours, and no call of libcurl is running.
            Some(events) => unsafe { &mut *events.as_ptr() }.due(),
            None => (None, false),
        }
    }

    /// Adds a handle, under `key`.
    ///
    /// # Safety
    /// The handle is live, in no multi, and stays live until it was removed.
    pub(super) unsafe fn add(&mut self, curl: *mut ffi::CURL, key: usize) -> Result<()> {
        // A number, no address: libcurl hands it back and does nothing else with it.
        let private = ptr::without_provenance_mut(key);
        // SAFETY: CURLOPT_PRIVATE(3) takes any pointer.
        let code = unsafe { ffi::ffence_easy_setopt_pointer(curl, ffi::CURLOPT_PRIVATE, private) };
        check("curl_easy_setopt", code)?;
        // SAFETY: as the caller promises.
        let code = unsafe { ffi::curl_multi_add_handle(self.as_ptr(), curl) };
        check_multi("curl_multi_add_handle", code)?;
        self.changed = true;
        Ok(())
    }

    /// Removes a handle; its transfer is given up where it stands.
    ///
    /// # Safety
    /// The handle was added and not removed yet.
    pub(super) unsafe fn remove(&mut self, curl: *mut ffi::CURL) -> Result<()> {
        // SAFETY: as the caller promises.
        let code = unsafe { ffi::curl_multi_remove_handle(self.as_ptr(), curl) };
        check_multi("curl_multi_remove_handle", code)?;
        self.changed = true;
        Ok(())
    }

    /// Does what can be done at once; answers how many transfers are not over.
    pub(super) fn perform(&mut self) -> Result<usize> {
        self.here()?;
        // SAFETY: the multi and its handles are ours, and used by this thread alone.
        let code = unsafe { ffi::curl_multi_perform(self.as_ptr(), &raw mut self.running) };
        check_multi("curl_multi_perform", code)?;
        self.closed()?;
        Ok(self.running())
    }

    /// How many transfers are not over, as libcurl last counted.
    pub(super) fn running(&self) -> usize {
        usize::try_from(self.running).unwrap_or_default()
    }

    /// Tells of a panic of what closes sockets.
    fn closed(&mut self) -> Result<()> {
        #[cfg(unix)]
        if let Some(panic) = self.closer.as_mut().and_then(Closer::take_panic) {
            return Err(Error::panicked(Library::Libcurl, "curl_multi_perform", panic));
        }
        Ok(())
    }

    /// See [`Multi::on_close_socket`](super::Multi::on_close_socket).
    #[cfg(unix)]
    pub(super) fn on_close_socket(
        &mut self,
        close: impl FnMut(std::os::fd::OwnedFd) + Send + 'static,
    ) -> Result<()> {
        self.here()?;
        self.closer.get_or_insert_with(Closer::new).run(close);
        Ok(())
    }

    #[cfg(unix)]
    pub(super) fn closer(&self) -> Option<&Closer> {
        self.closer.as_ref()
    }

    /// Handles what was found ready, and what is due.
    #[cfg(target_os = "linux")]
    pub(super) fn act(&mut self) -> Result<()> {
        let Some(events) = self.events.as_ref().map(Kept::as_ptr) else { return Ok(()) };
        // SAFETY: `events` is kept by `self`, and no call of libcurl is running.
        let due = unsafe { &mut *events }.ran_out();
        loop {
            let next = {
                // SAFETY: as above.
                let events = unsafe { &mut *events };
                events.ready.pop().map(|(socket, action)| (socket, action, events.wanted(socket)))
            };
            match next {
                None => break,
                // An action on another socket took this one away.
                Some((_, _, 0)) => {}
                Some((socket, action, _)) => self.socket_action(events, socket, action)?,
            }
        }
        if due || std::mem::take(&mut self.changed) {
            self.socket_action(events, ffi::CURL_SOCKET_TIMEOUT, 0)?;
        }
        self.closed()
    }

    #[cfg(target_os = "linux")]
    fn socket_action(
        &mut self,
        events: *mut Events,
        socket: ffi::curl_socket_t,
        action: c_int,
    ) -> Result<()> {
        let running = &raw mut self.running;
        // SAFETY: the multi and its handles are ours, and used by this thread alone; a socket that
        // libcurl does not know any more is ignored.
        let code = unsafe { ffi::curl_multi_socket_action(self.as_ptr(), socket, action, running) };
        // SAFETY: as in `act`.
        if let Some(failure) = unsafe { &mut *events }.failure() {
            return Err(failure);
        }
        check_multi("curl_multi_socket_action", code)
    }

    /// Waits until something can be done, but no longer than `timeout`.
    pub(super) fn poll(&mut self, timeout: Duration) -> Result<()> {
        self.here()?;
        let millis = milliseconds(timeout);
        let none = ptr::null_mut();
        // SAFETY: the multi is ours; no descriptors are passed, and the answer is not wanted.
        let code = unsafe { ffi::curl_multi_poll(self.as_ptr(), none, 0, millis, ptr::null_mut()) };
        check_multi("curl_multi_poll", code)
    }

    /// The same, also for descriptors that are not libcurl's.
    #[cfg(unix)]
    pub(super) fn poll_with(
        &mut self,
        timeout: Duration,
        watched: &mut [Watched<'_>],
    ) -> Result<()> {
        self.here()?;
        let mut extra: Vec<_> = watched.iter().map(Watched::of_libcurl).collect();
        let count = c_uint::try_from(extra.len())
            .map_err(|_| Error::ours(ErrorKind::Parameter, "too many descriptors"))?;
        let (multi, millis) = (self.as_ptr(), milliseconds(timeout));
        // SAFETY: the multi is ours; so many structures are written to during the call.
        let code = unsafe {
            ffi::curl_multi_poll(multi, extra.as_mut_ptr(), count, millis, ptr::null_mut())
        };
        check_multi("curl_multi_poll", code)?;
        // libcurl does not tell of a side that is gone.
        watched::wait(None, watched, 0)
    }

    /// How long libcurl may be left alone; `None` when it waits for its sockets only.
    pub(super) fn timeout(&self) -> Result<Option<Duration>> {
        self.here()?;
        let mut millis: c_long = -1;
        // SAFETY: the multi is ours, and the place is writable.
        let code = unsafe { ffi::curl_multi_timeout(self.as_ptr(), &raw mut millis) };
        check_multi("curl_multi_timeout", code)?;
        Ok(u64::try_from(millis).ok().map(Duration::from_millis))
    }

    /// The next message, copied: what libcurl answers dies with the next call.
    pub(super) fn message(&mut self) -> Option<Message> {
        let notes = self.notes.as_ptr();
        // SAFETY: ours, and no call of libcurl is running.
        let Notes { on, waiting } = unsafe { &*notes };
        if *on && !*waiting {
            return None;
        }
        loop {
            let mut left = 0;
            // SAFETY: the multi is ours.
            let message = unsafe { ffi::curl_multi_info_read(self.as_ptr(), &raw mut left) };
            let Some(message) = NonNull::new(message) else {
                // SAFETY: ours, and no call of libcurl is running.
                unsafe { (*notes).waiting = false };
                return None;
            };
            // SAFETY: curl_multi_info_read(3): valid until the next call.
            let ffi::CURLMsg { msg, easy_handle: curl, data } = unsafe { *message.as_ptr() };
            if msg != ffi::CURLMSG_DONE {
                continue;
            }
            // SAFETY: of this kind of message, `result` is the field that was written.
            let code = unsafe { data.result };
            let mut private = ptr::null();
            // SAFETY: the handle is one of those that were added, and so it is live; CURLINFO_PRIVATE
            // is a pointer.
            unsafe {
                ffi::ffence_easy_getinfo_string(curl, ffi::CURLINFO_PRIVATE, &raw mut private)
            };
            return Some(Message { curl, key: private.addr(), code });
        }
    }

    /// Sets an option of the long kind.
    pub(super) fn set_long(&mut self, option: ffi::CURLMoption, value: c_long) -> Result<()> {
        self.here()?;
        // SAFETY: the callers name options of the long kind.
        let code = unsafe { ffi::ffence_multi_setopt_long(self.as_ptr(), option, value) };
        check_multi("curl_multi_setopt", code)
    }
}

/// Rounded up, and cut to what C can count.
pub(super) fn milliseconds(timeout: Duration) -> c_int {
    c_int::try_from(timeout.as_nanos().div_ceil(1_000_000)).unwrap_or(c_int::MAX)
}

/// [`curl_multi_init`](https://curl.se/libcurl/c/curl_multi_init.html)
fn made() -> Result<Owned<ffi::CURLM>> {
    init::libcurl::ready()?;
    // SAFETY: libcurl is set up.
    let multi = unsafe { ffi::curl_multi_init() };
    // SAFETY: curl_multi_init(3): NULL, or a handle that is the caller's.
    let multi = unsafe { Owned::from_raw(multi) };
    multi.ok_or_else(|| out_of_memory("curl_multi_init"))
}

/// `CURLMOPT_NOTIFYFUNCTION`. No code of a user's runs here, and nothing that could panic.
unsafe extern "C" fn on_note(
    _: *mut ffi::CURLM,
    notification: c_uint,
    _: *mut ffi::CURL,
    notes: *mut c_void,
) {
    if notification == CURLMNOTIFY_INFO_READ {
        // SAFETY: the multi's owner keeps the value, and holds no reference into it while libcurl
        // runs.
        unsafe { (*notes.cast::<Notes>()).waiting = true };
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // In a forked process, what would be closed here is the parent's as well.
        if self.here().is_err() {
            return;
        }
        self.waker.retire();
        // Threads that still resolve names are not waited for, where libcurl can do without.
        if Libcurl::known().is_ok_and(|it| it.number() >= Version::new(8, 20, 0)) {
            // A refusal costs time and nothing else.
            let _ = self.set_long(ffi::newer::CURLMOPT_QUICK_EXIT, 1);
        }
        // SAFETY: nothing uses the field after this, and every handle was removed before.
        unsafe { ManuallyDrop::drop(&mut self.multi) };
    }
}
