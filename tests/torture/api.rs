//! The rows, compared with the public API as rustdoc describes it: a new operation without a row fails.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::row::Row;
use crate::rows;

/// What is wrong; says what there is.
pub fn compare(rows: &[Row]) -> Vec<String> {
    let public = match public_functions() {
        Ok(public) => public,
        Err(why) => return vec![format!("the public API cannot be read: {why}")],
    };
    let mut wrong = Vec::new();
    let mut covered = BTreeMap::new();
    for row in rows {
        for path in row.paths() {
            if !names(row, &path) {
                wrong.push(format!("{}: its text does not name {path}", row.name));
            }
            covered.insert(path, row.name);
        }
    }
    for path in rows::COLD {
        covered.insert((*path).to_owned(), "the first set-up");
    }
    let excluded: BTreeMap<String, &str> = rows::excluded();
    for path in covered.keys().chain(excluded.keys()).filter(|path| !public.contains(*path)) {
        wrong.push(format!("{path} is not public, or is no function"));
    }
    for path in excluded.keys().filter(|path| covered.contains_key(*path)) {
        wrong.push(format!("{path} has a row, and is excluded"));
    }
    for path in &public {
        if !covered.contains_key(path) && !excluded.contains_key(path) {
            wrong.push(format!("{path} has no row"));
        }
    }
    // A reason says why there can be no row, not that nobody wrote it.
    for (path, reason) in &excluded {
        let reason = reason.to_lowercase();
        if ["yet", "todo", "later", "missing"].iter().any(|word| reason.contains(word)) {
            wrong.push(format!("{path} is excluded for no reason: {reason}"));
        }
    }
    let registered = public.iter().filter(|path| covered.contains_key(*path)).count();
    println!(
        "torture: {registered} of {} public functions are registered ({}.{} %), {} are excluded",
        public.len(),
        1000 * registered / public.len() / 10,
        1000 * registered / public.len() % 10,
        excluded.len()
    );
    let mut reasons = BTreeMap::<_, usize>::new();
    for reason in excluded.values() {
        *reasons.entry(*reason).or_default() += 1;
    }
    for (reason, number) in reasons {
        println!("  excluded: {number}: {reason}");
    }
    wrong
}

/// The function's name and its type's, or its module's, stand in the row's text.
fn names(row: &Row, path: &str) -> bool {
    let mut words = row.text.split(|it: char| !(it.is_alphanumeric() || it == '_'));
    let name = path.rsplit("::").next().unwrap_or_default();
    words.any(|word| word == name)
}

/// What the Makefile builds tests with: what is off by default and goes with everything else.
fn features() -> Result<String, String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Makefile"));
    let text = text.map_err(|error| error.to_string())?;
    let features = text.lines().find_map(|line| line.strip_prefix("MORE := --features "));
    features.map(str::to_owned).ok_or_else(|| "the Makefile names no features".to_owned())
}

/// rustdoc's description of the crate.
fn description() -> Result<Value, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = root.join("target");
    let mut command = Command::new(option_env!("CARGO").unwrap_or("cargo"));
    // Not what this program itself was built with.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["RUSTFLAGS", "CFLAGS", "CC_", "CARGO", "ASAN_"].iter().any(|it| text.starts_with(it))
            && text != "CARGO_HOME"
        {
            command.env_remove(&name);
        }
    }
    let output = command
        .current_dir(root)
        .env("RUSTC_BOOTSTRAP", "1")
        .args(["rustdoc", "--quiet", "--lib", "--features", &features()?, "--target-dir"])
        .arg(&target)
        .args(["--", "-Z", "unstable-options", "--output-format", "json"])
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let text = std::fs::read(target.join("doc/ffence.json")).map_err(|error| error.to_string())?;
    serde_json::from_slice(&text).map_err(|error| error.to_string())
}

/// Every public function: free ones, those of types, and those of this crate's own traits.
fn public_functions() -> Result<BTreeSet<String>, String> {
    let description = description()?;
    let mut walk =
        Walk { index: &description["index"], found: BTreeSet::new(), types: BTreeSet::new() };
    walk.item(&description["root"], &[]);
    if walk.found.len() < 500 {
        return Err(format!(
            "only {} functions were found: has rustdoc's form changed?",
            walk.found.len()
        ));
    }
    Ok(walk.found)
}

struct Walk<'a> {
    index: &'a Value,
    found: BTreeSet<String>,
    /// Types that were met already, by their first path.
    types: BTreeSet<String>,
}

impl<'a> Walk<'a> {
    fn item(&mut self, id: &Value, path: &[&str]) {
        let Some((kind, inner, _)) = self.get(id) else { return };
        match kind {
            "module" => {
                for child in list(&inner["items"]) {
                    let Some((kind, _, name)) = self.get(child) else { continue };
                    let own = if kind == "use" { None } else { name };
                    let path: Vec<&str> = path.iter().copied().chain(own).collect();
                    self.item(child, &path);
                }
            }
            "use" => {
                let glob = inner["is_glob"].as_bool() == Some(true);
                let own = if glob { None } else { inner["name"].as_str() };
                let path: Vec<&str> = path.iter().copied().chain(own).collect();
                self.item(&inner["id"], &path);
            }
            "function" => drop(self.found.insert(path.join("::"))),
            "struct" | "enum" | "union" if self.types.insert(id.to_string()) => {
                for block in list(&inner["impls"]) {
                    if let Some((_, block, _)) = self.get(block)
                        && block["trait"].is_null()
                    {
                        self.functions(&block["items"], path);
                    }
                }
            }
            "trait" if self.types.insert(id.to_string()) => self.functions(&inner["items"], path),
            _ => {}
        }
    }

    fn functions(&mut self, items: &Value, path: &[&str]) {
        for item in list(items) {
            if let Some(("function", _, Some(name))) = self.get(item) {
                self.found.insert(format!("{}::{name}", path.join("::")));
            }
        }
    }

    /// An item's kind, what belongs to it, and its name.
    fn get(&self, id: &Value) -> Option<(&'a str, &'a Value, Option<&'a str>)> {
        let index: &'a Value = self.index;
        let item = index.get(id.to_string())?;
        let (kind, inner) = item["inner"].as_object()?.iter().next()?;
        Some((kind.as_str(), inner, item["name"].as_str()))
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
