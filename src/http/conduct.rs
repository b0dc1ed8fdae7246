//! Whom a handle calls back: the request's body goes out, the response comes in.

use std::io::SeekFrom;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ::http::{HeaderMap, StatusCode};
use parking_lot::Mutex;

use super::clock::{self, Clock};
use super::exchange::{End, Wanted};
use super::foreign::Foreign;
use super::head::Head;
use super::limits::Permit;
use super::plan::Applied;
use super::response::Response;
use super::sink::{Failure, Sink};
use super::source::Source;
use crate::curl::{Callbacks, Easy, Flow, Handler, Id, Info, Multi, Read, Seek, Upload, Write};
use crate::error::libcurl::{given_up, sink, source};
use crate::error::{Error, ErrorKind, Phase, Result, TimeLimit, Timings};

/// A handle that takes one request after the other.
pub(super) type Line = Easy<Conduct>;

/// Takes interim responses.
pub(super) type Interim = Box<dyn FnMut(StatusCode, &HeaderMap) + Send>;

/// Takes how far a transfer came.
pub(super) type OnProgress = Box<dyn FnMut(Progress) + Send>;

/// How far a transfer came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes of the response's body, as they were handed on.
    pub downloaded: u64,
    /// How many there will be, where the server said so.
    pub download_total: Option<u64>,
    /// Bytes of the request's body that libcurl took; those of a body in memory it takes at once,
    /// and they are not counted.
    pub uploaded: u64,
}

#[derive(Default)]
pub(super) struct Conduct {
    pub(super) applied: Applied,
    pub(super) run: Run,
}

/// What belongs to one transfer.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools)] // each is a question of its own
pub(super) struct Run {
    sink: Sink,
    pub(super) source: Source,
    pub(super) clock: Clock,
    pub(super) interim: Option<Foreign<Interim>>,
    pub(super) progress: Option<Foreign<OnProgress>>,
    moved: Progress,
    /// How long it waited for its turn.
    pub(super) queue: Duration,
    /// The longest that libcurl may take for the transfer, and to connect: zero for no limit.
    limits: (Duration, Duration),
    /// libcurl follows redirects: their heads are not the response's.
    pub(super) follows: bool,
    /// libcurl may have to answer a challenge, and its head is not the response's either.
    pub(super) negotiates: bool,
    /// Who wants it, where that is not the caller.
    pub(super) exchange: Option<Wanted>,
    /// Who speaks through the connection that is being made.
    #[cfg(all(feature = "websocket", unix))]
    pub(super) tunnel: Option<super::websocket::Held>,
    /// Its place among those at work, until it is over.
    pub(super) permit: Option<Permit>,
    /// Where heads that are complete are listed.
    pub(super) ready: Option<(Arc<Mutex<Vec<Id>>>, Id)>,
    head: Head,
    announced: bool,
    /// The head went to whoever wants it.
    handed_on: bool,
    failure: Option<Failure>,
}

impl Run {
    /// Of a transfer that may take so long, and so long to connect.
    pub(super) fn new(sink: Sink, clock: Clock, limits: (Duration, Duration)) -> Self {
        Self { sink, clock, limits, ..Self::default() }
    }

    /// The head is complete, and is the response's: what comes next is its body.
    fn announce(&mut self) {
        if self.announced || !matches!(self.sink, Sink::Pipe(_)) {
            return;
        }
        self.announced = true;
        if let Some((list, id)) = &self.ready {
            list.lock().push(*id);
        }
    }

    pub(super) fn is_announced(&self) -> bool {
        self.announced
    }

    fn complete(&mut self) -> Result<()> {
        match self.head.status() {
            // All but a switch of protocols are followed by another head.
            100 | 102..=199 => {
                if let Some(interim) = self.interim.as_mut().and_then(Foreign::get) {
                    let (status, _, headers) = self.head.take()?;
                    interim(status, &headers);
                }
            }
            301 | 302 | 303 | 307 | 308 if self.follows => {}
            401 | 407 if self.negotiates => {}
            _ => self.announce(),
        }
        Ok(())
    }

    fn progressed(&mut self, down: usize, up: usize) {
        let Some(take) = self.progress.as_mut().and_then(Foreign::get) else { return };
        let total = self.head.content_length();
        self.moved.downloaded += down as u64;
        self.moved.download_total = (total > 0).then_some(total as u64);
        self.moved.uploaded += up as u64;
        take(self.moved);
    }

    fn failed(&mut self, failure: Failure) {
        self.failure = Some(failure);
    }

    /// The response without its body, once its head was announced.
    pub(super) fn take_head(
        &mut self,
        timings: Timings,
        received: u64,
    ) -> Result<Response<Vec<u8>>> {
        self.handed_on = true;
        let parts = self.head.take()?;
        Ok(Response::new(parts, self.timings(timings), received, Vec::new(), None))
    }

    /// When to look at the limits again, or which of them is over.
    pub(super) fn check(
        &mut self,
        progress: clock::Progress,
    ) -> Result<Option<Instant>, TimeLimit> {
        let standing = |exchange: &Wanted| exchange.pauses();
        let pauses = self.exchange.as_ref().map(standing).unwrap_or_default();
        self.clock.check(progress, pauses)
    }

    /// What libcurl measured, with what it does not know.
    fn timings(&self, timings: Timings) -> Timings {
        // The two clocks start a few instructions apart.
        let first_byte = self.clock.first_byte().min(timings.total);
        Timings { queue: self.queue, first_byte, ..timings }
    }

