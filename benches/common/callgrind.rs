//! Runs one row under callgrind and reads what it counted.

use std::collections::HashSet;
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// What a row counted between the two calls of [`ffence_bench_mark`].
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    pub instructions: u64,
    /// Calls of `malloc` and its relatives, whoever made them.
    pub mallocs: u64,
    /// Locks of the C library that were asked for.
    pub locks: u64,
    pub rust_allocs: u64,
}

/// Where counting starts anew.
///
/// callgrind writes what it has whenever it comes here: what it writes the second time is what lies
/// between the two.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn ffence_bench_mark() {
    std::hint::black_box(());
}

/// The functions of the C library that allocate.
const ALLOCATE: [&str; 7] =
    ["malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc", "memalign", "reallocarray"];

/// The functions of the C library that take a lock; what the standard library of Rust and atomic
/// instructions do is not seen here.
const LOCK: [&str; 7] = [
    "pthread_mutex_lock",
    "pthread_mutex_trylock",
    "pthread_rwlock_rdlock",
    "pthread_rwlock_wrlock",
    "pthread_rwlock_tryrdlock",
    "pthread_rwlock_trywrlock",
    "pthread_spin_lock",
];

/// Runs this executable with `arguments` under callgrind.
///
/// Its only line of output is the number of Rust's own allocations.
pub fn run(arguments: &[&str], env: (&str, &str), directory: &Path) -> io::Result<Counted> {
    let file = directory.join(format!("callgrind.{}.out", std::process::id()));
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--quiet", "--compress-strings=no", "--compress-pos=no"])
        .arg("--dump-before=ffence_bench_mark")
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
    let part = |number: u32| file.with_extension(format!("out.{number}"));
    let (instructions, mallocs, locks) = read(&part(2))?;
    for part in [part(1), part(2), part(3), file] {
        let _ = std::fs::remove_file(part);
    }
    Ok(Counted { instructions, mallocs, locks, rust_allocs })
}

/// Reads callgrind's file: the total, and the calls of functions that allocate or lock.
fn read(file: &Path) -> io::Result<(u64, u64, u64)> {
    let allocate: HashSet<&str> = ALLOCATE.into_iter().collect();
    let lock: HashSet<&str> = LOCK.into_iter().collect();
    // The C library's names for itself, its versions, and callgrind's for a function within itself.
    let name = |text: &str| {
        let text = text.split(['\'', '@']).next().unwrap_or_default();
        let text = text.strip_prefix("__libc_").or(text.strip_prefix("__")).unwrap_or(text);
        text.to_owned()
    };
    let (mut total, mut mallocs, mut locks) = (None, 0, 0);
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
            if lock.contains(callee.as_str()) && !lock.contains(within.as_str()) {
                locks += number(text)?;
            }
        } else if let Some(text) = line.strip_prefix("totals:") {
            total = Some(number(text)?);
        }
    }
    let total = total.ok_or_else(|| io::Error::other("callgrind's file has no total"))?;
    Ok((total, mallocs, locks))
}

fn number(text: &str) -> io::Result<u64> {
    let first = text.split_whitespace().next().unwrap_or_default();
    first.parse().map_err(|_| io::Error::other(format!("no number in callgrind's file: {text}")))
}
