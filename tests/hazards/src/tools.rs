//! The tools that read a source and do not run it: `go vet`, the compiler's `-m`, and `go build` of
//! what it refuses.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::process::Output;

use crate::child::{self, bare};
use crate::detector::{Cell, Detector, Generation};
use crate::go::{self, Absent, Module, PerModule, target};
use crate::outcome::Outcome;
use crate::row::Hazard;
use crate::run::Pair;
use crate::toolchain;

/// What a tool said of every file of a module, one remark a line: `file.go:line:column: words`.
///
/// # Errors
/// When there is no Go of this generation, or it cannot be started.
pub fn remarks(module: Module, cell: Cell) -> Result<&'static [Remark], Absent> {
    static SAID: PerModule<Said> = go::per_module();
    let place = &SAID[module as usize][cell.generation as usize][cell.detector as usize];
    let said = place.get_or_init(|| ask(module, cell));
    said.as_deref().map_err(Clone::clone)
}

type Said = Result<Vec<Remark>, Absent>;

/// A line of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The file's name, without its folder.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// What it says.
    pub words: String,
}

fn ask(module: Module, cell: Cell) -> Said {
    let broken = |error: io::Error| Absent::Broken(error.to_string());
    let toolchain = toolchain::of(cell.generation)?;
    let mut command = go::command(toolchain, module, cell.detector).map_err(broken)?;
    match cell.detector {
        Detector::Vet => command.args(["vet", "."]),
        _ => command.args(["build", "-gcflags=-m", "-o", "/dev/null", "."]),
    };
    let output = command.output().map_err(broken)?;
    let words = String::from_utf8_lossy(&output.stderr);
    let all: Vec<Remark> = words.lines().filter_map(remark).collect();
    // vet leaves with a code when it complains; a failure without any remark is one of the tool.
    if output.status.success() {
        return Ok(all);
    }
    match go::absent(words.into_owned()) {
        Absent::Broken(_) if !all.is_empty() => Ok(all),
        absent => Err(absent),
    }
}

fn remark(line: &str) -> Option<Remark> {
    let (place, words) = line.split_once(": ")?;
    let mut place = place.trim_start_matches("vet: ").split(':');
    let file = place.next()?.rsplit('/').next()?.to_owned();
    let line = place.next()?.parse().ok()?;
    Path::new(&file).extension().is_some_and(|it| it == "go").then(|| Remark {
        file,
        line,
        words: words.to_owned(),
    })
}

/// What is said of a row's program, of the mistake and of its right counterpart.
///
/// # Errors
/// When a tool is missing or cannot be started.
pub fn pair(row: &Hazard, cell: Cell) -> Result<Pair, Absent> {
    if cell.detector == Detector::Build {
        return refused(row, cell.generation);
    }
    let file = format!("{}.go", row.slug);
    let good = good_lines(row.program);
    let (mut of_good, mut of_bad) = (String::new(), String::new());
    // What the compiler inlines is its own affair, and not what it is asked for.
    let about = |it: &&Remark| it.file == file && !it.words.contains("inlin");
    for it in remarks(row.about.module(), cell)?.iter().filter(about) {
        let words = if good.contains(&it.line) { &mut of_good } else { &mut of_bad };
        words.push_str(&it.words);
        words.push('\n');
    }
    // That something escapes is no fault.
    if cell.detector == Detector::Escape {
        of_good.clear();
    }
    Ok(Pair { bad: Outcome::of_remarks(&of_bad), good: Outcome::of_remarks(&of_good) })
}

/// The lines of the function that is registered as the right counterpart.
fn good_lines(program: &str) -> Range<usize> {
    let name = program.split_once("good: ").map(|(_, rest)| rest);
    let name = name.and_then(|it| it.split(['}', ',', '\n']).next()).unwrap_or_default().trim();
    let head = format!("func {name}(");
    let mut lines = program.lines().enumerate().skip_while(|(_, line)| !line.starts_with(&head));
    let Some((first, _)) = lines.next() else { return 0..0 };
    let last = lines.find(|(_, line)| *line == "}").map_or(first, |(last, _)| last);
    first + 1..last + 2
}

/// Builds a refused program, which must fail, and its counterpart, which must build and run.
fn refused(row: &Hazard, generation: Generation) -> Result<Pair, Absent> {
    let broken = |error: io::Error| Absent::Broken(error.to_string());
    let toolchain = toolchain::of(generation)?;
    let folder = target().join("go").join(generation.name()).join("refused");
    fs::create_dir_all(&folder).map_err(broken)?;
    let binary = folder.join(row.slug);
    let build = |package: String| -> Result<Output, Absent> {
        let mut command = go::command(toolchain, Module::Main, Detector::Build).map_err(broken)?;
        let command = command.current_dir(go::root().join("go-harness/refused"));
        command.args(["build", "-o"]).arg(&binary).arg(package).output().map_err(broken)
    };
    let bad = build(format!("./{}", row.slug))?;
    let words = if bad.status.success() { "" } else { &*String::from_utf8_lossy(&bad.stderr) };
    // The package's own name comes first, and says nothing.
    let words: Vec<&str> = words.lines().filter(|line| !line.starts_with("# ")).take(8).collect();
    let bad = Outcome::of_remarks(&words.join("\n"));
    let good = build(format!("./{}/good", row.slug))?;
    if !good.status.success() {
        return Err(Absent::Broken(String::from_utf8_lossy(&good.stderr).into_owned()));
    }
    let good = child::run(&mut bare(&binary)).map_err(broken)?;
    Ok(Pair { bad, good: Outcome::of(&good) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remark_is_of_a_file_and_a_line() {
        let it = remark("./view.go:12:9: possible misuse of unsafe.Pointer");
        let words = "possible misuse of unsafe.Pointer".to_owned();
        assert_eq!(it, Some(Remark { file: "view.go".to_owned(), line: 12, words }));
        assert_eq!(remark("# ffence/go-harness"), None);
    }

    #[test]
    fn the_right_counterpart_is_found() {
        let program = "register(\"x\", program{bad: one, good: two})\n\nfunc two() {\n\tx()\n}\n\nfunc one() {\n}\n";
        assert_eq!(good_lines(program), 3..6);
    }
}
