//! What a Go program is put to: the detectors, and the two generations of Go that have them.

use std::fmt;

use crate::outcome::Kind;
use crate::row::Expected;

/// What a Go program is put to. Those that run it have a binary each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    /// The plain binary under valgrind's memcheck: only where that sees what the others do not.
    Valgrind,
    /// `go vet`: what it says of the program's file.
    Vet,
    /// `go build -gcflags=-m`: what escapes, of the program's file.
    Escape,
    /// `go build`, of a program that is refused.
    Build,
    /// The plain binary starts a tool (gdb, curl, ss, ...) over its own program, and says what came
    /// of it: rows about what is said of tools.
    Tool,
}

impl Detector {
    /// Those that every program runs under, in the order of the tables.
    pub const ALL: [Self; 6] =
        [Self::Plain, Self::Asan, Self::Race, Self::Checkptr, Self::Cgocheck, Self::CgocheckDebug];

    /// Every one that a row can speak of.
    pub const EVERY: [Self; 11] = [
        Self::Plain,
        Self::Asan,
        Self::Race,
        Self::Checkptr,
        Self::Cgocheck,
        Self::CgocheckDebug,
        Self::Valgrind,
        Self::Vet,
        Self::Escape,
        Self::Build,
        Self::Tool,
    ];

    /// Its name in folders, records and `REQUIRE`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Asan => "asan",
            Self::Race => "race",
            Self::Checkptr => "checkptr",
            Self::Cgocheck => "cgocheck",
            Self::CgocheckDebug => "cgocheck-debug",
            Self::Valgrind => "valgrind",
            Self::Vet => "vet",
            Self::Escape => "escape",
            Self::Build => "build",
            Self::Tool => "tool",
        }
    }

    /// How it is switched on.
    pub fn switch(self) -> &'static str {
        match self {
            Self::Plain => "`go build`",
            Self::Asan => "`go build -asan`, with `ASAN_OPTIONS=detect_stack_use_after_return=1`",
            Self::Race => "`go build -race` (with checkptr)",
            Self::Checkptr => "`go build -gcflags=all=-d=checkptr`",
            Self::Cgocheck => "`GOEXPERIMENT=cgocheck2 go build`, from Go 1.21 on",
            Self::CgocheckDebug => "`GODEBUG=cgocheck=2` at run time, before Go 1.21",
            Self::Valgrind => "`valgrind --leak-check=full` on the plain binary",
            Self::Vet => "`go vet`",
            Self::Escape => "`go build -gcflags=-m`",
            Self::Build => "`go build` of a program that is refused",
            Self::Tool => {
                "the tool that the row is about (gdb, curl, ss, …), started over the plain binary"
            }
        }
    }

    /// Whether it runs the program, or reads its source.
    pub fn runs_the_program(self) -> bool {
        !matches!(self, Self::Vet | Self::Escape | Self::Build)
    }

    /// The generations of Go that have it, the one to prefer first. Memcheck looks at what C does,
    /// which is the same in both.
    pub fn generations(self) -> &'static [Generation] {
        match self {
            Self::Cgocheck | Self::Valgrind => &[Generation::Current],
            Self::CgocheckDebug => &[Generation::Legacy],
            _ => &Generation::ALL,
        }
    }

    /// The mistake that it must report when it is switched on; plain Go has none, and what reads the
    /// source has its rows.
    pub fn canary(self) -> Option<(&'static str, Expected)> {
        match self {
            Self::Plain | Self::Vet | Self::Escape | Self::Build | Self::Tool => None,
            Self::Asan => Some(("asan", Expected::Report(Kind::HeapBufferOverflow))),
            Self::Race => Some(("race", Expected::Report(Kind::DataRace))),
            Self::Checkptr => Some(("checkptr", Expected::Fatal("checkptr: pointer arithmetic"))),
            Self::Cgocheck | Self::CgocheckDebug => {
                Some(("cgocheck", Expected::Fatal("Go pointer stored into non-Go memory")))
            }
            Self::Valgrind => Some(("asan", Expected::Report(Kind::InvalidRead))),
        }
    }
}

impl fmt::Display for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A generation of Go: what the run-time checks, and what it says, changed with Go 1.21.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Generation {
    /// Go 1.21 or newer.
    Current,
    /// An older one.
    Legacy,
}

impl Generation {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Current, Self::Legacy];

    /// Its name in folders.
    pub fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Legacy => "legacy",
        }
    }
}

/// One detector on one generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// The detector.
    pub detector: Detector,
    /// The generation.
    pub generation: Generation,
}

impl Cell {
    /// All that there are, in the order of the tables.
    pub fn all() -> impl Iterator<Item = Self> {
        Detector::EVERY.into_iter().flat_map(|detector| {
            detector.generations().iter().map(move |&generation| Self { detector, generation })
        })
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.detector, self.generation.name())
    }
}
