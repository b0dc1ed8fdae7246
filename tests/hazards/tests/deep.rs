//! What `AddressSanitizer` sees when OpenSSL and libcurl are built with it as well (`make asan-deep`),
//! and not on the distribution's builds: inside both libraries, from Rust and from Go.
//!
//! The Go programs are linked to the very archives that the Rust ones are (`scripts/instrumented`).

use std::env;
use std::error::Error;
use std::path::Path;
use std::process::Command;

use ffence_hazards::detector::{Cell, Generation};
use ffence_hazards::go::{self, Absent, Module};
use ffence_hazards::outcome::{Class, Kind};
use ffence_hazards::row::{Detector, Expected};
use ffence_hazards::rows::ROWS;
use ffence_hazards::run;

const GONE: Expected = Expected::Report(Kind::HeapUseAfterFree);

/// What has another outcome than on the system's libraries, and which: most because the library is
/// instrumented, the last three because libcurl is newer (it no longer touches SIGPIPE, and a cleanup
/// within a callback is found out).
const SEEN: &[(&str, Expected)] = &[
    ("context_freed_twice", GONE),
    ("context_used_after_free", GONE),
    ("easy_asked_after_cleanup", GONE),
    ("easy_cleaned_twice", GONE),
    ("easy_performed_after_cleanup", GONE),
    ("easy_set_after_cleanup", GONE),
    ("short_output", Expected::Report(Kind::HeapBufferOverflow)),
    ("easy_cleaned_in_callback", Expected::May(&[GONE, Expected::Silent])),
    ("panic_through_libcurl", Expected::Silent),
    ("sigpipe_ignored", Expected::Silent),
];

/// The one variable of the child that writes too far.
const BUG: &str = "FFENCE_DELIBERATE_BUG";

#[test]
#[ignore = "needs instrumented libraries: make asan-deep, for which CI has no minutes"]
fn go_is_seen_to_the_ground() -> Result<(), Box<dyn Error>> {
    let folder = go::instrumented().ok_or("FFENCE_INSTRUMENTED is not set")?;
    let cell = Cell { detector: Detector::Asan, generation: Generation::Current };
    let Some(toolchain) = run::ready_or_skip(Module::Main, cell) else { return Ok(()) };
    let mut wrong = Vec::new();
    let mut count = 0;
    for row in ROWS.iter().filter(|it| it.builds() && it.about.module() == Module::Main) {
        let pair = match run::pair(row, cell) {
            Err(Absent::Tool { .. }) => continue,
            pair => pair.map_err(|absent| absent.to_string())?,
        };
        count += 1;
        match SEEN.iter().find(|(slug, _)| *slug == row.slug) {
            Some((_, expected)) if !expected.admits(&pair.bad, "", toolchain.minor) => {
                wrong.push(format!("{}: expected {expected}, got {}", row.slug, pair.bad));
            }
            Some(_) => {}
            None => wrong.extend(row.check(cell.detector, toolchain.minor, &pair.bad).err()),
        }
        if !Expected::Silent.admits(&pair.good, "", toolchain.minor) {
            wrong.push(format!("{}, done right: {}", row.slug, pair.good));
        }
    }
    println!("{count} programs and their counterparts, linked to {}", folder.display());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// The record is of the system's libraries: here only the class of an outcome counts.
#[test]
#[ignore = "needs instrumented libraries: make asan-deep, for which CI has no minutes"]
fn each_twin_does_what_its_row_says() -> Result<(), Box<dyn Error>> {
    let mut wrong = Vec::new();
    for row in ROWS.iter() {
        let outcome = run::twin(Path::new(env!("CARGO_BIN_EXE_hazards")), row.slug)?;
        let bad = [Class::MemoryError, Class::Leak, Class::DataRace];
        if bad.contains(&outcome.class) || !row.twin.admits(&outcome) {
            wrong.push(format!("{}: the row says that it {}, got {outcome}", row.slug, row.twin));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// libcrypto writes eight bytes past the end of a block. On the distribution's build nobody sees it
/// but valgrind; on an instrumented one it is reported, with libcrypto's own function.
#[test]
fn an_overrun_inside_libcrypto_is_seen_where_it_is_instrumented() -> Result<(), Box<dyn Error>> {
    if run::RUST_MODE != "asan" {
        return Ok(());
    }
    let program = env::current_exe()?;
    for (bug, room) in [("overrun", 24), ("none", 32)] {
        let output = Command::new(&program)
            .args(["--exact", "a_digest_is_written", "--nocapture"])
            .env(BUG, room.to_string())
            .output()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let is_seen = said.contains("AddressSanitizer: heap-buffer-overflow");
        let must_be_seen = bug == "overrun" && go::instrumented().is_some();
        assert_eq!(
            (is_seen, output.status.success()),
            (must_be_seen, !must_be_seen),
            "{bug}: {said}"
        );
    }
    Ok(())
}

/// The child's part.
#[test]
fn a_digest_is_written() -> Result<(), Box<dyn Error>> {
    let room = env::var(BUG).map_or(Ok(32), |room| room.parse())?;
    let mut block = vec![0_u8; room];
    // SAFETY: none where the room is less than 32, on purpose; else the digest has its room.
    let done = unsafe { openssl_sys::SHA256(b"abc".as_ptr(), 3, block.as_mut_ptr()) };
    assert!(!done.is_null());
    assert_eq!(block[..4], [0xba, 0x78, 0x16, 0xbf]); // FIPS 180-2, B.1
    Ok(())
}
