//! A handle and its connections for whoever calls, one request after the other.

use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use super::calls::Calls;
use super::cancel::{CancelHandle, Hook, Nudge};
use super::conduct::{
    Concluded, Conduct, Line, Order, Run, cancelled, cancelled_early, closed, closed_early,
    conclude, dry, give_up, late,
};
use super::config::{Config, connections};
use super::driver::waited_too_long;
use super::exchange::Exchange;
use super::limits::{Permit, Turn};
use super::names::Names;
use super::plan::{Plan, withdraw};
use super::pump::Pump;
use super::response::Response;
use super::sink::Forward;
use crate::curl::{self, Done, Id, Multi, option};
use crate::error::{Error, ErrorKind, Result};

/// A multi with one handle. It may go from thread to thread between two requests, and even within
/// one whose body is read.
pub(super) struct Wire {
    multi: Multi<Conduct>,
    at: At,
    /// When to look at the limits.
    due: Option<Instant>,
    names: Names,
}

enum At {
    Idle(Line),
    Busy(Id),
    /// The handle remembers how somebody logged in; the connections are as good as before.
    Retired,
    /// The handle is gone, or must not be used again.
    Lost,
}

/// What happens beside a transfer.
#[derive(Default)]
pub(super) struct Beside<'a, 'w> {
    pub(super) receiver: Option<&'a mut Forward<'w>>,
    pub(super) cancel: Option<&'a CancelHandle>,
    /// Where it is told that the client was closed.
    pub(super) calls: Option<&'a Calls>,
    /// What gives the request's body, and through whom.
    pub(super) pump: Option<(&'a mut Pump, &'a Arc<Exchange>)>,
}

/// How long to wait when nothing is due.
const LONG: Duration = Duration::from_secs(3600);

/// There are no more of these than threads at work, and a large one moves a download half as fast again.
const BUFFER: u32 = 256 * 1024;

impl Wire {
    pub(super) fn new(config: &Config) -> Result<Self> {
        let multi = connections(Multi::new()?)?;
        let at = At::Idle(Self::line(config)?);
        Ok(Self { multi, at, due: None, names: Names::default() })
    }

    fn line(config: &Config) -> Result<Line> {
        let mut line = config.line()?;
        line.set(option::BufferSize(BUFFER))?;
        Ok(line)
    }

    /// Has a new handle in the place of one that is retired.
    pub(super) fn renew(&mut self, config: &Config) -> Result<()> {
        if matches!(self.at, At::Retired) {
            self.at = At::Idle(Self::line(config)?);
        }
        Ok(())
    }

