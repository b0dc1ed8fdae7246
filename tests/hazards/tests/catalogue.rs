//! Every row of the catalogue, run.
//!
//! A missing tool skips what needs it, with a line that says so; `REQUIRE=go,asan,race,checkptr,
//! cgocheck,cgocheck-debug` turns that into a failure.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{env, fs};

use ffence_hazards::outcome::Outcome;
use ffence_hazards::row::{Detector, Expected, Hazard, Twin};
use ffence_hazards::rows::ROWS;
use ffence_hazards::run::{self, Listed, Mode, Results, Side};
use ffence_hazards::{docs, go};

/// The program of this package, whose children the twins run in.
const HAZARDS: &str = env!("CARGO_BIN_EXE_hazards");

type Failure = Box<dyn std::error::Error>;

fn record(
    row: &Hazard,
    side: Side,
    mode: Mode,
    detector: &str,
    outcome: &Outcome,
) -> Result<(), Failure> {
    static RESULTS: OnceLock<std::io::Result<Results>> = OnceLock::new();
    match RESULTS.get_or_init(Results::create) {
        Ok(results) => Ok(results.add(row.slug, side, mode, detector, outcome)?),
        Err(error) => Err(format!("the record cannot be written: {error}").into()),
    }
}

/// Fails with everything that went wrong, not with the first of it.
fn all_right(wrong: &[String]) -> Result<(), Failure> {
    if wrong.is_empty() { Ok(()) } else { Err(format!("\n{}", wrong.join("\n")).into()) }
}

#[test]
fn the_harness_has_the_programs_of_the_rows() -> Result<(), Failure> {
    let Some(harness) = run::harness_or_skip(Detector::Plain) else { return Ok(()) };
    let rows: Vec<Listed> =
        ROWS.iter().map(|row| Listed { slug: row.slug.to_owned(), has_good: true }).collect();
    assert_eq!(run::list(harness)?, rows);
    Ok(())
}

#[test]
fn every_detector_is_switched_on() -> Result<(), Failure> {
    let mut wrong = Vec::new();
    for detector in Detector::ALL {
        let Some((name, expected)) = detector.canary() else { continue };
        let Some(harness) = run::harness_or_skip(detector) else { continue };
        let outcome = run::canary(harness, name)?;
        if !expected.admits(&outcome, "", harness.toolchain.minor) {
            wrong.push(format!("{detector} must notice its canary, but: {outcome}"));
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

/// Runs every program under `detector`: the mistake must do what its row says, the right
/// counterpart must be silent.
fn under(detector: Detector) -> Result<(), Failure> {
    let Some(harness) = run::harness_or_skip(detector) else { return Ok(()) };
    let minor = harness.toolchain.minor;
    let mut wrong = Vec::new();
    for row in ROWS.iter() {
        let bad = run::go(harness, row.slug, Mode::Bad)?;
        record(row, Side::Go, Mode::Bad, detector.name(), &bad)?;
        wrong.extend(row.check(detector, minor, &bad).err());

        let good = run::go(harness, row.slug, Mode::Good)?;
        record(row, Side::Go, Mode::Good, detector.name(), &good)?;
        if !Expected::Silent.admits(&good, "", minor) {
            wrong.push(format!("{}, done right, under {detector}: {good}", row.slug));
        }
    }
    println!("{} programs ran under {detector} ({})", 2 * ROWS.len(), harness.toolchain);
    all_right(&wrong)
}

#[test]
fn plain() -> Result<(), Failure> {
    under(Detector::Plain)
}

#[test]
fn asan() -> Result<(), Failure> {
    under(Detector::Asan)
}

#[test]
fn race() -> Result<(), Failure> {
    under(Detector::Race)
}

#[test]
fn checkptr() -> Result<(), Failure> {
    under(Detector::Checkptr)
}

#[test]
fn cgocheck() -> Result<(), Failure> {
    under(Detector::Cgocheck)
}

#[test]
fn cgocheck_debug() -> Result<(), Failure> {
    under(Detector::CgocheckDebug)
}

#[test]
fn the_rust_twins_do_what_their_rows_say() -> Result<(), Failure> {
    let mut wrong = Vec::new();
    for row in ROWS.iter() {
        let outcome = run::twin(Path::new(HAZARDS), row.slug)?;
        record(row, Side::Rust, Mode::Twin, run::RUST_MODE, &outcome)?;
        if !row.twin.admits(&outcome) {
            wrong.push(format!("{}: the row says that it {}, got {outcome}", row.slug, row.twin));
        }
    }
    all_right(&wrong)
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
        assert_eq!(spoken, Detector::ALL, "{}", row.slug);
    }
    assert!(ROWS.is_sorted_by(|one, next| one.slug < next.slug), "a slug names one row");
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

/// `BLESS=1` writes the page instead.
#[test]
fn the_page_is_what_the_rows_say() -> Result<(), Failure> {
    if env::var_os("BLESS").is_some() {
        fs::write(docs::path(), docs::page())?;
    }
    let page = fs::read_to_string(docs::path())?;
    assert!(page == docs::page(), "docs/hazards.md is not what the rows say: run with BLESS=1");
    Ok(())
}
