//! What became of all of them.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::record::{Ran, Verdict};
use super::tool::Tool;
use crate::junit::{self, Case, Suite};

/// All test programs under one detector.
#[derive(Debug, Serialize, Deserialize)]
pub struct Summary {
    /// The detector's name.
    pub detector: String,
    /// Whether nothing is wrong.
    pub good: bool,
    /// Why nothing was run.
    pub skipped: Option<String>,
    /// What is wrong beside the programs: the command that should have run them failed.
    pub failure: Option<String>,
    /// The programs.
    pub programs: Vec<Ran>,
}

impl Summary {
    /// Of programs that were run by a command, which ended like this.
    pub fn new(tool: Tool, programs: Vec<Ran>, failure: Option<String>) -> Self {
        let failure = match failure {
            None if programs.is_empty() => Some("no test program was run".to_owned()),
            // The command only repeats what a program's record says.
            Some(_) if programs.iter().any(|it| !it.is_good()) => None,
            other => other,
        };
        let good = failure.is_none() && programs.iter().all(Ran::is_good);
        Self { detector: tool.name().to_owned(), good, skipped: None, failure, programs }
    }

    /// Of a detector that is not there, which is an error where it is required.
    pub fn skipped(tool: Tool, reason: String, required: bool) -> Self {
        Self {
            detector: tool.name().to_owned(),
            good: !required,
            skipped: Some(reason),
            failure: required.then(|| format!("REQUIRE names {}", tool.name())),
            programs: Vec::new(),
        }
    }

    /// Writes `NAME.json` and `NAME.xml` into a folder.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        fs::write(
            folder.join(&self.detector).with_extension("json"),
            serde_json::to_string_pretty(self)?,
        )?;
        fs::write(
            folder.join(&self.detector).with_extension("xml"),
            junit::page(&self.detector, &self.suites()),
        )
    }

    fn suites(&self) -> Vec<Suite> {
        let mut all: Vec<Suite> = self.programs.iter().map(|it| self.suite(it)).collect();
        let verdict = match (&self.failure, &self.skipped) {
            (Some(failure), reason) => {
                junit::Verdict::Failed(failure.clone(), reason.clone().unwrap_or_default())
            }
            (None, Some(reason)) => junit::Verdict::Skipped(reason.clone()),
            (None, None) => return all,
        };
        let class = self.detector.clone();
        let cases = vec![Case { class: class.clone(), name: "all".to_owned(), verdict }];
        all.push(Suite { name: class, seconds: None, cases });
        all
    }

    /// The tests of a program, and one more: what the detector said of all of it.
    fn suite(&self, ran: &Ran) -> Suite {
        let name = match &ran.seeded {
            Some(fault) => format!("{} with {fault}", ran.program),
            None => ran.program.clone(),
        };
        let class = format!("{}.{}", self.detector, ran.program);
        let mut cases = Vec::new();
        if ran.seeded.is_none() {
            cases.extend(ran.tests.iter().map(|test| {
                let verdict = match test.verdict {
                    Verdict::Passed => junit::Verdict::Passed(String::new()),
                    Verdict::Failed => {
                        junit::Verdict::Failed("it failed".to_owned(), String::new())
                    }
                    Verdict::Ignored => junit::Verdict::Skipped("ignored".to_owned()),
                };
                Case { class: class.clone(), name: test.name.clone(), verdict }
            }));
        }
        let verdict = if ran.is_good() {
            junit::Verdict::Passed(ran.suppressed.join(", "))
        } else {
            junit::Verdict::Failed(problem(ran), ran.report.clone())
        };
        cases.push(Case { class, name: self.detector.clone(), verdict });
        Suite { name, seconds: Some(ran.seconds), cases }
    }
}

/// What is wrong with a program's run.
fn problem(ran: &Ran) -> String {
    let Ran { seeded, reports, failed, ended, .. } = ran;
    match (seeded, ended) {
        (Some(fault), _) => format!("{fault} was not noticed"),
        (None, Some(how)) => format!("{reports} reports, {failed} tests failed; {how}"),
        (None, None) => format!("{reports} reports, {failed} tests failed"),
    }
}

/// One line.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.detector)?;
        if let Some(reason) = &self.skipped {
            write!(f, "skipped: {reason}")?;
            return self.failure.iter().try_for_each(|it| write!(f, " ({it})"));
        }
        let (seeded, ordinary): (Vec<&Ran>, Vec<&Ran>) =
            self.programs.iter().partition(|it| it.seeded.is_some());
        let sum = |of: fn(&Ran) -> usize| ordinary.iter().map(|it| of(it)).sum::<usize>();
        write!(
            f,
            "{} programs, {} tests passed, {} failed, {} ignored; {} reports",
            ordinary.len(),
            sum(|it| it.passed),
            sum(|it| it.failed),
            sum(|it| it.ignored),
            sum(|it| it.reports)
        )?;
        if !seeded.is_empty() {
            let found = seeded.iter().filter(|it| it.is_good()).count();
            write!(f, "; {found} of {} faults that were built in noticed", seeded.len())?;
        }
        let mut held: Vec<&String> = ordinary.iter().flat_map(|it| &it.suppressed).collect();
        held.sort_unstable();
        held.dedup();
        if !held.is_empty() {
            let names: Vec<&str> = held.iter().map(|it| it.as_str()).collect();
            write!(f, "; suppressed: {}", names.join(", "))?;
        }
        write!(f, "; {:.0} s", self.programs.iter().fold(0.0, |all, it| all + it.seconds))?;
        for it in self.programs.iter().filter(|it| !it.is_good()) {
            write!(f, "; {}: {}", it.program, problem(it))?;
        }
        self.failure.iter().try_for_each(|it| write!(f, "; {it}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(reports: usize) -> Ran {
        Ran { program: "api_x".to_owned(), passed: 3, reports, ..Ran::default() }
    }

    #[test]
    fn one_line_says_it_all() {
        let seeded = Ran { seeded: Some("fault".to_owned()), reports: 1, ..Ran::default() };
        let good = Summary::new(Tool::Tsan, vec![ran(0), seeded.clone()], None);
        assert!(good.good);
        assert_eq!(
            good.to_string(),
            "tsan: 1 programs, 3 tests passed, 0 failed, 0 ignored; 0 reports; 1 of 1 faults that were \
             built in noticed; 0 s"
        );
        let bad = Summary::new(Tool::Tsan, vec![ran(2)], Some("exit status: 101".to_owned()));
        assert!(!bad.good);
        assert!(bad.to_string().ends_with("api_x: 2 reports, 0 tests failed"), "{bad}");
        assert!(junit::page("tsan", &bad.suites()).contains("failures=\"1\""));
    }

    #[test]
    fn nothing_that_was_run_is_no_success() {
        let none = Summary::new(Tool::Asan, Vec::new(), None);
        assert!(!none.good);
        let broken = Summary::new(Tool::Asan, vec![ran(0)], Some("exit status: 101".to_owned()));
        assert!(!broken.good);
        let reason = || "valgrind is not installed".to_owned();
        let skipped = Summary::skipped(Tool::Valgrind, reason(), false);
        assert!(skipped.good);
        assert_eq!(skipped.to_string(), "valgrind: skipped: valgrind is not installed");
        assert!(!Summary::skipped(Tool::Valgrind, reason(), true).good);
    }
}
