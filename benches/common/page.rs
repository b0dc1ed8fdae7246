//! A page of docs/, between two marks.

use std::path::Path;

/// Puts `text` in the place of what a command wrote before.
pub fn write(page: &Path, command: &str, text: &str) {
    let (begin, end) = (format!("<!-- written by: {command} -->"), "<!-- end -->");
    let old = std::fs::read_to_string(page).expect("the page");
    let (before, rest) = old.split_once(&begin).expect("where the table begins");
    let (_, after) = rest.split_once(end).expect("where the table ends");
    std::fs::write(page, format!("{before}{begin}\n{text}{end}{after}")).expect("written");
    println!("written to {}", page.display());
}
