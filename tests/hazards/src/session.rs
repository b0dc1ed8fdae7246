//! A conversation with Go in which both sides do the same work, made up from a seed.
//!
//! `PARITY_SEED` (printed) makes the same requests again.

use std::collections::hash_map::RandomState;
use std::env;
use std::hash::{BuildHasher as _, Hasher as _};

use ffence::ErrorKind;

use crate::parity::{Peer, Request};
use crate::random::Random;
use crate::row::Detector;
use crate::run::harness_or_skip;

/// What ends a comparison.
pub type Failure = Box<dyn std::error::Error>;

/// The lengths at which something ends in a block, in a digest's padding or in a buffer.
pub const EDGES: [usize; 24] = [
    0, 1, 15, 16, 17, 31, 32, 33, 55, 56, 63, 64, 65, 71, 72, 103, 104, 127, 128, 135, 136, 65_535,
    65_536, 65_537,
];

/// The longest text.
pub const MOST: usize = 1 << 20;

/// A running Go, and where the numbers come from.
#[derive(Debug)]
pub struct Session {
    /// The numbers.
    pub random: Random,
    peer: Peer,
    asked: usize,
    agreed: usize,
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
        what: &str,
        detector: Detector,
        work: impl FnOnce(&mut Self) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let Some(harness) = harness_or_skip(detector) else { return Ok(()) };
        let seed = match env::var("PARITY_SEED") {
            Ok(digits) => u64::from_str_radix(&digits, 16)?,
            Err(_) => RandomState::new().build_hasher().finish(),
        };
        println!("{what} under {detector}: PARITY_SEED={seed:016x}");
        let mut session = Self {
            random: Random::new(seed),
            peer: Peer::start(harness)?,
            asked: 0,
            agreed: 0,
            absent: 0,
            // The release that took SHA-3, HKDF and PBKDF2 into Go's own packages.
            modern: harness.toolchain.minor >= 24,
        };
        work(&mut session)?;
        let Self { peer, asked, agreed, absent, .. } = session;
        println!(
            "{what} under {detector}: {asked} requests, {agreed} agreements, {absent} that one side has not"
        );
        let ended = peer.finish()?;
        let well = ended.status.is_some_and(|it| it.success()) && ended.stderr.is_empty();
        assert!(well, "Go under {detector}: {}", ended.stderr);
        Ok(())
    }

    /// Go's answer: the result, or the class of the error.
    ///
    /// # Errors
    /// When there is none.
    pub fn ask(&mut self, request: &Request) -> Result<Result<Vec<u8>, String>, Failure> {
        self.asked += 1;
        Ok(self.peer.ask(request)?.outcome())
    }

    /// Asks, and demands what came out here; a class of errors that Go names has a name here.
    ///
    /// # Errors
    /// When there is no answer.
    ///
    /// # Panics
    /// When the answer is another.
    pub fn demand(
        &mut self,
        request: &Request,
        here: &ffence::Result<Vec<u8>>,
    ) -> Result<(), Failure> {
        let there = self.ask(request)?;
        self.agree(request, here, &there);
        Ok(())
    }

    /// As [`demand`](Self::demand), of Go's own package `op`: an algorithm that it has not is
    /// counted, and is only missing where that Go is older than the package.
    ///
    /// # Errors
    /// When there is no answer.
    ///
    /// # Panics
    /// When the answer is another, or is missing without that reason.
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
            assert!(!always && !self.modern, "Go has {op} of {}", request.algorithm);
            self.absent += 1;
            return Ok(());
        }
        self.agree(&request, here, &there);
        Ok(())
    }

    /// Counts what the linked OpenSSL has not; any other error goes on.
    ///
    /// # Errors
    /// Any other error than [`ErrorKind::Unsupported`].
    pub fn present<T>(&mut self, made: ffence::Result<T>) -> ffence::Result<Option<T>> {
        match made {
            Ok(made) => Ok(Some(made)),
            Err(error) if error.kind() == ErrorKind::Unsupported => {
                self.absent += 1;
                Ok(None)
            }
            Err(error) => Err(error),
        }
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

    fn agree(
        &mut self,
        request: &Request,
        here: &ffence::Result<Vec<u8>>,
        there: &Result<Vec<u8>, String>,
    ) {
        let same = match (here, there) {
            (Ok(here), Ok(there)) => here == there,
            (Err(here), Err(there)) => class(here.kind()) == *there,
            _ => false,
        };
        self.agreed += 1;
        let brief =
            |bytes: &[u8]| format!("{} bytes {:02x?}", bytes.len(), &bytes[..bytes.len().min(40)]);
        assert!(
            same,
            "{} {} {}, data of {} bytes, length {}, parameters {:?}\nhere: {:?}\nthere: {:?}",
            request.op,
            request.algorithm,
            request.under,
            request.data.0.len(),
            request.length,
            request.parameters,
            here.as_ref().map(|it| brief(it)),
            there.as_ref().map(|it| brief(it)),
        );
    }
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
        other => return format!("{other:?}, which Go has no name for"),
    };
    name.to_owned()
}
