//! Single tasks, all contenders in turn, several rounds.

use std::fmt::Write as _;
use std::process::ExitCode;

use crate::case::{Task, Took};
use crate::counted::{Cost, count};
use crate::goals::Goals;
use crate::server::Server;
use crate::{Programs, docs, page, system, title};

const ROUNDS: usize = 7;
const WHO: [&str; 7] = ["ffence", "raw", "curl", "isahc", "reqwest", "ureq", "go"];
const OURS: usize = 0;
const RAW: usize = 1;
const ISAHC: usize = 3;
const REQWEST: usize = 4;

struct Row {
    title: &'static str,
    task: Task,
    at_once: usize,
    each: usize,
    /// How many are counted one by one, and what their instructions may be of raw libcurl's.
    counted: Option<(usize, f64)>,
}

const fn row(
    title: &'static str,
    task: Task,
    at_once: usize,
    each: usize,
    counted: Option<(usize, f64)>,
) -> Row {
    Row { title, task, at_once, each, counted }
}

const ROWS: [Row; 9] = [
    row("GET 1 KiB, blocking", Task::Get, 1, 1000, Some((200, 1.10))),
    row("POST JSON 1 KiB, blocking", Task::Post, 1, 1000, Some((200, 1.10))),
    row("GET 1 KiB, async, 1 at a time", Task::Many, 1, 5000, Some((200, 1.10))),
    row("GET 1 KiB, async, 64 at a time", Task::Many, 64, 160, Some((8, 1.10))),
    row("GET 1 KiB, async, 512 at a time", Task::Many, 512, 20, Some((2, 1.10))),
    row("GET 1 KiB over HTTP/2, async, 64 at a time", Task::Many2, 64, 160, None),
    row("download 32 MiB, blocking", Task::Download, 1, 16, None),
    row("upload 32 MiB, blocking", Task::Upload, 1, 16, None),
    row("GET 1 KiB, full TLS handshake, blocking", Task::Handshake, 1, 200, Some((10, 1.05))),
];

/// The most that Rust's allocator may be asked for a blocking request.
const MOST_ALLOCATIONS: f64 = 8.0;

/// What each contender took in each round.
type Rounds = [Vec<Option<Took>>; WHO.len()];

