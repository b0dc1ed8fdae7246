//! Runs one case in a process of its own, for at most so long.

use std::env;
use std::ffi::OsStr;
use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a case, or one reply, may take. The slowest needs a second on a busy machine; a hang needs forever.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// How long a tool may take over its program. Go builds some of its own tools when they are first used.
const TOOL_LIMIT: Duration = Duration::from_secs(400);

/// What `AddressSanitizer` is told, on both sides: find uses of a stack frame that is gone, fill what
/// is freed (which shows uses inside libraries that are not instrumented), and spend no time on
/// names, because only the kind of a report counts.
const ASAN_OPTIONS: &str =
    "detect_stack_use_after_return=1:max_free_fill_size=4096:free_fill_byte=221:symbolize=0";

/// How a child ended, and what it wrote.
#[derive(Clone, Debug)]
pub struct Ended {
    /// None when it had to be killed because its time was over.
    pub status: Option<ExitStatus>,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

/// A command whose environment is what stands here, whoever starts it.
pub(crate) fn bare(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    for name in ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"] {
        if let Some(value) = env::var_os(name) {
            command.env(name, value);
        }
    }
    command.env("ASAN_OPTIONS", ASAN_OPTIONS).env("LC_ALL", "C");
    command
}

/// Runs `command` to its end, or kills it when it takes longer than any case does.
///
/// # Errors
/// When it cannot be started or waited for.
pub fn run(command: &mut Command) -> io::Result<Ended> {
    run_for(command, LIMIT)
}

/// As [`run`], with the time that a tool needs.
///
/// # Errors
/// When it cannot be started or waited for.
pub fn run_tool(command: &mut Command) -> io::Result<Ended> {
    run_for(command, TOOL_LIMIT)
}

fn run_for(command: &mut Command, limit: Duration) -> io::Result<Ended> {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let stdout = child.stdout.take().map(read_to_end);
    let stderr = child.stderr.take().map(read_to_end);
    end(&mut child, stdout, stderr, limit)
}

/// Waits for the end of `child`, but not longer than `limit`. No case starts a process of its
/// own, so its pipes close when it ends.
pub(crate) fn end(
    child: &mut Child,
    stdout: Option<Receiver<String>>,
    stderr: Option<Receiver<String>>,
    limit: Duration,
) -> io::Result<Ended> {
    let deadline = Instant::now() + limit;
    let mut in_time = true;
    let [stdout, stderr] = [stdout, stderr].map(|words| {
        let words = words?;
        let left = deadline.saturating_duration_since(Instant::now());
        match words.recv_timeout(left) {
            Err(RecvTimeoutError::Timeout) => {
                in_time = false;
                // Gone already, or killed now: either way its pipe ends.
                let _ = child.kill();
                words.recv().ok()
            }
            read => read.ok(),
        }
    });
    let status = child.wait()?;
    Ok(Ended {
        status: in_time.then_some(status),
        stdout: stdout.unwrap_or_default(),
        stderr: stderr.unwrap_or_default(),
    })
}

/// Reads a pipe on a thread, so that a child that writes much to both never waits for us.
pub(crate) fn read_to_end(mut pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (said, heard) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read before an error is all there is to judge by.
        let _ = pipe.read_to_end(&mut bytes);
        said.send(String::from_utf8_lossy(&bytes).into_owned())
    });
    heard
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Class, Outcome};

    #[test]
    fn a_child_that_never_ends_is_a_hang() -> io::Result<()> {
        let ended = run_for(bare("sleep").arg("600"), Duration::from_millis(50))?;
        assert_eq!(Outcome::of(&ended).class, Class::Hang);
        Ok(())
    }

    #[test]
    fn a_child_that_says_nothing_is_no_success() -> io::Result<()> {
        let ended = run(&mut bare("true"))?;
        assert_eq!(Outcome::of(&ended).class, Class::Exit);
        Ok(())
    }
}
