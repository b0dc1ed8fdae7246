//! Runs one row under callgrind and reads what it counted.

use std::collections::HashSet;
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// What one run of a row counted, from the start of its process to the end.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    pub instructions: u64,
    /// Calls of `malloc` and its relatives, whoever made them.
    pub mallocs: u64,
    pub rust_allocs: u64,
}

/// The functions of the C library that allocate.
const ALLOCATE: [&str; 7] =
    ["malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc", "memalign", "reallocarray"];

/// Runs this executable with `arguments` under callgrind.
///
/// Its only line of output is the number of Rust's own allocations.
pub fn run(arguments: &[&str], env: (&str, &str), directory: &Path) -> io::Result<Counted> {
    let file = directory.join(format!("callgrind.{}.out", std::process::id()));
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--quiet", "--compress-strings=no", "--compress-pos=no"])
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(std::env::current_exe()?)
        .args(arguments)
        .env(env.0, env.1)
        .stderr(Stdio::inherit());
    // A proxy would be measured instead of the server.
    for proxy in ["http_proxy", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"] {
        command.env_remove(proxy);
    }
    let output = command.output()?;
    let told = String::from_utf8_lossy(&output.stdout);
    let (true, Ok(rust_allocs)) = (output.status.success(), told.trim().parse()) else {
        let text = format!("{arguments:?} failed under callgrind: {} {told}", output.status);
        return Err(io::Error::other(text));
    };
    let (instructions, mallocs) = read(&file)?;
    std::fs::remove_file(&file)?;
    Ok(Counted { instructions, mallocs, rust_allocs })
}

/// Reads callgrind's file: the total, and the calls of functions that allocate.
fn read(file: &Path) -> io::Result<(u64, u64)> {
    let allocate: HashSet<&str> = ALLOCATE.into_iter().collect();
    // The C library's names for itself, and callgrind's for a function within itself.
    let name = |text: &str| {
        let text = text.split('\'').next().unwrap_or_default();
        text.trim_start_matches("__libc_").to_owned()
    };
    let (mut total, mut mallocs) = (None, 0);
    let (mut within, mut callee) = (String::new(), String::new());
    for line in BufReader::new(std::fs::File::open(file)?).lines() {
        let line = line?;
        if let Some(text) = line.strip_prefix("fn=") {
            within = name(text);
        } else if let Some(text) = line.strip_prefix("cfn=") {
            callee = name(text);
        } else if let Some(text) = line.strip_prefix("calls=") {
            // `realloc(NULL, n)` calls `malloc`: that is one allocation, not two.
            if allocate.contains(callee.as_str()) && !allocate.contains(within.as_str()) {
                mallocs += number(text)?;
            }
        } else if let Some(text) = line.strip_prefix("totals:") {
            total = Some(number(text)?);
        }
    }
    let total = total.ok_or_else(|| io::Error::other("callgrind's file has no total"))?;
    Ok((total, mallocs))
}

fn number(text: &str) -> io::Result<u64> {
    let first = text.split_whitespace().next().unwrap_or_default();
    first.parse().map_err(|_| io::Error::other(format!("no number in callgrind's file: {text}")))
}
