//! A deliberate bug proves the net: an owner that frees twice, and one that never frees, are built
//! in with `--cfg ffence_deliberate_bug` and must be reported by `AddressSanitizer` and by valgrind, by
//! the same options that `make asan` and `make valgrind` run everything with.
//!
//! `FFENCE_DELIBERATE_BUG=double_free` or `=leak` chooses the bug in such a build; without it the
//! program is clean. Skipped where the toolchain has no `AddressSanitizer`, or the machine no valgrind,
//! unless `REQUIRE` has `asan` or `valgrind`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use ffence_hazards::watch::{Tool, is_required, memcheck};

const OPTIONS: &str = "detect_leaks=1:detect_stack_use_after_return=1:fast_unwind_on_malloc=0:\
                       max_free_fill_size=4096:free_fill_byte=221";

/// `tests/linkage` with the bugs built in, under `AddressSanitizer` or plain.
fn program(tool: Tool) -> Option<&'static PathBuf> {
    static ASAN: OnceLock<Option<PathBuf>> = OnceLock::new();
    static PLAIN: OnceLock<Option<PathBuf>> = OnceLock::new();
    let built = if tool == Tool::Asan { &ASAN } else { &PLAIN };
    built.get_or_init(|| build(tool)).as_ref()
}

fn build(tool: Tool) -> Option<PathBuf> {
    if let Some(reason) = tool.missing() {
        assert!(!is_required(tool), "{reason}");
        eprintln!("skipped: {reason}");
        return None;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rustc = Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let text = String::from_utf8_lossy(&rustc.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: ")).expect("it has a host");
    let target = root.join("target/linkage/deliberate-bug").join(tool.name());
    let mut flags = "--cfg ffence_deliberate_bug".to_owned();
    let mut cargo = Command::new(env!("CARGO"));
    if tool == Tool::Asan {
        flags.push_str(" -Zsanitizer=address");
        cargo.env("RUSTC_BOOTSTRAP", "1").env(
            format!("CFLAGS_{}", host.replace('-', "_")),
            "-fsanitize=address -fno-omit-frame-pointer",
        );
    }
    let output = cargo
        .current_dir(root)
        .args(["build", "--quiet", "-p", "ffence-linkage", "--target", host, "--target-dir"])
        .arg(&target)
        .env("RUSTFLAGS", flags)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(target.join(host).join("debug/ffence-linkage"))
}

fn seal(program: &Path, bug: &str) -> (Output, String) {
    let output = Command::new(program)
        .arg("seal")
        .env("FFENCE_DELIBERATE_BUG", bug)
        .env("ASAN_OPTIONS", OPTIONS)
        .output()
        .expect("the program starts");
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    (output, report)
}

/// The same under valgrind; what it wrote.
fn seal_under_valgrind(program: &Path, bug: &str) -> (Output, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let output = Command::new("valgrind")
        .args(memcheck(&log))
        .arg(program)
        .arg("seal")
        .env("FFENCE_DELIBERATE_BUG", bug)
        .output()
        .expect("valgrind starts");
    (output, std::fs::read_to_string(log).expect("its log"))
}

#[test]
fn an_owner_that_frees_twice_is_reported() {
    let Some(program) = program(Tool::Asan) else { return };
    let (output, report) = seal(program, "double_free");
    assert!(!output.status.success(), "nothing was noticed");
    // A second free of an EVP_CIPHER_CTX shows as a bad read of what the first one filled.
    assert!(report.contains("ERROR: AddressSanitizer: "), "{report}");
    let kinds = ["SEGV", "heap-use-after-free", "attempting double-free"];
    assert!(kinds.iter().any(|kind| report.contains(kind)), "{report}");
}

#[test]
fn an_owner_that_never_frees_is_reported() {
    let Some(program) = program(Tool::Asan) else { return };
    let (output, report) = seal(program, "leak");
    assert!(!output.status.success(), "nothing was noticed");
    assert!(report.contains("ERROR: LeakSanitizer: detected memory leaks"), "{report}");
    // Names of functions are there only on machines with a symbolizer.
    assert!(report.contains("Direct leak of "), "{report}");
}

#[test]
fn the_same_program_without_the_bug_is_clean() {
    let Some(program) = program(Tool::Asan) else { return };
    let (output, report) = seal(program, "none");
    assert!(output.status.success() && report.is_empty(), "{}: {report}", output.status);
}

#[test]
fn valgrind_reports_an_owner_that_frees_twice() {
    let Some(program) = program(Tool::Valgrind) else { return };
    let (output, report) = seal_under_valgrind(program, "double_free");
    assert!(!output.status.success(), "nothing was noticed");
    assert!(
        report.contains("Invalid read of size") || report.contains("Invalid free()"),
        "{report}"
    );
}

#[test]
fn valgrind_reports_an_owner_that_never_frees() {
    let Some(program) = program(Tool::Valgrind) else { return };
    let (output, report) = seal_under_valgrind(program, "leak");
    assert_eq!(output.status.code(), Some(97), "{report}");
    assert!(report.contains("are definitely lost in loss record"), "{report}");
}

#[test]
fn valgrind_has_nothing_to_say_of_the_program_without_the_bug() {
    let Some(program) = program(Tool::Valgrind) else { return };
    let (output, report) = seal_under_valgrind(program, "none");
    assert!(output.status.success(), "{report}");
    assert!(report.contains("ERROR SUMMARY: 0 errors"), "{report}");
}
