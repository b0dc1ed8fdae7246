//! Descriptors of somebody else's that a multi waits for beside its own.

#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd};

use crate::error::{Error, ErrorKind, Result};
use crate::ffi::curl as ffi;

/// A descriptor that [`Multi::poll_with`](super::Multi::poll_with) waits for as well.
///
/// ```
/// use ffence::curl::{Multi, Watched};
/// use std::io::Write as _;
/// use std::os::fd::AsFd as _;
/// use std::os::unix::net::UnixStream;
/// use std::time::Duration;
///
/// let (ours, mut theirs) = UnixStream::pair().unwrap();
/// let mut multi: Multi = Multi::new()?;
/// theirs.write_all(b"!").unwrap();
/// let mut watched = [Watched::readable(ours.as_fd())];
/// multi.poll_with(Duration::from_secs(3600), &mut watched)?; // an hour, unless something comes
/// assert!(watched[0].is_readable());
/// # Ok::<(), ffence::Error>(())
/// ```
#[derive(Debug)]
#[doc(alias = "curl_waitfd")]
pub struct Watched<'a> {
    fd: BorrowedFd<'a>,
    asked: i16,
    found: i16,
}

impl<'a> Watched<'a> {
    /// Waits until something can be read, or the other side is gone.
    pub fn readable(fd: BorrowedFd<'a>) -> Self {
        Self { fd, asked: libc::POLLIN, found: 0 }
    }

    /// Waits until something can be written, or the other side is gone.
    pub fn writable(fd: BorrowedFd<'a>) -> Self {
        Self { fd, asked: libc::POLLOUT, found: 0 }
    }

    /// Waits for either.
    pub fn either(fd: BorrowedFd<'a>) -> Self {
        Self { fd, asked: libc::POLLIN | libc::POLLOUT, found: 0 }
    }

    /// Whether reading would not have blocked when the last wait was over: there is something, or the
    /// end, or an error.
    pub fn is_readable(&self) -> bool {
        self.is(libc::POLLIN)
    }

    /// Whether writing would not have blocked when the last wait was over.
    pub fn is_writable(&self) -> bool {
        self.is(libc::POLLOUT)
    }

    fn is(&self, direction: i16) -> bool {
        self.asked & direction != 0 && self.found & (direction | libc::POLLERR | libc::POLLHUP) != 0
    }

    /// The same for `curl_multi_poll`.
    pub(super) fn of_libcurl(&self) -> ffi::curl_waitfd {
        let mut events = 0;
        if self.asked & libc::POLLIN != 0 {
            events |= ffi::CURL_WAIT_POLLIN;
        }
        if self.asked & libc::POLLOUT != 0 {
            events |= ffi::CURL_WAIT_POLLOUT;
        }
        ffi::curl_waitfd { fd: self.fd.as_raw_fd(), events, revents: 0 }
    }
}

/// Waits for the descriptors, and for `first` to be readable, but no longer than `millis`; a signal
/// that arrives ends it.
pub(super) fn wait(
    first: Option<BorrowedFd<'_>>,
    watched: &mut [Watched<'_>],
    millis: i32,
) -> Result<()> {
    let pollfd =
        |fd: BorrowedFd<'_>, events| libc::pollfd { fd: fd.as_raw_fd(), events, revents: 0 };
    let mut asked: Vec<_> = watched.iter().map(|it| pollfd(it.fd, it.asked)).collect();
    asked.extend(first.map(|fd| pollfd(fd, libc::POLLIN)));
    let count = libc::nfds_t::try_from(asked.len()).unwrap_or(libc::nfds_t::MAX);
    // SAFETY: poll(2): so many structures, written to during the call.
    let answer = unsafe { libc::poll(asked.as_mut_ptr(), count, millis) };
    let interrupted = || io::Error::last_os_error().kind() == io::ErrorKind::Interrupted;
    if answer < 0 && !interrupted() {
        let error = io::Error::last_os_error();
        return Err(Error::ours(ErrorKind::System, format!("poll: {error}")));
    }
    for (watched, asked) in watched.iter_mut().zip(&asked) {
        watched.found = if answer > 0 { asked.revents } else { 0 };
    }
    Ok(())
}
