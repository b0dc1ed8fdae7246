//! Runs a command whose cargo starts test programs, watches these under a detector, and ends with one
//! line, a JSON file and a `JUnit` file in `target/reports`.
//!
//! ```text
//! watch asan|asan-deep|tsan|valgrind|torture|fuzz COMMAND ARGUMENT…
//! watch table DETECTOR…
//! ```
//!
//! The second makes a table of what the first left there, and fails when a detector is not among it.
//!
//! A detector that is missing is a skip with its reason, and a failure where `REQUIRE` names it.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use ffence_hazards::go;
use ffence_hazards::watch::{self, RECORDS, Summary, Table, Tool, WATCHER};

/// What cargo starts this very program with, as its runner.
const RUNNER: &str = "--runner";

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let first = arguments.next();
    if first.as_ref().is_some_and(|it| it == "table") {
        return match table(arguments) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("watch: {error}");
                ExitCode::FAILURE
            }
        };
    }
    let runs = first.as_ref().is_some_and(|it| it == RUNNER);
    let name = if runs { arguments.next() } else { first };
    let tool = name.and_then(|it| Tool::named(&it.to_string_lossy()));
    let rest: Vec<OsString> = arguments.collect();
    let (Some(tool), Some((program, rest))) = (tool, rest.split_first()) else {
        eprintln!("usage: watch DETECTOR COMMAND ARGUMENT… | watch table DETECTOR…");
        return ExitCode::from(2);
    };
    let outcome = if runs {
        watch::run(tool, &PathBuf::from(program), rest)
    } else {
        command(tool, program, rest).map(|good| i32::from(!good))
    };
    match outcome {
        Ok(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        Err(error) => {
            eprintln!("watch: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the table of these detectors, and keeps it beside their files.
fn table(names: impl Iterator<Item = OsString>) -> io::Result<bool> {
    let tools: Vec<Tool> = names
        .map(|name| {
            let name = name.to_string_lossy();
            Tool::named(&name)
                .ok_or_else(|| io::Error::other(format!("no detector is called {name}")))
        })
        .collect::<io::Result<_>>()?;
    let folder = go::root().join("target/reports");
    let table = Table::of(&folder, &tools)?;
    print!("{table}");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("sanitize.md"), table.to_string())?;
    Ok(table.is_good())
}

fn command(tool: Tool, program: &OsString, arguments: &[OsString]) -> io::Result<bool> {
    let folder = go::root().join("target/reports");
    let summary = if let Some(reason) = tool.missing() {
        Summary::skipped(tool, reason, watch::is_required(tool))
    } else {
        fs::create_dir_all(&folder)?;
        let records = folder.join(tool.name()).with_extension("jsonl");
        if records.exists() {
            fs::remove_file(&records)?;
        }
        let this = env::current_exe()?;
        let status = Command::new(program)
            .args(arguments)
            .env(RECORDS, &records)
            .env(WATCHER, format!("{} {RUNNER} {}", this.display(), tool.name()))
            .env(
                format!("CARGO_TARGET_{}_RUNNER", host()?.to_uppercase().replace('-', "_")),
                format!("{} {RUNNER} {}", this.display(), tool.name()),
            )
            .status()?;
        let failure = (!status.success()).then(|| format!("the command ended with {status}"));
        Summary::new(tool, watch::read(&records)?, failure)
    };
    summary.write(&folder)?;
    println!("{summary}");
    println!("{}.json and .xml", folder.join(tool.name()).display());
    Ok(summary.good)
}

/// The triple that programs of this machine are built for.
fn host() -> io::Result<String> {
    let answer = Command::new("rustc").arg("-vV").output()?;
    let text = String::from_utf8_lossy(&answer.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| io::Error::other("rustc -vV names no host"))
}
