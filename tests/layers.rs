//! The architecture, checked: a file imports only from layers below its own, C is declared in one
//! private place, and the files with unsafe code are the ones that SAFETY.md lists.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The layers, lowest first. A module may use its own layer's neighbours only where they are named
/// in the same line with a `+`.
const LAYERS: &[&[&str]] = &[
    &["ffi", "sync"],
    &["owned", "buf", "unwind", "fork", "loader"],
    &["cstr", "version"],
    &["error"],
    &["ctypes", "mem"],
    &["init"],
    &["capabilities"],
    &["locks"],
    &["thread", "pool", "secret"],
    &["crypto"],
    &["curl"],
    &["http"],
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                files.push((path.strip_prefix(root().join("src")).unwrap().to_owned(), text));
            }
        }
    }
    files.sort();
    files
}

/// The top module that a file belongs to: `crypto/aead/sealer.rs` is `crypto`.
fn module(path: &Path) -> String {
    let first = path.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The text without comments and without its unit tests, which may reach up.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Every module named by a path that starts at the crate's root.
fn imports(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let list = list.split('}').next().unwrap();
            found.extend(list.split(',').filter_map(|item| {
                item.trim().split("::").next().filter(|name| !name.is_empty()).map(str::to_owned)
            }));
        } else {
            found.insert(
                rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap().to_owned(),
            );
        }
    }
    found
}

#[test]
fn imports_point_downwards() {
    let mut checked = 0;
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let own = module(&path);
        if own == "lib" {
            continue;
        }
        let Some(here) = layer(&own) else {
            wrong.push(format!("{}: `{own}` stands in no layer", path.display()));
            continue;
        };
        for imported in imports(&code(&text)) {
            // What the front door re-exports is named from where it is made.
            let Some(there) = layer(&imported) else {
                wrong
                    .push(format!("{}: uses crate::{imported}, which is no layer", path.display()));
                continue;
            };
            checked += 1;
            if there > here || (there == here && imported != own) {
                wrong.push(format!("{}: `{own}` uses `{imported}` above it", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked > 20, "the imports were read: {checked}");
}

#[test]
fn an_upward_import_would_be_noticed() {
    let upward = imports("use crate::{error::Error, http::Client};\nlet x = crate::crypto::Key;");
    let upward: Vec<_> = upward.iter().map(String::as_str).collect();
    assert_eq!(upward, ["crypto", "error", "http"]);
    assert!(layer("http") > layer("crypto") && layer("crypto") > layer("error"));
}

#[test]
fn c_is_declared_in_one_private_place() {
    let lib = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    assert!(lib.lines().any(|line| line == "mod ffi;"), "ffi is private");
    for (path, text) in sources() {
        if module(&path) != "ffi" {
            let code = code(&text);
            for word in ["extern \"C\" {", "openssl_sys::", "curl_sys::"] {
                assert!(!code.contains(word), "{} declares C: {word}", path.display());
            }
        }
    }
}

/// No answer of C is taken for granted.
#[test]
fn no_source_unwraps() {
    for (path, text) in sources() {
        let code = code(&text);
        for word in [".unwrap()", ".expect(", "assert!(", "assert_eq!(", "panic!("] {
            for (number, line) in code.lines().enumerate() {
                let bare = line.contains(word) && !line.contains("debug_assert");
                assert!(!bare, "{}:{}: {line}", path.display(), number + 1);
            }
        }
    }
}

#[test]
fn the_files_with_unsafe_code_are_listed() {
    let with_unsafe: BTreeSet<_> = sources()
        .into_iter()
        .filter(|(_, text)| {
            text.contains("#![allow(unsafe_code)]") || text.contains("#![allow(\n    unsafe_code")
        })
        .map(|(path, _)| format!("src/{}", path.display()))
        .collect();
    let safety = std::fs::read_to_string(root().join("SAFETY.md")).unwrap();
    let listed: BTreeSet<_> = safety
        .lines()
        .filter_map(|line| line.strip_prefix("| `src/")?.split('`').next())
        .map(|path| format!("src/{path}"))
        .collect();
    assert_eq!(with_unsafe, listed, "the table of SAFETY.md");
}
