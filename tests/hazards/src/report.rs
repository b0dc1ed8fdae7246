//! One HTML page with what the last run saw.

use std::fmt::Write as _;

use crate::docs;
use crate::outcome::Outcome;
use crate::row::{Detector, Hazard};

/// What a run saw of one row.
#[derive(Debug)]
pub struct Seen {
    /// The row.
    pub row: &'static Hazard,
    /// Per detector: the mistake and its right counterpart, or why it was skipped.
    pub go: Vec<(Detector, Result<Pair, String>)>,
    /// The Rust twin.
    pub rust: Outcome,
    /// Everything that was not as the row says.
    pub wrong: Vec<String>,
}

/// A Go program's two halves under one detector.
#[derive(Debug)]
pub struct Pair {
    /// The mistake.
    pub bad: Outcome,
    /// The right counterpart.
    pub good: Outcome,
}

const HEAD: &str = "<!doctype html>
<html lang=en>
<meta charset=utf-8>
<title>ffence: the hazard catalogue</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 78rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
th, td { border: 1px solid #8886; padding: .3rem .5rem; text-align: left; vertical-align: top }
pre { background: #8881; overflow: auto; padding: .7rem }
.found { background: #c4314b22 } .silent { background: #e3b34133 } .fine { background: #2c8f5722 }
.wrong { background: #c4314b; color: white }
@media (prefers-color-scheme: dark) { body { background: #16181d; color: #ddd } a { color: #8bf } }
</style>
";

/// The page.
pub fn page(seen: &[Seen]) -> String {
    let mut page = HEAD.to_owned();
    page.push_str("<h1>The hazard catalogue</h1>\n");
    let wrong = seen.iter().map(|it| it.wrong.len()).sum::<usize>();
    let _ = writeln!(
        page,
        "<p>{} hazards, {wrong} results that differ from their rows.</p>",
        seen.len()
    );
    page.push_str("<table><tr><th>hazard");
    for detector in Detector::ALL {
        let _ = write!(page, "<th>{detector}");
    }
    page.push_str("<th>Rust\n");
    for it in seen {
        line(&mut page, it);
    }
    page.push_str("</table>\n");
    for it in seen {
        details(&mut page, it);
    }
    page.push_str("</html>\n");
    page
}

fn line(page: &mut String, seen: &Seen) {
    let _ = write!(page, "<tr><td><a href=#{0}>{0}</a>", seen.row.slug);
    for (_, result) in &seen.go {
        match result {
            Ok(pair) if pair.bad.class == crate::outcome::Class::Ok => {
                page.push_str("<td class=silent>silent");
            }
            Ok(pair) => {
                let _ = write!(page, "<td class=found>{}", pair.bad.class);
            }
            Err(_) => page.push_str("<td>not run"),
        }
    }
    let _ = writeln!(page, "<td class=fine>{}", escape(&seen.row.twin.to_string()));
}

fn details(page: &mut String, seen: &Seen) {
    let row = seen.row;
    let _ = write!(page, "<h2 id={0}>{0}</h2>\n<p>{1}\n", row.slug, escape(row.sentence));
    for wrong in &seen.wrong {
        let _ = writeln!(page, "<p class=wrong>{}", escape(wrong));
    }
    page.push_str("<table><tr><th>detector<th>the mistake<th>done right\n");
    for (detector, result) in &seen.go {
        match result {
            Ok(pair) => {
                let (bad, good) = (escape(&pair.bad.to_string()), escape(&pair.good.to_string()));
                let _ = writeln!(page, "<tr><td>{detector}<td>{bad}<td>{good}");
            }
            Err(reason) => {
                let _ =
                    writeln!(page, "<tr><td>{detector}<td colspan=2>not run: {}", escape(reason));
            }
        }
    }
    page.push_str("</table>\n");
    let _ = writeln!(page, "<p>Rust {}. {}", escape(&row.twin.to_string()), escape(row.refused_by));
    let _ =
        writeln!(page, "<p>The twin, in a process of its own: {}", escape(&seen.rust.to_string()));
    let _ = writeln!(
        page,
        "<details><summary>Go</summary><pre>{}</pre></details>",
        escape(docs::mistake(row))
    );
    let _ = writeln!(
        page,
        "<details><summary>Rust</summary><pre>{}</pre></details>",
        escape(row.twin_source)
    );
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
