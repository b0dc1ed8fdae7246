//! A deliberate bug proves the net: an owner that frees twice, and one that never frees, are built
//! in with `--cfg ffence_deliberate_bug` and must be reported by the sanitizers, by the same options
//! that `make asan` runs everything with.
//!
//! `FFENCE_DELIBERATE_BUG=double_free` or `=leak` chooses the bug in such a build; without it the
//! program is clean. Skipped where the toolchain has no AddressSanitizer, unless `REQUIRE` has
//! `asan`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

const OPTIONS: &str = "detect_leaks=1:detect_stack_use_after_return=1:fast_unwind_on_malloc=0:\
                       max_free_fill_size=4096:free_fill_byte=221";

/// `tests/linkage` with the bugs built in, under AddressSanitizer.
fn program() -> Option<&'static PathBuf> {
    static BUILT: OnceLock<Option<PathBuf>> = OnceLock::new();
    BUILT.get_or_init(build).as_ref()
}

fn build() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rustc = Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let text = String::from_utf8_lossy(&rustc.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: ")).expect("it has a host");
    let target = root.join("target/linkage/deliberate-bug");
    let output = Command::new(env!("CARGO"))
        .current_dir(root)
        .args(["build", "--quiet", "-p", "ffence-linkage", "--target", host, "--target-dir"])
        .arg(&target)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", "-Zsanitizer=address --cfg ffence_deliberate_bug")
        .env(
            format!("CFLAGS_{}", host.replace('-', "_")),
            "-fsanitize=address -fno-omit-frame-pointer",
        )
        .output()
        .expect("cargo runs");
    if output.status.success() {
        return Some(target.join(host).join("debug/ffence-linkage"));
    }
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    let no_sanitizer = words.contains("sanitizer is not supported") || words.contains("rt.asan");
    let required =
        std::env::var("REQUIRE").is_ok_and(|list| list.split(',').any(|it| it == "asan"));
    assert!(no_sanitizer && !required, "{words}");
    eprintln!("skipped: this toolchain has no AddressSanitizer: {words}");
    None
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

#[test]
fn an_owner_that_frees_twice_is_reported() {
    let Some(program) = program() else { return };
    let (output, report) = seal(program, "double_free");
    assert!(!output.status.success(), "nothing was noticed");
    // A second free of an EVP_CIPHER_CTX shows as a bad read of what the first one filled.
    assert!(report.contains("ERROR: AddressSanitizer: "), "{report}");
    let kinds = ["SEGV", "heap-use-after-free", "attempting double-free"];
    assert!(kinds.iter().any(|kind| report.contains(kind)), "{report}");
}

#[test]
fn an_owner_that_never_frees_is_reported() {
    let Some(program) = program() else { return };
    let (output, report) = seal(program, "leak");
    assert!(!output.status.success(), "nothing was noticed");
    assert!(report.contains("ERROR: LeakSanitizer: detected memory leaks"), "{report}");
    // Names of functions are there only on machines with a symbolizer.
    assert!(report.contains("Direct leak of "), "{report}");
}

#[test]
fn the_same_program_without_the_bug_is_clean() {
    let Some(program) = program() else { return };
    let (output, report) = seal(program, "none");
    assert!(output.status.success() && report.is_empty(), "{}: {report}", output.status);
}
