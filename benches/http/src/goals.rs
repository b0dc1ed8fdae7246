//! What we accept of ourselves, and whether it was kept.

use std::fmt::Write as _;

/// Goals with what was found.
#[derive(Default)]
pub struct Goals {
    table: String,
    missed: usize,
}

impl Goals {
    /// At most so much of something.
    pub fn at_most(&mut self, what: &str, found: Option<f64>, most: f64) {
        self.add(what, found, &format!("at most {most}"), |found| found <= most);
    }

    /// Less than another one takes.
    pub fn ahead(&mut self, what: &str, found: Option<f64>) {
        self.add(what, found, "below 1", |found| found < 1.0);
    }

    fn add(&mut self, what: &str, found: Option<f64>, goal: &str, keeps: impl Fn(f64) -> bool) {
        let (found, verdict) = match found {
            // What was not measured is not kept.
            None => ("nothing".to_owned(), "**missed**"),
            Some(found) if keeps(found) => (format!("{found:.3}"), "kept"),
            Some(found) => (format!("{found:.3}"), "**missed**"),
        };
        self.missed += usize::from(verdict != "kept");
        let _ = writeln!(self.table, "| {what} | {goal} | {found} | {verdict} |");
    }

    pub fn table(&self) -> String {
        format!("| goal | | found | |\n|---|---|---|---|\n{}", self.table)
    }

    /// How many were missed.
    pub fn missed(&self) -> usize {
        self.missed
    }
}
