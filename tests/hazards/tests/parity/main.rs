//! The same requests through ffence and through Go's cgo, on the same C libraries: the same bytes,
//! and the same class of error; and by Go's own packages, where there are such.
//!
//! Each test runs against Go under `AddressSanitizer` and against Go under cgocheck. `PARITY_SEED`
//! (printed) makes the same requests again, `PROPTEST_CASES` says how many HTTP requests a test makes
//! up. A failure shrinks to the smallest request that differs, and prints the line that does only
//! that again.
//!
//! When all have run, `main` counts: how many results were compared, and whether every algorithm of
//! `ffence::crypto` was among them.

mod aead;
mod cipher;
mod coverage;
mod http;
mod kdf;
mod mac;
mod nonsense;
mod random;
mod session;
mod tally;

use std::process::ExitCode;

use ffence_hazards::go;
use ffence_hazards::report::Parity;
use ffence_hazards::row::Detector;
use ffence_hazards::run::RUST_MODE;
use libtest_mimic::{Arguments, Trial};

use session::{Failure, Session};
use tally::Tally;

/// What a run compares at the least.
const LEAST: u64 = 20_000;

/// A comparison, and its name.
type Test = (&'static str, fn(&mut Session) -> Result<(), Failure>);

const TESTS: &[&[Test]] =
    &[nonsense::TESTS, aead::TESTS, cipher::TESTS, kdf::TESTS, mac::TESTS, http::TESTS];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let is_whole = arguments.filter.is_none()
        && arguments.skip.is_empty()
        && !arguments.list
        && !arguments.ignored
        && !session::is_again();

    let mut trials =
        vec![Trial::test("every_algorithm_is_compared", || coverage::lists().map_err(Into::into))];
    for (name, work) in TESTS.iter().copied().flatten() {
        // Go's other builds are linked to the system's libraries, whose version is another.
        let all = [Detector::Asan, Detector::Cgocheck];
        for detector in all.into_iter().take(if go::instrumented().is_some() { 1 } else { 2 }) {
            let name = format!("{name}::{detector}");
            trials.push(Trial::test(name.clone(), move || {
                Session::hold(&name, detector, work).map_err(|it| it.to_string().into())
            }));
        }
    }
    let tests = trials.len();
    let conclusion = libtest_mimic::run(&arguments, trials);
    if conclusion.has_failed() || !is_whole {
        return conclusion.exit_code();
    }
    match settle(tests) {
        Ok(()) => ExitCode::SUCCESS,
        Err(wrong) => {
            eprintln!("parity: {wrong}");
            ExitCode::FAILURE
        }
    }
}

/// Counts what the tests have compared, and keeps it for the report.
fn settle(tests: usize) -> Result<(), Failure> {
    let tally = Tally::lock();
    if tally.skipped > 0 {
        eprintln!("skipped: the count of the comparisons: {} tests had no Go", tally.skipped);
        return Ok(());
    }
    let total = tally.total();
    let algorithms = coverage::compared(&tally)?;
    println!("parity: {total} comparisons in {tests} tests, {algorithms} algorithms ({RUST_MODE})");
    let least = if go::instrumented().is_some() { LEAST / 2 } else { LEAST };
    if total < least {
        return Err(format!("only {total} comparisons, not {least}").into());
    }
    let of_each = tally.comparisons.iter();
    let kept: Vec<_> = of_each.map(|(test, count)| Parity::of(test, *count)).collect();
    Parity::keep(RUST_MODE, &kept)?;
    Ok(())
}
