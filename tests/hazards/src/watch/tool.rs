//! The detectors of test programs, and what their reports look like.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::go::root;

/// What test programs are run under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// `AddressSanitizer` and `LeakSanitizer`, which are built in.
    Asan,
    /// The same with OpenSSL and libcurl from source, and instrumented too.
    AsanDeep,
    /// `ThreadSanitizer`, which is built in.
    Tsan,
    /// Valgrind's memcheck, which runs plain programs.
    Valgrind,
    /// C's memory refused, at each request in turn.
    Torture,
    /// libFuzzer, which is built in.
    Fuzz,
}

impl Tool {
    /// All, in the order of the table.
    pub const ALL: [Self; 6] =
        [Self::Asan, Self::AsanDeep, Self::Tsan, Self::Valgrind, Self::Torture, Self::Fuzz];

    /// The tool of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// Its name on the command line, in files and in `REQUIRE`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Asan => "asan",
            Self::AsanDeep => "asan-deep",
            Self::Tsan => "tsan",
            Self::Valgrind => "valgrind",
            Self::Torture => "torture",
            Self::Fuzz => "fuzz",
        }
    }

    /// Why it cannot be used on this machine.
    pub fn missing(self) -> Option<String> {
        match self {
            Self::Valgrind => {
                let answer = Command::new("valgrind").arg("--version").output();
                let there = answer.is_ok_and(|it| it.status.success());
                (!there).then(|| "valgrind is not installed".to_owned())
            }
            // Torture can do without, and says so: leaks are then not looked for.
            Self::Torture => None,
            Self::AsanDeep if !has_perl() => {
                Some("OpenSSL is built by a perl with FindBin and IPC::Cmd".to_owned())
            }
            Self::Asan | Self::AsanDeep | Self::Tsan | Self::Fuzz => {
                let runtime = if self == Self::Tsan { "tsan" } else { "asan" };
                let there = runtime_of(runtime);
                (!there).then(|| format!("this Rust has no runtime for {runtime}"))
            }
        }
    }

    /// Whether a report begins with this line.
    pub(super) fn reports(self, line: &str) -> bool {
        let has = |names: &[&str]| {
            line.split_once("ERROR: ")
                .is_some_and(|(_, rest)| names.iter().any(|name| rest.starts_with(name)))
        };
        match self {
            Self::Asan | Self::AsanDeep => has(&["AddressSanitizer", "LeakSanitizer"]),
            Self::Fuzz => has(&["AddressSanitizer", "LeakSanitizer", "libFuzzer"]),
            Self::Tsan => line.contains("WARNING: ThreadSanitizer"),
            // Memcheck writes to a file of its own. Torture's children write to a file, and what is not
            // allowed stands in its list of failures.
            Self::Valgrind => false,
            Self::Torture => line.starts_with("FAILED "),
        }
    }
}

/// Whether `REQUIRE`, a list such as `asan,valgrind`, has it that the tool must be there.
pub fn is_required(tool: Tool) -> bool {
    env::var("REQUIRE").is_ok_and(|list| list.split(',').any(|it| it.trim() == tool.name()))
}

/// Whether there is a perl that OpenSSL's own scripts run with.
fn has_perl() -> bool {
    let answer = Command::new("perl").args(["-MFindBin", "-MIPC::Cmd", "-e", "1"]).output();
    answer.is_ok_and(|it| it.status.success())
}

/// Whether the toolchain brings the library that the sanitizer's programs are linked with.
fn runtime_of(name: &str) -> bool {
    let toolchain = env::var("SANITIZER_TOOLCHAIN").unwrap_or_default();
    let mut rustc = Command::new("rustc");
    if !toolchain.is_empty() {
        rustc.arg(toolchain);
    }
    let Ok(answer) = rustc.args(["--print", "target-libdir"]).output() else { return false };
    let folder = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
    let end = format!("_rt.{name}.a");
    fs::read_dir(folder).is_ok_and(|mut files| {
        files.any(|file| file.is_ok_and(|it| it.file_name().to_string_lossy().ends_with(&end)))
    })
}

/// Memcheck's command line, up to the program: only what is certainly lost counts as a leak, because
/// what a thread, a library or std keeps for the life of the process is none.
pub fn memcheck(log: &Path) -> Vec<String> {
    let supp = root().join("tests/valgrind.supp");
    [
        "--error-exitcode=97",
        "--leak-check=full",
        "--show-leak-kinds=definite",
        "--errors-for-leak-kinds=definite",
        "--num-callers=40",
        // A thread that serves and one that asks take turns.
        "--fair-sched=try",
        // At the end: every error once more with its count, and which suppressions were used.
        "-s",
    ]
    .map(str::to_owned)
    .into_iter()
    .chain([format!("--suppressions={}", supp.display()), format!("--log-file={}", log.display())])
    .collect()
}

/// What memcheck wrote about one process.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Log {
    /// How often it reported something.
    pub(super) reports: usize,
    /// The names of the suppressions that it used.
    pub(super) suppressed: Vec<String>,
}

impl Log {
    /// ```text
    /// ==7== ERROR SUMMARY: 3 errors from 2 contexts (suppressed: 1 from 1)
    /// --7-- used_suppression:      1 a_name tests/valgrind.supp:12 suppressed: 32 bytes in 1 blocks
    /// ```
    pub(super) fn of(text: &str) -> Self {
        let mut log = Self::default();
        for line in text.lines() {
            if let Some((_, rest)) = line.split_once("ERROR SUMMARY: ") {
                log.reports = rest.split(' ').next().and_then(|it| it.parse().ok()).unwrap_or(1);
            } else if let Some((_, rest)) = line.split_once("used_suppression:") {
                log.suppressed.extend(rest.split_whitespace().nth(1).map(str::to_owned));
            }
        }
        log
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_tells_what_was_reported_and_what_was_held_back() {
        let text = "==7== HEAP SUMMARY:\n\
                    --7-- used_suppression:      1 a_name tests/valgrind.supp:12 suppressed: 32 bytes\n\
                    ==7== ERROR SUMMARY: 3 errors from 2 contexts (suppressed: 1 from 1)\n";
        let log = Log { reports: 3, suppressed: vec!["a_name".to_owned()] };
        assert_eq!(Log::of(text), log);
        assert_eq!(Log::of(""), Log::default());
    }

    #[test]
    fn a_sanitizer_is_known_by_its_report() {
        assert!(Tool::Asan.reports("==7==ERROR: LeakSanitizer: detected memory leaks"));
        assert!(Tool::Tsan.reports("WARNING: ThreadSanitizer: data race (pid=7)"));
        assert!(!Tool::Tsan.reports("SUMMARY: ThreadSanitizer: data race in one"));
    }
}
