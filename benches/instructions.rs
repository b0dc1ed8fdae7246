//! Instructions and allocations of one operation, for every row of the table.
//!
//! `cargo bench -p ffence-benches --bench instructions -- [--write] [FILTER]...`; needs valgrind.
//!
//! Each row runs in a process of its own under callgrind: prepared, warmed up, and then counted for
//! so many operations, without start-up and exit.
//! That is the same on a busy machine as on an idle one. The HTTP server runs outside of what is
//! counted, and so does the kernel. Callgrind hides AVX-512, so that OpenSSL takes its AVX2 code.
//!
//! `c_mallocs` are the calls of `malloc`, `calloc`, `realloc` and their relatives that were not
//! Rust's; `rust_allocs` are those of Rust's global allocator; `locks` are the calls of the C
//! library's functions that take a lock.
//!
//! It prints a table with the ratio to the raw row, and writes one JSON line for each row to
//! `target/bench/instructions.jsonl` (not when a filter leaves rows out). With `--write` the tables of HTTP in
//! docs/performance.md are written anew, if all of their rows were measured. A missed goal is a failure.

use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use common::{Row, server};

#[path = "common/callgrind.rs"]
mod callgrind;
mod common;
#[path = "common/counting.rs"]
mod counting;
#[path = "common/page.rs"]
mod page;

/// What one operation costs.
struct Cost {
    row: Row,
    instructions: f64,
    c_mallocs: f64,
    locks: f64,
    rust_allocs: f64,
}

/// The argument with which this executable runs one row: its id and the loop length follow.
const ROW: &str = "--row";

