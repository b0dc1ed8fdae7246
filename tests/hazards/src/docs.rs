//! `docs/hazards.md`, written from the rows.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::go;
use crate::row::{Detector, Expected, Hazard, Twin};
use crate::rows::ROWS;

/// Where the page belongs.
pub fn path() -> PathBuf {
    go::root().join("docs/hazards.md")
}

const INTRODUCTION: &str = "\
# The hazard catalogue

<!-- Written from tests/hazards/src/rows/ by `cargo run -p ffence-hazards --bin hazards -- --write-docs`. -->

Mistakes that are easy to make when Go calls C, what Go's detectors say of them, and what becomes of
the same mistake in Rust. Every row is run by `cargo test -p ffence-hazards`: the Go program under
each detector, its right counterpart (which must stay silent under all of them), and the Rust twin.

*Silent* means that the program ran to its end with a wrong result and nobody said a word.
*Undefined* means that C leaves open what happens, and that what is listed was seen or is likely:
nothing relies on it. A detector is one build of one program:

| detector | how it is switched on |
|---|---|
| plain | `go build` |
| asan | `go build -asan` |
| race | `go build -race` (with checkptr) |
| checkptr | `go build -gcflags=all=-d=checkptr` |
| cgocheck | `GOEXPERIMENT=cgocheck2 go build`, from Go 1.21 on |
| cgocheck-debug | `GODEBUG=cgocheck=2` at run time, before Go 1.21 |
";

/// The whole page.
pub fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    page.push_str("\n| hazard |");
    for detector in Detector::ALL {
        let _ = write!(page, " {detector} |");
    }
    page.push_str(" Rust |\n|---|");
    page.push_str(&"---|".repeat(Detector::ALL.len() + 1));
    page.push('\n');
    for row in ROWS.iter() {
        let _ = write!(page, "| [`{0}`](#{0}) |", row.slug);
        for detector in Detector::ALL {
            let _ = write!(page, " {} |", row.expected(detector).map_or("", brief));
        }
        let _ = writeln!(page, " {} |", row.twin);
    }
    for row in ROWS.iter() {
        section(&mut page, row);
    }
    page
}

/// An expectation in a word, for the table.
fn brief(expected: Expected) -> &'static str {
    match expected {
        Expected::Silent => "silent",
        Expected::Report(_) => "reports",
        Expected::Fatal(_) => "stops",
        Expected::Signal(_) => "signal",
        Expected::May(_) => "undefined",
        Expected::Since(_, _, now) => brief(*now),
    }
}

fn section(page: &mut String, row: &Hazard) {
    let _ = write!(page, "\n## {}\n\n{}\n\n", row.slug, row.sentence);
    let _ = writeln!(page, "- About: {}. From: {}.", row.about, row.seed);
    let _ = write!(page, "- Go: [`{0}.go`](../go-harness/{0}.go)", row.slug);
    if let Some(fixture) = row.fixture {
        let _ = write!(page, ", C: [`{0}`](../csrc/hazard/{0})", fixture.name);
    }
    let _ = writeln!(page, ", Rust: [`{0}.rs`](../tests/hazards/src/twins/{0}.rs)", row.slug);
    for (detectors, expected) in by_expectation(row) {
        let _ = writeln!(page, "- {}: {expected}.", detectors.join(", "));
    }
    let _ = writeln!(page, "- Rust {}. {}", row.twin, row.refused_by);
    let _ = write!(page, "\n```go\n{}```\n", mistake(row));
    if let (Twin::Refused(code, _), Some(attempt)) = (row.twin, attempt(row)) {
        let _ = write!(page, "\nDoes not compile, {code}:\n\n```rust\n{attempt}```\n");
    }
}

/// The detectors that say the same, together.
fn by_expectation(row: &Hazard) -> Vec<(Vec<&'static str>, String)> {
    let mut groups: Vec<(Vec<&'static str>, String)> = Vec::new();
    for (detector, expected) in row.expected {
        let words = expected.to_string();
        match groups.iter_mut().find(|(_, known)| *known == words) {
            Some((detectors, _)) => detectors.push(detector.name()),
            None => groups.push((vec![detector.name()], words)),
        }
    }
    groups
}

/// The Go program from its comment on, without what every file begins with.
pub(crate) fn mistake(row: &Hazard) -> &'static str {
    row.program.split_once("package main\n\n").map_or(row.program, |(_, rest)| rest)
}

/// The attempt in the documentation of a refused twin: the lines of its `compile_fail` test.
pub(crate) fn attempt(row: &Hazard) -> Option<String> {
    let (_, after) = row.twin_source.split_once("/// ```compile_fail,")?;
    let lines = after.lines().skip(1).take_while(|line| line.trim_end() != "/// ```");
    let mut attempt = String::new();
    for line in lines {
        attempt.push_str(line.trim_start_matches("///").strip_prefix(' ').unwrap_or_default());
        attempt.push('\n');
    }
    Some(attempt)
}
