//! What became of a case, in words that are the same for both languages.

use std::fmt;
use std::os::unix::process::ExitStatusExt as _;

use serde::{Deserialize, Serialize};

use crate::child::Ended;
use crate::words;

/// The class of an outcome: what is compared between Go and Rust, and kept in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// It ran to its end and said so.
    Ok,
    /// A typed error came back.
    Refused,
    /// A panic of the language ended it.
    Panic,
    /// A sanitizer found memory misused.
    MemoryError,
    /// A sanitizer found memory leaked.
    Leak,
    /// A race detector found one.
    DataRace,
    /// The language's run-time stopped it.
    RuntimeAbort,
    /// A signal ended it.
    Signal,
    /// It never ended.
    Hang,
    /// It left with a code that means none of the above.
    Exit,
    /// A tool that reads the source had something to say of it.
    Remark,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::Panic => "panic",
            Self::MemoryError => "memory error",
            Self::Leak => "leak",
            Self::DataRace => "data race",
            Self::RuntimeAbort => "stopped by the run-time",
            Self::Signal => "signal",
            Self::Hang => "hang",
            Self::Exit => "exit",
            Self::Remark => "remark",
        })
    }
}

/// What a sanitizer calls its finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The same block was freed again.
    DoubleFree,
    /// A freed block was read or written.
    HeapUseAfterFree,
    /// An access past the end of a block of C's heap.
    HeapBufferOverflow,
    /// An access to memory that the program's own allocator (Go's) has closed.
    UseAfterPoison,
    /// `free` of something that `malloc` did not give.
    BadFree,
    /// A stack frame was used after its function had returned.
    StackUseAfterReturn,
    /// An access to an address where nothing is.
    Segv,
    /// Memory that nothing points to any more.
    Leak,
    /// Two threads, one place, no order.
    DataRace,
    /// Memcheck: a read of memory that is not the program's.
    InvalidRead,
    /// Memcheck: a write to memory that is not the program's.
    InvalidWrite,
    /// Memcheck: a decision that depends on what nobody wrote.
    Uninitialised,
    /// Another kind of report: the text has its name.
    Other,
}

impl Kind {
    /// The sanitizer's own words for it, as they begin.
    const WORDS: [(&'static str, Self); 8] = [
        ("attempting double-free", Self::DoubleFree),
        ("heap-use-after-free", Self::HeapUseAfterFree),
        ("heap-buffer-overflow", Self::HeapBufferOverflow),
        ("use-after-poison", Self::UseAfterPoison),
        ("attempting free on address", Self::BadFree),
        ("stack-use-after-return", Self::StackUseAfterReturn),
        ("SEGV", Self::Segv),
        // The same by way of the stack's registers.
        ("BUS", Self::Segv),
    ];

    fn of(report: &str) -> Self {
        let found = Self::WORDS.iter().find(|(words, _)| report.starts_with(words));
        found.map_or(Self::Other, |(_, kind)| *kind)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DoubleFree => "double-free",
            Self::HeapUseAfterFree => "heap-use-after-free",
            Self::HeapBufferOverflow => "heap-buffer-overflow",
            Self::UseAfterPoison => "use-after-poison",
            Self::BadFree => "bad-free",
            Self::StackUseAfterReturn => "stack-use-after-return",
            Self::Segv => "SEGV",
            Self::Leak => "leak",
            Self::DataRace => "data race",
            Self::InvalidRead => "invalid read",
            Self::InvalidWrite => "invalid write",
            Self::Uninitialised => "use of uninitialised memory",
            Self::Other => "something else",
        })
    }
}

/// What became of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Its class.
    pub class: Class,
    /// The sanitizer's finding, if there was one.
    pub kind: Option<Kind>,
    /// The signal, if one ended it.
    pub signal: Option<i32>,
    /// The code it left with; none when a signal or the time limit ended it.
    pub code: Option<i32>,
    /// The line that says it: evidence for people, and what expected texts are looked for in.
    pub text: String,
    /// The words themselves, a few lines of them, without what differs from run to run.
    pub words: String,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.class)?;
        if !self.text.is_empty() {
            write!(f, ": {}", self.text)?;
        }
        Ok(())
    }
}

/// What Go's and Rust's programs print when they get to their end.
pub const RESULT: &str = "RESULT ";
/// What a Go program prints, with a tool's name and a reason, when it cannot have that tool.
pub const MISSING: &str = "MISSING ";
/// What a Rust twin prints when a typed error came back.
pub const REFUSED: &str = "REFUSED ";

