//! Which process runs what, and as many at a time as there are processors.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::child::{Look, Task};
use crate::judge::Mode;
use crate::rows;
use crate::supervise::Tally;

/// So many rows are one piece, where each has some samples alone.
const ROWS: usize = 8;
/// A piece of a full run takes about so long: the last ones end together, and what a leak's search runs
/// once more is no more than a piece.
const PIECE: Duration = Duration::from_secs(20);

/// All points of all rows in a mode.
pub fn whole(mode: Mode, first_row: usize, last_row: usize) -> Task {
    Task {
        mode,
        first_row,
        first_k: 1,
        last_row,
        last_k: u64::MAX,
        full: false,
        look: Look::Row,
        seeded: false,
    }
}

/// Samples of the rows.
pub fn samples(first: usize, last: usize) -> Vec<Task> {
    let starts = (first..=last).step_by(ROWS);
    let rows = starts.map(|start| (start, last.min(start + ROWS - 1)));
    rows.flat_map(|(start, end)| Mode::BOTH.map(|mode| whole(mode, start, end))).collect()
}

/// Every point of the rows, which were counted: the longest pieces first.
pub fn every(counted: &Tally) -> Vec<Task> {
    let mut pieces = Vec::new();
    for (row, (asked, time)) in &counted.asked {
        // Each point is the operation, in part, and once more with memory.
        let each = time.as_micros().max(1) * 2;
        let most = u64::try_from(PIECE.as_micros() / each).unwrap_or(u64::MAX).max(1);
        for mode in Mode::BOTH {
            let mut first_k = 1;
            loop {
                let is_last = first_k + most > *asked;
                let last_k = if is_last { u64::MAX } else { first_k + most - 1 };
                let points = asked.saturating_sub(first_k - 1).min(most);
                let piece = Task { first_k, last_k, full: true, ..whole(mode, *row, *row) };
                pieces.push((u128::from(points) * each, piece));
                if is_last {
                    break;
                }
                first_k += most;
            }
        }
    }
    pieces.sort_by_key(|(time, _)| std::cmp::Reverse(*time));
    let seconds = pieces.iter().map(|(time, _)| time).sum::<u128>() / 1_000_000;
    eprintln!(
        "torture: {} pieces, about {} minutes of one processor",
        pieces.len(),
        seconds.div_ceil(60)
    );
    pieces.into_iter().map(|(_, piece)| piece).collect()
}

/// Only counts the rows' requests.
pub fn count(first: usize, last: usize) -> Tally {
    Tally::of(&Task { last_k: 0, ..whole(Mode::One, first, last) })
}

/// Runs the pieces, and adds up what they come to.
pub fn run(pieces: &[Task]) -> Tally {
    let names: Vec<&str> = rows::all().iter().map(|row| row.name).collect();
    let (next, begun) = (AtomicUsize::new(0), Instant::now());
    let sum = Mutex::new(Tally::default());
    let work = || {
        while let Some(piece) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
            let tally = Tally::of(piece);
            if piece.full {
                eprintln!(
                    "torture: {:>5} s, {} pieces left; done: {}, {} from {}",
                    begun.elapsed().as_secs(),
                    pieces.len().saturating_sub(next.load(Ordering::Relaxed)),
                    names[piece.first_row],
                    piece.mode.name(),
                    piece.first_k
                );
            }
            sum.lock().expect("nobody panicked").add(tally);
        }
    };
    let at_a_time = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| (0..at_a_time).for_each(|_| drop(scope.spawn(work))));
    sum.into_inner().expect("nobody panicked")
}
