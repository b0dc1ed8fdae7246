//! Runs the cases, compares them with their rows, and keeps the record.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::{env, panic};

use serde::{Deserialize, Serialize};

use crate::child::{self, bare};
use crate::detector::{Cell, Detector, Generation};
use crate::go::{self, Absent, Harness, Module};
use crate::outcome::{MISSING, Outcome, REFUSED, RESULT};
use crate::record::Record;
use crate::row::Hazard;
use crate::toolchain::{self, Toolchain};
use crate::tools;

/// A Go program's two halves.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The mistake.
    pub bad: Outcome,
    /// The right counterpart.
    pub good: Outcome,
}

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Go, through cgo.
    Go,
    /// Rust, through ffence.
    Rust,
}

/// What of a program was run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
    pub fn add(&self, record: &Record) -> io::Result<()> {
        let line = serde_json::to_string(record)?;
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
    of(harness, &mut harness.command(["run", slug].into_iter().chain(good)))
}

/// Puts a row's program and its right counterpart to a detector.
///
/// # Errors
/// When a tool is missing, or something cannot be built or started.
pub fn pair(row: &Hazard, cell: Cell) -> Result<Pair, Absent> {
    if !cell.detector.runs_the_program() {
        return tools::pair(row, cell);
    }
    let harness = Harness::of_module(row.about.module(), cell).map_err(Clone::clone)?;
    let broken = |error: io::Error| Absent::Broken(error.to_string());
    if cell.detector == Detector::Tool {
        return Ok(Pair {
            bad: tool(harness, row.slug, Mode::Bad)?,
            good: tool(harness, row.slug, Mode::Good)?,
        });
    }
    Ok(Pair {
        bad: go(harness, row.slug, Mode::Bad).map_err(broken)?,
        good: go(harness, row.slug, Mode::Good).map_err(broken)?,
    })
}

/// Lets a program look at itself with the tool that it is about.
fn tool(harness: &Harness, slug: &str, mode: Mode) -> Result<Outcome, Absent> {
    let good = mode == Mode::Good;
    let args = ["tool", slug].into_iter().chain(good.then_some("--good"));
    let ended = child::run_tool(&mut harness.command(args))
        .map_err(|error| Absent::Broken(error.to_string()))?;
    let missing =
        ended.stdout.lines().find_map(|line| line.strip_prefix(MISSING)?.split_once(": "));
    if let Some((name, reason)) = missing {
        return Err(Absent::Tool { name: name.to_owned(), reason: reason.to_owned() });
    }
    Ok(Outcome::of_tool(&ended, good))
}

/// The Go that `cell` takes, once a module is built for it or read by it.
///
/// # Errors
/// When a tool is missing, or the module does not build.
pub fn ready(module: Module, cell: Cell) -> Result<&'static Toolchain, Absent> {
    if cell.detector.runs_the_program() {
        return Harness::of_module(module, cell).map(|it| &it.toolchain).map_err(Clone::clone);
    }
    if cell.detector != Detector::Build {
        tools::remarks(module, cell)?;
    }
    toolchain::of(cell.generation)
}

/// Runs a detector's canary.
///
/// # Errors
/// When it cannot be started.
pub fn canary(harness: &Harness, name: &str) -> io::Result<Outcome> {
    of(harness, &mut harness.command(["canary", name]))
}

/// Runs a Rust twin in a process of its own; `hazards` is the program of this package.
///
/// # Errors
/// When it cannot be started.
pub fn twin(hazards: &Path, slug: &str) -> io::Result<Outcome> {
    outcome(bare(hazards).args(["twin", slug]))
}

/// The same of a twin that does not do what its row says: see [`be_broken_twin`].
///
/// # Errors
/// When it cannot be started.
pub fn broken_twin(hazards: &Path, slug: &str) -> io::Result<Outcome> {
    outcome(bare(hazards).args(["twin", slug, "--broken"]))
}

fn of(harness: &Harness, command: &mut Command) -> io::Result<Outcome> {
    if harness.cell.detector == Detector::Valgrind {
        return child::run(command).map(|ended| Outcome::of_memcheck(&ended));
    }
    outcome(command)
}

fn outcome(command: &mut Command) -> io::Result<Outcome> {
    child::run(command).map(|ended| Outcome::of(&ended))
}

/// What the child of [`twin`] does: runs it and says how it ended, in the words that
/// [`Outcome`] reads. A panic goes on to the process's end, as it would in any program.
pub fn be_twin(row: &Hazard) {
    tell(row.twin.program());
}

/// What the child of [`broken_twin`] does: the twin runs as if nothing refused its mistake, or as if
/// the right way failed.
pub fn be_broken_twin(row: &Hazard) {
    tell(row.twin.broken());
}

fn tell(program: fn() -> ffence::Result<()>) {
    // The text of a panic, and nothing that differs between machines.
    panic::set_hook(Box::new(|info| {
        let payload = info.payload();
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let at = info.location().map_or(0, panic::Location::line);
        eprintln!("thread panicked at line {at}:\n{}", text.unwrap_or("a value"));
    }));
    match program() {
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
/// `REQUIRE`, a list such as `go,go-legacy,asan,cgocheck`, says what must be there.
///
/// # Panics
/// When `go build` fails, or when what is missing is required.
pub fn harness_or_skip(detector: Detector) -> Option<&'static Harness> {
    let generation = detector.generations().first().copied().unwrap_or(Generation::Current);
    or_skip(Cell { detector, generation }, Harness::of(detector).map_err(Clone::clone))
}

/// What [`ready`] answers, or `None` as for [`harness_or_skip`].
///
/// # Panics
/// When `go build` fails, or when what is missing is required.
pub fn ready_or_skip(module: Module, cell: Cell) -> Option<&'static Toolchain> {
    or_skip(cell, ready(module, cell))
}

fn or_skip<T>(cell: Cell, found: Result<T, Absent>) -> Option<T> {
    match found {
        Ok(it) => Some(it),
        Err(Absent::Missing(reason)) => {
            skip(&cell.to_string(), required(cell), &reason);
            None
        }
        Err(absent) => panic!("{cell}: {absent}"),
    }
}

/// Says that `what` is skipped, and why.
///
/// # Panics
/// When `REQUIRE` has the name of what is missing.
pub fn skip(what: &str, missing: &str, reason: &str) {
    let required = env::var("REQUIRE").unwrap_or_default();
    assert!(required.split(',').all(|it| it.trim() != missing), "{what}: {reason}");
    // Past the test harness's capture: a skip that nobody sees is taken for a success.
    let line = format!("skipped: {what}: {reason}\n");
    let _ = io::stderr().write_all(line.as_bytes());
}

/// The name in `REQUIRE` of what a detector needs.
fn required(cell: Cell) -> &'static str {
    match cell.detector {
        _ if cell.generation == Generation::Legacy && cell.detector != Detector::CgocheckDebug => {
            "go-legacy"
        }
        Detector::Plain | Detector::Escape | Detector::Build | Detector::Tool => "go",
        other => other.name(),
    }
}
