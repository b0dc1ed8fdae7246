//! How many requests are at work at once, whichever way they are sent.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::task::{Poll, Waker};

use parking_lot::Mutex;

use super::foreign::wake;
use crate::fork;

/// How many requests of a client are at work at once, blocking and asynchronous ones together. Those
/// beyond wait for their turn, each host's in the order in which they came.
///
/// Counted are requests, and so are streams of HTTP/2, of which one connection carries many. A
/// response's body counts until its last byte is there.
///
/// ```
/// use ffence::http::{Client, Limits};
/// let limits = Limits::new().per_host(8).total(64);
/// let client = Client::builder().limits(limits).build()?;
/// # Ok::<(), ffence::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use = "settings take effect in ClientBuilder::limits"]
pub struct Limits {
    per_host: Option<usize>,
    total: Option<usize>,
}

impl Limits {
    /// No limits.
    pub fn new() -> Self {
        Self::default()
    }

    /// At most this many (at least one) for one host: a scheme, a name and a port.
    pub fn per_host(mut self, most: usize) -> Self {
        self.per_host = Some(most.max(1));
        self
    }

    /// At most this many (at least one) in all.
    pub fn total(mut self, most: usize) -> Self {
        self.total = Some(most.max(1));
        self
    }
}

/// Where requests wait for their turn. There is none for a client without limits.
pub(super) struct Gate {
    limits: Limits,
    state: Mutex<State>,
    born: u64,
}

#[derive(Default)]
struct State {
    total: usize,
    hosts: HashMap<Box<str>, usize>,
    queue: VecDeque<Waiting>,
    last: u64,
}

struct Waiting {
    number: u64,
    host: Box<str>,
    waker: Option<Waker>,
    /// It has its place, and was not told yet.
    granted: bool,
}

impl Gate {
    pub(super) fn new(limits: Limits) -> Option<Arc<Self>> {
        (limits != Limits::new())
            .then(|| Arc::new(Self { limits, state: Mutex::default(), born: fork::epoch() }))
    }

    /// Stands in the queue for the host of `url`.
    pub(super) fn enter(self: &Arc<Self>, url: &str) -> Turn {
        let host: Box<str> = host(url).to_ascii_lowercase().into();
        let mut state = self.state.lock();
        state.last += 1;
        let number = state.last;
        state.queue.push_back(Waiting { number, host, waker: None, granted: false });
        // Nobody is woken: who was there before had no place, and has none now.
        let _ = state.grant(self.limits);
        Turn { gate: Arc::clone(self), number: Some(number) }
    }

    fn release(&self, host: &str) {
        let woken = {
            let mut state = self.state.lock();
            state.leave(host);
            state.grant(self.limits)
        };
        for waker in woken {
            wake(Some(waker));
        }
    }

    fn is_forked(&self) -> bool {
        self.born != fork::epoch()
    }
}

impl State {
    /// Gives out the places that there are.
    fn grant(&mut self, limits: Limits) -> Vec<Waker> {
        let mut woken = Vec::new();
        for waiting in &mut self.queue {
            if limits.total.is_some_and(|most| self.total >= most) {
                break;
            }
            if waiting.granted {
                continue;
            }
            let taken = self.hosts.get(&waiting.host).copied().unwrap_or_default();
            if limits.per_host.is_some_and(|most| taken >= most) {
                continue;
            }
            self.total += 1;
            *self.hosts.entry(waiting.host.clone()).or_default() += 1;
            waiting.granted = true;
            woken.extend(waiting.waker.take());
        }
        woken
    }

    fn leave(&mut self, host: &str) {
        self.total -= 1;
        if let Some(taken) = self.hosts.get_mut(host) {
            *taken -= 1;
            if *taken == 0 {
                self.hosts.remove(host);
            }
        }
    }
}

/// A place in the queue.
pub(super) struct Turn {
    gate: Arc<Gate>,
    /// `None` once it became a permit.
    number: Option<u64>,
}

impl Turn {
    pub(super) fn poll(&mut self, waker: &Waker) -> Poll<Permit> {
        let mut mine = Some(waker.clone());
        let mut state = self.gate.state.lock();
        let place = state.queue.iter().position(|it| Some(it.number) == self.number);
        let granted = place.filter(|place| state.queue[*place].granted);
        if let Some(place) = granted
            && let Some(waiting) = state.queue.remove(place)
        {
            self.number = None;
            return Poll::Ready(Permit { gate: Arc::clone(&self.gate), host: waiting.host });
        }
        let before =
            place.and_then(|place| std::mem::replace(&mut state.queue[place].waker, mine.take()));
        drop(state);
        drop((mine, before));
        Poll::Pending
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.number.is_none() || self.gate.is_forked() {
            return;
        }
        let waiting = {
            let mut state = self.gate.state.lock();
            let place = state.queue.iter().position(|it| Some(it.number) == self.number);
            place.and_then(|place| state.queue.remove(place))
        };
        if let Some(waiting) = waiting
            && waiting.granted
        {
            self.gate.release(&waiting.host);
        }
    }
}

/// A place among those at work; dropping it gives it to the next.
pub(super) struct Permit {
    gate: Arc<Gate>,
    host: Box<str>,
}

impl Drop for Permit {
    fn drop(&mut self) {
        if !self.gate.is_forked() {
            self.gate.release(&self.host);
        }
    }
}

/// The scheme, the name and the port of a URL, without a user's name and password.
pub(super) fn host(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(turn: &mut Turn) -> Option<Permit> {
        match turn.poll(Waker::noop()) {
            Poll::Ready(permit) => Some(permit),
            Poll::Pending => None,
        }
    }

    #[test]
    fn hosts_are_told_apart_and_passwords_left_out() {
        assert_eq!(host("http://u:p@a.test:80/x@y"), "http://a.test:80");
        assert_eq!(host("https://a.test?q=http://b"), "https://a.test");
    }

    #[test]
    fn each_host_has_its_places_and_all_have_theirs() {
        let gate = Gate::new(Limits::new().per_host(1).total(2)).unwrap();
        let enter = |url: &str| gate.enter(url);
        let mut turns =
            [enter("http://a/"), enter("http://A/"), enter("http://b/"), enter("http://c/")];
        let first = ready(&mut turns[0]).unwrap();
        assert!(ready(&mut turns[1]).is_none(), "the host is full");
        let second = ready(&mut turns[2]).unwrap();
        assert!(ready(&mut turns[3]).is_none(), "all are full");
        drop(first);
        assert!(ready(&mut turns[3]).is_none(), "the one before was first");
        let third = ready(&mut turns[1]).unwrap();
        drop(second);
        drop(ready(&mut turns[3]).unwrap());
        drop(third);
        let state = gate.state.lock();
        assert!(state.total == 0 && state.hosts.is_empty() && state.queue.is_empty());
    }

    #[test]
    fn who_leaves_the_queue_passes_its_place_on() {
        let gate = Gate::new(Limits::new().total(1)).unwrap();
        let first = gate.enter("http://a/"); // has a place and never takes it
        let given_up = gate.enter("http://b/");
        let mut last = gate.enter("http://c/");
        drop(given_up);
        assert!(ready(&mut last).is_none());
        drop(first);
        assert!(ready(&mut last).is_some());
    }
}
