//! What became of all detectors: one table.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use super::record::Ran;
use super::summary::Summary;
use super::tool::Tool;

/// The summaries of detectors that were run one after the other.
#[derive(Debug)]
pub struct Table(Vec<(Tool, Option<Summary>)>);

impl Table {
    /// Takes the summaries of these detectors from a folder.
    ///
    /// # Errors
    /// When a file that is there cannot be read, or is no summary.
    pub fn of(folder: &Path, tools: &[Tool]) -> io::Result<Self> {
        let read = |tool: &Tool| {
            let path = folder.join(tool.name()).with_extension("json");
            if !path.exists() {
                return Ok((*tool, None));
            }
            let text = fs::read_to_string(&path)?;
            let summary = serde_json::from_str(&text)
                .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))?;
            Ok((*tool, Some(summary)))
        };
        tools.iter().map(read).collect::<io::Result<_>>().map(Self)
    }

    /// Whether each is there, and nothing is wrong with it.
    pub fn is_good(&self) -> bool {
        self.0.iter().all(|(_, it)| it.as_ref().is_some_and(|it| it.good))
    }
}

/// Markdown, with columns of one width.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head =
            ["detector", "suites", "tests", "failed", "ignored", "reports", "faults", "s", ""];
        let mut lines = vec![head.map(str::to_owned), head.map(|_| "---".to_owned())];
        lines.extend(self.0.iter().map(|(tool, summary)| line(*tool, summary.as_ref())));
        let width: Vec<usize> = (0..head.len())
            .map(|column| lines.iter().map(|it| it[column].chars().count()).max().unwrap_or(0))
            .collect();
        for line in &lines {
            f.write_str("|")?;
            for (cell, width) in line.iter().zip(&width) {
                write!(f, " {cell:<width$} |")?;
            }
            f.write_str("\n")?;
        }
        Ok(())
    }
}

fn line(tool: Tool, summary: Option<&Summary>) -> [String; 9] {
    let words = |verdict: String| {
        let mut cells: [String; 9] = Default::default();
        tool.name().clone_into(&mut cells[0]);
        cells[8] = verdict;
        cells
    };
    let Some(summary) = summary else { return words("FAILED: it was not run".to_owned()) };
    if let Some(reason) = &summary.skipped {
        let word = if summary.good { "skipped" } else { "FAILED" };
        return words(format!("{word}: {reason}"));
    }
    let (seeded, ordinary): (Vec<&Ran>, Vec<&Ran>) =
        summary.programs.iter().partition(|it| it.seeded.is_some());
    let sum = |of: fn(&Ran) -> usize| ordinary.iter().map(|it| of(it)).sum::<usize>();
    let found = seeded.iter().filter(|it| it.is_good()).count();
    let seconds = summary.programs.iter().fold(0.0, |all, it| all + it.seconds);
    [
        tool.name().to_owned(),
        ordinary.len().to_string(),
        sum(|it| it.passed).to_string(),
        sum(|it| it.failed).to_string(),
        sum(|it| it.ignored).to_string(),
        sum(|it| it.reports).to_string(),
        if seeded.is_empty() { String::new() } else { format!("{found} of {}", seeded.len()) },
        format!("{seconds:.0}"),
        match &summary.failure {
            _ if summary.good => "ok".to_owned(),
            Some(failure) => format!("FAILED: {failure}"),
            None => "FAILED".to_owned(),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_run_is_no_success() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let program = Ran { passed: 3, seconds: 1.0, ..Ran::default() };
        Summary::new(Tool::Asan, vec![program], None).write(folder.path())?;
        let one = Table::of(folder.path(), &[Tool::Asan])?;
        assert!(one.is_good());
        let text = one.to_string();
        let cells =
            "| asan     | 1      | 3     | 0      | 0       | 0       |        | 1   | ok  |";
        assert!(text.contains(cells), "{text}");
        let both = Table::of(folder.path(), &[Tool::Asan, Tool::Tsan])?;
        assert!(!both.is_good());
        assert!(both.to_string().contains("FAILED: it was not run"), "{both}");
        Summary::skipped(Tool::Tsan, "no runtime".to_owned(), false).write(folder.path())?;
        let both = Table::of(folder.path(), &[Tool::Asan, Tool::Tsan])?;
        assert!(both.is_good() && both.to_string().contains("skipped: no runtime"), "{both}");
        Ok(())
    }
}
