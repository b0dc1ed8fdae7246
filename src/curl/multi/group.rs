//! Several of libcurl's multis that one thread waits for with one epoll.

use std::ffi::c_long;
use std::time::{Duration, Instant};

use super::events::Epoll;
use super::stack::{Message, Stack, milliseconds};
use super::waker::Waker;
use super::watched::{self, Watched};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::curl as ffi;
use crate::fork;

/// libcurl goes through the connections of a multi, one after the other, for each transfer that
/// begins and for each that is taken out: with thousands of them that is most of its work. So each of
/// these has so many handles at most, and the next one takes those beyond.
///
/// They are filled in order, and what is taken out makes room in the first: a small load uses the
/// first one alone, and finds its connections there.
pub(super) struct Group {
    // Before `epoll`, though each keeps that alive as well.
    stacks: Vec<Option<Stack>>,
    places: Vec<Place>,
    epoll: Epoll,
    waker: Waker,
    /// How many handles each has at most.
    most: usize,
    /// None before this one has room.
    lowest: usize,
    /// Those that something can be done for now; they are not waited for.
    active: Vec<usize>,
    /// Those that libcurl has to count anew, whenever something is done.
    stale: Vec<usize>,
    /// `active`, while it is gone through.
    acting: Vec<usize>,
    /// Those that may have messages.
    told: Vec<usize>,
    /// No timer runs out before.
    soonest: Option<Instant>,
    /// The sockets were looked at since something was done.
    looked: bool,
    running: usize,
    /// How all of them are set.
    settings: Vec<(ffi::CURLMoption, c_long)>,
    /// When one of them has not been used for long enough, at the earliest.
    sweep: Option<Instant>,
    born: u64,
}

/// What is known of a multi without looking into it.
#[derive(Default)]
struct Place {
    /// How many handles it has.
    held: usize,
    /// How many of them are at work, as libcurl last counted.
    running: usize,
    active: bool,
    told: bool,
    due: Option<Instant>,
    /// Since when it has none.
    empty: Option<Instant>,
}

impl Group {
    /// With at most so many handles in each.
    pub(super) fn new(most: usize) -> Result<Self> {
        let (epoll, signal) = Epoll::new()?;
        let mut group = Self {
            stacks: Vec::new(),
            places: Vec::new(),
            epoll,
            waker: Waker::of_events(signal),
            most: most.max(1),
            lowest: 0,
            active: Vec::new(),
            stale: Vec::new(),
            acting: Vec::new(),
            told: Vec::new(),
            soonest: None,
            looked: false,
            running: 0,
            settings: Vec::new(),
            sweep: None,
            born: fork::epoch(),
        };
        group.make(0)?;
        Ok(group)
    }

    fn make(&mut self, number: usize) -> Result<()> {
        let named = u32::try_from(number).map_err(|_| Error::of(ErrorKind::OutOfMemory))?;
        let mut stack = Stack::event_driven(&self.epoll, named, self.waker.clone())?;
        for &(option, value) in &self.settings {
            stack.set_long(option, value)?;
        }
        if self.stacks.len() <= number {
            self.stacks.resize_with(number + 1, || None);
            self.places.resize_with(number + 1, Place::default);
        }
        self.stacks[number] = Some(stack);
        Ok(())
    }

    #[inline]
    pub(super) fn here(&self) -> Result<()> {
        if self.born == fork::epoch() { Ok(()) } else { Err(Error::of(ErrorKind::Forked)) }
    }

    pub(super) fn waker(&self) -> &Waker {
        &self.waker
    }

    pub(super) fn epoll(&self) -> &Epoll {
        &self.epoll
    }

    /// Which one takes the next handle.
    pub(super) fn room(&mut self) -> Result<usize> {
        while self.places.get(self.lowest).is_some_and(|place| place.held >= self.most) {
            self.lowest += 1;
        }
        if self.stacks.get(self.lowest).is_none_or(Option::is_none) {
            self.make(self.lowest)?;
        }
        Ok(self.lowest)
    }

    pub(super) fn at(&mut self, number: usize) -> Result<&mut Stack> {
        let stack = self.stacks.get_mut(number).and_then(Option::as_mut);
        stack.ok_or_else(|| Error::of(ErrorKind::Closed))
    }

    /// It has a handle more.
    pub(super) fn came(&mut self, number: usize) {
        let place = &mut self.places[number];
        place.held += 1;
        place.empty = None;
        self.call(number);
    }

    /// It has a handle less.
    pub(super) fn went(&mut self, number: usize) {
        let place = &mut self.places[number];
        place.held = place.held.saturating_sub(1);
        if place.held == 0 && number > 0 {
            let now = Instant::now();
            place.empty = Some(now);
            self.sweep.get_or_insert(now);
        }
        self.lowest = self.lowest.min(number);
        // Libcurl says by its timer whether it has something to do for those that are left.
        self.stale.push(number);
        self.heed(number);
    }

    /// Something was done with one of its transfers.
    pub(super) fn heed(&mut self, number: usize) {
        let Some(Some(stack)) = self.stacks.get_mut(number) else { return };
        match stack.due() {
            (_, true) => self.call(number),
            (due, false) => {
                self.places[number].due = due;
                self.soonest = self.soonest.into_iter().chain(due).min();
            }
        }
    }

