//! docs/performance.md, between two marks.

use std::path::{Path, PathBuf};

pub fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

/// Puts `text` in the place of what a command wrote before.
pub fn write(command: &str, text: &str) {
    let (begin, end) = (format!("<!-- written by: {command} -->"), "<!-- end -->");
    let page = docs().join("performance.md");
    let old = std::fs::read_to_string(&page).expect("the page");
    let (before, rest) = old.split_once(&begin).expect("where the table begins");
    let (_, after) = rest.split_once(end).expect("where the table ends");
    std::fs::write(&page, format!("{before}{begin}\n{text}{end}{after}")).expect("written");
    println!("written to docs/performance.md");
}
