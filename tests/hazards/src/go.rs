//! Finds Go and builds the harness, one binary for each detector.

#![allow(unsafe_code)] // flock(2), to let one process at a time build a binary

use std::collections::hash_map::DefaultHasher;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::{env, fmt};

use crate::detector::{Cell, Detector, Generation};
pub use crate::toolchain::Toolchain;
use crate::toolchain::{self, c_compiler, on_path};

/// A Go module, which is one program with the hazards of some classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Module {
    /// `go-harness`: what calls C, on Go's standard library alone.
    Main,
    /// `go-harness/web`: goroutines and contexts, in handlers of gin.
    Web,
}

impl Module {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Main, Self::Web];

    /// Its folder, from the repository's root.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Main => "go-harness",
            Self::Web => "go-harness/web",
        }
    }

    /// What its binaries are called.
    fn name(self) -> &'static str {
        match self {
            Self::Main => "harness",
            Self::Web => "web",
        }
    }

    /// The detectors that each of its programs runs under. Of those that look at memory, which a
    /// program without C and without `unsafe` does not misuse, one is a binary more for nothing.
    pub fn detectors(self) -> &'static [Detector] {
        match self {
            Self::Main => &Detector::ALL,
            Self::Web => &[Detector::Plain, Detector::Race],
        }
    }
}

/// A harness that was built for one detector.
#[derive(Clone, Debug)]
pub struct Harness {
    /// The program.
    pub binary: PathBuf,
    /// What built it.
    pub toolchain: Toolchain,
    /// What it is for.
    pub cell: Cell,
    module: Module,
}

/// Why there is no harness for a detector.
#[derive(Clone, Debug)]
pub enum Absent {
    /// This machine lacks a tool: the tests that need it are skipped, unless `REQUIRE` names it.
    Missing(String),
    /// This machine lacks the tool that a row is about, or does not let it work: the same, where
    /// `REQUIRE` has the tool's name.
    Tool {
        /// Its name.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// `go build` failed, with what it wrote: never a skip.
    Broken(String),
}

impl fmt::Display for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(reason) => f.write_str(reason),
            Self::Tool { name, reason } => write!(f, "{name}: {reason}"),
            Self::Broken(output) => write!(f, "go build failed:\n{output}"),
        }
    }
}

impl Harness {
    /// The harness of `detector` on the newest generation that has it and is there.
    ///
    /// # Errors
    /// What is missing, or what `go build` had to say.
    pub fn of(detector: Detector) -> Result<&'static Self, &'static Absent> {
        let all = detector.generations().iter();
        let mut all = all.map(|&generation| Self::on(Cell { detector, generation }));
        let first = all.next().unwrap_or(Err(&NOWHERE));
        match first {
            Err(Absent::Missing(_)) => all.find(Result::is_ok).unwrap_or(first),
            found => found,
        }
    }

    /// The harness of a detector on a generation, built at the first call of this process.
    ///
    /// # Errors
    /// What is missing, or what `go build` had to say.
    pub fn on(cell: Cell) -> Result<&'static Self, &'static Absent> {
        Self::of_module(Module::Main, cell)
    }

    /// The same of a module.
    ///
    /// # Errors
    /// What is missing, or what `go build` had to say.
    pub fn of_module(module: Module, cell: Cell) -> Result<&'static Self, &'static Absent> {
        static BUILT: PerModule<Result<Harness, Absent>> = per_module();
        let place = &BUILT[module as usize][cell.generation as usize][cell.detector as usize];
        place.get_or_init(|| build(module, cell)).as_ref()
    }

