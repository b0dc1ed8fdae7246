//! What it takes to get a context, with one to eight threads that all want one.
//!
//! `cargo bench --bench contention [-- --write]`: each thread takes a hasher, digests 64 bytes with
//! it and gives it back, over and over; how long it waits for the hasher is measured each time. The
//! ways to share them:
//!
//! | who | how |
//! |---|---|
//! | `one` | one hasher for all behind one `Mutex`, which is held while it digests |
//! | `mutex` | all hashers in one list behind one `Mutex` |
//! | `rwlock` | each thread's hasher in one map behind one `RwLock`, read to find it; one entry in 256 is renewed, under the write lock |
//! | `pool` | `ffence::pool::Pool`, which also wipes what comes back |
//! | `own` | each thread keeps its hasher |
//!
//! The machine's scheduler is measured as well: with more threads than processors one that holds a
//! lock may be put aside. The numbers are this machine's; what can be carried over is how they grow.
//! With `--write` the table of docs/threads.md and docs/contention.svg are written anew.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use ffence::crypto::{Hasher, Sha256};
use ffence::pool::Pool;
use parking_lot::{Mutex, RwLock};

#[path = "common/page.rs"]
mod page;
#[path = "common/picture.rs"]
mod picture;

const THREADS: [usize; 4] = [1, 2, 4, 8];
/// What one thread measures.
const EACH: usize = 400_000;
const TEXT: [u8; 64] = [0x5A; 64];

type Thing = Hasher<Sha256>;

/// A way to get a hasher and to give it back; answers how long getting it took.
trait Way: Sync {
    fn once(&self, thread: usize, round: usize) -> Duration;
}

fn new() -> Thing {
    Hasher::new().expect("a hasher")
}

fn digest(hasher: &mut Thing) {
    hasher.update(black_box(&TEXT)).expect("fed");
    black_box(hasher.finish_reset().expect("a digest"));
}

struct One(Mutex<Thing>);

impl Way for One {
    fn once(&self, _: usize, _: usize) -> Duration {
        let start = Instant::now();
        let mut hasher = self.0.lock();
        let took = start.elapsed();
        digest(&mut hasher);
        took
    }
}

struct OneMutex(Mutex<Vec<Thing>>);

impl Way for OneMutex {
    fn once(&self, _: usize, _: usize) -> Duration {
        let start = Instant::now();
        let kept = self.0.lock().pop();
        let mut hasher = kept.unwrap_or_else(new);
        let took = start.elapsed();
        digest(&mut hasher);
        self.0.lock().push(hasher);
        took
    }
}

struct OneRwLock(RwLock<HashMap<usize, Arc<Mutex<Thing>>>>);

impl Way for OneRwLock {
    fn once(&self, thread: usize, round: usize) -> Duration {
        let start = Instant::now();
        if round.is_multiple_of(256) {
            self.0.write().insert(thread, Arc::new(Mutex::new(new())));
        }
        let found = self.0.read().get(&thread).map(Arc::clone);
        let found = found.expect("it was put there in the first round");
        let mut hasher = found.lock();
        let took = start.elapsed();
        digest(&mut hasher);
        took
    }
}

impl Way for Pool<Thing> {
    fn once(&self, _: usize, _: usize) -> Duration {
        let start = Instant::now();
        let mut hasher = self.take().expect("a hasher");
        let took = start.elapsed();
        digest(&mut hasher);
        took
    }
}

struct Own;

impl Way for Own {
    fn once(&self, _: usize, _: usize) -> Duration {
        thread_local! {
            static HASHER: RefCell<Option<Thing>> = const { RefCell::new(None) };
        }
        HASHER.with_borrow_mut(|kept| {
            let start = Instant::now();
            let hasher = kept.get_or_insert_with(new);
            let took = start.elapsed();
            digest(hasher);
            took
        })
    }
}

/// Nanoseconds that half, all but one in a hundred, and all but one in a thousand waited at most.
#[derive(Clone, Copy)]
struct Waits {
    p50: u64,
    p99: u64,
    p999: u64,
}

fn measure(way: &dyn Way, threads: usize) -> Waits {
    let start = Barrier::new(threads);
    let mut all = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|thread| {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    (0..EACH).map(|round| nanos(way.once(thread, round))).collect::<Vec<_>>()
                })
            })
            .collect();
        workers.into_iter().flat_map(|it| it.join().expect("no panic")).collect::<Vec<_>>()
    });
    all.sort_unstable();
    let share = |thousandths: usize| all[all.len() / 1000 * thousandths];
    Waits { p50: share(500), p99: share(990), p999: share(999) }
}

fn nanos(took: Duration) -> u64 {
    u64::try_from(took.as_nanos()).unwrap_or(u64::MAX)
}

