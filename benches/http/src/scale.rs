//! From one transfer at a time to ten thousand.

use std::fmt::Write as _;

use crate::case::{Task, Took};
use crate::server::Server;
use crate::{Programs, docs, page, picture, system, title};

const WHO: [&str; 7] = ["ffence", "raw", "curl", "isahc", "reqwest", "go", "bare"];
const AT_ONCE: [usize; 6] = [1, 8, 64, 512, 2_048, 10_000];
/// Which of them is 64.
const FEW: usize = 2;
/// How many requests each contender makes in all, at least.
const REQUESTS: usize = 20_000;
const ROUNDS: usize = 2;

/// What we accept of ourselves.
const MOST_KIB: f64 = 18.0;
const MOST_CPU: f64 = 1.15;

/// The better of the rounds; none where the contender could not do it.
type Measured = [[Option<Took>; AT_ONCE.len()]; WHO.len()];

pub fn measure(write: bool) {
    let descriptors = system::allow_descriptors();
    let (server, programs) = (Server::start(), Programs::build());
    let only = std::env::var("ONLY").ok();
    let mut measured: Measured = Default::default();
    for (column, at_once) in AT_ONCE.into_iter().enumerate() {
        if (at_once as u64) + 100 > descriptors {
            println!("skipped: {at_once} at a time, of {descriptors} descriptors");
            continue;
        }
        let each = (REQUESTS / at_once).max(3);
        for _ in 0..crate::rounds(ROUNDS) {
            for (who, row) in WHO.iter().zip(&mut measured) {
                if only.as_ref().is_some_and(|only| !only.split(',').any(|it| it == *who)) {
                    continue;
                }
                let took = programs.run(&server, who, Task::Many, at_once, each);
                let best = &mut row[column];
                if let Some(took) = took
                    && best.is_none_or(|best| took.cpu_each() < best.cpu_each())
                {
                    *best = Some(took);
                }
            }
        }
        for (who, row) in WHO.iter().zip(&measured) {
            let Some(took) = row[column] else { continue };
            println!(
                "{at_once:6} {who:8} {:8.0}/s {:7.1} us {:8} KiB",
                took.per_second(),
                took.cpu_each(),
                took.peak
            );
        }
    }
    let table = table(&measured);
    println!("\n{table}");
    // Who was not asked is not one who cannot.
    if write && only.is_none() {
        std::fs::write(docs().join("scale.svg"), drawn(&measured)).expect("written");
        page::write(&docs().join("performance.md"), "make bench-scale", &table);
    }
    goals(&measured);
}

/// Memory beyond that of one transfer, for each.
fn memory(row: &[Option<Took>; AT_ONCE.len()], column: usize) -> Option<f64> {
    let more = row[column]?.peak.saturating_sub(row[0]?.peak);
    (column > 0).then(|| more as f64 / (AT_ONCE[column] - 1) as f64)
}

fn table(measured: &Measured) -> String {
    let mut table = String::new();
    for (what, of) in [
        ("requests a second", 0),
        ("processor time of a request, µs", 1),
        ("that time to the time at 64", 2),
        ("memory of each beyond the first, KiB", 3),
    ] {
        let _ = write!(table, "\n| {what} |");
        for at_once in AT_ONCE {
            let _ = write!(table, " {at_once} |");
        }
        let _ = writeln!(table, "\n|---|{}", "---|".repeat(AT_ONCE.len()));
        for (who, row) in WHO.iter().zip(measured) {
            let _ = write!(table, "| {} |", title(who));
            for (column, took) in row.iter().enumerate() {
                let _ = match (took, of) {
                    (None, _) => write!(table, " cannot |"),
                    (Some(took), 0) => write!(table, " {:.0} |", took.per_second()),
                    (Some(took), 1) => write!(table, " {:.1} |", took.cpu_each()),
                    (Some(took), 2) => match row[FEW] {
                        Some(few) => write!(table, " {:.2} |", took.cpu_each() / few.cpu_each()),
                        None => write!(table, " |"),
                    },
                    _ => match memory(row, column) {
                        // Of a few transfers, the pages of anything else outweigh it.
                        Some(kib) if AT_ONCE[column] >= 64 => write!(table, " {kib:.1} |"),
                        _ => write!(table, " |"),
                    },
                };
            }
            table.push('\n');
        }
    }
    table.push('\n');
    table
}

