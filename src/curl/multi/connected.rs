//! Bytes over a connection that libcurl made and leaves to the caller.

#![allow(unsafe_code)]

use super::entry::State;
use super::{Id, Multi};
use crate::curl::handler::Handler;
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::curl as ffi;

/// Of handles with `CURLOPT_CONNECT_ONLY` whose transfer is over, which stay in the multi: the
/// connection belongs to it, and goes when the handle is removed.
impl<H: Handler, S> Multi<H, S> {
    /// Sends what can go at once; `None` when nothing can.
    ///
    /// [`curl_easy_send`](https://curl.se/libcurl/c/curl_easy_send.html)
    pub(crate) fn send(&mut self, id: Id, bytes: &[u8]) -> Result<Option<usize>> {
        let curl = self.connected(id, "curl_easy_send")?;
        let mut sent = 0;
        // SAFETY: the handle is ours and no transfer is running; libcurl reads so many bytes and keeps
        // no pointer.
        let code =
            unsafe { ffi::curl_easy_send(curl, bytes.as_ptr().cast(), bytes.len(), &raw mut sent) };
        self.outcome(id, "curl_easy_send", code, sent.min(bytes.len()))
    }

    /// Receives what is there; `None` while nothing is, 0 at the end.
    ///
    /// [`curl_easy_recv`](https://curl.se/libcurl/c/curl_easy_recv.html)
    pub(crate) fn receive(&mut self, id: Id, buffer: &mut [u8]) -> Result<Option<usize>> {
        let curl = self.connected(id, "curl_easy_recv")?;
        let mut len = 0;
        let room = buffer.as_mut_ptr().cast();
        // SAFETY: the handle is ours and no transfer is running; the buffer is as long as it is said
        // to be.
        let code = unsafe { ffi::curl_easy_recv(curl, room, buffer.len(), &raw mut len) };
        self.outcome(id, "curl_easy_recv", code, len.min(buffer.len()))
    }

    fn connected(&mut self, id: Id, function: &'static str) -> Result<*mut ffi::CURL> {
        let (entry, _) = self.entry(id)?;
        if entry.state != State::Over {
            let text = format!("{function}: the connection does not stand yet");
            return Err(Error::ours(ErrorKind::Parameter, text));
        }
        let transfer = entry.transfer_mut();
        transfer.start()?;
        Ok(transfer.as_ptr())
    }

    fn outcome(
        &mut self,
        id: Id,
        function: &'static str,
        code: ffi::CURLcode,
        len: usize,
    ) -> Result<Option<usize>> {
        let (entry, _) = self.entry(id)?;
        let transfer = entry.transfer_mut();
        match code {
            ffi::CURLE_OK => transfer.checked(function).map(|()| Some(len)),
            ffi::CURLE_AGAIN => transfer.checked(function).map(|()| None),
            code => Err(transfer.refused(function, code)),
        }
    }
}