impl Outcome {
    /// Tells an outcome from a child's status and its words.
    pub fn of(ended: &Ended) -> Self {
        let mut outcome = Self {
            class: Class::Exit,
            kind: None,
            signal: ended.status.and_then(|it| it.signal()),
            code: ended.status.and_then(|it| it.code()),
            text: String::new(),
            words: String::new(),
        };
        if ended.status.is_none() {
            outcome.class = Class::Hang;
        } else if !outcome.reported(&ended.stderr) && !outcome.stopped(&ended.stderr) {
            outcome.left(ended);
        }
        outcome.words = words::of(outcome.class, ended);
        outcome
    }

    /// The same of a run under memcheck, whose reports come before how the program ended.
    pub fn of_memcheck(ended: &Ended) -> Self {
        let mut outcome = Self::of(ended);
        if let Some((kind, report)) = words::memcheck(&ended.stderr) {
            outcome.kind = Some(kind);
            let class = if kind == Kind::Leak { Class::Leak } else { Class::MemoryError };
            outcome.is(class, report.lines().next().unwrap_or_default());
            outcome.words = report;
        }
        outcome
    }

    /// The same of a tool over a program: its words are the remark. Of the right counterpart they are
    /// no complaint.
    pub fn of_tool(ended: &Ended, good: bool) -> Self {
        let mut outcome = Self::of(ended);
        if outcome.class == Class::Ok {
            outcome.words = words::tool(&ended.stdout);
            if !good {
                outcome.class = Class::Remark;
            }
        }
        outcome
    }

    /// What a tool said of a source; nothing is success.
    pub fn of_remarks(remarks: &str) -> Self {
        let words = words::plain(remarks);
        let text = words.lines().next().unwrap_or_default().to_owned();
        let class = if text.is_empty() { Class::Ok } else { Class::Remark };
        Self { class, kind: None, signal: None, code: None, text, words }
    }

    fn is(&mut self, class: Class, text: &str) -> bool {
        self.class = class;
        text.trim().clone_into(&mut self.text);
        true
    }

    /// A sanitizer's report comes before everything: it explains the exit code and the signal.
    fn reported(&mut self, stderr: &str) -> bool {
        if let Some(report) = after(stderr, "ERROR: AddressSanitizer: ") {
            let kind = Kind::of(report);
            self.kind = Some(kind);
            // Its own words without the addresses, which differ from run to run.
            return self.is(Class::MemoryError, report.split(" on ").next().unwrap_or(report));
        }
        if after(stderr, "ERROR: LeakSanitizer: ").is_some() {
            self.kind = Some(Kind::Leak);
            return self.is(Class::Leak, after(stderr, "SUMMARY: ").unwrap_or_default());
        }
        if after(stderr, "WARNING: DATA RACE").is_some()
            || after(stderr, "WARNING: ThreadSanitizer: data race").is_some()
        {
            self.kind = Some(Kind::DataRace);
            return self.is(Class::DataRace, "WARNING: DATA RACE");
        }
        false
    }

    /// What Go's run-time says of a signal, a fatal error or a panic, and Rust's of a panic.
    fn stopped(&mut self, stderr: &str) -> bool {
        // Before Go 1.21 a signal in C reads "fatal error: unexpected signal ...", "[signal SIGSEGV: ...".
        for (name, number) in
            [("SIGSEGV", libc::SIGSEGV), ("SIGABRT", libc::SIGABRT), ("SIGBUS", libc::SIGBUS)]
        {
            let direct = line(stderr, &format!("{name}: "));
            // A panic over a nil pointer in Go's own code has such a line too; it stays a panic.
            let inside = line(stderr, "fatal error: ")
                .and_then(|_| line(stderr, &format!("[signal {name}")));
            if let Some(found) = direct.or(inside) {
                self.signal = Some(number);
                // glibc says why it aborts before it does.
                let why = stderr
                    .lines()
                    .next()
                    .filter(|it| it.contains("free()") || it.contains("malloc()"));
                let short =
                    found.trim_start_matches("[signal ").split(" code=").next().unwrap_or(found);
                return self.is(Class::Signal, why.unwrap_or(short));
            }
        }
        if let Some(found) = line(stderr, "fatal error: ") {
            return self.is(Class::RuntimeAbort, found);
        }
        if let Some(found) = line(stderr, "panic: ") {
            return self.is(Class::Panic, &found["panic: ".len()..]);
        }
        if self.code == Some(101) {
            // Rust writes "thread 'main' panicked at file:line:column:" and the text below it.
            let text = after(stderr, "panicked at ")
                .and_then(|_| stderr.split("panicked at ").nth(1)?.lines().nth(1));
            return self.is(Class::Panic, text.unwrap_or_default());
        }
        false
    }

