//! Every row of the catalogue, run.
//!
//! A missing tool skips what needs it, with a line that says so; `REQUIRE=go,go-legacy,asan,race,
//! checkptr,cgocheck,cgocheck-debug,vet,valgrind,gdb,curl,ss,netstat,perf,dlv` turns that into a
//! failure.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{env, fs};

use ffence_hazards::detector::{Cell, Generation};
use ffence_hazards::go::{self, Absent, Harness, Module};
use ffence_hazards::record::{self, Record};
use ffence_hazards::row::{Detector, Expected, Hazard, Twin};
use ffence_hazards::rows::ROWS;
use ffence_hazards::run::{self, Listed, Results};
use ffence_hazards::sweep::Ran;
use ffence_hazards::{docs, tools};

/// The program of this package, whose children the twins run in.
const HAZARDS: &str = env!("CARGO_BIN_EXE_hazards");

type Failure = Box<dyn std::error::Error>;

fn note(record: &Record) -> Result<(), Failure> {
    static RESULTS: OnceLock<std::io::Result<Results>> = OnceLock::new();
    match RESULTS.get_or_init(Results::create) {
        Ok(results) => Ok(results.add(record)?),
        Err(error) => Err(format!("the record cannot be written: {error}").into()),
    }
}

/// Fails with everything that went wrong, not with the first of it.
fn all_right(wrong: &[String]) -> Result<(), Failure> {
    if wrong.is_empty() { Ok(()) } else { Err(format!("\n{}", wrong.join("\n")).into()) }
}

#[test]
fn the_harness_has_the_programs_of_the_rows() -> Result<(), Failure> {
    let cell = Cell { detector: Detector::Plain, generation: Generation::Current };
    for module in Module::ALL {
        if run::ready_or_skip(module, cell).is_none() {
            continue;
        }
        let harness = Harness::of_module(module, cell).map_err(ToString::to_string)?;
        let rows = ROWS.iter().filter(|row| row.builds() && row.about.module() == module);
        let rows: Vec<Listed> =
            rows.map(|row| Listed { slug: row.slug.to_owned(), has_good: true }).collect();
        assert_eq!(run::list(harness)?, rows);
    }
    Ok(())
}

#[test]
fn every_detector_is_switched_on() -> Result<(), Failure> {
    if run::RUST_MODE != "plain" {
        return Ok(());
    }
    let mut wrong = Vec::new();
    for cell in Cell::all() {
        let Some((name, expected)) = cell.detector.canary() else { continue };
        let Some(toolchain) = run::ready_or_skip(Module::Main, cell) else { continue };
        let Ok(harness) = Harness::on(cell) else { continue };
        let outcome = run::canary(harness, name)?;
        if !expected.admits(&outcome, "", toolchain.minor) {
            wrong.push(format!("{cell} must notice its canary, but: {outcome}"));
        }
    }
    all_right(&wrong)
}

#[test]
fn a_build_without_a_detector_does_not_have_it() -> Result<(), Failure> {
    let Some(harness) = run::harness_or_skip(Detector::Plain) else { return Ok(()) };
    for canary in ["race", "checkptr", "cgocheck"] {
        let outcome = run::canary(harness, canary)?;
        assert!(
            Expected::Silent.admits(&outcome, "", harness.toolchain.minor),
            "{canary}: {outcome}"
        );
    }
    Ok(())
}

/// Puts every program to a detector: the mistake must do what its row says and what the record has,
/// the right counterpart must be silent.
fn under(detector: Detector, generation: Generation) -> Result<(), Failure> {
    // What Go does, does not depend on how this package was built.
    if run::RUST_MODE != "plain" {
        return Ok(());
    }
    let cell = Cell { detector, generation };
    let kept = record::read(&record::path())?;
    let mut wrong = Vec::new();
    for module in Module::ALL {
        let rows = ROWS.iter().filter(|row| row.about.module() == module);
        let rows: Vec<_> = rows.filter(|row| row.cells().any(|it| it == cell)).collect();
        if rows.is_empty() {
            continue;
        }
        let Some(toolchain) = run::ready_or_skip(module, cell) else { continue };
        let mut count = 0;
        for row in &rows {
            let ran = match Ran::of(row, cell) {
                Err(Absent::Tool { name, reason }) => {
                    let reason = format!("{name}: {reason}");
                    run::skip(&format!("{} under {cell}", row.slug), &name, &reason);
                    continue;
                }
                ran => ran.map_err(|absent| format!("{}: {absent}", row.slug))?,
            };
            for record in ran.records(row, cell) {
                note(&record)?;
            }
            wrong.extend(ran.wrong(row, cell, &kept));
            count += 1;
        }
        let folder = module.folder();
        println!(
            "{count} mistakes of {folder} and their counterparts under {detector} ({toolchain})"
        );
    }
    all_right(&wrong)
}

