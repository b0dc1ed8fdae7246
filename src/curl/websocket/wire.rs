//! The calls of libcurl's WebSocket interface, and waiting for its socket.

#![allow(unsafe_code)]

use std::ptr;

use crate::curl::handler::Handler;
use crate::curl::newer;
use crate::curl::share::Share;
use crate::curl::transfer::Transfer;
use crate::error::Result;
use crate::ffi::curl as ffi;

/// Bytes of one frame.
#[derive(Clone, Copy)]
pub(super) struct Chunk {
    /// How many.
    pub(super) len: usize,
    /// `CURLWS_…`
    pub(super) flags: u32,
    /// How many more bytes the frame has.
    pub(super) left: u64,
}

/// Receives into `buffer`; `None` while nothing is there.
///
/// [`curl_ws_recv`](https://curl.se/libcurl/c/curl_ws_recv.html)
pub(super) fn receive<H: Handler>(
    transfer: &mut Transfer<H, Share>,
    buffer: &mut [u8],
) -> Result<Option<Chunk>> {
    let ws_receive = newer::ws_receive()?;
    transfer.start()?;
    let (mut len, mut frame) = (0, ptr::null_mut());
    let room = buffer.as_mut_ptr().cast();
    // SAFETY: the handle is ours and no transfer is running; the buffer is as long as it is said to
    // be.
    let code =
        unsafe { ws_receive(transfer.as_ptr(), room, buffer.len(), &raw mut len, &raw mut frame) };
    match code {
        ffi::CURLE_AGAIN => transfer.checked("curl_ws_recv").map(|()| None),
        ffi::CURLE_OK if !frame.is_null() => {
            transfer.checked("curl_ws_recv")?;
            // SAFETY: curl_ws_recv(3): a structure of the handle, until its next call.
            let flags = unsafe { (*frame).flags };
            // SAFETY: as above.
            let left = unsafe { (*frame).bytesleft };
            Ok(Some(Chunk {
                len,
                flags: u32::try_from(flags).unwrap_or_default(),
                left: u64::try_from(left).unwrap_or_default(),
            }))
        }
        code => Err(transfer.refused("curl_ws_recv", code)),
    }
}

/// Sends what of a frame comes after `at`, which moves on; whether that was all.
///
/// [`curl_ws_send`](https://curl.se/libcurl/c/curl_ws_send.html)
pub(super) fn offer<H: Handler>(
    transfer: &mut Transfer<H, Share>,
    bytes: &[u8],
    at: &mut usize,
    flags: u32,
) -> Result<bool> {
    let mut flushed = false;
    loop {
        let rest = &bytes[*at..];
        match send(transfer, rest, flags)? {
            (ffi::CURLE_OK, sent) if sent >= rest.len() => {
                *at = bytes.len();
                return Ok(true);
            }
            (ffi::CURLE_AGAIN | ffi::CURLE_OK, 0) => return Ok(false),
            // Some of it went; there may be room for more already.
            (ffi::CURLE_AGAIN | ffi::CURLE_OK, sent) => *at += sent,
            // An answer to a ping stands in libcurl's buffer, and it takes our frame for its rest:
            // nothing of ours was taken. A frame of no bytes only sends what is there.
            (ffi::CURLE_BAD_FUNCTION_ARGUMENT, _) if *at == 0 && !rest.is_empty() && !flushed => {
                flushed = true;
                match send(transfer, &[], flags)? {
                    (ffi::CURLE_OK, _) => {}
                    (ffi::CURLE_AGAIN, _) => return Ok(false),
                    (code, _) => return Err(transfer.refused("curl_ws_send", code)),
                }
            }
            (code, _) => return Err(transfer.refused("curl_ws_send", code)),
        }
    }
}

fn send<H: Handler>(
    transfer: &mut Transfer<H, Share>,
    bytes: &[u8],
    flags: u32,
) -> Result<(ffi::CURLcode, usize)> {
    let ws_send = newer::ws_send()?;
    transfer.start()?;
    let mut sent = 0;
    let data = bytes.as_ptr().cast();
    // SAFETY: the handle is ours and no transfer is running; libcurl reads `bytes.len()` bytes and
    // keeps none of the pointers.
    let code = unsafe { ws_send(transfer.as_ptr(), data, bytes.len(), &raw mut sent, 0, flags) };
    transfer.checked("curl_ws_send")?;
    Ok((code, sent.min(bytes.len())))
}

#[cfg(unix)]
pub(super) use unix::{wait, wait_to_send};

#[cfg(unix)]
mod unix {
    use std::io;
    use std::os::fd::{AsRawFd as _, BorrowedFd};
    use std::time::{Duration, Instant};

    use crate::error::{Error, ErrorKind, Result};

    /// Waits until the socket can be read, or written where `sending`; `false` when the time is over.
    pub(in crate::curl::websocket) fn wait(
        socket: BorrowedFd<'_>,
        sending: bool,
        timeout: Duration,
    ) -> Result<bool> {
        poll(socket, if sending { libc::POLLIN | libc::POLLOUT } else { libc::POLLIN }, timeout)
    }

    /// Waits until the socket can be written.
    pub(in crate::curl::websocket) fn wait_to_send(
        socket: BorrowedFd<'_>,
        timeout: Duration,
    ) -> Result<bool> {
        poll(socket, libc::POLLOUT, timeout)
    }

    fn poll(socket: BorrowedFd<'_>, events: i16, timeout: Duration) -> Result<bool> {
        let deadline = Instant::now().checked_add(timeout);
        loop {
            let left = deadline.map_or(timeout, |it| it.saturating_duration_since(Instant::now()));
            // Rounded up, so that a moment is not none; a longer one than fits is waited for again.
            let millis = left.as_nanos().div_ceil(1_000_000);
            let (millis, whole) = i32::try_from(millis).map_or((i32::MAX, false), |it| (it, true));
            let mut asked = libc::pollfd { fd: socket.as_raw_fd(), events, revents: 0 };
            // SAFETY: poll(2): one structure, written to during the call.
            match unsafe { libc::poll(&raw mut asked, 1, millis) } {
                0 if whole => return Ok(false),
                0 => {}
                1.. => return Ok(true),
                _ => {
                    let error = io::Error::last_os_error();
                    if error.kind() != io::ErrorKind::Interrupted {
                        return Err(Error::ours(ErrorKind::Transport, error.to_string()));
                    }
                }
            }
        }
    }
}
