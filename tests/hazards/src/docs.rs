//! `docs/hazards.md` and the pages below it, written from the rows and the record that is kept.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::PathBuf;

use crate::detector::Cell;
use crate::go;
use crate::outcome::Class;
use crate::record::{self, Record};
use crate::row::{Detector, Expected, Hazard, Twin};
use crate::rows::ROWS;
use crate::run::{Mode, Side};

/// Where the index belongs.
pub fn path() -> PathBuf {
    go::root().join("docs/hazards.md")
}

/// Where the pages belong.
pub fn folder() -> PathBuf {
    go::root().join("docs/hazards")
}

/// All that is generated, by its path.
///
/// # Errors
/// When the kept record cannot be read.
pub fn pages() -> io::Result<BTreeMap<PathBuf, String>> {
    let kept = record::read(&record::path())?;
    let mut pages = BTreeMap::from([(path(), index())]);
    for row in ROWS.iter() {
        pages.insert(folder().join(format!("{}.md", row.slug)), page(row, &kept));
    }
    Ok(pages)
}

/// Writes them, and removes what no row asks for any more.
///
/// # Errors
/// When a file cannot be read or written.
pub fn write() -> io::Result<()> {
    let pages = pages()?;
    fs::create_dir_all(folder())?;
    for entry in fs::read_dir(folder())? {
        let path = entry?.path();
        if !pages.contains_key(&path) {
            fs::remove_file(path)?;
        }
    }
    for (path, text) in &pages {
        fs::write(path, text)?;
    }
    Ok(())
}

const INTRODUCTION: &str = "\
# The hazard catalogue

<!-- Written from tests/hazards/src/rows/ and hazards.jsonl by `make hazards BLESS=1`. -->

Mistakes that are easy to make when Go calls C, what Go's detectors say of them, and what becomes of
the same mistake in Rust. Every row is run by `cargo test -p ffence-hazards`: the Go program under
each detector on two generations of Go, its right counterpart (which must stay silent under all of
them), and the Rust twin. A name leads to the program, what was really said, and the rule to
remember; [hazards.jsonl](hazards.jsonl) has all of it for machines. Rows on goroutines and contexts
call no C and have no `unsafe`: the race detector is what looks at them.

*Silent* means that the program ran to its end with a wrong result and nobody said a word.
*Undefined* means that C leaves open what happens, and that what is listed was seen or is likely:
nothing relies on it. Where the generations differ, the newer one stands first.

| detector | how it is switched on |
|---|---|
";

const TOOL: &str = "tool";

