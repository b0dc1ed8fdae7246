//! Times of every row of the table: criterion's, and then the ratios to the raw row.
//!
//! `cargo bench -p ffence-benches --bench pairs -- [FILTER] [--ratios]`; `--ratios` leaves criterion out.
//!
//! What is timed is the processor time of the calling thread, user and system: whatever else the
//! machine does, and the HTTP server in its own process, is left out. The times are good to about
//! ten per cent on a quiet machine and are not comparable between machines. The ratios are taken
//! in rounds, all contenders of an operation right after each other within some milliseconds, and
//! printed as the median over the rounds with the quarter below and above: those may be quoted.
//! What does not depend on the machine's mood at all is `make bench-instructions`.

use std::time::Duration;

use common::{Op, Row, server};
use criterion::{BenchmarkId, Criterion, Throughput};

mod common;

/// Only the ratios are wanted.
const RATIOS: &str = "--ratios";

fn main() {
    if server::served() {
        return;
    }
    server::stay();
    let mut arguments: Vec<_> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    if arguments.iter().any(|argument| argument == RATIOS) {
        arguments.retain(|argument| argument != RATIOS);
        return ratios(arguments.first().map_or("", String::as_str));
    }
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800))
        .configure_from_args();
    times(&mut criterion);
    criterion.final_summary();

    // Criterion's own options (`--test`, `--list`, …) are not about ratios.
    let measuring = std::env::args().any(|argument| argument == "--bench");
    if measuring && !arguments.iter().any(|argument| argument.starts_with('-')) {
        ratios(arguments.first().map_or("", String::as_str));
    }
}

fn times(criterion: &mut Criterion) {
    let rows = common::rows();
    for same in rows.chunk_by(|one, two| one.case.op == two.case.op && one.bytes == two.bytes) {
        let (op, bytes) = (same[0].case.op, same[0].bytes);
        let mut group = criterion.benchmark_group(format!("{op}/{bytes}"));
        group.throughput(Throughput::Bytes(bytes as u64));
        for row in same {
            group.bench_function(BenchmarkId::from_parameter(row.case.who), |bencher| {
                let mut op = row.prepare();
                bencher.iter_custom(|loops| timed(&mut op, loops));
            });
        }
        group.finish();
    }
}

/// The processor time of this thread for so many operations.
fn timed(op: &mut Op, loops: u64) -> Duration {
    let start = thread_time();
    for _ in 0..loops {
        op();
    }
    thread_time().saturating_sub(start)
}

fn thread_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the structure is writable.
    let code = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    assert_eq!(code, 0);
    let (seconds, nanoseconds) = (time.tv_sec.try_into(), time.tv_nsec.try_into());
    Duration::new(seconds.unwrap_or_default(), nanoseconds.unwrap_or_default())
}

const ROUNDS: usize = 41;
const TURN: Duration = Duration::from_millis(8);

/// A contender and what it needed in each round, in nanoseconds an operation.
struct Contender {
    row: Row,
    op: Op,
    loops: u64,
    rounds: Vec<f64>,
}

fn ratios(filter: &str) {
    println!("{:<11} {:>6}  {:<14} {:>10} {:>7}  quartiles", "op", "bytes", "who", "ns", "ratio");
    let rows = common::rows();
    for same in rows.chunk_by(|one, two| one.case.op == two.case.op && one.bytes == two.bytes) {
        // All or none: a ratio needs its raw row.
        if !same.iter().any(|row| row.id().contains(filter)) {
            continue;
        }
        let mut contenders: Vec<_> = same.iter().map(|&row| Contender::new(row)).collect();
        for round in 0..ROUNDS {
            // Nobody is always the first after the others have filled the caches.
            for turn in 0..contenders.len() {
                let count = contenders.len();
                contenders[(turn + round) % count].turn();
            }
        }
        for contender in &contenders {
            print(contender, &contenders);
        }
    }
}

impl Contender {
    fn new(row: Row) -> Self {
        let mut op = row.prepare();
        let mut loops = 1;
        loop {
            let took = timed(&mut op, loops);
            if took >= TURN / 2 {
                break;
            }
            loops *= 2;
        }
        Self { row, op, loops, rounds: Vec::new() }
    }

    fn turn(&mut self) {
        let took = timed(&mut self.op, self.loops);
        #[allow(clippy::cast_precision_loss)]
        self.rounds.push(took.as_secs_f64() * 1e9 / self.loops as f64);
    }
}

fn print(contender: &Contender, all: &[Contender]) {
    let row = contender.row;
    let time = quartiles(contender.rounds.clone())[1];
    let base = all.iter().find(|base| base.row.is(row.case.against, &row));
    let ratio = base.map_or(String::new(), |base| {
        let pairs = contender.rounds.iter().zip(&base.rounds);
        let [low, middle, high] = quartiles(pairs.map(|(ours, raw)| ours / raw).collect());
        format!("{middle:>7.2}  {low:.2}..{high:.2}")
    });
    println!("{:<11} {:>6}  {:<14} {time:>10.0} {ratio}", row.case.op, row.bytes, row.case.who);
}

fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[(values.len() - 1) * quarter / 4])
}
