//! The last run as a `JUnit` file, which CI systems read: a test for each program, detector and Go.

use std::fmt::Write as _;

use crate::detector::Cell;
use crate::report::escape;
use crate::sweep::Seen;

/// How many tests there were, and what became of them.
#[derive(Default)]
struct Count {
    tests: usize,
    failures: usize,
    skipped: usize,
}

/// The whole file.
pub fn page(all: &[Seen]) -> String {
    let mut suites = String::new();
    let mut total = Count::default();
    for seen in all {
        let mut cases = String::new();
        let mut count = Count::default();
        for (cell, ran) in &seen.go {
            let words = ran.as_ref().map(|ran| ran.pair.bad.to_string()).map_err(String::as_str);
            case(&mut cases, &mut count, seen, Some(*cell), words);
        }
        case(&mut cases, &mut count, seen, None, Ok(seen.rust.to_string()));
        let name = seen.row.slug;
        let _ = writeln!(
            suites,
            "<testsuite name=\"{name}\"{}>\n{cases}</testsuite>",
            count.attributes()
        );
        total.tests += count.tests;
        total.failures += count.failures;
        total.skipped += count.skipped;
    }
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
    format!("{head}\n<testsuites name=\"hazards\"{}>\n{suites}</testsuites>\n", total.attributes())
}

impl Count {
    fn attributes(&self) -> String {
        let Self { tests, failures, skipped } = self;
        format!(" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"")
    }
}

/// One test; without a detector it is the twin.
fn case(
    out: &mut String,
    count: &mut Count,
    seen: &Seen,
    cell: Option<Cell>,
    words: Result<String, &str>,
) {
    let wrong: Vec<_> =
        seen.wrong.iter().filter(|it| it.0 == cell).map(|it| it.1.as_str()).collect();
    count.tests += 1;
    let body = match words {
        _ if !wrong.is_empty() => {
            count.failures += 1;
            let wrong = text(&wrong.join("\n"));
            format!("<failure message=\"differs from its row\">{wrong}</failure>")
        }
        Ok(words) => format!("<system-out>{}</system-out>", text(&words)),
        Err(reason) => {
            count.skipped += 1;
            format!("<skipped message=\"{}\"/>", text(reason))
        }
    };
    let name = cell.map_or_else(|| "rust".to_owned(), |it| it.to_string());
    let class = seen.row.slug;
    let _ =
        writeln!(out, "<testcase classname=\"hazards.{class}\" name=\"{name}\">{body}</testcase>");
}

/// XML has no control characters.
fn text(words: &str) -> String {
    escape(words).replace(|it: char| it.is_control() && it != '\n', " ")
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
        let page = page(&[Seen { row, go: Vec::new(), rust: Outcome::of_remarks(""), wrong }]);
        assert!(page.contains("tests=\"1\" failures=\"1\""), "{page}");
        assert!(page.contains("it &lt;works&gt;"), "{page}");
    }
}
