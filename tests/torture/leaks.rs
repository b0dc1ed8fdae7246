//! What LeakSanitizer says when it is asked again and again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A point after which LeakSanitizer reported.
#[derive(Clone, Debug)]
pub struct Asked {
    pub k: u64,
    /// Where the request was refused.
    pub place: String,
    /// How the program came there.
    pub way: String,
}

/// What a point lost.
#[derive(Clone, Debug)]
pub struct Lost {
    pub asked: Asked,
    /// The same for points that were refused at the same place and lost blocks with the same stacks.
    pub group: String,
    pub stacks: Vec<String>,
    /// The blocks with their stacks, as detailed as they were asked for.
    pub report: String,
}

/// What LeakSanitizer reported in a process.
#[derive(Debug, Default)]
pub struct Found {
    /// All stacks of its first report, that of `K = 0`.
    pub first: BTreeSet<String>,
    pub lost: Vec<Lost>,
}

/// The points whose report has more than the one before, and what it has more.
///
/// LeakSanitizer tells all that is lost each time it is asked, the same stack's blocks together.
pub fn grown(asked: &[Asked], reports: &str) -> Found {
    let mut before = BTreeMap::new();
    let mut found = Found::default();
    for (asked, report) in asked.iter().zip(reports.split("SUMMARY: ")) {
        let mut lost = BTreeMap::<String, Size>::new();
        for block in report.split("\n\n") {
            let Some((size, stack)) = block.split_once(" allocated from:\n") else { continue };
            // What differs in addresses alone counts together.
            lost.entry(without_addresses(stack)).or_default().add(size);
        }
        if asked.k == 0 {
            found.first = lost.keys().cloned().collect();
        } else {
            let more = lost.iter().filter(|(stack, size)| before.get(*stack) != Some(*size));
            let (stacks, reports): (Vec<String>, Vec<String>) =
                more.map(|(stack, size)| (stack.clone(), format!("{size}\n{stack}"))).unzip();
            if !stacks.is_empty() {
                let group = format!("{}\n{}", asked.place, stacks.join("\n"));
                let report = reports.join("\n");
                found.lost.push(Lost { asked: asked.clone(), group, stacks, report });
            }
        }
        before = lost;
    }
    found
}

/// The blocks of one stack.
#[derive(Debug, Default, PartialEq)]
struct Size {
    how: String,
    bytes: u64,
    blocks: u64,
}

impl Size {
    /// Adds those of `Direct leak of 72 byte(s) in 1 object(s)`, the last line of `text`.
    fn add(&mut self, text: &str) {
        let words: Vec<&str> = text.lines().last().unwrap_or_default().split(' ').collect();
        if let [how, "leak", "of", bytes, _, "in", blocks, _] = words[..] {
            how.clone_into(&mut self.how);
            self.bytes += bytes.parse::<u64>().unwrap_or_default();
            self.blocks += blocks.parse::<u64>().unwrap_or_default();
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { how, bytes, blocks } = self;
        write!(f, "{how} leak of {bytes} byte(s) in {blocks} object(s)")
    }
}

/// A stack without what differs from run to run.
fn without_addresses(stack: &str) -> String {
    let lines = stack.lines().map(|line| {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        words.retain(|word| {
            !word.starts_with("0x") && !word.starts_with("(BuildId") && !word.ends_with(')')
                || word.contains(".so")
        });
        words.join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}