fn goals(measured: &Measured) {
    let (last, ours) = (AT_ONCE.len() - 1, &measured[0]);
    let Some((most, few)) = ours[last].zip(ours[FEW]) else { return };
    let kib = memory(ours, last).unwrap_or_default();
    let ratio = most.cpu_each() / few.cpu_each();
    let verdict = |kept: bool| if kept { "kept" } else { "GOAL MISSED" };
    println!(
        "memory of each of {}: {kib:.1} KiB of at most {MOST_KIB}: {}",
        AT_ONCE[last],
        verdict(kib <= MOST_KIB)
    );
    println!(
        "processor time at {} to that at 64: {ratio:.2} of at most {MOST_CPU}: {}",
        AT_ONCE[last],
        verdict(ratio <= MOST_CPU)
    );
    if kib > MOST_KIB {
        // Memory does not depend on what else the machine does, as times do.
        std::process::exit(1);
    }
}

/// Processor time of a request over the number at a time, both axes logarithmic.
fn drawn(measured: &Measured) -> String {
    const WIDTH: f64 = 640.0;
    const HEIGHT: f64 = 400.0;
    const LEFT: f64 = 60.0;
    const RIGHT: f64 = 110.0;
    const TOP: f64 = 40.0;
    const BOTTOM: f64 = 50.0;
    const LOWEST: f64 = 5.0;
    const COLOURS: [&str; 7] =
        ["#1e8449", "#424949", "#b9770e", "#c0392b", "#1f618d", "#6c3483", "#95a5a6"];

    let highest = measured.iter().flatten().flatten().map(Took::cpu_each).fold(100.0, f64::max);
    let decades = (highest / LOWEST).log10();
    let x = |at_once: usize| LEFT + (at_once as f64).log10() / 4.0 * (WIDTH - LEFT - RIGHT);
    let y = |micros: f64| {
        HEIGHT - BOTTOM - (micros / LOWEST).log10() / decades * (HEIGHT - TOP - BOTTOM)
    };
    let above = "Processor time of a GET of 1 KiB, µs";
    let what = "What a request costs, by how many are in flight";
    let mut svg = picture::begin((WIDTH, HEIGHT), what, above, LEFT);
    for step in [5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0] {
        if step <= highest {
            let at = y(step);
            let _ = writeln!(
                svg,
                "<path d=\"M{LEFT} {at:.1}H{:.1}\" stroke=\"#ddd\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{step}</text>",
                WIDTH - RIGHT,
                LEFT - 8.0,
                at + 4.0
            );
        }
    }
    for at_once in AT_ONCE {
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{at_once}</text>",
            x(at_once),
            HEIGHT - BOTTOM + 20.0
        );
    }
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">in flight</text>",
        (LEFT + WIDTH - RIGHT) / 2.0,
        HEIGHT - 10.0
    );
    let titles = WHO.map(|who| title(who).replace('*', ""));
    let mut ends = Vec::new();
    for ((name, row), colour) in titles.iter().zip(measured).zip(COLOURS) {
        let points: Vec<_> = AT_ONCE
            .iter()
            .zip(row)
            .filter_map(|(at_once, took)| Some((x(*at_once), y(took.as_ref()?.cpu_each()))))
            .collect();
        let Some(&(x, y)) = points.last() else { continue };
        ends.push(picture::End { x, y, name, colour });
        let points: Vec<_> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            points.join(" ")
        );
    }
    picture::names(&mut svg, ends);
    svg.push_str("</svg>\n");
    svg
}
