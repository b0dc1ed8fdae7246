//! The checked-in bindings say what this machine's headers say.
//!
//! `BLESS=1 cargo test --test bindings` (`make bindings`) writes them anew.

#[path = "../build/bindings.rs"]
mod bindings;

use std::collections::BTreeMap;
use std::path::Path;

/// The items of a generated file by name, whatever their order and line breaks.
fn items(text: &str) -> BTreeMap<String, String> {
    let flat = text.lines().filter(|line| !line.starts_with("//")).collect::<Vec<_>>().join(" ");
    let flat = flat.replace("unsafe extern \"C\" {", ";").replace('}', ";");
    flat.split(';')
        .filter_map(|item| {
            let item = item.split_whitespace().collect::<Vec<_>>().join(" ");
            let (_, rest) = item.split_once("pub ")?;
            let mut words = rest.split([' ', ':', '(', '<']);
            let (_, name) = (words.next()?, words.next()?);
            Some((name.to_owned(), format!("pub {rest}").replace("( ", "(").replace(", )", ")")))
        })
        .collect()
}

fn agrees(file: &bindings::Bindings, package: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let include_dirs = pkg_config::Config::new()
        .cargo_metadata(false)
        .probe(package)
        .map(|library| library.include_paths)
        .unwrap_or_default();
    let include_dirs: Vec<_> = include_dirs.iter().map(|dir| dir.display().to_string()).collect();
    let fresh = file.generate(root, &include_dirs).expect("bindgen runs (libclang is installed)");
    let path = root.join(file.checked_in);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &fresh).expect("the bindings can be written");
    }
    let checked_in = std::fs::read_to_string(&path).expect("the bindings are checked in");
    let (fresh, checked_in) = (items(&fresh), items(&checked_in));
    assert!(checked_in.len() > 20, "{} was read: {} items", file.checked_in, checked_in.len());
    let mut wrong = Vec::new();
    for (name, declared) in &checked_in {
        match fresh.get(name) {
            Some(in_header) if in_header == declared => {}
            Some(in_header) => {
                wrong.push(format!("{name}: the header says `{in_header}`, we say `{declared}`"));
            }
            None => wrong.push(format!("{name}: not in this machine's headers")),
        }
    }
    assert!(
        wrong.is_empty(),
        "{} does not match the headers:\n{}",
        file.checked_in,
        wrong.join("\n")
    );
}

#[test]
fn openssl_signatures_and_constants_are_those_of_the_headers() {
    agrees(&bindings::OPENSSL, "openssl");
}

#[test]
fn libcurl_signatures_and_constants_are_those_of_the_headers() {
    agrees(&bindings::CURL, "libcurl");
}