    /// Adds what libcurl does not know.
    fn complete_error(&self, mut error: Error) -> Error {
        let is_timeout = error.is_timeout();
        if let Some(transfer) = error.transfer_mut() {
            // libcurl's own is that of the last time when something moved.
            transfer.elapsed = transfer.elapsed.max(self.clock.elapsed());
            transfer.timings.total = transfer.elapsed;
            transfer.timings.queue = self.queue;
            transfer.timings.first_byte = self.clock.first_byte();
            if is_timeout && transfer.limit.is_none() {
                let (total, connect) = self.limits;
                let over = !total.is_zero() && transfer.elapsed >= total;
                let connecting = !connect.is_zero() && !over && transfer.phase <= Phase::Tls;
                transfer.limit =
                    Some(if connecting { TimeLimit::Connect } else { TimeLimit::Total });
            }
        }
        error
    }
}

impl Handler for Conduct {
    const CALLBACKS: Callbacks =
        Callbacks::WRITE.and(Callbacks::HEADER).and(Callbacks::READ).and(Callbacks::SEEK);

    fn write(&mut self, bytes: &[u8]) -> Write {
        let run = &mut self.run;
        run.clock.moved();
        run.announce();
        match run.sink.take(bytes, run.head.content_length()) {
            Ok(write) => {
                if write == Write::Taken {
                    run.progressed(bytes.len(), 0);
                }
                write
            }
            Err(failure) => {
                run.failed(failure);
                Write::Stop
            }
        }
    }

    fn header(&mut self, line: &[u8]) -> Flow {
        let run = &mut self.run;
        run.clock.answered();
        let outcome = match run.head.line(line) {
            Ok(false) => Ok(()),
            Ok(true) => run.complete(),
            Err(error) => Err(error),
        };
        match outcome {
            Ok(()) => Flow::Continue,
            Err(error) => {
                run.failed(Failure::Ours(error));
                Flow::Stop
            }
        }
    }

    fn read(&mut self, out: &mut Upload<'_>) -> Read {
        match self.run.source.read(out) {
            Ok(read) => {
                self.run.progressed(0, out.len());
                read
            }
            Err(failure) => {
                self.run.failed(failure);
                Read::Stop
            }
        }
    }

    fn seek(&mut self, to: SeekFrom) -> Seek {
        match self.run.source.seek(to) {
            Ok(seek) => seek,
            Err(failure) => {
                self.run.failed(failure);
                Seek::Stop
            }
        }
    }
}

/// A transfer that is over.
pub(super) struct Concluded {
    pub(super) exchange: Option<Wanted>,
    /// What gave the request's body, for another attempt.
    pub(super) source: Source,
    pub(super) outcome: Result<Whole>,
}

/// All that came back.
pub(super) struct Whole {
    /// `None` when it was handed on before its body.
    pub(super) response: Option<Response<Vec<u8>>>,
    pub(super) end: End,
}

/// What libcurl, the handler and the handle know of a transfer, put together. The handle is free for
/// another one then.
pub(super) fn conclude(outcome: Result<()>, line: &mut Line) -> Concluded {
    let mut run = std::mem::take(&mut line.handler_mut().run);
    let info = line.info();
    let outcome = match (outcome, run.failure.take()) {
        (Err(error), _) if error.kind() == ErrorKind::Panicked => Err(error),
        (_, Some(Failure::Writer(error))) => Err(sink(error, info.transfer())),
        (_, Some(Failure::Reader(error))) => Err(source(error, ABORTED, info.transfer())),
        (_, Some(Failure::Ours(error))) | (Err(error), None) => Err(error),
        (Ok(()), None) => run.whole(info),
    };
    let outcome = outcome.map_err(|error| run.complete_error(error));
    let source = std::mem::take(&mut run.source);
    Concluded { exchange: run.exchange.take(), source, outcome }
}

/// `CURLE_ABORTED_BY_CALLBACK`
const ABORTED: u32 = 42;

impl Run {
    fn whole(&mut self, info: Info<'_>) -> Result<Whole> {
        let timings = self.timings(info.timings());
        let trailers = self.head.take_trailers()?;
        let (body, taken) = match std::mem::take(&mut self.sink) {
            Sink::Collect(body) => (body, 0),
            Sink::Call(_, taken) => (Vec::new(), taken),
            Sink::Nothing | Sink::Pipe(_) => (Vec::new(), 0),
        };
        let response = if self.handed_on {
            None
        } else {
            let parts = self.head.take()?;
            let received = info.size_download();
            Some(Response::new(parts, timings, received, body, trailers.clone()))
        };
        Ok(Whole { response, end: End { trailers, timings, taken } })
    }
}

/// Gives a transfer up without waiting for anything; its handle is dropped.
pub(super) fn give_up(
    multi: &mut Multi<Conduct>,
    id: Id,
    why: impl FnOnce(&Line) -> Error,
) -> Concluded {
    let error = multi.get(id).map_or_else(|| Error::of(ErrorKind::Cancelled), why);
    let run = multi.handler_mut(id).map(|conduct| std::mem::take(&mut conduct.run));
    // It is there, or there is nothing to cancel.
    let _ = multi.cancel(id);
    let mut run = run.unwrap_or_default();
    let source = std::mem::take(&mut run.source);
    Concluded { exchange: run.exchange.take(), source, outcome: Err(error) }
}

/// The error of a transfer that was given up for a limit.
pub(super) fn late(limit: TimeLimit, line: &Line) -> Error {
    let run = &line.handler().run;
    let mut transfer = line.info().transfer();
    transfer.limit = Some(limit);
    let text = format!("the time {limit} is over, after {:.1?}", run.clock.elapsed());
    run.complete_error(given_up(ErrorKind::Timeout, text, transfer))
}

/// The error of a transfer that was given up because somebody said so.
pub(super) fn cancelled(line: &Line) -> Error {
    let run = &line.handler().run;
    let text = "the request was cancelled".to_owned();
    run.complete_error(given_up(ErrorKind::Cancelled, text, line.info().transfer()))
}