/// The index.
fn index() -> String {
    let mut page = INTRODUCTION.to_owned();
    for detector in Detector::EVERY {
        let _ = writeln!(page, "| {detector} | {} |", detector.switch());
    }
    let mut classes: Vec<_> = ROWS.iter().map(|row| row.about).collect();
    classes.sort_by_key(|it| it.name());
    classes.dedup();
    for class in classes {
        let _ = write!(page, "\n## {}\n\n| hazard | what happens |", capital(&class.to_string()));
        for detector in Detector::ALL {
            let _ = write!(page, " {detector} |");
        }
        page.push_str(" others | Rust |\n|---|---|");
        page.push_str(&"---|".repeat(Detector::ALL.len() + 2));
        page.push('\n');
        for row in ROWS.iter().filter(|row| row.about == class) {
            let _ = write!(page, "| [`{0}`](hazards/{0}.md) | {1} |", row.slug, row.sentence);
            for detector in Detector::ALL {
                let _ = write!(page, " {} |", row.expected(detector).map_or(String::new(), brief));
            }
            let rest = Detector::EVERY.iter().filter(|it| !Detector::ALL.contains(it));
            let rest = rest.filter_map(|&it| match row.expected(it)? {
                Expected::Silent if it == Detector::Vet => None,
                expected => Some(format!("{it}: {}", brief(expected))),
            });
            let rest: Vec<_> = rest.collect();
            let _ = writeln!(page, " {} | {} |", rest.join(", "), row.twin);
        }
    }
    page
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    // What is spelled in a way of its own stays as it is.
    if text.starts_with("libcurl") || text.starts_with("unsafe.") {
        return text.to_owned();
    }
    letters.next().map(|it| it.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// An expectation in a word, for the table.
fn brief(expected: Expected) -> String {
    let word = match expected {
        Expected::Silent => "silent",
        Expected::Report(_) => "reports",
        Expected::Fatal(_) => "stops",
        Expected::Signal(_) => "signal",
        Expected::Says(_) => "says",
        Expected::May(_) => "undefined",
        Expected::Since(_, before, now) => {
            let (before, now) = (brief(*before), brief(*now));
            return if before == now { now } else { format!("{now} / {before}") };
        }
    };
    word.to_owned()
}

/// Where a row's program lies.
pub fn program_path(row: &Hazard) -> String {
    if row.builds() {
        format!("{}/{}.go", row.about.module().folder(), row.slug)
    } else {
        format!("go-harness/refused/{}/main.go", row.slug)
    }
}

/// A row's page.
fn page(row: &Hazard, kept: &[Record]) -> String {
    let mut page = format!("# {}\n\n", row.slug);
    page.push_str("<!-- Written by `make hazards BLESS=1`. -->\n\n");
    let _ = writeln!(page, "{}\n", row.sentence);
    let _ = writeln!(page, "About {}. [All hazards](../hazards.md).\n", row.about);

    let program = program_path(row);
    let _ = write!(page, "## In Go\n\n[`{program}`](../../{program})");
    if let Some(fixture) = row.fixture {
        let _ = write!(page, " with [`{0}`](../../csrc/hazard/{0})", fixture.name);
    }
    let _ = write!(page, ":\n\n```go\n{}```\n\n## What was said of it\n", mistake(row));
    let _ =
        writeln!(page, "\nThe right counterpart, in the same file, is silent under all of them.");
    if row.expected(Detector::Tool).is_some() {
        page.truncate(page.trim_end().len() - 1);
        let _ = writeln!(
            page,
            "; what the tool\nsays of it stands below. The tool's first line is what was concluded, the others are its own."
        );
    }
    if !row.builds() {
        let folder = format!("go-harness/refused/{}/good", row.slug);
        page.truncate(page.trim_end().rfind('\n').unwrap_or(page.len()));
        let _ =
            writeln!(page, "\n[The right counterpart](../../{folder}/main.go) builds and runs.");
    }
    let of_row = kept.iter().filter(|it| it.case == row.slug);
    for (words, names) in by_words(row, of_row.clone().filter(|it| it.mode == Mode::Bad)) {
        let _ = write!(page, "\n{names}:\n\n```text\n{words}\n```\n");
    }
    let of_good = of_row.clone().filter(|it| it.mode == Mode::Good && it.detector == TOOL);
    for (words, names) in by_words(row, of_good) {
        let _ = write!(page, "\nOf the right counterpart, {names}:\n\n```text\n{words}\n```\n");
    }
    for (detectors, expected) in by_expectation(row) {
        let _ = write!(page, "\n- {}: {expected}.", detectors.join(", "));
    }
    let _ = write!(page, "\n\n## In Rust\n\nIt {}. {}\n", row.twin, row.refused_by);
    in_rust(&mut page, row, of_row.filter(|it| it.side == Side::Rust));
    if let Some(rule) = row.paragraph("The rule") {
        let _ = write!(page, "\n## The rule\n\n{}\n", capital(&rule));
    }
    page.push_str("\n## Sources\n");
    for source in row.paragraph("Source").iter().flat_map(|it| it.split(';')) {
        let source = source.trim().trim_end_matches('.');
        let link =
            if source.starts_with("http") { format!("<{source}>") } else { source.to_owned() };
        let _ = write!(page, "\n- {link}");
    }
    let _ = writeln!(page, "\n- The article: {}", row.seed);
    page
}

fn in_rust<'a>(page: &mut String, row: &Hazard, records: impl Iterator<Item = &'a Record>) {
    let twin = format!("tests/hazards/src/twins/{}.rs", row.slug);
    if let (Twin::Refused(..), Some(attempt)) = (row.twin, attempt(row)) {
        let shown: Vec<_> =
            attempt.lines().filter(|it| !it.starts_with("# ") && *it != "#").collect();
        let _ = write!(page, "\n```rust\n{}\n```\n", shown.join("\n"));
        for it in records.filter(|it| it.detector == "rustc") {
            let _ = write!(page, "\n```text\n{}\n```\n", it.evidence);
        }
        let _ = write!(page, "\nThe right way compiles and runs: [`{twin}`](../../{twin}).\n");
        return;
    }
    let code = row.twin_source.split_once("\n\n").map_or(row.twin_source, |(_, rest)| rest);
    let _ = write!(page, "\n[`{twin}`](../../{twin}):\n\n```rust\n{code}```\n");
    for it in records.filter(|it| it.detector == "plain") {
        let _ = write!(page, "\n```text\n{}\n```\n", it.evidence);
    }
}

/// What was said, and by which detectors on which Go.
fn by_words<'a>(row: &Hazard, records: impl Iterator<Item = &'a Record>) -> Vec<(String, String)> {
    let mut groups: Vec<(String, Vec<&Record>)> = Vec::new();
    for it in records {
        let silent = it.outcome == Class::Ok && it.evidence.is_empty();
        let words = match it.outcome {
            // That vet has nothing to say needs no words, unless the row is about it.
            _ if silent && !row.expected.iter().any(|(one, _)| one.name() == it.detector) => {
                continue;
            }
            _ if silent => "(nothing)".to_owned(),
            Class::Hang => "(it never ended)".to_owned(),
            Class::Signal if it.evidence.is_empty() => {
                format!("(signal {})", it.signal.unwrap_or_default())
            }
            _ => it.evidence.clone(),
        };
        match groups.iter_mut().find(|(known, _)| *known == words) {
            Some((_, who)) => who.push(it),
            None => groups.push((words, vec![it])),
        }
    }
    groups.into_iter().map(|(words, who)| (words, names(row, &who))).collect()
}

