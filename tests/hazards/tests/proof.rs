//! What the catalogue promises of itself, tried in a copy of the repository: what is missing does not
//! build, a guard that is broken turns its row red, and the recipe of CONTRIBUTING adds a row.
//!
//! The copy is built, which takes minutes: `make proof` sets `PROOF=1`, without which this says that
//! it was skipped.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs, io};

use ffence_hazards::go;

type Failure = Box<dyn std::error::Error>;

/// A copy of what git knows, or would know. It stays where it is, so that the next run builds little.
struct Copy {
    root: PathBuf,
}

impl Copy {
    fn make() -> Result<Self, Failure> {
        let root = go::target().join("proof/ffence");
        let listed = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(go::root())
            .output()?;
        let listed = String::from_utf8(listed.stdout)?;
        let wanted: BTreeSet<PathBuf> =
            listed.split('\0').filter(|it| !it.is_empty()).map(PathBuf::from).collect();
        assert!(wanted.len() > 100, "git lists {} files", wanted.len());
        for path in &wanted {
            let (from, to) = (go::root().join(path), root.join(path));
            // What git knows may be deleted already, or be a link.
            let Ok(text) = fs::read(&from) else { continue };
            // What has not changed keeps its time, and is not built again.
            if fs::read(&to).ok().as_ref() != Some(&text) {
                fs::create_dir_all(to.parent().ok_or("no folder")?)?;
                fs::copy(&from, &to)?;
            }
        }
        let copy = Self { root };
        copy.prune(&copy.root, &wanted)?;
        Ok(copy)
    }

    /// Removes what an earlier run has left behind.
    fn prune(&self, folder: &Path, wanted: &BTreeSet<PathBuf>) -> Result<(), Failure> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                self.prune(&path, wanted)?;
            } else if !wanted.contains(path.strip_prefix(&self.root)?) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        // What cargo told this test about its package is not true of the copy.
        for (name, _) in env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("CARGO_") && name != "CARGO_HOME" || name == "PROOF" {
                command.env_remove(name);
            }
        }
        command
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", go::target().join("proof/target"))
            .env("CARGO_NET_OFFLINE", "true");
        command
    }

    fn cargo(&self, args: &[&str]) -> Result<(bool, String), Failure> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = self.command(cargo).env("RUSTC_BOOTSTRAP", "1").args(args).output()?;
        Ok((output.status.success(), words(&output)))
    }

    /// Puts `new` in the place of `old`, which must be there once.
    fn change(&self, path: &str, old: &str, new: &str) -> Result<(), Failure> {
        let path = self.root.join(path);
        let text = fs::read_to_string(&path)?;
        if text.matches(old).count() != 1 {
            return Err(format!("{}: not there once: {old}", path.display()).into());
        }
        Ok(fs::write(&path, text.replace(old, new))?)
    }

    /// As it was.
    fn restore(&self, path: &str) -> io::Result<()> {
        fs::copy(go::root().join(path), self.root.join(path)).map(|_| ())
    }
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn the_catalogue_keeps_its_promises() -> Result<(), Failure> {
    if env::var_os("PROOF").is_none() {
        println!("skipped: builds a copy of the repository, which takes minutes: make proof");
        return Ok(());
    }
    let copy = Copy::make()?;
    let check = ["check", "-q", "-p", "ffence-hazards", "--lib"];
    let (built, words) = copy.cargo(&check)?;
    assert!(built, "{words}");
    what_is_missing_does_not_build(&copy, &check)?;
    a_broken_guard_turns_its_row_red(&copy)?;
    the_recipe_adds_a_row(&copy)
}

fn what_is_missing_does_not_build(copy: &Copy, check: &[&str]) -> Result<(), Failure> {
    for path in [
        "go-harness/use_after_free.go",
        "go-harness/refused/locking_callback/main.go",
        "go-harness/web/heartbeat_leak.go",
        "csrc/hazard/hz_text.c",
        "tests/hazards/src/twins/double_free.rs",
        "tests/hazards/src/twins/easy_leaked.rs",
    ] {
        fs::remove_file(copy.root.join(path))?;
        let (built, words) = copy.cargo(check)?;
        copy.restore(path)?;
        let name = path.rsplit('/').next().unwrap_or(path);
        assert!(!built, "it builds without {path}");
        assert!(words.contains(name.trim_end_matches(".rs")), "{path}: {words}");
        println!("without {path} nothing builds");
    }
    Ok(())
}

