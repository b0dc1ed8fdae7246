//! examples/sanitized-project under every detector, by the very script of
//! .github/workflows/sanitizers.yml: clean as it is, and with each bug reported. So the page
//! docs/sanitizers.md stays true: its flags are the script's.
//!
//! A detector whose tool is missing is skipped, unless `REQUIRE` has its name.

use std::path::Path;
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn workflow() -> String {
    std::fs::read_to_string(root().join(".github/workflows/sanitizers.yml")).unwrap()
}

/// The last script of the workflow, without its indentation.
fn script() -> String {
    let workflow = workflow();
    let (_, script) = workflow.rsplit_once("        run: |\n").expect("the workflow runs a script");
    script.lines().map(|line| line.strip_prefix("          ").unwrap_or(line)).fold(
        String::new(),
        |mut all, line| {
            all.push_str(line);
            all.push('\n');
            all
        },
    )
}

/// Whether the project's tests passed, and all that was said.
fn run(detector: &str, bug: &str) -> (bool, String) {
    let project = root().join("examples/sanitized-project");
    let mut command = Command::new("bash");
    // Not what this test itself was built or is run with.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().into_owned();
        let foreign = ["RUSTFLAGS", "CFLAGS", "CC_", "CARGO_", "ASAN_", "TSAN_", "RUSTC_BOOTSTRAP"];
        if foreign.iter().any(|start| text.starts_with(start)) && text != "CARGO_HOME" {
            command.env_remove(name);
        }
    }
    let go = root().join("target/tools/go/bin");
    let path = std::env::var("PATH").unwrap_or_default();
    let output = command
        .arg("-c")
        .arg(script())
        .current_dir(&project)
        .env("DETECTOR", detector)
        .env("CRATE", ".")
        .env("GO_MODULE", "go")
        .env("BUG", bug)
        .env("PATH", format!("{}:{path}", go.display()))
        .env("CARGO_TERM_COLOR", "never")
        .output()
        .expect("bash runs");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// A missing tool: what it says, and what `REQUIRE` calls it.
fn missing(detector: &str, said: &str) -> bool {
    let signs = [
        "sanitizer is not supported",
        "rt.asan",
        "rt.tsan",
        "go: command not found",
        "cargo: command not found",
        "could not execute process `valgrind",
        "-asan is not supported",
        "-race requires",
        "unknown GOEXPERIMENT",
    ];
    let Some(sign) = signs.iter().find(|sign| said.contains(**sign)) else { return false };
    let name = detector.trim_start_matches("go-");
    let required = std::env::var("REQUIRE").unwrap_or_default();
    assert!(!required.split(',').any(|it| it == name), "{detector} is required: {said}");
    eprintln!("skipped: {detector}: {sign}");
    true
}

/// Clean without a bug; with each, its report.
fn finds(detector: &str, bugs: &[(&str, &str)]) {
    let (clean, said) = run(detector, "");
    if !clean && missing(detector, &said) {
        return;
    }
    assert!(clean, "{detector} reports something without a bug: {said}");
    for (bug, report) in bugs {
        let (clean, said) = run(detector, bug);
        assert!(!clean, "{detector} does not notice the bug {bug}: {said}");
        assert!(said.contains(report), "{detector} says of {bug}: {said}");
    }
}

#[test]
fn address_sanitizer_finds_overflow_and_leak() {
    let bugs = [
        ("overflow", "AddressSanitizer: heap-buffer-overflow"),
        ("leak", "LeakSanitizer: detected memory leaks"),
    ];
    finds("asan", &bugs);
}

#[test]
fn thread_sanitizer_finds_the_race() {
    finds("tsan", &[("race", "ThreadSanitizer: data race")]);
}

#[test]
fn memcheck_finds_what_nobody_wrote_and_what_nobody_freed() {
    let bugs = [
        ("uninitialised", "depends on uninitialised value"),
        ("leak", "are definitely lost"),
        ("overflow", "Invalid read of size 4"),
    ];
    finds("valgrind", &bugs);
}

#[test]
fn go_under_address_sanitizer_finds_overflow_and_leak() {
    let bugs = [
        ("overflow", "AddressSanitizer: heap-buffer-overflow"),
        ("leak", "LeakSanitizer: detected memory leaks"),
    ];
    finds("go-asan", &bugs);
}

#[test]
fn the_race_detector_finds_gos_race() {
    finds("go-race", &[("race", "WARNING: DATA RACE")]);
}

#[test]
fn checkptr_finds_a_conversion_that_reaches_too_far() {
    finds(
        "go-checkptr",
        &[("checkptr", "checkptr: converted pointer straddles multiple allocations")],
    );
}

#[test]
fn cgocheck_finds_a_pointer_that_is_stored_in_cs_memory() {
    finds("go-cgocheck", &[("cgocheck", "unpinned Go pointer stored into non-Go memory")]);
}

#[test]
fn the_page_quotes_the_script() {
    let page = std::fs::read_to_string(root().join("docs/sanitizers.md")).unwrap();
    let script = script();
    let mut quoted = 0;
    for block in page.split("```sh\n").skip(1) {
        let block = block.split("```").next().unwrap_or_default();
        for line in
            block.lines().map(|line| line.trim().trim_end_matches(" \\").trim_end_matches(" ;;"))
        {
            assert!(line.is_empty() || script.contains(line), "the script does not have: {line}");
            quoted += 1;
        }
    }
    assert!(quoted > 10, "the page quotes the script");
}

#[test]
fn an_unknown_detector_is_refused() {
    let (passed, said) = run("asam", "");
    assert!(!passed && said.contains("no detector is called asam"), "{said}");
}