    /// A command that runs the harness under its detector, with nothing inherited but what every
    /// program needs.
    pub fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = if self.cell.detector == Detector::Valgrind {
            let mut command = crate::child::bare("valgrind");
            command.args(MEMCHECK).arg(&self.binary);
            command
        } else {
            crate::child::bare(&self.binary)
        };
        command.args(args);
        match self.cell.detector {
            Detector::CgocheckDebug => command.env("GODEBUG", "cgocheck=2"),
            // Where the tool is Go's own, it is the one of the same generation.
            Detector::Tool => {
                let go = toolchain::go(&self.toolchain);
                let all = go.get_envs().filter_map(|(name, value)| Some((name, value?)));
                command.envs(all).env("HARNESS_GO", &self.toolchain.go)
            }
            // By default each exit waits a second for goroutines that are still running: the
            // programs wait for theirs. The first report is enough, and what comes after a race on
            // a map is not always an end.
            Detector::Race if self.module == Module::Web => {
                command.env("GORACE", "atexit_sleep_ms=10 halt_on_error=1")
            }
            Detector::Race => command.env("GORACE", "atexit_sleep_ms=10"),
            // Go's collector, with threads that valgrind takes turns with, hangs or reads stacks
            // that moved: one thread, which nobody interrupts, does neither.
            Detector::Valgrind => {
                command.env("GOMAXPROCS", "1").env("GODEBUG", "asyncpreemptoff=1")
            }
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

/// Names the folder with `include` and `lib` of the libraries that the harness is linked to in place of
/// the system's, for `AddressSanitizer`: built with it themselves (`scripts/instrumented`).
pub const INSTRUMENTED: &str = "FFENCE_INSTRUMENTED";

/// That folder, if the variable is set.
pub fn instrumented() -> Option<PathBuf> {
    env::var_os(INSTRUMENTED).filter(|it| !it.is_empty()).map(|it| root().join(it))
}

/// No detector is on no generation.
static NOWHERE: Absent = Absent::Missing(String::new());

/// One for each module, generation and detector.
pub(crate) type PerModule<T> =
    [[[OnceLock<T>; Detector::EVERY.len()]; Generation::ALL.len()]; Module::ALL.len()];

pub(crate) const fn per_module<T>() -> PerModule<T> {
    [const { [const { [const { OnceLock::new() }; Detector::EVERY.len()] }; Generation::ALL.len()] };
        Module::ALL.len()]
}

/// Only what is certainly lost: what Go's threads keep until the process ends looks like a leak.
const MEMCHECK: [&str; 4] =
    ["-q", "--leak-check=full", "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite"];

fn build(module: Module, cell: Cell) -> Result<Harness, Absent> {
    let Cell { detector, generation } = cell;
    let missing =
        |what: &OsStr| Absent::Missing(format!("{} is not on PATH", what.to_string_lossy()));
    if matches!(detector, Detector::Valgrind | Detector::Tool) {
        if detector == Detector::Valgrind && !on_path(OsStr::new("valgrind")) {
            return Err(missing(OsStr::new("valgrind")));
        }
        let plain = Harness::of_module(module, Cell { detector: Detector::Plain, generation });
        return plain.map(|it| Harness { cell, ..it.clone() }).map_err(Clone::clone);
    }
    let toolchain = toolchain::of(generation)?;
    let compiler = c_compiler();
    if !on_path(&compiler) {
        return Err(missing(&compiler));
    }
    let folder = target().join("go").join(generation.name()).join(detector.name());
    let binary = folder.join(module.name());
    let broken = |error: io::Error| Absent::Broken(format!("{}: {error}", folder.display()));
    fs::create_dir_all(&folder).map_err(broken)?;
    let _lock = lock(&folder.join(format!("{}.lock", module.name()))).map_err(broken)?;
    // Up to date, this costs a second: Go compares what the binary was made of.
    let output = command(toolchain, module, detector)
        .map_err(broken)?
        .args(["build", "-o"])
        .arg(&binary)
        .args(flags(detector))
        .arg(".")
        .output()
        .map_err(broken)?;
    if output.status.success() {
        return Ok(Harness { binary, toolchain: toolchain.clone(), cell, module });
    }
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    // "-asan is not supported on ...", "-race is only supported on ...": no fault of ours.
    if words.lines().any(|line| line.contains("supported on")) {
        return Err(Absent::Missing(words.trim().to_owned()));
    }
    Err(absent(words))
}

/// What a failure of `go` means.
pub(crate) fn absent(words: String) -> Absent {
    if words.contains("lookup disabled by GOPROXY=off") {
        return Absent::Missing(
            "the modules of go-harness/web: scripts/setup downloads them".to_owned(),
        );
    }
    Absent::Broken(words)
}

/// `go`, about to build a module for a detector, or to put it to a tool.
pub(crate) fn command(
    toolchain: &Toolchain,
    module: Module,
    detector: Detector,
) -> io::Result<Command> {
    let mut command = toolchain::go(toolchain);
    command
        .current_dir(root().join(module.folder()))
        .env("CGO_CFLAGS", format!("-g -O2 -DHZ_FIXTURES={}", fixtures_hash()?));
    let instrumented = instrumented().filter(|_| detector == Detector::Asan);
    if let Some(folder) = instrumented {
        let (headers, libraries) = (folder.join("include"), folder.join("lib"));
        command
            .env(
                "CGO_CFLAGS",
                format!(
                    "-g -O2 -DHZ_FIXTURES={} -DHZ_LIBRARIES={} -I{}",
                    fixtures_hash()?,
                    hash_of(&libraries)?,
                    headers.display()
                ),
            )
            .env("CGO_LDFLAGS", format!("-g -O2 -L{}", libraries.display()));
    }
    if module == Module::Web {
        // Nothing is downloaded behind anybody's back, and gin's MessagePack, which takes as long to
        // build as all the rest, is not used here.
        command.env("GOPROXY", "off").env("GOFLAGS", "-buildvcs=false -tags=nomsgpack");
    }
    match (module, detector) {
        (_, Detector::Cgocheck) => command.env("GOEXPERIMENT", "cgocheck2"),
        // The profile of leaked goroutines, which this release has and does not switch on. The
        // tools take the same packages.
        (Module::Web, Detector::Plain | Detector::Vet | Detector::Escape)
            if toolchain.minor == 26 =>
        {
            command.env("GOEXPERIMENT", "goroutineleakprofile")
        }
        _ => &mut command,
    };
    Ok(command)
}

fn flags(detector: Detector) -> &'static [&'static str] {
    match detector {
        Detector::Asan => &["-asan"],
        Detector::Race => &["-race"],
        Detector::Checkptr => &["-gcflags=all=-d=checkptr"],
        _ => &[],
    }
}

/// Changes whenever a fixture does: Go looks for changes in the harness's folder only, but the
/// flags given to cgo are part of what it compares.
fn fixtures_hash() -> io::Result<u64> {
    hash_of(&root().join("csrc/hazard"))
}

/// Of all files in a folder.
fn hash_of(folder: &Path) -> io::Result<u64> {
    let mut paths = fs::read_dir(folder)?
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
