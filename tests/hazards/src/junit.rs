//! Results as a `JUnit` file, which CI systems read: those of the catalogue (a test for each program,
//! detector and Go), and those of test programs under a detector.

use std::fmt::Write as _;

use crate::detector::Cell;
use crate::report::escape;
use crate::sweep::Seen;

/// Tests that belong together.
#[derive(Clone, Debug)]
pub struct Suite {
    /// Its name.
    pub name: String,
    /// How long it took.
    pub seconds: Option<f64>,
    /// What was in it.
    pub cases: Vec<Case>,
}

/// One test.
#[derive(Clone, Debug)]
pub struct Case {
    /// Where it belongs, with dots between.
    pub class: String,
    /// Its name.
    pub name: String,
    /// What became of it.
    pub verdict: Verdict,
}

/// What became of a test.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It passed, and said this.
    Passed(String),
    /// It failed: in a few words, and in all.
    Failed(String, String),
    /// It was not run, for this reason.
    Skipped(String),
}

/// The whole file.
pub fn page(name: &str, all: &[Suite]) -> String {
    let mut suites = String::new();
    for suite in all {
        let time =
            suite.seconds.map_or_else(String::new, |seconds| format!(" time=\"{seconds:.3}\""));
        let (name, count) = (text(&suite.name), attributes(&suite.cases));
        let _ = writeln!(suites, "<testsuite name=\"{name}\"{count}{time}>");
        for case in &suite.cases {
            let _ = writeln!(suites, "{}", case.line());
        }
        suites.push_str("</testsuite>\n");
    }
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
    let count = attributes(all.iter().flat_map(|it| &it.cases));
    format!("{head}\n<testsuites name=\"{}\"{count}>\n{suites}</testsuites>\n", text(name))
}

/// How many there were, and what became of them.
fn attributes<'a>(cases: impl IntoIterator<Item = &'a Case>) -> String {
    let (mut tests, mut failures, mut skipped) = (0, 0, 0);
    for case in cases {
        tests += 1;
        match case.verdict {
            Verdict::Passed(_) => {}
            Verdict::Failed(..) => failures += 1,
            Verdict::Skipped(_) => skipped += 1,
        }
    }
    format!(" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"")
}

impl Case {
    fn line(&self) -> String {
        let body = match &self.verdict {
            Verdict::Passed(words) if words.is_empty() => String::new(),
            Verdict::Passed(words) => format!("<system-out>{}</system-out>", text(words)),
            Verdict::Failed(short, long) => {
                format!("<failure message=\"{}\">{}</failure>", text(short), text(long))
            }
            Verdict::Skipped(reason) => format!("<skipped message=\"{}\"/>", text(reason)),
        };
        let (class, name) = (text(&self.class), text(&self.name));
        format!("<testcase classname=\"{class}\" name=\"{name}\">{body}</testcase>")
    }
}

/// XML has no control characters.
fn text(words: &str) -> String {
    escape(words).replace(|it: char| it.is_control() && it != '\n', " ")
}

/// The last run of the catalogue.
pub fn of_hazards(all: &[Seen]) -> Vec<Suite> {
    all.iter().map(suite).collect()
}

fn suite(seen: &Seen) -> Suite {
    let mut cases: Vec<Case> = seen
        .go
        .iter()
        .map(|(cell, ran)| {
            let words = ran.as_ref().map(|ran| ran.pair.bad.to_string()).map_err(String::as_str);
            case(seen, Some(*cell), words)
        })
        .collect();
    cases.push(case(seen, None, Ok(seen.rust.to_string())));
    Suite { name: seen.row.slug.to_owned(), seconds: None, cases }
}

/// One test of the catalogue; without a detector it is the twin.
fn case(seen: &Seen, cell: Option<Cell>, words: Result<String, &str>) -> Case {
    let wrong: Vec<_> =
        seen.wrong.iter().filter(|it| it.0 == cell).map(|it| it.1.as_str()).collect();
    let verdict = match words {
        _ if !wrong.is_empty() => {
            Verdict::Failed("differs from its row".to_owned(), wrong.join("\n"))
        }
        Ok(words) => Verdict::Passed(words),
        Err(reason) => Verdict::Skipped(reason.to_owned()),
    };
    Case {
        class: format!("hazards.{}", seen.row.slug),
        name: cell.map_or_else(|| "rust".to_owned(), |it| it.to_string()),
        verdict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Outcome;
    use crate::rows::ROWS;

    #[test]
    fn what_differs_is_a_failure() {
        let row = &ROWS[0];
        let wrong = vec![(None, "it <works>".to_owned())];
        let seen = Seen { row, go: Vec::new(), rust: Outcome::of_remarks(""), wrong };
        let page = page("hazards", &of_hazards(&[seen]));
        assert!(page.contains("tests=\"1\" failures=\"1\""), "{page}");
        assert!(page.contains("it &lt;works&gt;"), "{page}");
    }

    #[test]
    fn what_was_not_run_is_no_success() {
        let verdict = Verdict::Skipped("valgrind is not installed".to_owned());
        let case = Case { class: "valgrind".to_owned(), name: "all".to_owned(), verdict };
        let all = [Suite { name: "valgrind".to_owned(), seconds: Some(1.5), cases: vec![case] }];
        let page = page("valgrind", &all);
        assert!(
            page.contains("failures=\"0\" errors=\"0\" skipped=\"1\" time=\"1.500\""),
            "{page}"
        );
    }
}
