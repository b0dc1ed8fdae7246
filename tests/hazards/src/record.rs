//! What was seen, one JSON line each: the record of the last run, and the one that is kept beside the
//! pages, which a fresh run is compared with.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::go::{self, Toolchain};
use crate::outcome::{Class, Kind, Outcome};
use crate::row::{Detector, Hazard, Twin};
use crate::rows;
use crate::run::{Mode, Side};
use crate::words::gist;

/// One result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The slug.
    pub case: String,
    /// Which language ran it.
    pub side: Side,
    /// What was run: the mistake, or its right counterpart.
    pub mode: Mode,
    /// What it ran under. `rustc` is the compiler's answer to a refused twin.
    pub detector: String,
    /// "go1.26", "go1.19", or "rust".
    pub generation: String,
    /// What became of it.
    pub outcome: Class,
    /// The sanitizer's finding.
    pub kind: Option<Kind>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// What was said, without what differs from run to run.
    pub evidence: String,
}

impl Record {
    /// A record of a Go program.
    pub fn go(row: &Hazard, mode: Mode, of: Detector, by: &Toolchain, outcome: &Outcome) -> Self {
        let generation = format!("go1.{}", by.minor);
        Self::new(row, Side::Go, mode, of.name(), generation, outcome)
    }

    /// A record of a twin.
    pub fn rust(row: &Hazard, detector: &str, outcome: &Outcome) -> Self {
        Self::new(row, Side::Rust, Mode::Twin, detector, "rust".to_owned(), outcome)
    }

    fn new(
        row: &Hazard,
        side: Side,
        mode: Mode,
        detector: &str,
        generation: String,
        outcome: &Outcome,
    ) -> Self {
        Self {
            case: row.slug.to_owned(),
            side,
            mode,
            detector: detector.to_owned(),
            generation,
            outcome: outcome.class,
            kind: outcome.kind,
            signal: outcome.signal,
            evidence: outcome.words.clone(),
        }
    }

    /// Whether both are of the same run of the same program.
    pub fn is_about(&self, other: &Self) -> bool {
        self.place() == other.place()
    }

    fn place(&self) -> (&str, Side, Mode, &str, &str) {
        (&self.case, self.side, self.mode, &self.detector, &self.generation)
    }

    /// Whether both say the same, numbers aside.
    pub fn agrees(&self, other: &Self) -> bool {
        (self.outcome, self.kind, self.signal) == (other.outcome, other.kind, other.signal)
            && gist(&self.evidence) == gist(&other.evidence)
    }

    /// Whether its row leaves open what happens. A right counterpart is never open, but what it
    /// prints is its own affair.
    pub fn is_open(&self, row: &Hazard) -> bool {
        match (self.side, self.mode) {
            (Side::Go, Mode::Bad) => {
                let minor = self.generation.strip_prefix("go1.").and_then(|it| it.parse().ok());
                let detector = Detector::EVERY.into_iter().find(|it| it.name() == self.detector);
                match (detector, minor) {
                    (Some(detector), Some(minor)) => row.is_open(detector, minor),
                    _ => true,
                }
            }
            // The words of the compiler and of the libraries change with their versions, and with
            // where in a call a limit strikes; the code is checked by the doctest, the kind by the
            // row.
            (Side::Rust, _) => {
                self.detector == "rustc" || matches!(row.twin, Twin::Panics(..) | Twin::Err(..))
            }
            _ => false,
        }
    }
}

/// What differs between a fresh record and the kept ones, in words.
pub fn differs(kept: &[Record], fresh: &Record, row: &Hazard) -> Option<String> {
    if fresh.is_open(row) {
        return None;
    }
    let known = kept.iter().find(|it| it.is_about(fresh))?;
    if known.agrees(fresh) {
        return None;
    }
    let Record { case, detector, generation, .. } = fresh;
    Some(format!(
        "{case} under {detector}, {generation}: docs/hazards.jsonl has {:?} “{}”, now it is {:?} “{}” \
         (make hazards BLESS=1 ONLY={case} keeps the new one)",
        known.outcome,
        known.evidence.lines().next().unwrap_or_default(),
        fresh.outcome,
        fresh.evidence.lines().next().unwrap_or_default(),
    ))
}

/// Where the kept record lies.
pub fn path() -> PathBuf {
    go::root().join("docs/hazards.jsonl")
}

