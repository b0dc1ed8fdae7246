//! What became of one test program.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// One test program that was run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ran {
    /// Its name, without what cargo adds.
    pub program: String,
    /// The fault that was built in.
    pub seeded: Option<String>,
    /// How long it took.
    pub seconds: f64,
    /// What it said of its tests.
    pub tests: Vec<Test>,
    /// How many it counted as passed at its end.
    pub passed: usize,
    /// And as failed.
    pub failed: usize,
    /// And as ignored.
    pub ignored: usize,
    /// How often the detector reported something.
    pub reports: usize,
    /// The first of it.
    pub report: String,
    /// The suppressions that held a report back.
    pub suppressed: Vec<String>,
    /// What it counted beside its tests, in its own words.
    #[serde(default)]
    pub said: Vec<String>,
    /// How it ended, if not well.
    pub ended: Option<String>,
}

/// One test of a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Test {
    /// Its name.
    pub name: String,
    /// What became of it.
    pub verdict: Verdict,
}

/// What became of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It passed.
    Passed,
    /// It failed.
    Failed,
    /// It was not run.
    Ignored,
}

impl Ran {
    /// Whether all is as it must be: nothing wrong and nothing reported, or the fault reported that
    /// was built in.
    pub fn is_good(&self) -> bool {
        if self.seeded.is_some() {
            return self.reports > 0;
        }
        self.ended.is_none() && self.failed == 0 && self.reports == 0
    }

    /// Takes in a line of the program's standard output.
    pub(super) fn hear(&mut self, line: &str) {
        if let Some(total) = line.strip_prefix("torture: ") {
            self.said.push(total.to_owned());
        } else if let Some(counts) = line.strip_prefix("test result: ") {
            let words: Vec<&str> = counts.split_whitespace().collect();
            for pair in words.windows(2) {
                let count = pair[0].parse().unwrap_or(0);
                match pair[1] {
                    "passed;" => self.passed += count,
                    "failed;" => self.failed += count,
                    "ignored;" => self.ignored += count,
                    _ => {}
                }
            }
        } else if let Some((name, rest)) =
            line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... "))
        {
            let verdict = match rest.split([' ', ',']).next() {
                Some("ok") => Verdict::Passed,
                Some("FAILED") => Verdict::Failed,
                Some("ignored") => Verdict::Ignored,
                _ => return,
            };
            self.tests.push(Test { name: name.to_owned(), verdict });
        }
    }

    /// Adds itself to the file, as one line.
    pub(super) fn add_to(&self, path: &Path) -> io::Result<()> {
        let mut line = serde_json::to_string(self)?;
        line.push('\n');
        fs::OpenOptions::new().create(true).append(true).open(path)?.write_all(line.as_bytes())
    }
}

/// The records of a file; none when no program was run.
///
/// # Errors
/// When it cannot be read, or a line is no record.
pub fn read(path: &Path) -> io::Result<Vec<Ran>> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(path)?;
    text.lines().map(|line| serde_json::from_str(line).map_err(io::Error::from)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_says_is_counted() {
        let mut ran = Ran::default();
        for line in [
            "running 4 tests",
            "test one ... ok",
            "test table::two - should panic ... ok (938 cases)",
            "test three ... ignored, for want of nginx",
            "test four ... FAILED",
            "test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out",
        ] {
            ran.hear(line);
        }
        assert_eq!((ran.passed, ran.failed, ran.ignored, ran.tests.len()), (2, 1, 1, 4));
        assert_eq!(ran.tests[1].name, "table::two - should panic");
        assert_eq!(ran.tests[2].verdict, Verdict::Ignored);
        assert!(!ran.is_good());
    }

    #[test]
    fn a_fault_that_was_built_in_must_be_reported() {
        let mut ran = Ran { seeded: Some("fault".to_owned()), ..Ran::default() };
        assert!(!ran.is_good());
        ran.reports = 1;
        ran.ended = Some("exit status: 66".to_owned());
        assert!(ran.is_good());
        ran.seeded = None;
        assert!(!ran.is_good());
    }
}
