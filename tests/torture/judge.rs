//! What became of an operation whose memory was refused.

use std::fmt;

/// The classes of outcomes. The first three are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// It answered an error.
    Error,
    /// The library coped: the right bytes.
    Coped,
    /// It asked less often this time, and nothing was refused.
    Unreached,
    /// It succeeded with other bytes, or an assertion about them failed.
    Wrong,
    /// It did not succeed once memory was back.
    Broken,
    /// LeakSanitizer found something that nobody holds.
    Leak,
    /// The process died.
    Died,
    /// It took longer than anything here takes.
    Hang,
}

impl Class {
    pub const ALL: [Self; 8] = [
        Self::Error,
        Self::Coped,
        Self::Unreached,
        Self::Wrong,
        Self::Broken,
        Self::Leak,
        Self::Died,
        Self::Hang,
    ];

    pub fn is_allowed(self) -> bool {
        self <= Self::Unreached
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.to_string() == text)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Coped => "coped",
            Self::Unreached => "unreached",
            Self::Wrong => "wrong",
            Self::Broken => "broken",
            Self::Leak => "leak",
            Self::Died => "died",
            Self::Hang => "hang",
        })
    }
}

/// Which requests are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The k-th.
    One,
    /// The k-th and all later ones.
    From,
}

impl Mode {
    pub const BOTH: [Self; 2] = [Self::One, Self::From];

    pub fn name(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::From => "from",
        }
    }

    pub fn refuse(self, k: u64) -> ffence::mem::Refuse {
        match self {
            Self::One => ffence::mem::Refuse::One(k),
            Self::From => ffence::mem::Refuse::From(k),
        }
    }
}

/// What is not allowed, and where.
#[derive(Clone, Debug)]
pub struct Finding {
    pub row: String,
    pub mode: Mode,
    pub k: u64,
    pub class: Class,
    /// Where C was refused: OpenSSL's file and line, or `libcurl`.
    pub place: String,
    /// A sanitizer's report, a panic's message, the wrong bytes.
    pub report: String,
}

impl Finding {
    /// The stacks of a sanitizer's report: one of a crash, one for each kind of block that leaks.
    pub fn stacks(&self) -> impl Iterator<Item = &str> {
        let leaks = self.class == Class::Leak;
        let separator = if leaks { "leak of " } else { "\0" };
        self.report.split(separator).skip(usize::from(leaks))
    }
}
