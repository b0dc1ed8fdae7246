//! Runs rows, compares what comes of it with what they say and with what was kept, two at a time.

use std::io;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::detector::Cell;
use crate::go::{Absent, Toolchain};
use crate::outcome::Outcome;
use crate::record::{self, Record};
use crate::row::{Expected, Hazard};
use crate::run::{self, Mode, Pair};

/// What a run saw of one row.
#[derive(Debug)]
pub struct Seen {
    /// The row.
    pub row: &'static Hazard,
    /// Of each detector on each generation: the mistake and its right counterpart, or why not.
    pub go: Vec<(Cell, Result<Ran, String>)>,
    /// The Rust twin.
    pub rust: Outcome,
    /// Everything that was not as the row says, and of which detector; without one, of the twin.
    pub wrong: Vec<(Option<Cell>, String)>,
}

/// A pair, and the Go that it was built with.
#[derive(Debug)]
pub struct Ran {
    /// What became of both.
    pub pair: Pair,
    /// The Go.
    pub toolchain: &'static Toolchain,
}

impl Seen {
    /// As it is kept.
    pub fn records(&self) -> Vec<Record> {
        let mut all = Vec::new();
        for (cell, ran) in &self.go {
            if let Ok(ran) = ran {
                all.extend(ran.records(self.row, *cell));
            }
        }
        all.push(Record::rust(self.row, run::RUST_MODE, &self.rust));
        all
    }
}

impl Ran {
    /// Puts a row to a detector.
    ///
    /// # Errors
    /// When a tool is missing, or something cannot be built or started.
    pub fn of(row: &Hazard, cell: Cell) -> Result<Self, Absent> {
        let toolchain = run::ready(row.about.module(), cell)?;
        Ok(Self { pair: run::pair(row, cell)?, toolchain })
    }

    /// The mistake and its right counterpart, as they are kept.
    pub fn records(&self, row: &Hazard, cell: Cell) -> [Record; 2] {
        [(Mode::Bad, &self.pair.bad), (Mode::Good, &self.pair.good)]
            .map(|(mode, outcome)| Record::go(row, mode, cell.detector, self.toolchain, outcome))
    }

    /// Everything that is not as the row says, or not as it was kept.
    pub fn wrong(&self, row: &Hazard, cell: Cell, kept: &[Record]) -> Vec<String> {
        let minor = self.toolchain.minor;
        let mut wrong: Vec<String> =
            row.check(cell.detector, minor, &self.pair.bad).err().into_iter().collect();
        if !Expected::Silent.admits(&self.pair.good, "", minor) {
            wrong.push(format!("{}, done right, under {cell}: {}", row.slug, self.pair.good));
        }
        if wrong.is_empty() {
            let records = self.records(row, cell);
            wrong.extend(records.iter().filter_map(|it| record::differs(kept, it, row)));
        }
        wrong
    }
}

/// Runs one row; `hazards` is the program of this package, whose children the twins are.
///
/// # Errors
/// When the twin cannot be started.
pub fn row(
    row: &'static Hazard,
    hazards: &Path,
    kept: &[Record],
    wanted: impl Fn(Cell) -> bool,
) -> io::Result<Seen> {
    let mut wrong = Vec::new();
    let mut go = Vec::new();
    for cell in row.cells().filter(|cell| wanted(*cell)) {
        let ran = Ran::of(row, cell);
        match &ran {
            Ok(ran) => {
                wrong.extend(ran.wrong(row, cell, kept).into_iter().map(|it| (Some(cell), it)));
            }
            Err(Absent::Broken(why)) => {
                wrong.push((Some(cell), format!("{} under {cell}: {why}", row.slug)));
            }
            Err(Absent::Missing(_) | Absent::Tool { .. }) => {}
        }
        go.push((cell, ran.map_err(|absent| absent.to_string())));
    }
    let rust = run::twin(hazards, row.slug)?;
    if !row.twin.admits(&rust) {
        let says = format!("{} in Rust: the row says that it {}, got {rust}", row.slug, row.twin);
        wrong.push((None, says));
    }
    let of_twin = Record::rust(row, run::RUST_MODE, &rust);
    wrong.extend(record::differs(kept, &of_twin, row).map(|it| (None, it)));
    Ok(Seen { row, go, rust, wrong })
}

/// Runs `work` over all of `rows`, as many at a time as there are cores, and answers in their order.
///
/// # Errors
/// The first error of `work`.
pub fn all<T: Send>(
    rows: &[&'static Hazard],
    work: impl Fn(&'static Hazard) -> io::Result<T> + Sync,
) -> io::Result<Vec<T>> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = work(row);
                    if let Ok(mut done) = done.lock() {
                        done.push((row.slug, result));
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().map_err(|_| io::Error::other("a worker panicked"))?;
    done.sort_by_key(|(slug, _)| *slug);
    done.into_iter().map(|(_, result)| result).collect()
}