macro_rules! under {
    ($($name:ident: $detector:ident, $generation:ident;)+) => {
        $(
            #[test]
            fn $name() -> Result<(), Failure> {
                under(Detector::$detector, Generation::$generation)
            }
        )+

        #[test]
        fn no_detector_is_forgotten() {
            let run = [$(Cell {
                detector: Detector::$detector,
                generation: Generation::$generation,
            }),+];
            assert!(Cell::all().all(|cell| run.contains(&cell)));
        }
    };
}

under! {
    plain: Plain, Current;
    plain_legacy: Plain, Legacy;
    asan: Asan, Current;
    asan_legacy: Asan, Legacy;
    race: Race, Current;
    race_legacy: Race, Legacy;
    checkptr: Checkptr, Current;
    checkptr_legacy: Checkptr, Legacy;
    cgocheck: Cgocheck, Current;
    cgocheck_debug: CgocheckDebug, Legacy;
    valgrind: Valgrind, Current;
    vet: Vet, Current;
    vet_legacy: Vet, Legacy;
    escape: Escape, Current;
    escape_legacy: Escape, Legacy;
    build: Build, Current;
    build_legacy: Build, Legacy;
    tool: Tool, Current;
    tool_legacy: Tool, Legacy;
}

/// What is not a program of a row has nothing that vet complains of.
#[test]
fn vet_has_nothing_to_say_of_the_harness_itself() -> Result<(), Failure> {
    if run::RUST_MODE != "plain" {
        return Ok(());
    }
    for (module, generation) in
        Module::ALL.into_iter().flat_map(|it| Generation::ALL.map(|generation| (it, generation)))
    {
        let cell = Cell { detector: Detector::Vet, generation };
        if run::ready_or_skip(module, cell).is_none() {
            continue;
        }
        let all = tools::remarks(module, cell).map_err(|absent| absent.to_string())?;
        let of_a_row = |file: &str| ROWS.iter().any(|row| file == format!("{}.go", row.slug));
        let rest: Vec<_> = all.iter().filter(|it| !of_a_row(&it.file)).collect();
        assert!(rest.is_empty(), "{rest:#?}");
    }
    Ok(())
}

#[test]
fn the_rust_twins_do_what_their_rows_say() -> Result<(), Failure> {
    let kept = record::read(&record::path())?;
    let mut wrong = Vec::new();
    for row in ROWS.iter() {
        let outcome = run::twin(Path::new(HAZARDS), row.slug)?;
        let record = Record::rust(row, run::RUST_MODE, &outcome);
        note(&record)?;
        wrong.extend(record::differs(&kept, &record, row));
        if !row.twin.admits(&outcome) {
            wrong.push(format!("{}: the row says that it {}, got {outcome}", row.slug, row.twin));
        }
    }
    all_right(&wrong)
}

/// Nothing checks a check but a mistake: each twin, broken, turns its row red.
#[test]
fn a_broken_twin_turns_its_row_red() -> Result<(), Failure> {
    let mut unnoticed = Vec::new();
    for row in ROWS.iter() {
        let outcome = run::broken_twin(Path::new(HAZARDS), row.slug)?;
        if row.twin.admits(&outcome) {
            unnoticed.push(format!("{} {}, and broken: {outcome}", row.slug, row.twin));
        }
    }
    all_right(&unnoticed)
}

/// The doctests run with `cargo test --doc`; here it is only made sure that they are there, with
/// the code that the row names and a passing counterpart.
#[test]
fn a_refused_twin_documents_its_attempt() {
    for row in ROWS.iter() {
        let attempts = row.twin_source.matches("/// ```compile_fail").count();
        if let Twin::Refused(code, _) = row.twin {
            assert_eq!(attempts, 1, "{}", row.slug);
            assert!(
                row.twin_source.contains(&format!("/// ```compile_fail,{code}\n")),
                "{}",
                row.slug
            );
            assert_eq!(
                row.twin_source.matches("/// ```\n").count(),
                3,
                "{}: one passes, one does not",
                row.slug
            );
        } else {
            assert_eq!(attempts, 0, "{}", row.slug);
        }
    }
}

#[test]
fn every_row_speaks_of_every_detector() {
    for row in ROWS.iter() {
        let spoken: Vec<_> = row.expected.iter().map(|(detector, _)| *detector).collect();
        if row.builds() {
            let all = row.about.module().detectors();
            assert_eq!(spoken[..all.len()], *all, "{}", row.slug);
        } else {
            assert_eq!(spoken, [Detector::Build], "{}", row.slug);
        }
        for detector in Detector::EVERY {
            let times = spoken.iter().filter(|it| **it == detector).count();
            assert!(times < 2, "{} speaks of {detector} {times} times", row.slug);
        }
    }
    assert!(ROWS.is_sorted_by(|one, next| one.slug < next.slug), "a slug names one row");
}

