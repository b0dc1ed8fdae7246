//! The thread that drives asynchronous transfers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::conduct::{
    Concluded, Conduct, Line, Order, cancelled, cancelled_early, conclude, dry, give_up, late,
};
use super::config::{Config, connections};
use super::exchange::Exchange;
use super::foreign::wake;
use super::link::{Command, Link, Start};
#[cfg(target_os = "linux")]
use super::load::GROUP;
use super::load::Load;
use super::names::Names;
use super::plan::{Plan, withdraw};
#[cfg(target_os = "linux")]
use super::pool::USUAL_LIFE;
#[cfg(all(feature = "websocket", unix))]
use super::websocket::{Held, Opening, Sockets, Tunnel, Wired};
use crate::curl::{Done, Id, Multi};
use crate::error::libcurl::given_up;
use crate::error::{Error, ErrorKind, Phase, Result, TimeLimit, Timings, Transfer};
use crate::thread::detached;

/// How long a driver waits when it has nothing to do.
const LONG: Duration = Duration::from_secs(3600);

/// A multi with its handles, on a thread of its own. Nobody joins that thread: it is told to stop,
/// and [`Link`] tells when it has.
pub(super) struct Driver {
    link: Arc<Link>,
    config: Arc<Config>,
    multi: Multi<Conduct>,
    idle: Vec<Line>,
    load: Load,
    #[cfg(all(feature = "websocket", unix))]
    sockets: Sockets,
    /// Transfers whose head is complete.
    ready: Arc<Mutex<Vec<Id>>>,
    timers: BTreeMap<TimerKey, Timer>,
    last: u64,
    /// When to close connections of a load that is over.
    sweeps: Option<Instant>,
    inbox: Vec<Command>,
    names: Names,
    // Dropped last.
    _gone: Gone,
}

pub(super) type TimerKey = (Instant, u64);

enum Timer {
    /// A transfer's limits are to be looked at.
    Check(Id),
    /// A task waits until then.
    Alarm(Waker),
    /// A request still waits for its turn.
    Turn(Arc<Exchange>, Instant),
}

/// Tells that the driver is gone, however it went.
struct Gone(Arc<Link>);

impl Drop for Gone {
    fn drop(&mut self) {
        // What came too late is ended by being dropped.
        drop(self.0.gone());
    }
}

impl Driver {
    /// Starts a driver; it does not wait for the thread.
    pub(super) fn spawn(config: &Arc<Config>, number: usize) -> Result<Arc<Link>> {
        #[cfg(target_os = "linux")]
        let multi = Multi::spread(GROUP)?;
        #[cfg(not(target_os = "linux"))]
        let multi = Multi::new()?;
        let multi = connections(multi)?;
        let link = Arc::new(Link::new(multi.waker()));
        let driver = Self {
            link: Arc::clone(&link),
            config: Arc::clone(config),
            multi,
            idle: Vec::new(),
            load: Load::new(),
            #[cfg(all(feature = "websocket", unix))]
            sockets: Sockets::default(),
            ready: Arc::default(),
            timers: BTreeMap::new(),
            last: 0,
            sweeps: None,
            inbox: Vec::new(),
            names: Names::default(),
            _gone: Gone(Arc::clone(&link)),
        };
        detached(&format!("ffence-http-{number}"), move || driver.run())?;
        Ok(link)
    }

    fn run(mut self) {
        self.link.here();
        loop {
            let mut inbox = std::mem::take(&mut self.inbox);
            if !self.link.take(&mut inbox) {
                return;
            }
            for command in inbox.drain(..) {
                self.obey(command);
            }
            self.inbox = inbox;
            // Neither fails but for want of memory or descriptors; what cannot be driven ends.
            if self.multi.perform().is_err() {
                return;
            }
            self.announce();
            while let Some(Done { id, result }) = self.multi.next_done() {
                self.over(id, result);
            }
            self.look_at_timers();
            if self.sweep().is_err() || self.link.may_wait() && self.poll().is_err() {
                return;
            }
        }
    }

