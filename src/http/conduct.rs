//! Whom a handle calls back: the request's body goes out, the response comes in.

mod ends;

use std::io::SeekFrom;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ::http::{HeaderMap, StatusCode};
use parking_lot::Mutex;

pub(super) use self::ends::{
    Concluded, Whole, cancelled, cancelled_early, closed, closed_early, conclude, dry, give_up,
    late,
};
use super::clock::{self, Clock, Phases};
use super::exchange::Wanted;
use super::foreign::Foreign;
use super::head::Head;
use super::limits::Permit;
use super::names::Names;
use super::network::TlsProxy;
use super::plan::Applied;
use super::response::Response;
use super::route::{Kept, Route};
use super::sink::{Failure, Sink};
use super::source::Source;
use crate::curl::{Callbacks, Easy, Flow, Handler, Id, Read, Seek, Upload, Write};
use crate::error::{Error, Phase, Result, TimeLimit, Timings};
use crate::unwind::{Slot, guard};

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
    /// Where a proxy is spoken to by TLS.
    pub(super) proxy: Option<TlsProxy>,
    /// Names are resolved over HTTPS.
    pub(super) asks_over_https: bool,
    /// What each TLS context is told.
    #[cfg(feature = "crypto")]
    pub(super) tls: Option<Arc<super::tls::Setup>>,
}

/// What a transfer is begun with.
#[derive(Default)]
pub(super) struct Order {
    pub(super) sink: Sink,
    pub(super) source: Source,
    /// How long its phases may take, and whether that of TLS is one.
    pub(super) phases: (Phases, bool),
    pub(super) interim: Option<Foreign<Interim>>,
    pub(super) progress: Option<Foreign<OnProgress>>,
    /// How long it waited for its turn.
    pub(super) queue: Duration,
    /// The longest that libcurl may take for the transfer, and to connect: zero for no limit.
    pub(super) limits: (Duration, Duration),
    /// libcurl may have to answer a challenge, and its head is not the response's either.
    pub(super) negotiates: bool,
    /// Who wants it, where that is not the caller.
    pub(super) exchange: Option<Wanted>,
    /// Its place among those at work, until it is over.
    pub(super) permit: Option<Permit>,
    /// What the client's policies say about it.
    pub(super) route: Option<Arc<Route>>,
    /// How long the requests took that led to this one.
    pub(super) before: Duration,
}

/// What belongs to one transfer. It stays where the handle has it, from one to the next.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools)] // each is a question of its own
pub(super) struct Run {
    sink: Sink,
    source: Source,
    pub(super) clock: Clock,
    interim: Option<Foreign<Interim>>,
    progress: Option<Foreign<OnProgress>>,
    moved: Progress,
    queue: Duration,
    limits: (Duration, Duration),
    negotiates: bool,
    pub(super) exchange: Option<Wanted>,
    /// Who speaks through the connection that is being made.
    #[cfg(all(feature = "websocket", unix))]
    pub(super) tunnel: Option<super::websocket::Held>,
    permit: Option<Permit>,
    /// Where heads that are complete are listed.
    pub(super) ready: Option<(Arc<Mutex<Vec<Id>>>, Id)>,
    route: Option<Arc<Route>>,
    before: Duration,
    head: Head,
    /// It leads to another request: its body is nobody's.
    turned: bool,
    announced: bool,
    /// The head went to whoever wants it.
    handed_on: bool,
    /// What it said of the body's length.
    length: Option<u64>,
    failure: Option<Failure>,
}

impl Run {
    /// Takes an order, after the last one was [cleared](Run::clear); answers when to look at its
    /// limits first.
    #[inline]
    pub(super) fn begin(&mut self, order: Order) -> Option<Instant> {
        (self.sink, self.source) = (order.sink, order.source);
        (self.interim, self.progress) = (order.interim, order.progress);
        (self.queue, self.limits) = (order.queue, order.limits);
        self.negotiates = order.negotiates;
        (self.route, self.before) = (order.route, order.before);
        (self.exchange, self.permit) = (order.exchange, order.permit);
        self.clock.start(order.phases)
    }