    /// The handle holds no request's method, headers or body.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self.at, At::Idle(_))
    }

    /// What ends a wait of this one.
    pub(super) fn waker(&self) -> Waker {
        Waker::from(Arc::new(Nudge(self.signal())))
    }

    /// The same, for those who need no task's waker.
    pub(super) fn signal(&self) -> curl::Waker {
        self.multi.waker()
    }

    pub(super) fn hook(&self, cancel: Option<&CancelHandle>) -> Option<Hook> {
        cancel.map(|cancel| cancel.hook(self.waker()))
    }

    /// Waits for a turn, but not longer than until `due`.
    pub(super) fn wait_for(
        &mut self,
        turn: &mut Turn,
        calls: &Calls,
        cancel: Option<&CancelHandle>,
        due: Option<Instant>,
    ) -> Result<Permit> {
        let (entered, waker) = (Instant::now(), self.waker());
        loop {
            if let Poll::Ready(permit) = turn.poll(&waker) {
                return Ok(permit);
            }
            self.rest(calls, cancel, due, entered)?;
            if due.is_some_and(|due| due <= Instant::now()) {
                return Err(waited_too_long(entered));
            }
        }
    }

    /// Waits until `then`.
    pub(super) fn sleep(
        &mut self,
        calls: &Calls,
        cancel: Option<&CancelHandle>,
        then: Instant,
    ) -> Result<()> {
        let (_hook, entered) = (self.hook(cancel), Instant::now());
        while then > Instant::now() {
            self.rest(calls, cancel, Some(then), entered)?;
        }
        Ok(())
    }

    fn rest(
        &mut self,
        calls: &Calls,
        cancel: Option<&CancelHandle>,
        due: Option<Instant>,
        since: Instant,
    ) -> Result<()> {
        let wait = due.map_or(LONG, |due| due.saturating_duration_since(Instant::now()));
        // It may have been closed before this could be woken.
        if !calls.is_closed() {
            self.multi.poll(wait)?;
        }
        if calls.is_closed() {
            return Err(closed_early(since.elapsed()));
        }
        match cancel {
            Some(cancel) if cancel.is_cancelled() => Err(cancelled_early(since.elapsed())),
            _ => Ok(()),
        }
    }

    /// Begins a transfer.
    pub(super) fn begin(&mut self, plan: Plan<'_>, order: Order) -> Result<()> {
        let At::Idle(mut line) = std::mem::replace(&mut self.at, At::Lost) else {
            return Err(Error::of(ErrorKind::Poisoned));
        };
        // One that fails on the way is not given back: it is dropped with what it holds.
        let outcome = plan.apply(&mut line);
        if let Err(error) = outcome {
            let _ = withdraw(&mut line);
            return Err(error);
        }
        self.due = line.handler_mut().run.begin(order);
        self.at = At::Busy(self.multi.add(line)?);
        Ok(())
    }

    /// Drives the transfer until it is over, or `enough` says so: `None` then.
    pub(super) fn drive(
        &mut self,
        mut beside: Beside<'_, '_>,
        mut enough: impl FnMut(&Run) -> bool,
    ) -> Option<Concluded> {
        let At::Busy(id) = self.at else {
            return Some(failed(Error::of(ErrorKind::Poisoned)));
        };
        let pump_waker = beside.pump.is_some().then(|| self.waker());
        loop {
            if beside.calls.is_some_and(Calls::is_closed) {
                return Some(self.give_up(id, closed));
            }
            if let (Some((pump, exchange)), Some(waker)) = (&mut beside.pump, &pump_waker) {
                pump.pump(exchange, &mut std::task::Context::from_waker(waker));
                if let Some(failure) = exchange.early_failure() {
                    return Some(self.give_up(id, |line| dry(failure, line)));
                }
                if exchange.may_resume()
                    && let Some(concluded) = self.resume(exchange)
                {
                    return Some(concluded);
                }
            }
            let outcome = match &mut beside.receiver {
                None => self.multi.perform(),
                Some(forward) => self.multi.perform_to(id, *forward),
            };
            if let Some(forward) = &beside.receiver
                && let Err(panic) = self.forwarded(id, forward.written)
            {
                return Some(self.give_up(id, |line| panic.at(line.info().transfer())));
            }
            if self.multi.get(id).is_some_and(|line| enough(&line.handler().run)) {
                return None;
            }
            match outcome {
                Err(error) => return Some(self.give_up(id, |_| error)),
                Ok(0) => {
                    if let Some(Done { result, .. }) = self.multi.next_done() {
                        return Some(self.over(id, result));
                    }
                }
                Ok(_) => {}
            }
            if beside.cancel.is_some_and(CancelHandle::is_cancelled) {
                return Some(self.give_up(id, cancelled));
            }
            let wait = match self.due {
                None => LONG,
                Some(due) => match due.saturating_duration_since(Instant::now()) {
                    Duration::ZERO => match self.check(id) {
                        Some(concluded) => return Some(concluded),
                        None => continue,
                    },
                    wait => wait,
                },
            };
            if let Err(error) = self.multi.poll(wait) {
                return Some(self.give_up(id, |_| error));
            }
        }
    }

    /// The directions of the transfer go on or stand still, as the exchange has it.
    pub(super) fn resume(&mut self, exchange: &Exchange) -> Option<Concluded> {
        let At::Busy(id) = self.at else { return None };
        match self.multi.pause(id, exchange.pauses()) {
            Ok(()) => None,
            // It is over already, or not connected yet: nothing stands still.
            Err(error) if error.kind() == ErrorKind::Parameter => None,
            Err(error) => Some(self.over(id, Err(error))),
        }
    }

    /// What takes the body's bytes in the handler's place has so many now.
    fn forwarded(&mut self, id: Id, written: u64) -> Result<()> {
        self.multi.handler_mut(id).map_or(Ok(()), |conduct| conduct.run.forwarded(written))
    }

    fn check(&mut self, id: Id) -> Option<Concluded> {
        let progress = self.multi.get(id)?.info().into();
        match self.multi.handler_mut(id)?.run.check(progress) {
            Ok(next) => {
                self.due = next;
                None
            }
            Err(limit) => Some(self.give_up(id, |line| late(limit, line))),
        }
    }

    fn over(&mut self, id: Id, result: Result<()>) -> Concluded {
        self.at = At::Lost;
        match self.multi.remove(id) {
            Ok(mut line) => {
                let concluded = conclude(result, &mut line, &mut self.names);
                if withdraw(&mut line) {
                    self.at = At::Idle(line);
                } else if line.handler().applied.is_retired() {
                    self.at = At::Retired;
                }
                concluded
            }
            Err(error) => failed(error),
        }
    }

    fn give_up(&mut self, id: Id, why: impl FnOnce(&Line) -> Error) -> Concluded {
        self.at = At::Lost;
        give_up(&mut self.multi, id, why)
    }

    /// The head of the transfer that runs, once it was announced.
    pub(super) fn take_head(&mut self) -> Result<Response<Vec<u8>>> {
        let closed = || Error::of(ErrorKind::Closed);
        let At::Busy(id) = self.at else { return Err(closed()) };
        let info = self.multi.get(id).ok_or_else(closed)?.info();
        let (timings, received) = (info.timings(), info.size_download());
        let conduct = self.multi.handler_mut(id).ok_or_else(closed)?;
        conduct.run.take_head(timings, received, &mut self.names)
    }
}

fn failed(error: Error) -> Concluded {
    Concluded { exchange: None, source: super::source::Source::default(), outcome: Err(error) }
}
