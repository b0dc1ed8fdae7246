//! What LeakSanitizer says when it is asked after each point of a row.

use std::collections::BTreeMap;

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
#[derive(Debug)]
pub struct Lost {
    pub asked: Asked,
    /// The same for points that were refused on the same way and lost blocks from the same places.
    pub group: String,
    /// The blocks with their stacks, as detailed as they were asked for.
    pub bare: String,
}

/// The points whose report has more than the one before, and what it has more.
///
/// LeakSanitizer tells all that is lost each time it is asked, the same stack's blocks together.
pub fn grown(asked: &[Asked], reports: &str) -> Vec<Lost> {
    let mut before = BTreeMap::new();
    let mut found = Vec::new();
    for (asked, report) in asked.iter().zip(reports.split("SUMMARY: ")) {
        let lost: BTreeMap<String, String> = report
            .split("\n\n")
            .filter_map(|block| {
                let (size, stack) = block.split_once(" allocated from:\n")?;
                let size = size.rsplit('\n').next()?;
                Some((without_addresses(stack), size.to_owned()))
            })
            .collect();
        let more = lost.iter().filter(|(stack, size)| before.get(*stack) != Some(*size));
        let (mut group, mut bare) = (format!("{} {}", asked.place, asked.way), String::new());
        for (stack, size) in more {
            group.push_str(stack);
            bare.push_str(&format!("{size}\n{stack}\n"));
        }
        if !bare.is_empty() {
            found.push(Lost { asked: asked.clone(), group, bare });
        }
        before = lost;
    }
    found
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