/// A way and what it took with each number of threads.
type Measured = (&'static str, [Waits; THREADS.len()]);

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("nothing to test here: cargo bench --bench contention");
        return;
    }
    let pool = Pool::new(Hasher::new).expect("a pool");
    let ways: [(&str, &dyn Way); 5] = [
        ("one", &One(Mutex::new(new()))),
        ("mutex", &OneMutex(Mutex::default())),
        ("rwlock", &OneRwLock(RwLock::default())),
        ("pool", &pool),
        ("own", &Own),
    ];
    let measured: Vec<Measured> = ways
        .iter()
        .map(|(name, way)| {
            measure(*way, 2); // what is made on first use is made
            (*name, THREADS.map(|threads| measure(*way, threads)))
        })
        .collect();
    let table = table(&measured);
    print!("{table}");
    if std::env::args().any(|argument| argument == "--write") {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
        std::fs::write(docs.join("contention.svg"), drawn(&measured)).expect("written");
        page::write(&docs.join("threads.md"), "make bench-contention", &table);
    }
}

fn table(measured: &[Measured]) -> String {
    let mut table = String::from("| ns, P50 / P99 / P99.9 |");
    for threads in THREADS {
        let _ = write!(table, " {threads} thread{} |", if threads == 1 { "" } else { "s" });
    }
    let _ = writeln!(table, "\n|---|{}", "---|".repeat(THREADS.len()));
    for (name, waits) in measured {
        let _ = write!(table, "| {name} |");
        for wait in waits {
            let _ = write!(table, " {} / {} / {} |", wait.p50, wait.p99, wait.p999);
        }
        table.push('\n');
    }
    table
}

/// Lines over the number of threads, P99 solid and P50 dashed, both axes logarithmic.
fn drawn(measured: &[Measured]) -> String {
    const WIDTH: f64 = 640.0;
    const HEIGHT: f64 = 400.0;
    const LEFT: f64 = 70.0;
    const RIGHT: f64 = 90.0;
    const TOP: f64 = 40.0;
    const BOTTOM: f64 = 50.0;
    const COLOURS: [&str; 5] = ["#6c3483", "#c0392b", "#b9770e", "#1f618d", "#1e8449"];

    // Counts of nanoseconds are far below 2^52.
    #[allow(clippy::cast_precision_loss)]
    let decades = |value: u64| (value.max(1) as f64).log10();
    let highest = measured.iter().flat_map(|(_, waits)| waits.iter().map(|it| it.p999)).max();
    let top = decades(highest.unwrap_or(10)).ceil().max(1.0);
    let x = |index: usize| {
        #[allow(clippy::cast_precision_loss)]
        let share = index as f64 / (THREADS.len() - 1) as f64;
        LEFT + share * (WIDTH - LEFT - RIGHT)
    };
    let y = |log: f64| HEIGHT - BOTTOM - (log / top) * (HEIGHT - TOP - BOTTOM);

    let above = "Waiting for a context, ns: P99.9 solid, P99 dashed";
    let mut svg = picture::begin((WIDTH, HEIGHT), "Waiting for a context", above, LEFT);
    let mut decade = 0.0;
    let mut label = 1_u64;
    while decade <= top {
        let at = y(decade);
        let _ = writeln!(
            svg,
            "<path d=\"M{LEFT} {at:.1}H{:.1}\" stroke=\"#ddd\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            WIDTH - RIGHT,
            LEFT - 8.0,
            at + 4.0
        );
        decade += 1.0;
        label *= 10;
    }
    for (index, threads) in THREADS.iter().enumerate() {
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{threads}</text>",
            x(index),
            HEIGHT - BOTTOM + 20.0
        );
    }
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">threads</text>",
        (LEFT + WIDTH - RIGHT) / 2.0,
        HEIGHT - 10.0
    );
    let end = |((name, waits), colour): (&Measured, _)| {
        let y = y(decades(waits[THREADS.len() - 1].p999));
        picture::End { x: WIDTH - RIGHT, y, name, colour }
    };
    picture::names(&mut svg, measured.iter().zip(COLOURS).map(end).collect());
    for ((_, waits), colour) in measured.iter().zip(COLOURS) {
        let line = |of: fn(&Waits) -> u64, dashes: &str| {
            let points: Vec<_> = waits
                .iter()
                .enumerate()
                .map(|(index, wait)| format!("{:.1},{:.1}", x(index), y(decades(of(wait)))))
                .collect();
            format!(
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"{dashes}/>\n",
                points.join(" ")
            )
        };
        svg.push_str(&line(|it| it.p999, ""));
        svg.push_str(&line(|it| it.p99, " stroke-dasharray=\"5 4\""));
    }
    svg.push_str("</svg>\n");
    svg
}