    /// Closes the idle connections of a load that is over, once they may not be used any more.
    fn sweep(&mut self) -> Result<()> {
        #[cfg(target_os = "linux")]
        {
            let life = self.config.idle.unwrap_or(USUAL_LIFE);
            self.sweeps = self.multi.sweep(life)?;
        }
        Ok(())
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Start(start) => self.start(*start),
            Command::Turn(exchange, entered, due) => {
                self.set(due, Timer::Turn(exchange, entered));
            }
            Command::Alarm(at, waker) => _ = self.set(at, Timer::Alarm(waker)),
            Command::Resume(exchange) => self.resume(&exchange),
            Command::Cancel(exchange) => self.reconsider(&exchange),
            #[cfg(all(feature = "websocket", unix))]
            Command::Open(opening) => self.open(&opening),
            #[cfg(all(feature = "websocket", unix))]
            Command::Pump(tunnel) => self.sockets.pump_of(&mut self.multi, &tunnel),
            #[cfg(all(feature = "websocket", unix))]
            Command::HangUp(tunnel) => self.hang_up(&tunnel),
        }
    }

    /// Gives a transfer up that nobody wants, or that will not get its request's body.
    fn reconsider(&mut self, exchange: &Exchange) {
        let Some(id) = exchange.id() else { return };
        if exchange.is_left() || exchange.is_cancelled() {
            self.end(id, cancelled);
        } else if let Some(failure) = exchange.early_failure() {
            self.end(id, |line| dry(failure, line));
        }
    }

    fn poll(&mut self) -> Result<()> {
        let wait = self.wait();
        #[cfg(all(feature = "websocket", unix))]
        if !self.sockets.is_empty() {
            return self.sockets.poll(&mut self.multi, wait);
        }
        self.multi.poll(wait)
    }

    fn start(&mut self, start: Start) {
        let Start { exchange, plan, mut order } = start;
        if exchange.is_left() {
            return;
        }
        if exchange.is_cancelled() {
            return exchange.end(Err(cancelled_early(order.queue)));
        }
        // Not the handle's before it is on its way: one that is refused would end it unexplained.
        let wanted = order.exchange.take();
        match self.begin(plan, order) {
            Err(error) => exchange.end(Err(error)),
            Ok(id) => {
                if let Some(conduct) = self.multi.handler_mut(id) {
                    conduct.run.exchange = wanted;
                }
                exchange.begun(id);
                self.reconsider(&exchange);
            }
        }
    }

    fn begin(&mut self, plan: Plan<'_>, order: Order) -> Result<Id> {
        let mut line = self.idle.pop().map_or_else(|| self.config.line(), Ok)?;
        self.load.settle(&mut line)?;
        plan.apply(&mut line)?;
        let first = line.handler_mut().run.begin(order);
        let id = self.multi.add(line)?;
        self.load.more(&mut self.multi);
        if let Some(conduct) = self.multi.handler_mut(id) {
            conduct.run.ready = Some((Arc::clone(&self.ready), id));
        }
        self.look_again(id, first);
        Ok(id)
    }

    /// Hands on the responses that have their heads.
    fn announce(&mut self) {
        loop {
            let Some(id) = self.ready.lock().pop() else { return };
            let head = |line: &Line| line.info().timings();
            let Some(timings) = self.multi.get(id).map(head) else { continue };
            let received = self.multi.get(id).map_or(0, |line| line.info().size_download());
            let Some(conduct) = self.multi.handler_mut(id) else { continue };
            let wanted = conduct.run.exchange.as_deref().map(Arc::clone);
            let Some(exchange) = wanted else { continue };
            match conduct.run.take_head(timings, received, &mut self.names) {
                Ok(head) => exchange.answer(Ok(head)),
                Err(error) => self.end(id, |_| error),
            }
        }
    }

    fn over(&mut self, id: Id, result: Result<()>) {
        let Some(conduct) = self.multi.handler_mut(id) else { return };
        let exchange = conduct.run.exchange.as_deref().map(Arc::clone);
        if let Some(timer) = conduct.run.clock.timer.take() {
            self.timers.remove(&timer);
        }
        #[cfg(all(feature = "websocket", unix))]
        if let Some(held) = conduct.run.tunnel.take() {
            return self.connected(id, held, result);
        }
        self.load.less();
        match self.multi.remove(id) {
            Ok(mut line) => {
                let result = match &exchange {
                    Some(it) if it.is_cancelled() => Err(cancelled(&line)),
                    _ => result,
                };
                let concluded = conclude(result, &mut line, &mut self.names);
                if withdraw(&mut line) && self.load.keeps(self.idle.len()) {
                    self.idle.push(line);
                } else {
                    self.fewer();
                }
                deliver(concluded);
            }
            // The handle is gone, and its transfer's own result with it.
            Err(error) => {
                if let Some(exchange) = exchange {
                    exchange.end(Err(error));
                }
            }
        }
    }

    /// There is less to do than there was.
    fn fewer(&mut self) {
        if !self.idle.is_empty() && !self.load.keeps(self.idle.len() - 1) {
            drop(self.idle.pop());
        }
    }

    /// Gives a transfer up, if it is not over.
    fn end(&mut self, id: Id, why: impl FnOnce(&Line) -> Error) {
        let Some(conduct) = self.multi.handler_mut(id) else { return };
        if let Some(timer) = conduct.run.clock.timer.take() {
            self.timers.remove(&timer);
        }
        #[cfg(all(feature = "websocket", unix))]
        if let Some(held) = conduct.run.tunnel.take() {
            return held.0.end(give_up(&mut self.multi, id, why).outcome.map(drop));
        }
        self.load.less();
        self.fewer();
        deliver(give_up(&mut self.multi, id, why));
    }

    fn resume(&mut self, exchange: &Exchange) {
        let Some(id) = exchange.id() else { return };
        match self.multi.pause(id, exchange.pauses()) {
            Ok(()) => {}
            // It is over already, or not connected yet: nothing stands still.
            Err(error) if error.kind() == ErrorKind::Parameter => {}
            Err(error) => self.over(id, Err(error)),
        }
    }

    fn set(&mut self, at: Instant, timer: Timer) -> TimerKey {
        self.last += 1;
        let key = (at, self.last);
        self.timers.insert(key, timer);
        key
    }

    fn look_again(&mut self, id: Id, at: Option<Instant>) {
        let key = at.map(|at| self.set(at, Timer::Check(id)));
        if let Some(conduct) = self.multi.handler_mut(id) {
            conduct.run.clock.timer = key;
        }
    }

    fn look_at_timers(&mut self) {
        while let Some(first) = self.timers.first_entry() {
            if first.key().0 > Instant::now() {
                return;
            }
            match first.remove() {
                Timer::Check(id) => self.check(id),
                Timer::Alarm(waker) => wake(Some(waker)),
                Timer::Turn(exchange, entered) => {
                    if exchange.id().is_none() {
                        exchange.end(Err(waited_too_long(entered)));
                    }
                }
            }
        }
    }

    fn check(&mut self, id: Id) {
        let Some(line) = self.multi.get(id) else { return };
        let progress = line.info().into();
        let Some(conduct) = self.multi.handler_mut(id) else { return };
        match conduct.run.check(progress) {
            Ok(next) => self.look_again(id, next),
            Err(limit) => self.end(id, |line| late(limit, line)),
        }
    }

    fn wait(&self) -> Duration {
        let next = self.timers.first_key_value().map(|((at, _), _)| *at);
        let next = next.into_iter().chain(self.sweeps).min();
        next.map_or(LONG, |at| at.saturating_duration_since(Instant::now()))
    }
}

