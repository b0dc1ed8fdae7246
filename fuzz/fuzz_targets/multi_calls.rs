//! Sequences of calls on a multi whose handles use shares together: the model says which transfers are
//! there, which were told to be over, and what each must have received.
#![no_main]

mod canned;

use std::time::Duration;

use arbitrary::Arbitrary;
use canned::Canned;
use ffence::ErrorKind;
use ffence::curl::multi::option::MaxConnects;
use ffence::curl::{Easy, Id, Multi, Pauses, Share, option};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Call {
    /// With which share, if any.
    Add(Option<bool>),
    /// One that came back.
    AddAgain(u8),
    Remove(u8),
    Cancel(u8),
    Pause(u8, bool),
    Look(u8),
    /// An id that is no longer there.
    Gone(u8),
    Perform,
    Poll,
    Next,
    /// Until all are over.
    Finish,
    Wake,
    Limit(u8),
    /// Its users go on with it.
    DropShares,
    /// Everything in it goes along.
    DropMulti(bool),
}

/// A transfer in the multi.
struct Transfer {
    id: Id,
    paused: bool,
    /// Its end was told.
    over: bool,
}

struct Model {
    multi: Multi<Canned>,
    transfers: Vec<Transfer>,
    /// Handles that came back.
    back: Vec<Easy<Canned>>,
    gone: Vec<Id>,
    body: Vec<u8>,
}

fn multi(events: bool) -> Multi<Canned> {
    if events { Multi::event_driven() } else { Multi::new() }.expect("a multi")
}

impl Model {
    fn pick(&self, number: u8) -> Option<usize> {
        let len = self.transfers.len();
        (len > 0).then(|| usize::from(number) % len)
    }

    fn add(&mut self, mut easy: Easy<Canned>) {
        easy.handler_mut().body.clear();
        let id = self.multi.add(easy).expect("it is added");
        assert!(self.transfers.iter().all(|it| it.id != id), "an id twice");
        self.transfers.push(Transfer { id, paused: false, over: false });
    }

    /// What was received is the start of the body, and all of it at the end.
    fn check(&self, easy: &Easy<Canned>, over: bool) {
        let came = &easy.handler().body;
        assert!(self.body.starts_with(came), "{came:02x?} is not the start of {:02x?}", self.body);
        assert!(!over || *came == self.body);
    }

    fn next(&mut self) -> bool {
        let Some(done) = self.multi.next_done() else { return false };
        let at = self.transfers.iter().position(|it| it.id == done.id).expect("it is there");
        assert!(!self.transfers[at].over, "an end was told twice");
        done.result.expect("the answer is whole");
        self.transfers[at].over = true;
        self.check(self.multi.get(done.id).expect("it is there"), true);
        true
    }

    fn finish(&mut self) {
        for at in 0..self.transfers.len() {
            self.pause(at, false);
        }
        while self.multi.perform().expect("it goes on") > 0 {
            self.multi.poll(Duration::from_secs(10)).expect("it waits");
        }
        while self.next() {}
        assert!(self.transfers.iter().all(|it| it.over), "an end was not told");
    }

    fn pause(&mut self, at: usize, receiving: bool) {
        let transfer = &mut self.transfers[at];
        let mut pauses = Pauses::default();
        pauses.receiving = receiving;
        match self.multi.pause(transfer.id, pauses) {
            Ok(()) => transfer.paused = receiving,
            // It has no connection: not yet, or not any more.
            Err(error) => assert_eq!(error.kind(), ErrorKind::Parameter),
        }
    }

    fn call(&mut self, call: Call, shares: &mut Option<[Share; 2]>) {
        match call {
            Call::Add(share) if self.transfers.len() < 6 => {
                let mut easy = canned::easy().expect("a handle");
                easy.set(option::CookieFile("")).expect("an option");
                if let (Some(which), Some(shares)) = (share, &*shares) {
                    easy.share(&shares[usize::from(which)]).expect("a share");
                }
                self.add(easy);
            }
            Call::AddAgain(number) if !self.back.is_empty() && self.transfers.len() < 6 => {
                let at = usize::from(number) % self.back.len();
                let easy = self.back.swap_remove(at);
                self.add(easy);
            }
            Call::Remove(number) => {
                let Some(at) = self.pick(number) else { return };
                let Transfer { id, over, .. } = self.transfers.swap_remove(at);
                let easy = self.multi.remove(id).expect("it comes back");
                self.check(&easy, over);
                self.back.push(easy);
                self.gone.push(id);
            }
            Call::Cancel(number) => {
                let Some(at) = self.pick(number) else { return };
                let Transfer { id, .. } = self.transfers.swap_remove(at);
                self.multi.cancel(id).expect("it is there");
                self.gone.push(id);
            }
            Call::Pause(number, on) => {
                if let Some(at) = self.pick(number) {
                    self.pause(at, on);
                }
            }
            Call::Look(number) => {
                let Some(at) = self.pick(number) else { return };
                let Transfer { id, over, .. } = self.transfers[at];
                self.check(self.multi.get(id).expect("it is there"), over);
                assert!(self.multi.handler_mut(id).is_some());
            }
            Call::Gone(number) if !self.gone.is_empty() => {
                let id = self.gone[usize::from(number) % self.gone.len()];
                assert!(self.multi.get(id).is_none() && self.multi.handler_mut(id).is_none());
                let removed = self.multi.remove(id).map(drop).expect_err("it is gone");
                assert_eq!(removed.kind(), ErrorKind::Parameter);
                assert!(self.multi.cancel(id).is_err());
                assert!(self.multi.pause(id, Pauses::default()).is_err());
            }
            Call::Perform => {
                let running = self.multi.perform().expect("it goes on");
                assert!(running <= self.transfers.len() + self.gone.len());
            }
            Call::Poll => self.multi.poll(Duration::ZERO).expect("it waits"),
            Call::Next => drop(self.next()),
            Call::Finish => self.finish(),
            Call::Wake => {
                self.multi.waker().wake().expect("it wakes");
                self.multi.poll(Duration::from_secs(10)).expect("it waits");
            }
            Call::Limit(number) => {
                self.multi.set(MaxConnects(number.into())).expect("a limit");
            }
            Call::DropShares => *shares = None,
            Call::DropMulti(events) => {
                self.multi = multi(events);
                self.transfers.clear();
                self.gone.clear();
            }
            _ => {}
        }
    }
}

fuzz_target!(|input: (bool, Vec<u8>, Vec<Call>)| {
    let (events, body, calls) = input;
    // A new connection each time: each hears the whole answer once.
    let head = "HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nConnection: close\r\nContent-Length: ";
    let head = format!("{head}{}\r\n\r\n", body.len());
    canned::answer([head.as_bytes(), &body].concat());
    let share = || Share::builder().names().public_suffixes().build().expect("a share");
    let mut shares = Some([share(), share()]);
    let (transfers, back, gone) = (Vec::new(), Vec::new(), Vec::new());
    let mut model = Model { multi: multi(events), transfers, back, gone, body };
    for call in calls.into_iter().take(64) {
        model.call(call, &mut shares);
    }
    model.finish();
});