/// A row holds the text of its files, so that nothing builds without one of them: every twin and every
/// program is such a file. (`make proof` takes some away, in a copy.)
#[test]
fn every_file_is_what_a_row_is_built_from() -> Result<(), Failure> {
    let mut without = Vec::new();
    let mut count = 0;
    let mut look = |path: PathBuf, is_named: fn(&Hazard, &str) -> bool| -> Result<(), Failure> {
        let text = fs::read_to_string(&path)?;
        count += 1;
        if !ROWS.iter().any(|row| is_named(row, &text)) {
            without.push(format!("{}: no row is built from it", path.display()));
        }
        Ok(())
    };
    for entry in fs::read_dir(go::root().join("tests/hazards/src/twins"))? {
        look(entry?.path(), |row, text| row.twin_source == text)?;
    }
    for module in Module::ALL {
        for entry in fs::read_dir(go::root().join(module.folder()))? {
            let path = entry?.path();
            let is_go = path.extension().is_some_and(|it| it == "go");
            if is_go && fs::read_to_string(&path)?.contains("\tregister(\"") {
                // What needs a newer Go has a counterpart for older ones, of the same name.
                look(path, |row, text| {
                    let is_counterpart = text.starts_with("//go:build !")
                        && text.contains(&format!("register(\"{}\"", row.slug));
                    row.program == text || is_counterpart
                })?;
            }
        }
    }
    for entry in fs::read_dir(go::root().join("go-harness/refused"))? {
        let path = entry?.path().join("main.go");
        if path.exists() {
            look(path, |row, text| row.program == text)?;
        }
    }
    assert!(count >= 2 * ROWS.len(), "{count} files for {} rows", ROWS.len());
    all_right(&without)
}

/// What the catalogue has, counted where it can be seen; the numbers only grow.
#[test]
fn the_catalogue_is_as_large_as_it_says() -> Result<(), Failure> {
    let pairs = ROWS.iter().map(|row| row.cells().count()).sum::<usize>();
    let classes: BTreeSet<_> = ROWS.iter().map(|row| row.about.name()).collect();
    let detectors = Detector::EVERY.len();
    let line = format!(
        "catalogue: {} hazards of {} classes, {detectors} detectors in {} cells, {pairs} pairs of Go programs\n",
        ROWS.len(),
        classes.len(),
        Cell::all().count(),
    );
    // Past the test harness's capture.
    std::io::stderr().write_all(line.as_bytes())?;
    assert!(ROWS.len() >= 130, "{line}");
    assert!(classes.len() >= 8, "{line}");
    assert!(detectors >= 11, "{line}");
    assert!(pairs >= 1_455, "{line}");
    Ok(())
}

#[test]
fn every_fixture_is_used_by_both_sides() -> Result<(), Failure> {
    let mut here = Vec::new();
    for entry in fs::read_dir(go::root().join("csrc/hazard"))? {
        let name = PathBuf::from(entry?.file_name());
        if name.extension().is_some_and(|it| it == "c") {
            here.push(name.to_string_lossy().into_owned());
        }
    }
    let built_by_go = fs::read_to_string(go::root().join("go-harness/fixtures.c"))?;
    for name in here {
        assert!(
            ROWS.iter().any(|row| row.fixture.is_some_and(|it| it.name == name)),
            "{name}: no row"
        );
        assert!(built_by_go.contains(&format!("/{name}\"")), "{name}: not in fixtures.c");
    }
    Ok(())
}

/// `BLESS=1` writes them instead.
#[test]
fn the_pages_are_what_the_rows_and_the_record_say() -> Result<(), Failure> {
    if env::var_os("BLESS").is_some() {
        docs::write()?;
    }
    let missing = docs::not_kept()?;
    assert!(missing.is_empty(), "not in docs/hazards.jsonl (make hazards BLESS=1): {missing:#?}");
    let pages = docs::pages()?;
    for (path, text) in &pages {
        let found = fs::read_to_string(path).unwrap_or_default();
        assert!(found == *text, "{} is not up to date: run with BLESS=1", path.display());
    }
    for entry in fs::read_dir(docs::folder())? {
        let path = entry?.path();
        assert!(pages.contains_key(&path), "{}: no row", path.display());
    }
    Ok(())
}

/// A page says what is wrong, what to remember, and where that stands.
#[test]
fn every_program_says_what_to_remember() {
    let parts = [&["The mistake", "The claim"][..], &["The rule"], &["Source"]];
    let lacks = |row: &Hazard| {
        parts.into_iter().find(|any| any.iter().all(|part| row.paragraph(part).is_none()))
    };
    let missing = ROWS.iter().filter_map(|row| Some(format!("{}: {:?}", row.slug, lacks(row)?)));
    let missing: Vec<_> = missing.collect();
    assert!(missing.is_empty(), "{missing:#?}");
}
