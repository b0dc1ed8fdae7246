//! A conversation with Go in which both sides do the same work, made up from a seed.
//!
//! `PARITY_SEED` (printed) makes the same requests again. What differs is made as small as it can be,
//! and told with the line that does only that again: `PARITY_CASE`.

use std::any::Any;
use std::cell::RefCell;
use std::collections::hash_map::RandomState;
use std::fmt::Debug;
use std::hash::{BuildHasher as _, Hasher as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::{env, mem};

use ffence::ErrorKind;
use ffence_hazards::child::Ended;
use ffence_hazards::go::Harness;
use ffence_hazards::outcome::Outcome;
use ffence_hazards::parity::{Peer, Reply, Request};
use ffence_hazards::row::Detector;
use ffence_hazards::run::harness_or_skip;
use proptest::prelude::*;
use proptest::strategy::{Just, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use proptest::tuple::TupleValueTree;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::random::Random;
use super::tally::Tally;

/// What ends a comparison.
pub type Failure = Box<dyn std::error::Error>;

/// The lengths at which something ends in a block, in a digest's padding or in a buffer.
pub const EDGES: [usize; 24] = [
    0, 1, 15, 16, 17, 31, 32, 33, 55, 56, 63, 64, 65, 71, 72, 103, 104, 127, 128, 135, 136, 65_535,
    65_536, 65_537,
];

/// The longest text.
pub const MOST: usize = 1 << 20;

/// What to do again, if the variable says so: JSON of what [`Session::check`] was given.
const AGAIN: &str = "PARITY_CASE";

/// A running Go, and where the numbers come from.
#[derive(Debug)]
pub struct Session {
    /// The numbers.
    pub random: Random,
    name: String,
    harness: &'static Harness,
    peer: Peer,
    asked: usize,
    agreed: u64,
    absent: usize,
    modern: bool,
}

impl Session {
    /// Has `work` talk to Go under `detector`; at the end Go must leave without a report.
    ///
    /// # Errors
    /// What `work` returned.
    ///
    /// # Panics
    /// When Go does not leave well.
    pub fn hold(
        name: &str,
        detector: Detector,
        work: impl FnOnce(&mut Self) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let Some(harness) = harness_or_skip(detector) else {
            Tally::lock().skipped += 1;
            return Ok(());
        };
        let seed = match env::var("PARITY_SEED") {
            Ok(digits) => u64::from_str_radix(&digits, 16)?,
            Err(_) => RandomState::new().build_hasher().finish(),
        };
        let mut session = Self {
            random: Random::new(seed),
            name: name.to_owned(),
            harness,
            peer: Peer::start(harness)?,
            asked: 0,
            agreed: 0,
            absent: 0,
            // The release that took SHA-3, HKDF and PBKDF2 into Go's own packages.
            modern: harness.toolchain.minor >= 24,
        };
        if let Err(error) = work(&mut session) {
            return Err(format!("{error}\nPARITY_SEED={seed:016x} makes the same requests").into());
        }
        let Self { peer, asked, agreed, absent, .. } = session;
        println!(
            "{name}: PARITY_SEED={seed:016x}, {asked} requests, {agreed} comparisons, {absent} that one side has not"
        );
        Tally::lock().comparisons.insert(name.to_owned(), agreed);
        let ended = peer.finish()?;
        assert!(
            left_well(&ended),
            "Go under {detector}: {}\n{}",
            Outcome::of(&ended),
            ended.stderr
        );
        Ok(())
    }

    /// Tries `case` with each of the lengths, and numbers of its own; where it shows a difference,
    /// with shorter ones.
    ///
    /// # Errors
    /// The smallest difference.
    pub fn each(
        &mut self,
        what: &str,
        lengths: impl IntoIterator<Item = usize>,
        case: impl Fn(&mut Self, usize) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let case = |session: &mut Self, (seed, length): (u64, usize)| {
            let after = mem::replace(&mut session.random, Random::new(seed));
            let outcome = case(session, length);
            session.random = after;
            outcome
        };
        if let Some(again) = again(what) {
            return again?.map_or(Ok(()), |value| case(self, value));
        }
        for length in lengths {
            let seed = Just(self.random.number());
            let length = proptest::num::usize::BinarySearch::new(length);
            self.check(what, TupleValueTree::new((seed, length)), &case)?;
        }
        Ok(())
    }

    /// Tries `case` with `count` values; where one shows a difference, with simpler ones.
    ///
    /// # Errors
    /// The smallest difference.
    pub fn generated<S>(
        &mut self,
        what: &str,
        count: u32,
        values: &S,
        case: impl Fn(&mut Self, S::Value) -> Result<(), Failure>,
    ) -> Result<(), Failure>
    where
        S: Strategy,
        S::Value: Clone + Serialize + DeserializeOwned,
    {
        if let Some(again) = again(what) {
            return again?.map_or(Ok(()), |value| case(self, value));
        }
        let random = TestRng::from_seed(RngAlgorithm::ChaCha, &self.random.bytes(32));
        let mut runner = TestRunner::new_with_rng(config(), random);
        for _ in 0..count {
            let tree = values.new_tree(&mut runner).map_err(|it| it.to_string())?;
            self.check(what, tree, &case)?;
        }
        Ok(())
    }

    fn check<T: ValueTree>(
        &mut self,
        what: &str,
        tree: T,
        case: &impl Fn(&mut Self, T::Value) -> Result<(), Failure>,
    ) -> Result<(), Failure>
    where
        T::Value: Clone + Serialize,
    {
        let name = self.name.clone();
        let session = RefCell::new(self);
        let done = TestRunner::new(config()).run_one(tree, |value| {
            let session = &mut **session.borrow_mut();
            let outcome = catch_unwind(AssertUnwindSafe(|| case(session, value)));
            let difference = match outcome {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(error)) => error.to_string(),
                Err(panic) => text_of(panic.as_ref()),
            };
            // Another Go for the smaller requests that are tried now: this one may be gone.
            let went = mem::replace(&mut session.peer, Peer::start(session.harness)?).finish()?;
            let report = if left_well(&went) {
                String::new()
            } else {
                format!("\nGo: {}", Outcome::of(&went))
            };
            Err(TestCaseError::fail(format!("{difference}{report}")))
        });
        match done {
            Ok(_) => Ok(()),
            Err(TestError::Abort(reason)) => Err(format!("{what}: {reason}").into()),
            Err(TestError::Fail(reason, value)) => {
                let line = serde_json::to_string(&(what, &value))?.replace('\'', r"'\''");
                Err(format!(
                    "{what}: {reason}\n{AGAIN}='{line}' cargo test -p ffence-hazards --test parity -- --exact {name}"
                )
                .into())
            }
        }
    }

    /// Go's answer.
    ///
    /// # Errors
    /// When there is none.
    pub fn reply(&mut self, request: &Request) -> Result<Reply, Failure> {
        self.asked += 1;
        Ok(self.peer.ask(request)?)
    }

    /// What Go answers to a line that may be no request at all.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn reply_to_line(&mut self, line: &[u8]) -> Result<Reply, Failure> {
        self.asked += 1;
        Ok(self.peer.ask_line(line)?)
    }

    /// Go's answer: the result, or the class of the error.
    ///
    /// # Errors
    /// When there is none.
    pub fn ask(&mut self, request: &Request) -> Result<Result<Vec<u8>, String>, Failure> {
        self.reply(request).map(Reply::outcome)
    }

    /// Asks, and demands what came out here; a class of errors that Go names has a name here.
    ///
    /// # Errors
    /// When there is no answer, or another.
    pub fn demand(
        &mut self,
        request: &Request,
        here: &ffence::Result<Vec<u8>>,
    ) -> Result<(), Failure> {
        let there = self.ask(request)?;
        self.agree(request, here, &there)
    }

    /// Asks, and demands that both sides refuse, for whatever reason each has.
    ///
    /// # Errors
    /// When there is no answer, or one of the two does it.
    pub fn demand_refusal(
        &mut self,
        request: &Request,
        here: &ffence::Result<Vec<u8>>,
    ) -> Result<(), Failure> {
        let there = self.ask(request)?;
        self.agreed += 1;
        if here.is_err() && there.is_err() {
            Tally::lock().of(request.op, request.algorithm).refusals += 1;
            return Ok(());
        }
        Err(differs(request, here, &there))
    }

    /// As [`demand`](Self::demand), of Go's own package `op`: an algorithm that it has not is
    /// counted, and is only missing where that Go is older than the package.
    ///
    /// # Errors
    /// When there is no answer, or another, or none without that reason.
    pub fn demand_own(
        &mut self,
        op: &'static str,
        request: &Request,
        here: &ffence::Result<Vec<u8>>,
        always: bool,
    ) -> Result<(), Failure> {
        let request = Request { op, ..request.clone() };
        let there = self.ask(&request)?;
        if there.as_ref().is_err_and(|class| class == "absent") {
            if always || self.modern {
                return Err(format!("this Go has {op} of {}", request.algorithm).into());
            }
            self.absent += 1;
            return Ok(());
        }
        self.agree(&request, here, &there)
    }

    /// Counts what the linked OpenSSL has not; any other error goes on.
    ///
    /// # Errors
    /// Any other error than [`ErrorKind::Unsupported`].
    pub fn present<T>(
        &mut self,
        request: &Request,
        made: ffence::Result<T>,
    ) -> ffence::Result<Option<T>> {
        match made {
            Ok(made) => Ok(Some(made)),
            Err(error) if error.kind() == ErrorKind::Unsupported => {
                self.absent(request);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Counts what the linked OpenSSL has not.
    pub fn absent(&mut self, request: &Request) {
        self.absent += 1;
        Tally::lock().of(request.op, request.algorithm).absent += 1;
    }

    /// An edge, a short text or a long one; long ones are seldom.
    pub fn length(&mut self) -> usize {
        match self.random.below(24) {
            0..=7 => EDGES[self.random.below(EDGES.len() - 3)],
            8 => EDGES[EDGES.len() - 3 + self.random.below(3)],
            9 => self.random.below(MOST + 1),
            _ => self.random.below(2000),
        }
    }

    /// All edges, the longest text and some lengths between, up to `most`.
    pub fn lengths(&mut self, most: usize, more: usize) -> Vec<usize> {
        let mut all: Vec<_> = EDGES.into_iter().chain([MOST]).filter(|it| *it <= most).collect();
        all.extend((0..more).map(|_| self.length().min(most)));
        all
    }

    /// Demands that two sides have the same.
    ///
    /// # Errors
    /// When they have not.
    pub fn same<T: PartialEq + Debug>(
        &mut self,
        what: &str,
        here: &T,
        there: &T,
    ) -> Result<(), Failure> {
        self.agreed += 1;
        if here == there {
            return Ok(());
        }
        let mut sides = [here, there].map(|it| format!("{it:?}"));
        // The beginning of what is long, and where it differs.
        let common = sides[0].bytes().zip(sides[1].bytes()).take_while(|(a, b)| a == b).count();
        for side in sides.iter_mut().filter(|it| it.len() > 4000) {
            let from = (0..=common.saturating_sub(500)).rev().find(|at| side.is_char_boundary(*at));
            *side = side[from.unwrap_or(0)..].chars().take(2000).collect();
        }
        Err(format!("{what}\nhere:  {}\nthere: {}", sides[0], sides[1]).into())
    }

    fn agree(
        &mut self,
        request: &Request,
        here: &ffence::Result<Vec<u8>>,
        there: &Result<Vec<u8>, String>,
    ) -> Result<(), Failure> {
        self.agreed += 1;
        let mut tally = Tally::lock();
        let outcomes = tally.of(request.op, request.algorithm);
        match (here, there) {
            (Ok(here), Ok(there)) if here == there => outcomes.results += 1,
            (Err(here), Err(there)) if class(here.kind()) == *there => outcomes.refusals += 1,
            _ => return Err(differs(request, here, there)),
        }
        Ok(())
    }
}

/// What to do again: nothing of this, or one case of it.
fn again<T: DeserializeOwned>(what: &str) -> Option<Result<Option<T>, Failure>> {
    let line = env::var(AGAIN).ok()?;
    let parse = || {
        let (of, value): (String, serde_json::Value) = serde_json::from_str(&line)?;
        Ok(if of == what { Some(serde_json::from_value(value)?) } else { None })
    };
    Some(parse())
}

/// Whether a part is done again, in place of the whole.
pub fn is_again() -> bool {
    env::var_os(AGAIN).is_some()
}

fn config() -> Config {
    Config { failure_persistence: None, max_shrink_iters: 1000, ..Config::default() }
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic").to_owned()
}

/// Nothing was reported, neither on the way nor at the exit, where leaks are looked for.
fn left_well(ended: &Ended) -> bool {
    ended.status.is_some_and(|it| it.success()) && ended.stderr.is_empty()
}

fn differs(
    request: &Request,
    here: &ffence::Result<Vec<u8>>,
    there: &Result<Vec<u8>, String>,
) -> Failure {
    let brief =
        |bytes: &[u8]| format!("{} bytes {:02x?}", bytes.len(), &bytes[..bytes.len().min(40)]);
    format!(
        "{} {} {}, data of {} bytes, length {}, parameters {:?}\nhere: {:?}\nthere: {:?}",
        request.op,
        request.algorithm,
        request.under,
        request.data.0.len(),
        request.length,
        request.parameters,
        here.as_ref().map(|it| brief(it)),
        there.as_ref().map(|it| brief(it)),
    )
    .into()
}

/// The name that Go's side has for a kind of ours.
pub fn class(kind: ErrorKind) -> String {
    let name = match kind {
        ErrorKind::Authentication => "authentication",
        ErrorKind::Length => "length",
        ErrorKind::Malformed => "malformed",
        ErrorKind::OpenSsl => "openssl",
        ErrorKind::InvalidRequest | ErrorKind::InteriorNul => "url",
        ErrorKind::ResolveName => "resolve",
        ErrorKind::Connect => "connect",
        ErrorKind::Tls => "tls",
        ErrorKind::Timeout => "timeout",
        ErrorKind::TruncatedBody => "truncated",
        ErrorKind::Transport => "transport",
        // One redirect too many, which Go counts among libcurl's other codes.
        ErrorKind::Redirect | ErrorKind::Libcurl => "libcurl",
        other => return format!("{other:?}, which Go has no name for"),
    };
    name.to_owned()
}
