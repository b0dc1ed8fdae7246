//! Finds Go, in the generations that there are.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::{env, fmt};

use crate::detector::Generation;
use crate::go::Absent;

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
    /// The whole of it: "go1.19.8".
    pub version: String,
}

impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Go 1.{}", self.minor)
    }
}

/// The toolchain of a generation.
///
/// # Errors
/// What is missing.
pub fn of(generation: Generation) -> Result<&'static Toolchain, Absent> {
    static FOUND: OnceLock<Vec<Toolchain>> = OnceLock::new();
    let found = FOUND.get_or_init(toolchains);
    let (current, what) = match generation {
        Generation::Current => {
            (true, "no Go from 1.21 on (set FFENCE_GO, or put it on PATH as go)")
        }
        Generation::Legacy => {
            (false, "no Go before 1.21 (set FFENCE_OLD_GO, or install golang-1.19-go)")
        }
    };
    let mut of_it = found.iter().filter(|it| (it.minor >= EXPERIMENT_SINCE) == current);
    of_it.next().ok_or_else(|| Absent::Missing(what.to_owned()))
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
        .filter_map(toolchain)
        .collect()
}

/// What answers "go version go1.19.8 linux/amd64".
fn toolchain(go: PathBuf) -> Option<Toolchain> {
    let output = go_command(&go).arg("version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let version = text.split(' ').find(|it| it.starts_with("go1."))?.to_owned();
    let digits = &version["go1.".len()..];
    let end = digits.find(|it: char| !it.is_ascii_digit()).unwrap_or(digits.len());
    Some(Toolchain { minor: digits[..end].parse().ok()?, version, go })
}

/// `go`, about to build with this machine's C compiler.
pub(crate) fn go(toolchain: &Toolchain) -> Command {
    let mut command = go_command(&toolchain.go);
    command.env("CC", c_compiler());
    command
}

/// `go` with what it needs of this process's environment, and nothing that changes what it builds.
fn go_command(go: &Path) -> Command {
    let mut command = crate::child::bare(go);
    for name in [
        "GOCACHE",
        "GOPATH",
        "GOMODCACHE",
        "XDG_CACHE_HOME",
        "PKG_CONFIG_PATH",
        "C_INCLUDE_PATH",
        "LIBRARY_PATH",
    ] {
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
pub(crate) fn c_compiler() -> OsString {
    env::var_os("FFENCE_GO_CC")
        .or_else(|| on_path(OsStr::new("gcc")).then(|| "gcc".into()))
        .unwrap_or_else(|| "cc".into())
}

pub(crate) fn on_path(program: &OsStr) -> bool {
    Path::new(program).is_absolute() && Path::new(program).exists()
        || env::var_os("PATH").is_some_and(|path| {
            env::split_paths(&path).any(|folder| folder.join(program).is_file())
        })
}
