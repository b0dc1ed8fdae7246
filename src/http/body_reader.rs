//! A response's body, as it arrives, for threads.

use std::fmt;
use std::io;
use std::sync::Arc;

use ::http::HeaderMap;
use bytes::Bytes;

use super::cancel::{CancelHandle, Hook};
use super::client::Client;
use super::conduct::Concluded;
use super::exchange::{Exchange, Next};
use super::observe::Watch;
use super::pump::Pump;
use super::response::Response;
use super::wire::{Beside, Wire};
use crate::error::{Error, ErrorKind, Result, Timings};

/// A response's body, read on the thread that wants it: the body of
/// [`RequestBuilder::open`](super::RequestBuilder::open)'s response.
///
/// The transfer goes on only while this is read, and up to 256 KiB ahead. `Send`: it may be read on
/// another thread than the request was sent on.
///
/// Dropping it gives up what has not arrived yet, and waits for nothing.
pub struct BodyReader {
    client: Client,
    /// `None` once the transfer is over.
    wire: Option<Box<Wire>>,
    exchange: Arc<Exchange>,
    pump: Option<Pump>,
    cancel: Option<CancelHandle>,
    _hook: Option<Hook>,
    piece: Bytes,
    trailers: Option<HeaderMap>,
    timings: Option<Timings>,
    watch: Option<Box<Watch>>,
}

impl BodyReader {
    /// Drives the transfer until the response's head is there.
    pub(super) fn begin(
        client: Client,
        wire: Box<Wire>,
        exchange: Arc<Exchange>,
        pump: Option<Pump>,
        cancel: Option<CancelHandle>,
        hook: Option<Hook>,
    ) -> Result<Response<Self>> {
        let mut body = Self {
            client,
            wire: Some(wire),
            exchange,
            pump,
            cancel,
            _hook: hook,
            piece: Bytes::new(),
            trailers: None,
            timings: None,
            watch: None,
        };
        body.drive(|run, _| run.is_announced());
        let response = if let Some(answer) = body.exchange.take_answer() {
            // It was over before its head was taken.
            answer?
        } else {
            let head = body.head()?;
            // What fails from now on is the body.
            body.exchange.answered();
            head
        };
        Ok(response.map(|_| body))
    }

    pub(super) fn watch(&mut self, watch: Option<Box<Watch>>) {
        self.watch = watch;
    }

    fn head(&mut self) -> Result<Response<Vec<u8>>> {
        let wire = self.wire.as_mut().ok_or_else(|| Error::of(ErrorKind::Closed))?;
        wire.take_head()
    }

    /// The headers that came after the body, once it was read to its end.
    pub fn trailers(&self) -> Option<&HeaderMap> {
        self.trailers.as_ref()
    }

    /// When each phase of the call ended, once the body was read to its end.
    pub fn timings(&self) -> Option<&Timings> {
        self.timings.as_ref()
    }

    /// The next piece, as long as it came; `None` at the end.
    ///
    /// # Errors
    /// Any that [`Client`] names, after which there is nothing more.
    pub fn chunk(&mut self) -> Result<Option<Bytes>> {
        if !self.piece.is_empty() {
            return Ok(Some(std::mem::take(&mut self.piece)));
        }
        if self.client.is_forked() {
            return Err(Error::of(ErrorKind::Forked));
        }
        loop {
            match self.exchange.next() {
                Next::Piece(piece, resumes) => {
                    if resumes {
                        let concluded =
                            self.wire.as_mut().and_then(|wire| wire.resume(&self.exchange));
                        self.over(concluded);
                    }
                    if let Some(watch) = &mut self.watch {
                        watch.received(piece.len());
                    }
                    return Ok(Some(piece));
                }
                Next::Later => self.drive(|_, exchange| exchange.has_next()),
                Next::End(end) => {
                    if let Some(mut watch) = self.watch.take() {
                        watch.body_ended(end.as_ref().map(|end| &end.timings));
                    }
                    let end = end?;
                    self.trailers = end.trailers.map(|it| *it);
                    self.timings = Some(end.timings);
                    return Ok(None);
                }
                Next::Over => return Ok(None),
            }
        }
    }

    fn drive(&mut self, enough: impl Fn(&super::conduct::Run, &Exchange) -> bool) {
        let Some(wire) = &mut self.wire else {
            return self.exchange.end(Err(Error::of(ErrorKind::Closed)));
        };
        let exchange = &self.exchange;
        let client = self.client.clone();
        let calls = &client.shared().calls;
        // Of a closed client the transfer is given up at once. The guard stays until the wire is back.
        let _call = calls.enter(Some(wire.signal()));
        let beside = Beside {
            receiver: None,
            cancel: self.cancel.as_ref(),
            calls: Some(calls),
            pump: self.pump.as_mut().map(|pump| (pump, exchange)),
        };
        let concluded = wire.drive(beside, |run| enough(run, exchange));
        self.over(concluded);
    }

    fn over(&mut self, concluded: Option<Concluded>) {
        let Some(Concluded { outcome, .. }) = concluded else { return };
        if let Some(wire) = self.wire.take() {
            self.client.give(wire);
        }
        self.exchange.end(outcome);
    }
}

impl io::Read for BodyReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if self.piece.is_empty() {
            match self.chunk()? {
                None => return Ok(0),
                Some(piece) => self.piece = piece,
            }
        }
        let piece = self.piece.split_to(buffer.len().min(self.piece.len()));
        buffer[..piece.len()].copy_from_slice(&piece);
        Ok(piece.len())
    }
}

impl fmt::Debug for BodyReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyReader").field("over", &self.wire.is_none()).finish_non_exhaustive()
    }
}