/// The records in a file; none when it is not there.
///
/// # Errors
/// When it cannot be read, or a line is no record.
pub fn read(path: &Path) -> io::Result<Vec<Record>> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(path)?;
    text.lines().map(|line| serde_json::from_str(line).map_err(io::Error::from)).collect()
}

/// Keeps what is new: what is open and still true stays as it was, so that a second run changes
/// nothing; what no row asks for goes.
///
/// # Errors
/// When the file cannot be read or written.
pub fn keep(fresh: &[Record]) -> io::Result<()> {
    let mut all = read(&path())?;
    all.retain(|it| rows::find(&it.case).is_some_and(|row| wanted(row, it)));
    for it in fresh {
        let Some(row) = rows::find(&it.case) else { continue };
        match all.iter_mut().find(|known| known.is_about(it)) {
            Some(known) if known.agrees(it) || it.is_open(row) && still_true(row, known) => {}
            Some(known) => known.clone_from(it),
            None => all.push(it.clone()),
        }
    }
    all.sort_by(|one, next| order(one).cmp(&order(next)));
    let mut text = String::new();
    for it in &all {
        text.push_str(&serde_json::to_string(it)?);
        text.push('\n');
    }
    fs::write(path(), text)
}

fn wanted(row: &Hazard, record: &Record) -> bool {
    match record.side {
        Side::Go => row.cells().any(|cell| cell.detector.name() == record.detector),
        Side::Rust => record.detector != "rustc" || matches!(row.twin, Twin::Refused(..)),
    }
}

/// Whether what was once seen is still one of what the row lists.
fn still_true(row: &Hazard, known: &Record) -> bool {
    if known.side == Side::Rust {
        return false;
    }
    let outcome = Outcome {
        class: known.outcome,
        kind: known.kind,
        signal: known.signal,
        code: None,
        text: known.evidence.strip_prefix("RESULT ").unwrap_or(&known.evidence).to_owned(),
        words: known.evidence.clone(),
    };
    let minor = known.generation.strip_prefix("go1.").and_then(|it| it.parse().ok());
    let detector = Detector::EVERY.into_iter().find(|it| it.name() == known.detector);
    matches!((detector, minor), (Some(it), Some(minor)) if row.check(it, minor, &outcome).is_ok())
}

fn order(it: &Record) -> (&str, Side, usize, std::cmp::Reverse<&str>, Mode) {
    let place = Detector::EVERY.iter().position(|one| one.name() == it.detector);
    let place = place.unwrap_or(Detector::EVERY.len());
    (&it.case, it.side, place, std::cmp::Reverse(&*it.generation), it.mode)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record of the catalogue as it is kept, and its row.
    fn kept(case: &str, detector: &str) -> io::Result<(Vec<Record>, Record, &'static Hazard)> {
        let all = read(&path())?;
        let found = all.iter().find(|it| it.case == case && it.detector == detector);
        let found = found.cloned().ok_or(io::ErrorKind::NotFound)?;
        Ok((all, found, rows::find(case).ok_or(io::ErrorKind::NotFound)?))
    }

    #[test]
    fn what_is_not_open_must_stay_as_it_was() -> io::Result<()> {
        let (all, mut fresh, row) = kept("panic_through_c", "plain")?;
        assert_eq!(differs(&all, &fresh, row), None);
        fresh.evidence.push_str(" and more");
        assert!(differs(&all, &fresh, row).is_some_and(|it| it.contains("and more")));
        let (all, mut fresh, row) = kept("use_after_free", "asan")?;
        fresh.kind = Some(Kind::DoubleFree);
        assert!(differs(&all, &fresh, row).is_some());
        Ok(())
    }

    #[test]
    fn numbers_and_what_is_open_may_change() -> io::Result<()> {
        let (all, mut fresh, row) = kept("error_queue_migration", "plain")?;
        fresh.evidence = fresh.evidence.replace("50", "1234");
        assert_eq!(differs(&all, &fresh, row), None);
        let (all, mut fresh, row) = kept("double_free", "plain")?;
        fresh.outcome = Class::Ok;
        assert_eq!(differs(&all, &fresh, row), None);
        Ok(())
    }

    #[test]
    fn what_is_kept_names_no_machine() -> io::Result<()> {
        for it in read(&path())? {
            let folder = ["/home/", "/tmp/", "/root/", "/usr/"]
                .iter()
                .find(|one| it.evidence.contains(**one));
            assert!(folder.is_none(), "{it:?}");
            assert!(!it.evidence.contains("==ERROR"), "{it:?}");
        }
        Ok(())
    }
}
