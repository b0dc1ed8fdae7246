//! Finds Go and builds the harness, one binary for each detector.

#![allow(unsafe_code)] // flock(2), to let one process at a time build a binary

use std::collections::hash_map::DefaultHasher;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::{env, fmt};

use crate::row::Detector;

/// The Go release from which on `GODEBUG=cgocheck=2` is refused at start, and
/// `GOEXPERIMENT=cgocheck2` does the same check.
const EXPERIMENT_SINCE: u32 = 21;

/// A Go installation that answered `go version`.
#[derive(Clone, Debug)]
pub struct Toolchain {
    /// The `go` command.
    pub go: PathBuf,
    /// The 19 of Go 1.19.
    pub minor: u32,
}

impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Go 1.{}", self.minor)
    }
}

/// A harness that was built for one detector.
#[derive(Clone, Debug)]
pub struct Harness {
    /// The program.
    pub binary: PathBuf,
    /// What built it.
    pub toolchain: Toolchain,
    detector: Detector,
}

/// Why there is no harness for a detector.
#[derive(Clone, Debug)]
pub enum Absent {
    /// This machine lacks a tool: the tests that need it are skipped, unless `REQUIRE` names it.
    Missing(String),
    /// `go build` failed, with what it wrote: never a skip.
    Broken(String),
}

impl fmt::Display for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(reason) => f.write_str(reason),
            Self::Broken(output) => write!(f, "go build failed:\n{output}"),
        }
    }
}

impl Harness {
    /// The harness of `detector`, built at the first call of this process.
    ///
    /// # Errors
    /// What is missing, or what `go build` had to say.
    pub fn of(detector: Detector) -> Result<&'static Self, &'static Absent> {
        static BUILT: [OnceLock<Result<Harness, Absent>>; Detector::ALL.len()] =
            [const { OnceLock::new() }; Detector::ALL.len()];
        BUILT[detector as usize].get_or_init(|| build(detector)).as_ref()
    }

    /// A command that runs the harness under its detector, with nothing inherited but what every
    /// program needs.
    pub fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = crate::child::bare(&self.binary);
        command.args(args);
        match self.detector {
            Detector::CgocheckDebug => command.env("GODEBUG", "cgocheck=2"),
            // By default each exit waits a second for goroutines that are still running: the
            // programs wait for theirs.
            Detector::Race => command.env("GORACE", "atexit_sleep_ms=10"),
            _ => &mut command,
        };
        command
    }
}

/// Where the repository begins.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Cargo's folder for what is built. A relative one is taken from the repository's root, which is
/// where cargo is called; tests run in their package's folder.
pub fn target() -> PathBuf {
    root().join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

fn build(detector: Detector) -> Result<Harness, Absent> {
    let toolchain = toolchain_for(detector)?;
    let compiler = c_compiler();
    if !on_path(&compiler) {
        return Err(Absent::Missing(format!(
            "no C compiler: {} is not on PATH",
            compiler.to_string_lossy()
        )));
    }
    let folder = target().join("go").join(detector.name());
    let binary = folder.join("harness");
    let broken = |error: io::Error| Absent::Broken(format!("{}: {error}", folder.display()));
    fs::create_dir_all(&folder).map_err(broken)?;
    let _lock = lock(&folder.join("lock")).map_err(broken)?;
    // Up to date, this costs a second: Go compares what the binary was made of.
    let output = go(&toolchain.go)
        .current_dir(root().join("go-harness"))
        .env("CGO_CFLAGS", format!("-g -O2 -DHZ_FIXTURES={}", fixtures_hash().map_err(broken)?))
        .envs((detector == Detector::Cgocheck).then_some(("GOEXPERIMENT", "cgocheck2")))
        .args(["build", "-o"])
        .arg(&binary)
        .args(flags(detector))
        .arg(".")
        .output()
        .map_err(broken)?;
    if output.status.success() {
        return Ok(Harness { binary, toolchain, detector });
    }
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    // "-asan is not supported on ...", "-race is only supported on ...": no fault of ours.
    if words.lines().any(|line| line.contains("supported on")) {
        return Err(Absent::Missing(words.trim().to_owned()));
    }
    Err(Absent::Broken(words))
}

fn flags(detector: Detector) -> &'static [&'static str] {
    match detector {
        Detector::Plain | Detector::Cgocheck | Detector::CgocheckDebug => &[],
        Detector::Asan => &["-asan"],
        Detector::Race => &["-race"],
        Detector::Checkptr => &["-gcflags=all=-d=checkptr"],
    }
}