fn main() -> ExitCode {
    if server::served() {
        return ExitCode::SUCCESS;
    }
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if let [first, id, loops] = arguments.as_slice()
        && first == ROW
    {
        return run_row(id, loops.parse().expect("a loop length"));
    }
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("nothing to test here: cargo bench -p ffence-benches --bench instructions");
        return ExitCode::SUCCESS;
    }
    let filters: Vec<_> = arguments.iter().filter(|it| !it.starts_with('-')).collect();
    let write = arguments.iter().any(|argument| argument == "--write");
    match measure(|row| filters.is_empty() || filters.iter().any(|it| row.contains(*it)), write) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(missed) => {
            eprintln!("goals missed: {missed}");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// In the counted process: one row, so many times.
fn run_row(id: &str, loops: u32) -> ExitCode {
    let rows = common::rows();
    let row = rows.iter().find(|row| row.id() == id).expect("a row of the table");
    let mut op = row.prepare();
    // As many messages as nonces are drawn at once, at least: all begin at the same place.
    for _ in 0..loops.min(32) {
        op();
    }
    let before = counting::rust_allocs();
    callgrind::ffence_bench_mark();
    for _ in 0..loops {
        op();
    }
    callgrind::ffence_bench_mark();
    println!("{}", counting::rust_allocs() - before);
    ExitCode::SUCCESS
}

/// Measures all rows, reports them, and answers how many goals were missed.
fn measure(wanted: impl Fn(&str) -> bool, write: bool) -> io::Result<usize> {
    let found = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    if !found.is_ok_and(|status| status.success()) {
        return Err(io::Error::other(
            "valgrind was not found; it is in the package `valgrind` of Debian, Fedora and Alpine",
        ));
    }
    server::stay();
    let directory = directory()?;
    let mut costs = Vec::new();
    let mut missed = 0;
    println!(
        "{:<11} {:>6}  {:<14} {:>12} {:>7} {:>6} {:>9} {:>5} {:>11}",
        "op",
        "bytes",
        "who",
        "instructions",
        "to raw",
        "ratio",
        "c_mallocs",
        "locks",
        "rust_allocs"
    );
    for row in common::rows() {
        if !wanted(&row.id()) {
            continue;
        }
        let cost = cost(row, &directory)?;
        costs.push(cost);
        missed += print(&costs);
    }
    if write {
        written(&costs);
    }
    if costs.len() == common::rows().len() {
        let file = directory.join("instructions.jsonl");
        std::fs::write(&file, json_lines(&costs))?;
        println!("written to {}", file.display());
    }
    Ok(missed)
}

fn cost(row: Row, directory: &std::path::Path) -> io::Result<Cost> {
    let address = server::address();
    let loops = row.loops();
    let arguments = [ROW, &row.id(), &loops.to_string()];
    let counted = callgrind::run(&arguments, (server::ADDRESS, &address), directory)?;
    // Counts are far below 2^52.
    #[allow(clippy::cast_precision_loss)]
    let each = |count: u64| count as f64 / f64::from(loops);
    let rust_allocs = each(counted.rust_allocs);
    Ok(Cost {
        row,
        instructions: each(counted.instructions),
        c_mallocs: each(counted.mallocs) - rust_allocs,
        locks: each(counted.locks),
        rust_allocs,
    })
}

/// Prints the newest row; answers how many goals it misses.
fn print(costs: &[Cost]) -> usize {
    let Some(cost) = costs.last() else { return 0 };
    let row = cost.row;
    let find = |who: &str| costs.iter().find(|other| other.row.is(who, &row));
    let base = find(row.case.against);
    let mut verdicts = String::new();
    let mut missed = 0;
    for goal in row.case.goals {
        let Some(other) = find(goal.to) else { continue };
        let (ratio, most) = (cost.instructions / other.instructions, goal.ratio(row.bytes));
        let met = ratio <= most;
        missed += usize::from(!met);
        let verdict = if met { "goal met" } else { "GOAL MISSED" };
        let _ = write!(verdicts, "  {verdict}: {ratio:.3} of {} (<= {most})", goal.to);
    }
    println!(
        "{:<11} {:>6}  {:<14} {:>12.0} {:>7} {:>6} {:>9.1} {:>5.1} {:>11.1}{verdicts}",
        row.case.op,
        row.bytes,
        row.case.who,
        cost.instructions,
        base.map_or(String::new(), |base| format!("{:+.0}", cost.instructions - base.instructions)),
        base.map_or(String::new(), |base| format!("{:.3}", cost.instructions / base.instructions)),
        cost.c_mallocs,
        cost.locks,
        cost.rust_allocs,
    );
    missed
}

/// The operations of HTTP, as docs/performance.md has them, and what stands in the place of their sizes.
const HTTP: [(&str, &str, &str); 5] = [
    ("get", "GET on a kept connection", " bytes"),
    ("download", "a long body on a kept connection", " bytes"),
    ("tls", "GET with a full handshake", " bytes"),
    ("multi", "GETs on one multi", " at a time, for all of them"),
    ("async", "GETs that another thread drives", " at a time, for all of them"),
];

fn written(costs: &[Cost]) {
    let mut text = String::new();
    for (op, what, sizes) in HTTP {
        let of = |it: &Row| it.case.op == op;
        let here: Vec<_> = costs.iter().filter(|cost| of(&cost.row)).collect();
        if here.len() != common::rows().iter().filter(|row| of(row)).count() {
            return println!("not written: rows of `{op}` were left out");
        }
        let mut size = None;
        for Cost { row, instructions, c_mallocs, locks, rust_allocs } in here {
            if size.replace(row.bytes) != Some(row.bytes) {
                let _ = write!(text, "\n| `{op}`: {what}, {}{sizes} ", row.bytes);
                text.push_str(
                    "| instructions | ratio | to | C mallocs | locks | Rust allocations |\n",
                );
                text.push_str("|---|---|---|---|---|---|---|\n");
            }
            let (who, against) = (row.case.who, row.case.against);
            let base = costs.iter().find(|other| other.row.is(against, row));
            let ratio = base.map_or(1.0, |base| instructions / base.instructions);
            let _ = writeln!(
                text,
                "| `{who}` | {instructions:.0} | {ratio:.3} | `{against}` | {c_mallocs:.0} | {locks:.0} \
                 | {rust_allocs:.1} |"
            );
        }
    }
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/performance.md");
    page::write(&page, "make bench-instructions", &format!("{text}\n"));
}

fn json_lines(costs: &[Cost]) -> String {
    let mut lines = String::new();
    for Cost { row, instructions, c_mallocs, locks, rust_allocs } in costs {
        let (op, bytes, who) = (row.case.op, row.bytes, row.case.who);
        let _ = writeln!(
            lines,
            "{{\"op\":\"{op}\",\"bytes\":{bytes},\"who\":\"{who}\",\
             \"instructions\":{instructions:.0},\"c_mallocs\":{c_mallocs:.1},\"locks\":{locks:.1},\
             \"rust_allocs\":{rust_allocs:.1}}}"
        );
    }
    lines
}

/// `bench` in cargo's target directory, which this executable lies in as `release/deps/…`.
fn directory() -> io::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let target = own.ancestors().nth(3).ok_or_else(|| io::Error::other("no target directory"))?;
    let directory = target.join("bench");
    std::fs::create_dir_all(&directory)?;
    Ok(directory)
}
