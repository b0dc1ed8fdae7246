//! What a row of the catalogue is.

use std::fmt;

use ffence::ErrorKind;

use crate::detector::Cell;
pub use crate::detector::Detector;
use crate::go::Module;
use crate::outcome::{Class, Kind, Outcome};

/// A documented mistake, what shows it in Go, and what Rust does about it.
#[derive(Clone, Copy, Debug)]
pub struct Hazard {
    /// Names the mistake. The Go program, and the file of the twin, are called the same.
    pub slug: &'static str,
    /// What the mistake is about.
    pub about: About,
    /// The mistake in one sentence.
    pub sentence: &'static str,
    /// The part of the source article that it comes from.
    pub seed: &'static str,
    /// The Go program: what it says about itself, and its code.
    pub program: &'static str,
    /// The C that both sides build; without any, the program calls the real libraries.
    pub fixture: Option<Fixture>,
    /// What a survivor's `RESULT` line holds: silent corruption, told from a clean run.
    pub symptom: &'static str,
    /// What each detector makes of the Go program.
    pub expected: &'static [(Detector, Expected)],
    /// What becomes of the same mistake in Rust.
    pub twin: Twin,
    /// The file of the twin.
    pub twin_source: &'static str,
    /// What stops it there, in one sentence that names the type, the function or the compiler's code.
    pub refused_by: &'static str,
}

impl Hazard {
    /// The row's expectation for `detector`. A row that does not speak of `go vet` has nothing that
    /// it would complain of.
    pub fn expected(&self, detector: Detector) -> Option<Expected> {
        let found = self.expected.iter().find(|(it, _)| *it == detector);
        let vetted = detector == Detector::Vet && self.builds();
        found.map(|(_, expected)| *expected).or_else(|| vetted.then_some(Expected::Silent))
    }

    /// Whether the mistake gets as far as a program: one that does not lives in `refused/`.
    pub fn builds(&self) -> bool {
        self.expected.iter().all(|(detector, _)| *detector != Detector::Build)
    }

    /// What is run of this row: detectors and the generations of Go that have them.
    pub fn cells(&self) -> impl Iterator<Item = Cell> {
        Cell::all().filter(|cell| self.expected(cell.detector).is_some())
    }

    /// Whether the row says that the outcome under `detector` is open.
    pub fn is_open(&self, detector: Detector, go_minor: u32) -> bool {
        self.expected(detector).is_none_or(|it| matches!(it.now(go_minor), Expected::May(_)))
    }

    /// A part of what the program says about itself: "The mistake", "What to look for", "The rule"
    /// or "Source".
    pub fn paragraph(&self, name: &str) -> Option<String> {
        let (_, text) = self.program.split_once(&format!("// {name}: "))?;
        let lines = text.lines().enumerate().map_while(|(index, line)| {
            let more = line.strip_prefix("// ");
            if index == 0 { Some(line) } else { more }
        });
        Some(lines.collect::<Vec<_>>().join(" "))
    }

    /// Checks what became of the Go program.
    ///
    /// # Errors
    /// What was expected instead.
    pub fn check(
        &self,
        detector: Detector,
        go_minor: u32,
        outcome: &Outcome,
    ) -> Result<(), String> {
        let Some(expected) = self.expected(detector) else {
            return Err(format!("the row says nothing of {detector}"));
        };
        let symptom = if detector.runs_the_program() { self.symptom } else { "" };
        if expected.admits(outcome, symptom, go_minor) {
            Ok(())
        } else {
            let slug = self.slug;
            Err(format!(
                "{slug} under {detector}, Go 1.{go_minor}: expected {expected}, got {outcome}"
            ))
        }
    }
}

/// A C fixture of `csrc/hazard`.
#[derive(Clone, Copy, Debug)]
pub struct Fixture {
    /// The file's name.
    pub name: &'static str,
    /// Its text.
    pub source: &'static str,
}

/// What a mistake is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Strings and buffers: whose they are, and where they end.
    Buffers,
    /// Pointers passed to C, and kept by it.
    Pointers,
    /// C calling back.
    Callbacks,
    /// OpenSSL's objects and its error queue.
    OpenSsl,
    /// libcurl's handles, and what it does to the process.
    Libcurl,
    /// Go's own `unsafe.Pointer`, without C.
    UnsafePointer,
    /// Goroutines, contexts and time limits.
    Concurrency,
    /// What is said of tools and detectors, and what is true of it.
    Claims,
}

impl About {
    /// The Go module that has its programs.
    pub fn module(self) -> Module {
        if self == Self::Concurrency { Module::Web } else { Module::Main }
    }

    /// Its name in `CLASS=`, and of the file that holds its rows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Buffers => "buffers",
            Self::Pointers => "pointers",
            Self::Callbacks => "callbacks",
            Self::OpenSsl => "openssl",
            Self::Libcurl => "libcurl",
            Self::UnsafePointer => "unsafe_pointer",
            Self::Concurrency => "concurrency",
            Self::Claims => "claims",
        }
    }
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Buffers => "strings and buffers",
            Self::Pointers => "pointers passed and kept",
            Self::Callbacks => "callbacks",
            Self::OpenSsl => "OpenSSL",
            Self::Libcurl => "libcurl",
            Self::UnsafePointer => "unsafe.Pointer",
            Self::Concurrency => "concurrency and context",
            Self::Claims => "claims",
        })
    }
}

