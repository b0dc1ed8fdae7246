//! What rustc says of the attempt of a refused twin.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::Command;

use serde::Deserialize;

use crate::docs;
use crate::outcome::Outcome;
use crate::record::Record;
use crate::row::{Hazard, Twin};
use crate::run;
use crate::words;

/// A compiler, and this package's library as it was last built.
#[derive(Debug)]
pub struct Compiler {
    library: PathBuf,
    ffence: PathBuf,
    http: PathBuf,
}

/// What cargo says of what it built.
#[derive(Deserialize)]
struct Artifact {
    target: Target,
    filenames: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// What rustc says, of which only the words for people are wanted.
#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    rendered: Option<String>,
    code: Option<Code>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

impl Compiler {
    /// Asks cargo where the library lies.
    ///
    /// # Errors
    /// When cargo cannot be started, or it does not build.
    pub fn find() -> io::Result<Self> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args(["build", "-q", "-p", "ffence-hazards", "--lib", "--message-format=json"]);
        let output = command.current_dir(crate::go::root()).output()?;
        let mut found = [None, None, None];
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let Ok(artifact) = serde_json::from_str::<Artifact>(line) else { continue };
            let place = ["ffence_hazards", "ffence", "http"]
                .iter()
                .position(|it| *it == artifact.target.name);
            let rlib = artifact
                .filenames
                .into_iter()
                .find(|it| it.extension().is_some_and(|it| it == "rlib"));
            if let (Some(place), Some(rlib)) = (place, rlib) {
                found[place] = Some(rlib);
            }
        }
        let [Some(library), Some(ffence), Some(http)] = found else {
            return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
        };
        Ok(Self { library, ffence, http })
    }

    /// The compiler's words for a refused twin's attempt.
    ///
    /// # Errors
    /// When it compiles after all, or fails for another reason than the row's.
    pub fn answer(&self, row: &Hazard) -> io::Result<Record> {
        let Twin::Refused(code, _) = row.twin else {
            return Err(io::Error::other(format!("{}: not a refused twin", row.slug)));
        };
        let attempt = docs::attempt(row).unwrap_or_default();
        let folder = run::folder().join("attempts");
        fs::create_dir_all(&folder)?;
        let source = folder.join(format!("{}.rs", row.slug));
        fs::write(&source, program(&attempt))?;
        let mut command = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        command.args(["--edition", "2024", "--crate-type", "bin", "--emit", "metadata"]);
        command.args(["--error-format", "json", "-A", "warnings", "-o"]);
        command.arg(folder.join(format!("{}.rmeta", row.slug)));
        command.arg("--extern").arg(format!("ffence_hazards={}", self.library.display()));
        command.arg("--extern").arg(format!("ffence={}", self.ffence.display()));
        command.arg("--extern").arg(format!("http={}", self.http.display()));
        let deps = [&self.library, &self.ffence].map(|it| it.parent().map(PathBuf::from));
        for folder in deps.into_iter().flatten() {
            command.arg("-L").arg(format!("dependency={}", folder.display()));
            command.arg("-L").arg(format!("dependency={}", folder.join("deps").display()));
        }
        let output = command.arg(&source).output()?;
        let mut said = String::new();
        let mut codes = Vec::new();
        for line in String::from_utf8_lossy(&output.stderr).lines() {
            let Ok(it) = serde_json::from_str::<Diagnostic>(line) else { continue };
            if it.level == "error" && it.code.is_some() {
                let _ = write!(said, "{}", it.rendered.unwrap_or_default());
                codes.extend(it.code.map(|it| it.code));
            }
        }
        if codes.iter().all(|it| it != code) {
            let all = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(io::Error::other(format!("{}: no {code}, but {codes:?}: {all}", row.slug)));
        }
        let outcome = Outcome::of_remarks(words::plain(said.trim_end()).as_str());
        Ok(Record::rust(row, "rustc", &outcome))
    }
}

/// As rustdoc makes a program of an example: hidden lines count, and `?` has something to return from.
fn program(attempt: &str) -> String {
    let shown =
        attempt.lines().map(|it| it.strip_prefix("# ").unwrap_or(if it == "#" { "" } else { it }));
    let body: Vec<_> = shown.collect();
    let body = body.join("\n");
    if body.contains("fn main()") {
        return body;
    }
    if body.lines().last().is_some_and(|it| it.contains("Ok::<")) {
        let returns = "Result<(), impl core::fmt::Debug>";
        return format!("fn main() {{ fn all() -> {returns} {{\n{body}\n}} all().unwrap() }}\n");
    }
    format!("fn main() {{\n{body}\n}}\n")
}