    fn left(&mut self, ended: &Ended) {
        let result = line(&ended.stdout, RESULT).map(|it| &it[RESULT.len()..]);
        let refused = line(&ended.stdout, REFUSED).map(|it| &it[REFUSED.len()..]);
        match (self.code, result, refused) {
            (Some(0), Some(text), None) => self.is(Class::Ok, text),
            (Some(0), None, Some(text)) => self.is(Class::Refused, text),
            _ if self.signal.is_some() => {
                self.is(Class::Signal, &format!("signal {}", self.signal.unwrap_or_default()))
            }
            _ => {
                let last = ended.stderr.lines().last().unwrap_or_default().to_owned();
                self.is(Class::Exit, &format!("code {}: {last}", self.code.unwrap_or_default()))
            }
        };
    }
}

/// What follows `words` in the line that has them.
fn after<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    text.lines().find_map(|line| Some(line.split_once(words)?.1))
}

/// The first line that begins with `words`.
fn line<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    text.lines().find(|line| line.starts_with(words))
}

#[cfg(test)]
mod tests {
    use std::process::ExitStatus;

    use super::*;

    fn class(wait_status: i32, stdout: &str, stderr: &str) -> (Class, Option<i32>) {
        let outcome = Outcome::of(&Ended {
            status: Some(ExitStatus::from_raw(wait_status)),
            stdout: stdout.to_owned(),
            stderr: stderr.to_owned(),
        });
        (outcome.class, outcome.signal)
    }

    /// What the wait status of a process that left with `code` is.
    const fn left(code: i32) -> i32 {
        code << 8
    }

    #[test]
    fn both_generations_of_go_tell_of_a_signal() {
        let old = "fatal error: unexpected signal during runtime execution\n\
                   [signal SIGSEGV: segmentation violation code=0x1 addr=0x6c pc=0x7f]";
        let new = "SIGSEGV: segmentation violation\nPC=0x7f m=0 sigcode=1 addr=0x6c";
        assert_eq!(class(left(2), "", old), (Class::Signal, Some(libc::SIGSEGV)));
        assert_eq!(class(left(2), "", new), (Class::Signal, Some(libc::SIGSEGV)));
        assert_eq!(class(libc::SIGABRT, "", ""), (Class::Signal, Some(libc::SIGABRT)));
    }

    #[test]
    fn a_nil_pointer_in_go_is_a_panic() {
        let text = "panic: runtime error: invalid memory address or nil pointer dereference\n\
                    [signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x48]";
        assert_eq!(class(left(2), "", text), (Class::Panic, None));
    }

    #[test]
    fn a_report_outweighs_the_result_that_was_reached() {
        let leak = "==7==ERROR: LeakSanitizer: detected memory leaks\n\
                    SUMMARY: AddressSanitizer: 9 byte(s) leaked in 1 allocation(s).";
        assert_eq!(class(left(1), "RESULT finished\n", leak), (Class::Leak, None));
        let race = "==================\nWARNING: DATA RACE\n";
        assert_eq!(class(left(66), "RESULT finished\n", race), (Class::DataRace, None));
    }

    #[test]
    fn what_a_tool_says_is_a_remark_of_the_mistake_only() {
        let ended = Ended {
            status: Some(ExitStatus::from_raw(0)),
            stdout: "#0 main.x at /home/me/x.go\nRESULT 1 frame\n".to_owned(),
            stderr: String::new(),
        };
        let [bad, good] = [false, true].map(|good| Outcome::of_tool(&ended, good));
        assert_eq!((bad.class, good.class), (Class::Remark, Class::Ok));
        assert_eq!(bad.words, "1 frame\n#0 main.x at x.go");
        assert_eq!(good.words, bad.words);
    }

    #[test]
    fn success_needs_a_result_and_no_code() {
        assert_eq!(class(left(0), "RESULT fine\n", ""), (Class::Ok, None));
        assert_eq!(class(left(0), "REFUSED Length: no\n", ""), (Class::Refused, None));
        assert_eq!(class(left(0), "", ""), (Class::Exit, None));
        assert_eq!(class(left(3), "RESULT fine\n", ""), (Class::Exit, None));
    }
}