pub fn measure(write: bool) -> ExitCode {
    let busy = system::busy();
    let (server, programs) = (Server::start(), Programs::build());
    let rounds = crate::rounds(ROUNDS);
    let only = std::env::var("ONLY").ok();
    let rows = || ROWS.iter().filter(|row| only.as_ref().is_none_or(|it| row.title.contains(it)));
    let mut goals = Goals::default();
    let mut times = head("processor time of a request, as a ratio to raw libcurl's");
    let mut memory = head("the most memory that was resident, MiB");
    for row in rows() {
        let took = take(&server, &programs, row, rounds);
        let line = line(row.title, |who| {
            let ratio = ratio(&took[who], &took[RAW], Took::cpu_each)?;
            let own = if who == RAW {
                median(took[RAW].iter().flatten().map(Took::cpu_each))?
            } else {
                0.0
            };
            Some(if who == RAW { format!("1 ({own:.1} µs)") } else { format!("{ratio:.2}") })
        });
        print!("{line}");
        times.push_str(&line);
        memory.push_str(&self::line(row.title, |who| {
            Some(format!("{:.1}", median(took[who].iter().flatten().map(Took::mebibytes))?))
        }));
        let against = |who: usize, of| ratio(&took[OURS], &took[who], of);
        goals.ahead(&format!("{}: time, to isahc's", row.title), against(ISAHC, Took::cpu_each));
        if row.task == Task::Download {
            let found = against(REQWEST, Took::cpu_each);
            goals.ahead(&format!("{}: time, to reqwest's", row.title), found);
        }
        let found = against(REQWEST, Took::mebibytes);
        goals.ahead(&format!("{}: memory, to reqwest's", row.title), found);
    }
    let mut instructions = head("instructions of a request, as a ratio to raw libcurl's");
    let mut allocations = head("allocations of a request, of C + of Rust, and the locks of C");
    for row in rows() {
        let Some((each, most)) = row.counted else { continue };
        let costs = WHO.map(|who| counted(&server, who, row, each));
        let to_raw = |who: usize| Some(costs[who]?.instructions / costs[RAW]?.instructions);
        let line = line(row.title, |who| {
            let own = costs[who]?.instructions;
            Some(if who == RAW { format!("1 ({own:.0})") } else { format!("{:.3}", to_raw(who)?) })
        });
        print!("{line}");
        instructions.push_str(&line);
        allocations.push_str(&self::line(row.title, |who| {
            let Cost { mallocs, rust_allocs, locks, .. } = costs[who]?;
            Some(format!("{mallocs:.0} + {rust_allocs:.0}, {locks:.0}"))
        }));
        goals.at_most(
            &format!("{}: instructions, to raw libcurl's", row.title),
            to_raw(OURS),
            most,
        );
        if !row.task.is_many() {
            let found = costs[OURS].map(|cost| cost.rust_allocs);
            goals.at_most(&format!("{}: Rust allocations", row.title), found, MOST_ALLOCATIONS);
        }
    }
    let text = format!(
        "{} of {rounds} rounds{busy}.\n\n{times}\n{memory}\n{instructions}\n{allocations}\n{}",
        system::versions(),
        goals.table()
    );
    println!("\n{text}");
    if write && only.is_none() {
        page::write(&docs().join("performance.md"), "make bench-http", &text);
    }
    if goals.missed() == 0 {
        return ExitCode::SUCCESS;
    }
    eprintln!("goals missed: {}", goals.missed());
    ExitCode::FAILURE
}

/// Contenders take turns, each round in another order: what the machine does meanwhile is shared by all.
fn take(server: &Server, programs: &Programs, row: &Row, rounds: usize) -> Rounds {
    let mut took: Rounds = WHO.map(|_| Vec::new());
    for round in 0..rounds {
        for turn in 0..WHO.len() {
            let who = (round + turn) % WHO.len();
            if has_way(WHO[who], row.task) {
                took[who].push(programs.run(server, WHO[who], row.task, row.at_once, row.each));
            }
        }
    }
    took
}

fn has_way(who: &str, task: Task) -> bool {
    who != "ureq" || !task.is_many()
}

/// Counts a contender that is this program.
fn counted(server: &Server, who: &str, row: &Row, each: usize) -> Option<Cost> {
    if who == "go" || !has_way(who, row.task) {
        return None;
    }
    let cost = count(server, who, row.task, row.at_once, each);
    cost.inspect_err(|error| eprintln!("{who}, {}: {error}", row.title)).ok()
}

/// The median over the rounds of how one stood to the other in each.
fn ratio(of: &[Option<Took>], to: &[Option<Took>], what: fn(&Took) -> f64) -> Option<f64> {
    let pairs = of.iter().zip(to).filter_map(|(of, to)| Some(what(&(*of)?) / what(&(*to)?)));
    median(pairs)
}

fn median(all: impl Iterator<Item = f64>) -> Option<f64> {
    let mut all: Vec<_> = all.collect();
    all.sort_unstable_by(f64::total_cmp);
    all.get(all.len() / 2).copied()
}

fn head(what: &str) -> String {
    let mut head = format!("| {what} |");
    for who in WHO {
        let _ = write!(head, " {} |", title(who));
    }
    let _ = writeln!(head, "\n|---|{}", "---|".repeat(WHO.len()));
    head
}

fn line(title: &str, cell: impl Fn(usize) -> Option<String>) -> String {
    let mut line = format!("| {title} |");
    for who in 0..WHO.len() {
        let _ = write!(line, " {} |", cell(who).as_deref().unwrap_or("–"));
    }
    line.push('\n');
    line
}