    /// Lets go of what belonged to the transfer, and leaves its settings for the next to write over.
    fn clear(&mut self) {
        (self.sink, self.source) = (Sink::Nothing, Source::Nothing);
        (self.interim, self.progress) = (None, None);
        (self.exchange, self.permit, self.ready) = (None, None, None);
        (self.announced, self.handed_on, self.failure) = (false, false, None);
        (self.route, self.turned) = (None, false);
        self.moved = Progress::default();
        self.head.clear();
    }

    /// The head is complete, and is the response's: what comes next is its body.
    fn announce(&mut self) {
        if self.announced || self.turned || !matches!(self.sink, Sink::Pipe(_)) {
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

    fn complete(&mut self) -> Result<(), Failure> {
        match self.head.status() {
            // All but a switch of protocols are followed by another head.
            100 | 102..=199 => {
                if let Some(interim) = self.interim.as_mut().and_then(Foreign::get) {
                    let taken = self.head.take(&mut Names::default());
                    let (status, _, headers) = taken.map_err(Failure::Ours)?;
                    interim(status, &headers);
                }
            }
            status => {
                if let Some(route) = &self.route
                    && route.answered(&self.head)?
                {
                    self.turned = true;
                    route.keep(Kept {
                        sink: std::mem::take(&mut self.sink),
                        interim: self.interim.take(),
                        progress: self.progress.take(),
                    });
                } else if !(self.negotiates && matches!(status, 401 | 407)) {
                    self.announce();
                }
            }
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

    /// What takes the body in the place of a sink has so many bytes now.
    ///
    /// # Errors
    /// The panic of what is told so.
    pub(super) fn forwarded(&mut self, written: u64) -> Result<()> {
        let more = written.saturating_sub(self.moved.downloaded);
        if more == 0 {
            return Ok(());
        }
        self.clock.moved();
        if self.progress.is_none() {
            self.moved.downloaded = written;
            return Ok(());
        }
        let mut slot = Slot::new();
        let more = usize::try_from(more).unwrap_or(usize::MAX);
        guard(&mut slot, (), || self.progressed(more, 0));
        slot.take().map_or(Ok(()), |panic| Err(panic.into()))
    }

    fn failed(&mut self, failure: Failure) {
        self.failure = Some(failure);
    }

    /// The response without its body, once its head was announced.
    pub(super) fn take_head(
        &mut self,
        timings: Timings,
        received: u64,
        names: &mut Names,
    ) -> Result<Response<Vec<u8>>> {
        (self.handed_on, self.length) = (true, self.head.body_length());
        let parts = self.head.take(names)?;
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
        self.after(Timings { queue: self.queue, first_byte, ..timings })
    }

    /// Counts from the start of the call, where other requests led to this one.
    fn after(&self, timings: Timings) -> Timings {
        let later = |then: Duration| if then.is_zero() { then } else { then + self.before };
        Timings {
            name: later(timings.name),
            connect: later(timings.connect),
            tls: later(timings.tls),
            request: later(timings.request),
            first_byte: later(timings.first_byte),
            redirect: timings.redirect + self.before,
            total: timings.total + self.before,
            ..timings
        }
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
            transfer.elapsed += self.before;
            transfer.timings = self.after(transfer.timings);
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
        if run.turned
            && let Some(route) = &run.route
        {
            return route.skip(bytes.len());
        }
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
            Ok(true) => {
                if run.head.status() == 401 && run.head.asks_for_digest() {
                    self.applied.retire();
                }
                run.complete()
            }
            Err(error) => Err(Failure::Ours(error)),
        };
        match outcome {
            Ok(()) => Flow::Continue,
            Err(failure) => {
                run.failed(failure);
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

    #[cfg(feature = "crypto")]
    fn tls_context(&mut self, context: &mut crate::curl::TlsContext<'_>) -> Flow {
        match self.tls.as_ref().map_or(Ok(()), |tls| tls.tell(context)) {
            Ok(()) => Flow::Continue,
            Err(error) => {
                self.run.failed(Failure::Ours(error));
                Flow::Stop
            }
        }
    }
}
