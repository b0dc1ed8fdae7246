//! Shows the hazard catalogue.
//!
//! ```text
//! hazards                runs every case, prints the table, writes the HTML report
//! hazards SLUG           runs one, and shows Go and Rust side by side
//! hazards --write-docs   writes docs/hazards.md from the rows
//! ```

#![deny(unsafe_code)]

use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use ffence_hazards::go::Harness;
use ffence_hazards::outcome::Class;
use ffence_hazards::report::{Pair, Seen};
use ffence_hazards::row::{Detector, Expected, Hazard};
use ffence_hazards::rows::{self, ROWS};
use ffence_hazards::run::{self, Mode, Results, Side};
use ffence_hazards::{docs, report};

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args[..] {
        ["twin", slug] => return be_twin(slug),
        ["--write-docs"] => write_docs(),
        [] => show_all(),
        [slug] if !slug.starts_with('-') => show(slug),
        _ => {
            eprintln!("usage: hazards [SLUG | --write-docs]");
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
fn be_twin(slug: &str) -> ExitCode {
    if let Some(row) = rows::find(slug) {
        run::be_twin(row);
        ExitCode::SUCCESS
    } else {
        ExitCode::from(64)
    }
}

fn write_docs() -> io::Result<usize> {
    let path = docs::path();
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&path, docs::page())?;
    println!("wrote {}", path.display());
    Ok(0)
}

fn show_all() -> io::Result<usize> {
    let results = Results::create()?;
    let program = env::current_exe()?;
    let mut all = Vec::new();
    for row in ROWS.iter() {
        let seen = run_row(row, &program)?;
        record(&results, &seen)?;
        println!(
            "{:<24} {}",
            row.slug,
            if seen.wrong.is_empty() { "as its row says" } else { "DIFFERS" }
        );
        for wrong in &seen.wrong {
            println!("    {wrong}");
        }
        all.push(seen);
    }
    let path = run::folder().join("report.html");
    fs::write(&path, report::page(&all))?;
    println!("report: {}", path.display());
    Ok(all.iter().map(|it| it.wrong.len()).sum())
}

fn show(slug: &str) -> io::Result<usize> {
    let Some(row) = rows::find(slug) else {
        let known: Vec<_> = ROWS.iter().map(|it| it.slug).collect();
        return Err(io::Error::other(format!(
            "no hazard is called {slug}; there are {}",
            known.join(", ")
        )));
    };
    let seen = run_row(row, &env::current_exe()?)?;
    println!("{slug}: {}\n", row.sentence);
    println!("Go, go-harness/{slug}.go");
    for (detector, result) in &seen.go {
        match result {
            Ok(Pair { bad, .. }) if bad.class == Class::Ok => {
                println!("  {detector:<15} silent, and wrong: {}", bad.text);
            }
            Ok(pair) => println!("  {detector:<15} {}", pair.bad),
            Err(reason) => println!("  {detector:<15} not run: {reason}"),
        }
    }
    println!("\nRust, tests/hazards/src/twins/{slug}.rs");
    println!("  the mistake     {}", row.twin);
    println!("  run             {}", seen.rust);
    println!("  {}", row.refused_by);
    for wrong in &seen.wrong {
        println!("\nDIFFERS from its row: {wrong}");
    }
    Ok(seen.wrong.len())
}

fn run_row(row: &'static Hazard, program: &Path) -> io::Result<Seen> {
    let mut wrong = Vec::new();
    let mut go = Vec::new();
    for detector in Detector::ALL {
        let pair = match Harness::of(detector) {
            Ok(harness) => {
                let pair = Pair {
                    bad: run::go(harness, row.slug, Mode::Bad)?,
                    good: run::go(harness, row.slug, Mode::Good)?,
                };
                let minor = harness.toolchain.minor;
                wrong.extend(row.check(detector, minor, &pair.bad).err());
                if !Expected::Silent.admits(&pair.good, "", minor) {
                    wrong
                        .push(format!("{}, done right, under {detector}: {}", row.slug, pair.good));
                }
                Ok(pair)
            }
            Err(absent) => Err(absent.to_string()),
        };
        go.push((detector, pair));
    }
    let rust = run::twin(program, row.slug)?;
    if !row.twin.admits(&rust) {
        wrong.push(format!("{} in Rust: the row says that it {}, got {rust}", row.slug, row.twin));
    }
    Ok(Seen { row, go, rust, wrong })
}

fn record(results: &Results, seen: &Seen) -> io::Result<()> {
    for (detector, pair) in &seen.go {
        if let Ok(pair) = pair {
            results.add(seen.row.slug, Side::Go, Mode::Bad, detector.name(), &pair.bad)?;
            results.add(seen.row.slug, Side::Go, Mode::Good, detector.name(), &pair.good)?;
        }
    }
    results.add(seen.row.slug, Side::Rust, Mode::Twin, run::RUST_MODE, &seen.rust)
}
