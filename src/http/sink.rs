//! Where a body goes.

use std::io;
use std::sync::Arc;

use super::exchange::Exchange;
use super::foreign::Foreign;
use super::head::no_memory;
use super::route::Route;
use crate::curl::{Receive, Write};
use crate::error::libcurl::{given_up, sink, source};
use crate::error::{Error, ErrorKind, Transfer};

/// The most that is allocated for a body because of its `Content-Length` alone.
const MOST_FORETOLD: usize = 1024 * 1024;

/// Takes the pieces of a body, on the thread that drives the transfer.
pub(super) type Take = Box<dyn FnMut(&[u8]) -> io::Result<()> + Send>;

/// Where a body goes.
#[derive(Default)]
pub(super) enum Sink {
    /// Nowhere: the transfer is over.
    #[default]
    Nothing,
    /// Into memory.
    Collect(Vec<u8>),
    /// To whoever reads it, at that one's pace.
    Pipe(Arc<Exchange>),
    /// To a closure, piece by piece and without a copy; with how much that was.
    Call(Foreign<Take>, u64),
}

/// Why a transfer was given up from this side.
pub(super) enum Failure {
    /// What takes the body failed.
    Writer(io::Error),
    /// What gives the body failed.
    Reader(io::Error),
    Ours(Error),
    /// A redirect is not followed, for this reason.
    Redirect(String),
}

/// `CURLE_ABORTED_BY_CALLBACK`
const ABORTED: u32 = 42;

impl Failure {
    /// The error of a transfer that had come so far.
    pub(super) fn error(self, transfer: Transfer) -> Error {
        match self {
            Self::Writer(error) => sink(error, transfer),
            Self::Reader(error) => source(error, ABORTED, transfer),
            Self::Ours(error) => error.at(transfer),
            Self::Redirect(text) => given_up(ErrorKind::Redirect, text, transfer),
        }
    }
}

impl Sink {
    /// The next bytes; `foretold` is the length that the whole body ought to have, or 0.
    pub(super) fn take(&mut self, bytes: &[u8], foretold: usize) -> Result<Write, Failure> {
        match self {
            Self::Nothing => Ok(Write::Stop),
            Self::Collect(body) => collect(body, bytes, foretold).map(|()| Write::Taken),
            Self::Pipe(exchange) => exchange.push(bytes).map_err(Failure::Ours),
            Self::Call(take, taken) => {
                let Some(take) = take.get() else { return Ok(Write::Stop) };
                take(bytes).map_err(Failure::Writer)?;
                *taken += bytes.len() as u64;
                Ok(Write::Taken)
            }
        }
    }
}

fn collect(body: &mut Vec<u8>, bytes: &[u8], foretold: usize) -> Result<(), Failure> {
    let reserved = if body.is_empty() {
        body.try_reserve_exact(foretold.min(MOST_FORETOLD).max(bytes.len()))
    } else {
        body.try_reserve(bytes.len())
    };
    reserved.map_err(|_| Failure::Ours(no_memory("body", body.len() + bytes.len())))?;
    body.extend_from_slice(bytes);
    Ok(())
}

/// Passes a body on to a writer that is lent for one call, and counts it.
pub(super) struct Forward<'a> {
    writer: &'a mut dyn io::Write,
    pub(super) written: u64,
    pub(super) failure: Option<io::Error>,
    /// Tells bodies that only lead on from the response's.
    pub(super) route: Option<Arc<Route>>,
}

impl<'a> Forward<'a> {
    pub(super) fn new(writer: &'a mut dyn io::Write) -> Self {
        Self { writer, written: 0, failure: None, route: None }
    }
}

impl Forward<'_> {
    /// Nothing was passed on, and nothing went wrong with it.
    pub(super) fn is_untouched(&self) -> bool {
        self.written == 0 && self.failure.is_none()
    }
}

impl Receive for Forward<'_> {
    fn body(&mut self, bytes: &[u8]) -> Write {
        if let Some(route) = self.route.as_ref().filter(|route| route.has_turned()) {
            return route.skip(bytes.len());
        }
        match self.writer.write_all(bytes) {
            Ok(()) => {
                self.written += bytes.len() as u64;
                Write::Taken
            }
            Err(error) => {
                self.failure = Some(error);
                Write::Stop
            }
        }
    }
}
