//! What a row of the catalogue is.

use std::fmt;

use ffence::ErrorKind;

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
    /// The row's expectation for `detector`.
    pub fn expected(&self, detector: Detector) -> Option<Expected> {
        let found = self.expected.iter().find(|(it, _)| *it == detector);
        found.map(|(_, expected)| *expected)
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
        if expected.admits(outcome, self.symptom, go_minor) {
            Ok(())
        } else {
            Err(format!("{} under {detector}: expected {expected}, got {outcome}", self.slug))
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

/// What a Go program runs under. Each has a binary of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detector {
    /// `go build`.
    Plain,
    /// `go build -asan`.
    Asan,
    /// `go build -race`, which switches checkptr on as well.
    Race,
    /// `go build -gcflags=all=-d=checkptr`.
    Checkptr,
    /// `GOEXPERIMENT=cgocheck2 go build`, from Go 1.21 on.
    Cgocheck,
    /// `GODEBUG=cgocheck=2` at run time, before Go 1.21.
    CgocheckDebug,
}

impl Detector {
    /// All of them, in the order of the tables.
    pub const ALL: [Self; 6] =
        [Self::Plain, Self::Asan, Self::Race, Self::Checkptr, Self::Cgocheck, Self::CgocheckDebug];

    /// Its name in folders, records and `REQUIRE`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Asan => "asan",
            Self::Race => "race",
            Self::Checkptr => "checkptr",
            Self::Cgocheck => "cgocheck",
            Self::CgocheckDebug => "cgocheck-debug",
        }
    }

    /// The mistake that it must report when it is switched on; plain Go has none.
    pub fn canary(self) -> Option<(&'static str, Expected)> {
        match self {
            Self::Plain => None,
            Self::Asan => Some(("asan", Expected::Report(Kind::HeapBufferOverflow))),
            Self::Race => Some(("race", Expected::Report(Kind::DataRace))),
            Self::Checkptr => Some(("checkptr", Expected::Fatal("checkptr: pointer arithmetic"))),
            Self::Cgocheck | Self::CgocheckDebug => {
                Some(("cgocheck", Expected::Fatal("Go pointer stored into non-Go memory")))
            }
        }
    }
}

impl fmt::Display for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
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
    /// One of these.
    May(&'static [Expected]),
    /// The second from Go 1.x on, the first before.
    Since(u32, &'static Expected, &'static Expected),
}

impl Expected {
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
            Self::Since(minor, before, after) => {
                let now = if go_minor < minor { before } else { after };
                now.admits(outcome, symptom, go_minor)
            }
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent => f.write_str("silent"),
            Self::Report(kind) => write!(f, "reports {kind}"),
            Self::Fatal(text) => write!(f, "stops: “{text}”"),
            Self::Signal(libc::SIGSEGV) => f.write_str("SIGSEGV"),
            Self::Signal(libc::SIGABRT) => f.write_str("SIGABRT"),
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
