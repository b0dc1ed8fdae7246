//! Shows the hazard catalogue.
//!
//! ```text
//! hazards            runs every case, prints the table, writes the report and the JUnit file
//! hazards SLUG       runs one, and shows Go and Rust side by side
//! hazards --report   writes the report of the last run anew
//! ```
//!
//! `ONLY=slug`, `CLASS=openssl` and `GO=1.19` say what of it is run. `BLESS=1` keeps what is seen in
//! docs/hazards.jsonl, and writes the pages.

#![deny(unsafe_code)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs};

use ffence_hazards::detector::{Cell, Detector};
use ffence_hazards::go::Module;
use ffence_hazards::outcome::{Class, Outcome};
use ffence_hazards::record::{self, Record};
use ffence_hazards::row::{Hazard, Twin};
use ffence_hazards::rows::{self, ROWS};
use ffence_hazards::run::{self, Results};
use ffence_hazards::sweep::{self, Seen};
use ffence_hazards::{compiler, docs, junit, report, toolchain};

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args[..] {
        ["twin", slug] => return be_twin(slug, run::be_twin),
        ["twin", slug, "--broken"] => return be_twin(slug, run::be_broken_twin),
        ["--report"] => write_report(),
        [] => show_all(),
        [slug] if !slug.starts_with('-') => show(slug),
        _ => {
            eprintln!("usage: hazards [SLUG | --report]");
            return ExitCode::from(64);
        }
    };
    match done {
        Ok(0) => ExitCode::SUCCESS,
        Ok(wrong) => {
            eprintln!("{wrong} results differ from their rows");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("hazards: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The child's part: see `run::twin`.
fn be_twin(slug: &str, be: fn(&Hazard)) -> ExitCode {
    if let Some(row) = rows::find(slug) {
        be(row);
        ExitCode::SUCCESS
    } else {
        ExitCode::from(64)
    }
}

/// A variable that holds something.
fn given(name: &str) -> Option<String> {
    env::var(name).ok().filter(|it| !it.is_empty())
}

/// The rows that `ONLY` and `CLASS` leave.
fn chosen() -> io::Result<Vec<&'static Hazard>> {
    let (only, class) = (given("ONLY"), given("CLASS"));
    let rows = ROWS.iter().filter(|row| {
        only.as_deref().is_none_or(|it| it == row.slug)
            && class.as_deref().is_none_or(|it| it == row.about.name())
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        let slugs: Vec<_> = ROWS.iter().map(|it| it.slug).collect();
        let classes: BTreeSet<_> = ROWS.iter().map(|it| it.about.name()).collect();
        let classes: Vec<_> = classes.into_iter().collect();
        return Err(io::Error::other(format!(
            "no hazard is called that; there are {}, in the classes {}",
            slugs.join(", "),
            classes.join(", ")
        )));
    }
    Ok(rows)
}

/// Whether `GO` leaves this one: all without it, or those of the Go that it names.
fn of_chosen_go(cell: Cell) -> bool {
    given("GO").is_none_or(|wanted| {
        toolchain::of(cell.generation).is_ok_and(|it| {
            let version = format!("{}.", it.version.trim_start_matches("go"));
            version.starts_with(&format!("{wanted}."))
        })
    })
}

fn show_all() -> io::Result<usize> {
    let rows = chosen()?;
    let cells: Vec<Cell> = Cell::all().filter(|it| of_chosen_go(*it)).collect();
    if cells.is_empty() {
        return Err(io::Error::other("no Go of this version is here"));
    }
    for module in Module::ALL {
        let of_it = rows.iter().filter(|row| row.about.module() == module);
        let used: Vec<Cell> = of_it.flat_map(|row| row.cells()).collect();
        let wanted = |cell: &&Cell| cell.detector.runs_the_program() && used.contains(cell);
        for cell in cells.iter().filter(wanted) {
            eprint!("building {} for {cell} … ", module.folder());
            match run::ready(module, *cell) {
                Ok(toolchain) => eprintln!("{}", toolchain.version),
                Err(absent) => eprintln!("not run: {absent}"),
            }
        }
    }
    let kept = record::read(&record::path())?;
    let results = Results::create()?;
    let program = env::current_exe()?;
    let done = AtomicUsize::new(0);
    header();
    let all = sweep::all(&rows, |row| {
        let seen = sweep::row(row, &program, &kept, |cell| cells.contains(&cell))?;
        let number = done.fetch_add(1, Ordering::Relaxed) + 1;
        line(&seen, number, rows.len());
        for record in seen.records() {
            results.add(&record)?;
        }
        Ok(seen)
    })?;
    let wrong: Vec<&String> = all.iter().flat_map(|it| &it.wrong).map(|(_, it)| it).collect();
    for it in &wrong {
        println!("DIFFERS  {it}");
    }
    let runs: usize =
        all.iter().map(|it| it.go.iter().filter(|(_, ran)| ran.is_ok()).count()).sum();
    println!("{} hazards, {} runs of Go, {} wrong", all.len(), 2 * runs, wrong.len());
    let path = run::folder().join("junit.xml");
    fs::write(&path, junit::page("hazards", &junit::of_hazards(&all)))?;
    println!("JUnit: {}", path.display());
    write_report()?;
    if given("BLESS").is_some() {
        bless(&all)?;
        // What is blessed is right as far as the record goes; the rows have the last word.
        return Ok(wrong.iter().filter(|it| !it.contains("docs/hazards.jsonl has")).count());
    }
    Ok(wrong.len())
}

/// Keeps what was seen, with the compiler's words for every attempt, and writes the pages.
fn bless(all: &[Seen]) -> io::Result<()> {
    let mut fresh: Vec<Record> = all.iter().flat_map(Seen::records).collect();
    let refused: Vec<_> = all.iter().map(|it| it.row).collect();
    let refused: Vec<_> =
        refused.into_iter().filter(|row| matches!(row.twin, Twin::Refused(..))).collect();
    if !refused.is_empty() {
        let compiler = compiler::Compiler::find()?;
        fresh.extend(sweep::all(&refused, |row| compiler.answer(row))?);
    }
    record::keep(&fresh)?;
    println!("kept: {}", record::path().display());
    docs::write()?;
    println!("pages: {}", docs::folder().display());
    Ok(())
}

fn write_report() -> io::Result<usize> {
    let path = run::folder().join("report.html");
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&path, report::page()?)?;
    println!("report: {}", path.display());
    Ok(0)
}

/// The columns: a detector each.
fn header() {
    let mut out = format!("{:>7} {:<26}", "", "hazard");
    for detector in Detector::EVERY {
        let _ = write!(out, " {:<14}", detector.name());
    }
    println!("{out} Rust");
}

/// One row; where the generations differ, the newer comes first.
fn line(seen: &Seen, number: usize, of: usize) {
    let mut out = format!("{:>7} {:<26}", format!("[{number}/{of}]"), seen.row.slug);
    for detector in Detector::EVERY {
        let of_it = seen.go.iter().filter(|(cell, _)| cell.detector == detector);
        let mut words: Vec<_> =
            of_it.map(|(_, ran)| ran.as_ref().map_or("-", |ran| brief(&ran.pair.bad))).collect();
        words.dedup();
        let _ = write!(out, " {:<14}", words.join("/"));
    }
    let verdict = if seen.wrong.is_empty() { "" } else { "  DIFFERS" };
    println!("{out} {}{verdict}", seen.row.twin);
}

fn brief(outcome: &Outcome) -> &'static str {
    match outcome.class {
        Class::Ok => "silent",
        Class::Refused => "error",
        Class::Panic => "panic",
        Class::MemoryError => "memory",
        Class::Leak => "leak",
        Class::DataRace => "race",
        Class::RuntimeAbort => "abort",
        Class::Signal => "signal",
        Class::Hang => "hang",
        Class::Exit => "exit",
        Class::Remark => "says",
    }
}

fn show(slug: &str) -> io::Result<usize> {
    let Some(row) = rows::find(slug) else {
        let known: Vec<_> = ROWS.iter().map(|it| it.slug).collect();
        return Err(io::Error::other(format!(
            "no hazard is called {slug}; there are {}",
            known.join(", ")
        )));
    };
    let kept = record::read(&record::path())?;
    let seen = sweep::row(row, &env::current_exe()?, &kept, of_chosen_go)?;
    print_row(&seen, Path::new(docs::program_path(row).as_str()));
    Ok(seen.wrong.len())
}

fn print_row(seen: &Seen, program: &Path) {
    let row = seen.row;
    println!("{}: {}\n", row.slug, row.sentence);
    println!("Go, {}", program.display());
    for (cell, result) in &seen.go {
        let name = match result {
            Ok(ran) => format!("{} {}", cell.detector, ran.toolchain),
            Err(_) => cell.to_string(),
        };
        match result {
            Ok(ran) if ran.pair.bad.class == Class::Ok && cell.detector.runs_the_program() => {
                println!("  {name:<24} silent, and wrong: {}", ran.pair.bad.text);
            }
            Ok(ran) if ran.pair.bad.class == Class::Ok => println!("  {name:<24} nothing"),
            Ok(ran) => println!("  {name:<24} {}", ran.pair.bad),
            Err(reason) => println!("  {name:<24} not run: {reason}"),
        }
    }
    println!("\nRust, tests/hazards/src/twins/{}.rs", row.slug);
    println!("  the mistake     {}", row.twin);
    println!("  run             {}", seen.rust);
    println!("  {}", row.refused_by);
    for (_, wrong) in &seen.wrong {
        println!("\nDIFFERS from its row: {wrong}");
    }
}
