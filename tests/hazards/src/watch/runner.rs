//! What cargo starts a test program with.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::Instant;

use super::record::Ran;
use super::tool::{Log, Tool, memcheck};
use super::{RECORDS, SEEDED};
use crate::go;

/// As much of a report is kept.
const MOST: usize = 20_000;

/// Runs a test program under `tool`, and keeps a record of it; the code to exit with.
///
/// # Errors
/// When it cannot be started, or the record cannot be kept.
pub fn run(tool: Tool, program: &Path, arguments: &[OsString]) -> io::Result<i32> {
    let Some(records) = env::var_os(RECORDS) else {
        return Ok(code(Command::new(program).args(arguments).status()?));
    };
    let mut ran = Ran {
        program: name(program),
        seeded: env::var(SEEDED).ok().filter(|it| !it.is_empty()),
        ..Ran::default()
    };
    let logs = Logs::new(&ran.program)?;
    let mut command = match tool {
        Tool::Valgrind => {
            let mut command = Command::new("valgrind");
            command.args(memcheck(&logs.pattern())).arg(program);
            command
        }
        _ => Command::new(program),
    };
    let start = Instant::now();
    let mut listed = 0;
    let mut child =
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let stderr = child.stderr.take().map(|from| thread::spawn(move || watch(tool, from)));
    if let Some(from) = child.stdout.take() {
        pass_on(from, io::stdout(), |line| {
            ran.hear(line);
            if tool == Tool::Torture && tool.reports(line) {
                listed += 1;
            }
        })?;
    }
    let status = child.wait()?;
    if let Some(Ok(seen)) = stderr.map(thread::JoinHandle::join) {
        let seen = seen?;
        (ran.reports, ran.report) = (seen.reports, seen.report);
        ran.said.extend(seen.said);
    }
    ran.reports += listed;
    if tool == Tool::Fuzz {
        // A target is one test: whether anything was found.
        (ran.passed, ran.failed) = if status.success() { (1, 0) } else { (0, 1) };
    }
    if tool == Tool::Valgrind {
        logs.read_into(&mut ran)?;
    }
    ran.seconds = start.elapsed().as_secs_f64();
    ran.ended = (!status.success()).then(|| status.to_string());
    println!(
        "{}: {}: {} tests, {} reports, {:.0} s",
        tool.name(),
        ran.program,
        ran.passed + ran.failed,
        ran.reports,
        ran.seconds
    );
    ran.add_to(Path::new(&records))?;
    // A forked child's report does not show in its parent's end.
    Ok(if status.success() && ran.reports > 0 { 1 } else { code(status) })
}

/// `api_aead` of `deps/api_aead-0123456789abcdef`
fn name(program: &Path) -> String {
    let whole = program.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    match whole.rsplit_once('-') {
        Some((name, hash)) if hash.len() == 16 => name.to_owned(),
        _ => whole,
    }
}

fn code(status: ExitStatus) -> i32 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return 128 + signal;
    }
    status.code().unwrap_or(1)
}

/// Counts the reports on a program's standard error, and keeps the first of them.
fn watch(tool: Tool, from: impl Read) -> io::Result<Seen> {
    let mut seen = Seen::default();
    pass_on(from, io::stderr(), |line| {
        seen.reports += usize::from(tool.reports(line));
        if seen.reports > 0 && seen.report.len() < MOST {
            seen.report.push_str(line);
            seen.report.push('\n');
        }
        // libFuzzer: "stat::number_of_executed_units: 4711"
        if let Some((_, runs)) = line.split_once("stat::number_of_executed_units: ") {
            seen.said.push(format!("{} runs", runs.trim()));
        }
    })?;
    Ok(seen)
}

/// What a program's standard error had.
#[derive(Debug, Default)]
struct Seen {
    reports: usize,
    report: String,
    said: Vec<String>,
}

/// Passes on what comes, line by line as far as there are lines.
fn pass_on(from: impl Read, mut to: impl Write, mut heard: impl FnMut(&str)) -> io::Result<()> {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line)? > 0 {
        to.write_all(&line)?;
        to.flush()?;
        heard(String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
    Ok(())
}

/// Memcheck's files: one for each process, because a forked one goes on with a file of its own.
struct Logs {
    folder: PathBuf,
}

impl Logs {
    fn new(program: &str) -> io::Result<Self> {
        let folder = go::target().join("reports/valgrind").join(program);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    fn pattern(&self) -> PathBuf {
        self.folder.join("%p.log")
    }

    fn read_into(&self, ran: &mut Ran) -> io::Result<()> {
        for file in fs::read_dir(&self.folder)? {
            let text = String::from_utf8_lossy(&fs::read(file?.path())?).into_owned();
            let log = Log::of(&text);
            if log.reports > 0 && ran.reports == 0 {
                eprintln!("{text}");
                ran.report = text.chars().take(MOST).collect();
            }
            ran.reports += log.reports;
            ran.suppressed.extend(log.suppressed);
        }
        ran.suppressed.sort_unstable();
        ran.suppressed.dedup();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_called_as_its_file_is() {
        assert_eq!(name(Path::new("deps/api_aead-0123456789abcdef")), "api_aead");
        assert_eq!(name(Path::new("deps/plain-name")), "plain-name");
    }

    #[test]
    fn a_report_is_counted_and_kept() -> io::Result<()> {
        let said = "fine\nWARNING: ThreadSanitizer: data race (pid=7)\n  Write of size 8\n";
        let Seen { reports, report, .. } = watch(Tool::Tsan, said.as_bytes())?;
        assert_eq!(reports, 1);
        assert!(report.starts_with("WARNING") && report.contains("Write of"), "{report}");
        let seen = watch(Tool::Fuzz, &b"stat::number_of_executed_units: 4711\n"[..])?;
        assert_eq!((seen.reports, seen.said), (0, vec!["4711 runs".to_owned()]));
        Ok(())
    }
}