/// What a detector makes of a Go program.
///
/// That undefined behaviour crashes is never asserted: where C leaves it open, the row says
/// [`May`](Expected::May) and lists what was seen or is likely.
#[derive(Clone, Copy, Debug)]
pub enum Expected {
    /// It runs to its end, and nobody says a word.
    Silent,
    /// A sanitizer reports this kind.
    Report(Kind),
    /// Go's run-time stops it, by a panic or a fatal error whose text holds this.
    Fatal(&'static str),
    /// This signal ends it.
    Signal(i32),
    /// A tool that reads the source says this of it: `go vet`, the compiler, the linker.
    Says(&'static str),
    /// One of these.
    May(&'static [Expected]),
    /// The second from Go 1.x on, the first before.
    Since(u32, &'static Expected, &'static Expected),
}

impl Expected {
    /// What is expected of Go 1.`go_minor`.
    #[must_use]
    pub fn now(self, go_minor: u32) -> Self {
        match self {
            Self::Since(minor, before, _) if go_minor < minor => before.now(go_minor),
            Self::Since(_, _, after) => after.now(go_minor),
            one => one,
        }
    }

    /// Whether `outcome`, of a program built with Go 1.`go_minor`, is what was expected.
    pub fn admits(self, outcome: &Outcome, symptom: &str, go_minor: u32) -> bool {
        match self {
            Self::Silent => outcome.class == Class::Ok && outcome.text.contains(symptom),
            Self::Report(kind) => outcome.kind == Some(kind),
            Self::Fatal(text) => {
                matches!(outcome.class, Class::Panic | Class::RuntimeAbort)
                    && outcome.text.contains(text)
            }
            Self::Signal(number) => {
                outcome.class == Class::Signal && outcome.signal == Some(number)
            }
            Self::May(any) => any.iter().any(|it| it.admits(outcome, symptom, go_minor)),
            Self::Says(text) => outcome.class == Class::Remark && outcome.words.contains(text),
            Self::Since(..) => self.now(go_minor).admits(outcome, symptom, go_minor),
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent => f.write_str("silent"),
            Self::Report(kind) => write!(f, "reports {kind}"),
            Self::Fatal(text) => write!(f, "stops: “{text}”"),
            Self::Says(text) => write!(f, "says: “{text}”"),
            Self::Signal(libc::SIGSEGV) => f.write_str("SIGSEGV"),
            Self::Signal(libc::SIGABRT) => f.write_str("SIGABRT"),
            Self::Signal(libc::SIGBUS) => f.write_str("SIGBUS"),
            Self::Signal(number) => write!(f, "signal {number}"),
            Self::May(any) => {
                f.write_str("undefined: ")?;
                for (index, one) in any.iter().enumerate() {
                    write!(f, "{}{one}", if index == 0 { "" } else { " or " })?;
                }
                Ok(())
            }
            Self::Since(minor, before, after) => {
                write!(f, "{after} (before Go 1.{minor}: {before})")
            }
        }
    }
}

/// What becomes of the same mistake in Rust. Every twin attempts it.
#[derive(Clone, Copy, Debug)]
pub enum Twin {
    /// It does not compile. The function's documentation holds the attempt, as a `compile_fail`
    /// test with this code, and beside it the same without the offending line; the function is the
    /// right way, and runs.
    Refused(&'static str, fn() -> ffence::Result<()>),
    /// There is nothing wrong with it: it works.
    Clean(fn() -> ffence::Result<()>),
    /// This error comes back.
    Err(ErrorKind, fn() -> ffence::Result<()>),
    /// It panics with a text that holds this, and does no harm.
    Panics(&'static str, fn() -> ffence::Result<()>),
}

impl Twin {
    /// What runs.
    pub fn program(self) -> fn() -> ffence::Result<()> {
        match self {
            Self::Refused(_, run) | Self::Clean(run) | Self::Err(_, run) | Self::Panics(_, run) => {
                run
            }
        }
    }

    /// What runs when the twin is broken, to see that its row notices: where something is refused,
    /// nothing is; where the right way works, it fails.
    pub fn broken(self) -> fn() -> ffence::Result<()> {
        match self {
            Self::Refused(..) | Self::Clean(_) => fails,
            Self::Err(..) | Self::Panics(..) => || Ok(()),
        }
    }

    /// Whether `outcome` is what was declared.
    pub fn admits(self, outcome: &Outcome) -> bool {
        match self {
            Self::Refused(..) | Self::Clean(_) => outcome.class == Class::Ok,
            Self::Err(kind, _) => {
                let named = format!("{kind:?}: ");
                outcome.class == Class::Refused && outcome.text.starts_with(&named)
            }
            Self::Panics(text, _) => outcome.class == Class::Panic && outcome.text.contains(text),
        }
    }
}

/// What a right way comes to that does not work.
fn fails() -> ffence::Result<()> {
    panic!("broken, to see whether anybody notices")
}

impl fmt::Display for Twin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(code, _) => write!(f, "does not compile ({code})"),
            Self::Clean(_) => f.write_str("works"),
            Self::Err(kind, _) => write!(f, "returns ErrorKind::{kind:?}"),
            Self::Panics(text, _) => write!(f, "panics: “{text}”"),
        }
    }
}
