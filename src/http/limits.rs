//! How many requests are at work at once, whichever way they are sent.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
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
///
/// Coming, going and giving a place on take the same time however many wait, but for the logarithm of
/// how many hosts there are.
pub(super) struct Gate {
    limits: Limits,
    state: Mutex<State>,
    born: u64,
}

/// # Invariants
/// A host is in `open` exactly when somebody waits for it and it has a place of its own left: under
/// the number of the one who waits longest.
#[derive(Default)]
struct State {
    total: usize,
    hosts: HashMap<Arc<str>, Host>,
    waiting: HashMap<u64, Waiting>,
    open: BTreeMap<u64, Arc<str>>,
    last: u64,
}

#[derive(Default)]
struct Host {
    taken: usize,
    /// Who waits, in the order in which they came.
    queue: BTreeSet<u64>,
}

struct Waiting {
    host: Arc<str>,
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
        let host: Arc<str> = host(url).to_ascii_lowercase().into();
        let mut state = self.state.lock();
        state.last += 1;
        let number = state.last;
        let waiting = Waiting { host: Arc::clone(&host), waker: None, granted: false };
        state.waiting.insert(number, waiting);
        state.change(&host, self.limits, |it| _ = it.queue.insert(number));
        // Nobody is woken: who was there before had no place, and has none now.
        let _ = state.grant(self.limits);
        Turn { gate: Arc::clone(self), number: Some(number) }
    }

    fn release(&self, host: &Arc<str>) {
        let woken = {
            let mut state = self.state.lock();
            state.total -= 1;
            state.change(host, self.limits, |it| it.taken -= 1);
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
    /// Changes who waits for a host, or how many are at work there.
    fn change(&mut self, name: &Arc<str>, limits: Limits, change: impl FnOnce(&mut Host)) {
        let host = self.hosts.entry(Arc::clone(name)).or_default();
        let before = host.first(limits);
        change(host);
        let after = host.first(limits);
        if host.taken == 0 && host.queue.is_empty() {
            self.hosts.remove(name);
        }
        if before != after {
            before.map(|number| self.open.remove(&number));
            after.map(|number| self.open.insert(number, Arc::clone(name)));
        }
    }

    /// Gives out the places that there are, to those first who came first.
    fn grant(&mut self, limits: Limits) -> Vec<Waker> {
        let mut woken = Vec::new();
        while limits.total.is_none_or(|most| self.total < most) {
            let Some((&number, host)) = self.open.first_key_value() else { break };
            let host = Arc::clone(host);
            self.total += 1;
            self.change(&host, limits, |it| {
                it.queue.remove(&number);
                it.taken += 1;
            });
            if let Some(waiting) = self.waiting.get_mut(&number) {
                waiting.granted = true;
                woken.extend(waiting.waker.take());
            }
        }
        woken
    }
}

impl Host {
    /// Who may be the next here.
    fn first(&self, limits: Limits) -> Option<u64> {
        let is_full = limits.per_host.is_some_and(|most| self.taken >= most);
        self.queue.first().copied().filter(|_| !is_full)
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
        let Some(number) = self.number else { return Poll::Pending };
        let mine = waker.clone();
        let mut state = self.gate.state.lock();
        let before = match state.waiting.entry(number) {
            Entry::Occupied(place) if place.get().granted => {
                let Waiting { host, .. } = place.remove();
                self.number = None;
                drop(state);
                drop(mine);
                return Poll::Ready(Permit { gate: Arc::clone(&self.gate), host });
            }
            Entry::Occupied(mut place) => place.get_mut().waker.replace(mine),
            Entry::Vacant(_) => Some(mine),
        };
        drop(state);
        drop(before);
        Poll::Pending
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(number) = self.number else { return };
        if self.gate.is_forked() {
            return;
        }
        let waiting = {
            let mut state = self.gate.state.lock();
            let waiting = state.waiting.remove(&number);
            if let Some(Waiting { host, granted: false, .. }) = &waiting {
                // The host's next one takes its place in the order; nobody's place became free.
                state.change(host, self.gate.limits, |it| _ = it.queue.remove(&number));
            }
            waiting
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
    host: Arc<str>,
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
        assert!(
            state.total == 0
                && state.hosts.is_empty()
                && state.waiting.is_empty()
                && state.open.is_empty()
        );
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
    /// Against the plain rule, at random: the first of the queue whose host has a place is the next.
    #[test]
    fn places_go_to_whoever_waits_longest_and_may() {
        let limits = Limits::new().per_host(2).total(5);
        let gate = Gate::new(limits).unwrap();
        let mut waiting: Vec<(u64, usize, Turn)> = Vec::new();
        let mut working: Vec<(usize, Permit)> = Vec::new();
        let mut random = 1_u64;
        for round in 0..4_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(round);
            let choice = usize::try_from(random >> 40).unwrap();
            match choice % 4 {
                0 | 1 => {
                    let host = choice / 4 % 4;
                    waiting.push((round, host, gate.enter(&format!("http://{host}/"))));
                }
                2 if !waiting.is_empty() => drop(waiting.remove(choice / 4 % waiting.len())),
                3 if !working.is_empty() => drop(working.swap_remove(choice / 4 % working.len())),
                _ => {}
            }
            let mut place = 0;
            while place < waiting.len() {
                let (_, host, turn) = &mut waiting[place];
                let (host, at_work) = (*host, working.iter().filter(|(of, _)| of == host).count());
                let may = working.len() < 5 && at_work < 2;
                let permit = ready(turn);
                assert_eq!(permit.is_some(), may, "round {round}, place {place}");
                if let Some(permit) = permit {
                    waiting.remove(place);
                    working.push((host, permit));
                } else {
                    place += 1;
                }
            }
        }
        drop((waiting, working));
        let state = gate.state.lock();
        assert!(state.hosts.is_empty() && state.waiting.is_empty() && state.open.is_empty());
    }
}
