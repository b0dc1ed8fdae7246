//! Runs the cases, compares them with their rows, and keeps the record.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::{env, panic};

use serde::{Deserialize, Serialize};

use crate::child::{self, bare};
use crate::go::{self, Absent, Harness};
use crate::outcome::{Class, Kind, Outcome, REFUSED, RESULT};
use crate::row::{Detector, Hazard};

/// One result, as it stands in `results.jsonl`.
#[derive(Clone, Debug, Serialize)]
pub struct Record {
    /// The slug.
    pub case: String,
    /// Which language ran it.
    pub side: Side,
    /// What was run: the mistake, or its right counterpart.
    pub mode: Mode,
    /// What became of it.
    pub outcome: Class,
    /// What it ran under.
    pub detector: String,
    /// The sanitizer's finding.
    pub kind: Option<Kind>,
    /// The code it left with.
    pub rc: Option<i32>,
}

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Go, through cgo.
    Go,
    /// Rust, through ffence.
    Rust,
}

/// What of a program was run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The mistake.
    Bad,
    /// The right counterpart.
    Good,
    /// The Rust twin.
    Twin,
}

/// Where results are kept, one JSON line each.
#[derive(Debug)]
pub struct Results(Mutex<File>);

impl Results {
    /// An empty record, in place of an older one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn create() -> io::Result<Self> {
        let folder = folder();
        fs::create_dir_all(&folder)?;
        Ok(Self(Mutex::new(File::create(folder.join("results.jsonl"))?)))
    }

    /// Adds a result.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add(
        &self,
        case: &str,
        side: Side,
        mode: Mode,
        detector: &str,
        outcome: &Outcome,
    ) -> io::Result<()> {
        let record = Record {
            case: case.to_owned(),
            side,
            mode,
            outcome: outcome.class,
            detector: detector.to_owned(),
            kind: outcome.kind,
            rc: outcome.code,
        };
        let line = serde_json::to_string(&record)?;
        let mut file = self.0.lock().map_err(|_| io::Error::other("a writer panicked"))?;
        writeln!(file, "{line}")
    }
}

/// The folder of records and reports.
pub fn folder() -> PathBuf {
    go::target().join("hazards")
}

/// The mode in which this package was built: `plain`, or the sanitizer's name.
pub const RUST_MODE: &str = env!("HAZARDS_RUST_MODE");

/// Runs a Go program under a detector.
///
/// # Errors
/// When it cannot be started.
pub fn go(harness: &Harness, slug: &str, mode: Mode) -> io::Result<Outcome> {
    let good = (mode == Mode::Good).then_some("--good");
    outcome(&mut harness.command(["run", slug].into_iter().chain(good)))
}

/// Runs a detector's canary.
///
/// # Errors
/// When it cannot be started.
pub fn canary(harness: &Harness, name: &str) -> io::Result<Outcome> {
    outcome(&mut harness.command(["canary", name]))
}

/// Runs a Rust twin in a process of its own; `hazards` is the program of this package.
///
/// # Errors
/// When it cannot be started.
pub fn twin(hazards: &Path, slug: &str) -> io::Result<Outcome> {
    outcome(bare(hazards).args(["twin", slug]))
}

fn outcome(command: &mut Command) -> io::Result<Outcome> {
    child::run(command).map(|ended| Outcome::of(&ended))
}

/// What the child of [`twin`] does: runs it and says how it ended, in the words that
/// [`Outcome`] reads. A panic goes on to the process's end, as it would in any program.
pub fn be_twin(row: &Hazard) {
    // The text of a panic, and nothing that differs between machines.
    panic::set_hook(Box::new(|info| {
        let payload = info.payload();
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let at = info.location().map_or(0, panic::Location::line);
        eprintln!("thread panicked at line {at}:\n{}", text.unwrap_or("a value"));
    }));
    match (row.twin.program())() {
        Ok(()) => println!("{RESULT}works"),
        Err(error) => println!("{REFUSED}{:?}: {error}", error.kind()),
    }
}

/// A program of the harness, as it lists itself.
#[derive(Debug, Deserialize, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub slug: String,
    /// Whether it has a right counterpart.
    pub has_good: bool,
}

/// The programs that the harness has.
///
/// # Errors
/// When it cannot be run, or does not list them.
pub fn list(harness: &Harness) -> io::Result<Vec<Listed>> {
    let ended = child::run(&mut harness.command(["list"]))?;
    ended.stdout.lines().map(|line| serde_json::from_str(line).map_err(io::Error::from)).collect()
}

/// The harness of a detector, or `None` when a tool is missing and nobody requires it; the reason
/// is printed.
///
/// `REQUIRE`, a list such as `go,asan,cgocheck`, says what must be there.
///
/// # Panics
/// When `go build` fails, or when what is missing is required.
pub fn harness_or_skip(detector: Detector) -> Option<&'static Harness> {
    match Harness::of(detector) {
        Ok(harness) => Some(harness),
        Err(Absent::Missing(reason)) if !required(detector) => {
            // Past the test harness's capture: a skip that nobody sees is taken for a success.
            let line = format!("skipped: {detector}: {reason}\n");
            let _ = io::stderr().write_all(line.as_bytes());
            None
        }
        Err(absent) => panic!("{detector}: {absent}"),
    }
}

fn required(detector: Detector) -> bool {
    let name = if detector == Detector::Plain { "go" } else { detector.name() };
    env::var("REQUIRE").is_ok_and(|list| list.split(',').any(|it| it.trim() == name))
}