    fn call(&mut self, number: usize) {
        let place = &mut self.places[number];
        if !std::mem::replace(&mut place.active, true) {
            self.active.push(number);
        }
    }

    /// Does what can be done at once; answers how many transfers are not over.
    pub(super) fn perform(&mut self) -> Result<usize> {
        self.here()?;
        if !self.looked {
            self.look(Duration::ZERO)?;
        }
        self.looked = false;
        self.call_those_due();
        while let Some(number) = self.stale.pop() {
            self.call(number);
        }
        let mut acting = std::mem::take(&mut self.acting);
        std::mem::swap(&mut acting, &mut self.active);
        let mut outcome = Ok(());
        for &number in &acting {
            self.places[number].active = false;
            if outcome.is_ok() {
                outcome = self.act(number);
            } else {
                self.call(number);
            }
        }
        acting.clear();
        self.acting = acting;
        outcome.map(|()| self.running)
    }

    fn act(&mut self, number: usize) -> Result<()> {
        let Some(Some(stack)) = self.stacks.get_mut(number) else { return Ok(()) };
        let outcome = stack.act();
        let place = &mut self.places[number];
        let running = stack.running();
        self.running = (self.running + running).saturating_sub(place.running);
        place.running = running;
        if !std::mem::replace(&mut place.told, true) {
            self.told.push(number);
        }
        self.heed(number);
        outcome
    }

    fn call_those_due(&mut self) {
        let Some(soonest) = self.soonest else { return };
        let now = Instant::now();
        if soonest > now {
            return;
        }
        self.soonest = None;
        for number in 0..self.places.len() {
            match self.places[number].due {
                Some(due) if due <= now => {
                    self.places[number].due = None;
                    self.call(number);
                }
                due => self.soonest = self.soonest.into_iter().chain(due).min(),
            }
        }
    }

    /// Sees which sockets are ready, and waits for one as long as nothing else can be done.
    fn look(&mut self, timeout: Duration) -> Result<()> {
        let Self { stacks, places, active, .. } = self;
        self.epoll.wait(timeout, |number, found| {
            let Ok(number) = usize::try_from(number) else { return };
            let Some(Some(stack)) = stacks.get_mut(number) else { return };
            stack.found(found);
            if !std::mem::replace(&mut places[number].active, true) {
                active.push(number);
            }
        })?;
        self.looked = true;
        Ok(())
    }

    fn patience(&self, timeout: Duration) -> Duration {
        match self.soonest {
            _ if !self.active.is_empty() => Duration::ZERO,
            Some(due) if !timeout.is_zero() => {
                timeout.min(due.saturating_duration_since(Instant::now()))
            }
            _ => timeout,
        }
    }

    pub(super) fn poll(&mut self, timeout: Duration) -> Result<()> {
        self.here()?;
        // What is known to be ready is handled before more is asked for.
        if self.looked && !self.active.is_empty() {
            return Ok(());
        }
        self.look(self.patience(timeout))
    }

    pub(super) fn poll_with(
        &mut self,
        timeout: Duration,
        watched: &mut [Watched<'_>],
    ) -> Result<()> {
        self.here()?;
        let millis = milliseconds(self.patience(timeout));
        watched::wait(Some(self.epoll.as_fd()), watched, millis)?;
        self.poll(Duration::ZERO)
    }

    pub(super) fn timeout(&self) -> Result<Option<Duration>> {
        let mut soonest: Option<Duration> = None;
        for stack in self.stacks.iter().flatten() {
            soonest = soonest.into_iter().chain(stack.timeout()?).min();
        }
        Ok(soonest)
    }

    pub(super) fn message(&mut self) -> Option<Message> {
        while let Some(&number) = self.told.last() {
            let stack = self.stacks.get_mut(number).and_then(Option::as_mut);
            let message = stack.and_then(Stack::message);
            if message.is_some() {
                return message;
            }
            self.places[number].told = false;
            self.told.pop();
        }
        None
    }

    /// Sets an option of the long kind, here and for those to come.
    pub(super) fn set_long(&mut self, option: ffi::CURLMoption, value: c_long) -> Result<()> {
        self.here()?;
        for stack in self.stacks.iter_mut().flatten() {
            stack.set_long(option, value)?;
        }
        self.settings.retain(|(before, _)| *before != option);
        self.settings.push((option, value));
        Ok(())
    }

    /// Ends those that have had no handle for so long, and with them the connections that they keep;
    /// answers when the next may be ended. The first one stays.
    pub(super) fn sweep(&mut self, life: Duration) -> Result<Option<Instant>> {
        self.here()?;
        let Some(sweep) = self.sweep else { return Ok(None) };
        let now = Instant::now();
        let over = |since: Instant| since.checked_add(life);
        if over(sweep).is_none_or(|over| over > now) {
            return Ok(over(sweep));
        }
        self.sweep = None;
        for (stack, place) in self.stacks.iter_mut().zip(&mut self.places).skip(1) {
            let Some(since) = place.empty else { continue };
            if over(since).is_some_and(|over| over <= now) {
                // What was listed of it is skipped where it is not there.
                (place.empty, place.due) = (None, None);
                self.running = self.running.saturating_sub(std::mem::take(&mut place.running));
                drop(stack.take());
            } else {
                self.sweep = Some(self.sweep.map_or(since, |sweep| sweep.min(since)));
            }
        }
        Ok(self.sweep.and_then(over))
    }
}