fn toolchain_for(detector: Detector) -> Result<Toolchain, Absent> {
    static FOUND: OnceLock<Vec<Toolchain>> = OnceLock::new();
    let found = FOUND.get_or_init(toolchains);
    let (wanted, what): (fn(&Toolchain) -> bool, _) = match detector {
        Detector::CgocheckDebug => (
            |it| it.minor < EXPERIMENT_SINCE,
            "no Go before 1.21 (set FFENCE_OLD_GO, or install golang-1.19-go)",
        ),
        Detector::Cgocheck => (
            |it| it.minor >= EXPERIMENT_SINCE,
            "no Go from 1.21 on (set FFENCE_GO, or put it on PATH as go)",
        ),
        _ => (|_| true, "no Go (set FFENCE_GO, or put it on PATH as go)"),
    };
    found.iter().find(|it| wanted(it)).cloned().ok_or_else(|| Absent::Missing(what.to_owned()))
}

/// Every Go that answers, the one to prefer first. A variable that names one stands for all that
/// would be looked up in its place.
fn toolchains() -> Vec<Toolchain> {
    let named = |variable: &str, or: Vec<PathBuf>| match env::var_os(variable) {
        Some(path) => vec![path.into()],
        None => or,
    };
    let old = (18..EXPERIMENT_SINCE).rev();
    let old = old.flat_map(|minor| {
        [format!("go1.{minor}").into(), format!("/usr/lib/go-1.{minor}/bin/go").into()]
    });
    named("FFENCE_GO", vec!["go".into(), "/usr/local/go/bin/go".into()])
        .into_iter()
        .chain(named("FFENCE_OLD_GO", old.collect()))
        .filter_map(|go| Some(Toolchain { minor: minor_version(&go)?, go }))
        .collect()
}

/// The 19 of "go version go1.19.8 linux/amd64".
fn minor_version(go: &Path) -> Option<u32> {
    let output = go_command(go).arg("version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let digits = text.split_once("go1.")?.1;
    let end = digits.find(|it: char| !it.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().ok()
}

fn go(go: &Path) -> Command {
    let mut command = go_command(go);
    command.env("CC", c_compiler());
    command
}

/// `go` with what it needs of this process's environment, and nothing that changes what it builds.
fn go_command(go: &Path) -> Command {
    let mut command = crate::child::bare(go);
    for name in
        ["GOCACHE", "GOPATH", "XDG_CACHE_HOME", "PKG_CONFIG_PATH", "C_INCLUDE_PATH", "LIBRARY_PATH"]
    {
        if let Some(value) = env::var_os(name) {
            command.env(name, value);
        }
    }
    command
        .env("GOTOOLCHAIN", "local")
        .env("GOFLAGS", "-buildvcs=false")
        .env("GOWORK", "off")
        .env("CGO_ENABLED", "1");
    command
}

/// The compiler for cgo: gcc where there is one, because `-asan` then finds its runtime.
fn c_compiler() -> OsString {
    env::var_os("FFENCE_GO_CC")
        .or_else(|| on_path(OsStr::new("gcc")).then(|| "gcc".into()))
        .unwrap_or_else(|| "cc".into())
}

fn on_path(program: &OsStr) -> bool {
    Path::new(program).is_absolute() && Path::new(program).exists()
        || env::var_os("PATH").is_some_and(|path| {
            env::split_paths(&path).any(|folder| folder.join(program).is_file())
        })
}

/// Changes whenever a fixture does: Go looks for changes in the harness's folder only, but the
/// flags given to cgo are part of what it compares.
fn fixtures_hash() -> io::Result<u64> {
    let mut paths = fs::read_dir(root().join("csrc/hazard"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    let mut hasher = DefaultHasher::new();
    for path in paths {
        fs::read(&path)?.hash(&mut hasher);
    }
    Ok(hasher.finish())
}

/// Waits until no other process builds here. The lock ends with the file.
fn lock(path: &Path) -> io::Result<File> {
    let file = File::create(path)?;
    // SAFETY: flock(2) on a descriptor that `file` keeps open.
    if unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX) } == 0 {
        Ok(file)
    } else {
        Err(io::Error::last_os_error())
    }
}