/// What a driver does for WebSockets.
#[cfg(all(feature = "websocket", unix))]
impl Driver {
    /// Makes a connection.
    fn open(&mut self, opening: &Opening) {
        let tunnel = &opening.tunnel;
        if tunnel.is_left() {
            return;
        }
        let added =
            opening.line(&self.config).and_then(|(line, first)| Ok((self.multi.add(line)?, first)));
        match added {
            Err(error) => tunnel.end(Err(error)),
            Ok((id, first)) => {
                if let Some(conduct) = self.multi.handler_mut(id) {
                    conduct.run.tunnel = Some(Held(Arc::clone(tunnel)));
                }
                self.look_again(id, first);
                if !tunnel.begun(id) {
                    self.end(id, cancelled);
                }
            }
        }
    }

    /// A connection stands, or could not be made.
    fn connected(&mut self, id: Id, held: Held, result: Result<()>) {
        let socket = match result {
            Ok(()) => Wired::socket(&self.multi, id),
            Err(error) => Err(match self.multi.remove(id) {
                Ok(mut line) => conclude(Err(error), &mut line, &mut self.names).outcome.err(),
                Err(error) => Some(error),
            }
            .unwrap_or_else(|| Error::of(ErrorKind::Closed))),
        };
        match socket {
            Ok(socket) => self.sockets.add(&mut self.multi, Wired::new(socket, id, held)),
            Err(error) => {
                held.0.end(Err(error));
                // Where it is still there.
                let _ = self.multi.cancel(id);
            }
        }
    }

    fn hang_up(&mut self, tunnel: &Arc<Tunnel>) {
        if !self.sockets.hang_up(&mut self.multi, tunnel)
            && let Some(id) = tunnel.id()
        {
            // It is still being made, or over.
            self.end(id, cancelled);
        }
    }
}

fn deliver(concluded: Concluded) {
    let Concluded { exchange, source, outcome } = concluded;
    // A user's reader, before the user hears of the end.
    drop(source);
    if let Some(exchange) = exchange {
        exchange.end(outcome);
    }
}

/// The whole call's limit was over before its turn came.
pub(super) fn waited_too_long(entered: Instant) -> Error {
    let waited = entered.elapsed();
    let transfer = Transfer {
        elapsed: waited,
        phase: Phase::Name,
        limit: Some(TimeLimit::Total),
        timings: Timings { queue: waited, ..Timings::default() },
        ..Transfer::default()
    };
    let text = format!("the request's turn did not come within {waited:.1?}");
    given_up(ErrorKind::Timeout, text, transfer)
}