/// "plain, asan (Go 1.26 and 1.19)", and whether one run is all that this can tell of.
fn names(row: &Hazard, who: &[&Record]) -> String {
    let mut of_go: Vec<(&str, Vec<&str>)> = Vec::new();
    for it in who {
        let go = it.generation.trim_start_matches("go");
        match of_go.iter_mut().find(|(known, _)| *known == go) {
            Some((_, detectors)) => detectors.push(&it.detector),
            None => of_go.push((go, vec![&it.detector])),
        }
    }
    let mut parts: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
    for (go, detectors) in of_go {
        match parts.iter_mut().find(|(_, known)| *known == detectors) {
            Some((all, _)) => all.push(go),
            None => parts.push((vec![go], detectors)),
        }
    }
    let parts =
        parts.into_iter().map(|(go, it)| format!("{} (Go {})", it.join(", "), go.join(" and ")));
    let open =
        if who.iter().all(|it| it.is_open(row)) { ", in one run: it is undefined" } else { "" };
    parts.collect::<Vec<_>>().join("; ") + open
}

/// The detectors that are expected to say the same, together.
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

/// Rows that the kept record does not know, of what this machine can run.
///
/// # Errors
/// When the kept record cannot be read.
pub fn not_kept() -> io::Result<Vec<String>> {
    let kept = record::read(&record::path())?;
    let known = |row: &Hazard, cell: Cell| {
        let of_it = kept.iter().filter(|it| it.case == row.slug && it.mode == Mode::Bad);
        of_it.filter(|it| it.detector == cell.detector.name()).count()
            >= cell.detector.generations().len()
    };
    let cells = ROWS.iter().flat_map(|row| row.cells().map(move |cell| (row, cell)));
    let missing = cells.filter(|(row, cell)| !known(row, *cell));
    Ok(missing.map(|(row, cell)| format!("{} under {cell}", row.slug)).collect())
}