/// Takes away what refuses a mistake: of three that do not compile, and of three that come back as an
/// error or just work.
fn a_broken_guard_turns_its_row_red(copy: &Copy) -> Result<(), Failure> {
    let fixtures = "tests/hazards/src/fixtures.rs";
    // The view no longer borrows its owner.
    copy.change(
        fixtures,
        "pub fn look(&self) -> BoxView<'_> {",
        "pub fn look<'a>(&self) -> BoxView<'a> {",
    )?;
    copy.change(
        fixtures,
        "        BoxView(self.0.borrow())",
        "        // SAFETY: none, which is what this shows.\n        unsafe { std::mem::transmute(BoxView(self.0.borrow())) }",
    )?;
    // What is kept need not live as long as the keeper.
    copy.change(
        fixtures,
        "pub fn keep(&mut self, bytes: &'bytes [u8])",
        "pub fn keep(&mut self, bytes: &[u8])",
    )?;
    // Nothing stops a panic before C.
    copy.change(
        fixtures,
        "guard(&mut walk.slot, 1, || c_int::from((walk.visit)(step).is_break()))",
        "c_int::from((walk.visit)(step).is_break())",
    )?;
    // What is told of a transfer outlives its handle.
    let easy = "src/curl/easy.rs";
    copy.change(
        easy,
        "    pub fn perform(&mut self) -> Result<Info<'_>> {\n        self.transfer.perform(None)?;\n        Ok(self.info())",
        "    pub fn perform<'a>(&mut self) -> Result<Info<'a>> {\n        self.transfer.perform(None)?;\n        Ok(unsafe { std::mem::transmute::<Info<'_>, Info<'a>>(self.info()) })",
    )?;
    // A key of any length will do.
    let key = "src/crypto/aead/key.rs";
    copy.change(key, "if bytes.len() != A::KEY_LEN {", "if bytes.is_empty() {")?;
    // libcurl may do with SIGPIPE what it likes.
    let handle = "src/curl/handle.rs";
    copy.change(handle, "\"CURLOPT_NOSIGNAL\", 1)?", "\"CURLOPT_NOSIGNAL\", 0)?")?;
    let rows = ["use_after_free", "kept_pointer", "easy_asked_after_cleanup"];
    let (passed, words) = copy.cargo(&["test", "-p", "ffence-hazards", "--doc", "twins::"])?;
    assert!(!passed, "the doctests pass without their guards");
    for row in rows {
        let red = words.lines().any(|line| {
            line.contains(&format!("twins::{row}::twin"))
                && line.contains("compile fail")
                && line.ends_with("FAILED")
        });
        assert!(red, "{row}: {words}");
        println!("without its guard, {row} is red");
    }
    let test = ["test", "-p", "ffence-hazards", "--test", "hazards", "the_rust_twins"];
    let (passed, words) = copy.cargo(&test)?;
    assert!(!passed, "the twins do what their rows say without their guards");
    for row in ["panic_through_c", "short_key", "sigpipe_ignored"] {
        assert!(words.contains(&format!("{row}: the row says")), "{row}: {words}");
        println!("without its guard, {row} is red");
    }
    for path in [fixtures, easy, key, handle] {
        copy.restore(path)?;
    }
    Ok(())
}

/// Does what "Add a hazard" says: writes the files, adds the lines, runs the commands.
fn the_recipe_adds_a_row(copy: &Copy) -> Result<(), Failure> {
    let text = fs::read_to_string(go::root().join("CONTRIBUTING.md"))?;
    let (_, text) = text.split_once("## Add a hazard\n").ok_or("no recipe")?;
    let (text, _) = text.split_once("\n## ").ok_or("the recipe does not end")?;
    let mut lines = text.lines();
    let (mut path, mut steps) = (None, 0);
    while let Some(line) = lines.next() {
        let line = line.strip_prefix("   ").unwrap_or(line);
        let Some(language) = line.strip_prefix("```") else {
            // The file that was named last is the one that is meant.
            let files = line.split('`').skip(1).step_by(2);
            let files = files.filter(|it| it.contains('/') && it.contains('.'));
            path = files.last().map(str::to_owned).or(path);
            continue;
        };
        let block = lines.by_ref().map(|it| it.strip_prefix("   ").unwrap_or(it));
        let block: Vec<_> = block.take_while(|it| *it != "```").collect();
        steps += 1;
        match (language, &path) {
            ("sh", _) => {
                for line in block {
                    let output = copy.command("sh").args(["-c", line]).output()?;
                    assert!(output.status.success(), "{line}\n{}", words(&output));
                    println!("ran {line}");
                }
            }
            (_, Some(path)) => add(&copy.root.join(path), &(block.join("\n") + "\n"))?,
            (_, None) => return Err("a block without a file".into()),
        }
    }
    assert!(steps >= 5, "only {steps} steps");
    let page = fs::read_to_string(copy.root.join("docs/hazards/null_text.md"))?;
    assert!(page.contains("error[E0308]") && page.contains("AddressSanitizer: SEGV"), "{page}");
    Ok(())
}

/// A new file; or lines at the end of one, which in a list of rows is before its bracket.
fn add(path: &Path, block: &str) -> Result<(), Failure> {
    if !path.exists() {
        return Ok(fs::write(path, block)?);
    }
    let text = fs::read_to_string(path)?;
    let end =
        if path.ends_with("twins.rs") { text.len() } else { text.rfind("];").ok_or("no list")? };
    Ok(fs::write(path, [&text[..end], block, &text[end..]].concat())?)
}
