//! Compiles the C fixtures, the same files that the Go programs are built with.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../csrc/hazard");
    println!("cargo::rerun-if-changed={}", fixtures.display());
    let mut sources = fs::read_dir(&fixtures)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<PathBuf>>>()?;
    sources.retain(|path| path.extension().is_some_and(|it| it == "c"));
    sources.sort();
    for source in &sources {
        println!("cargo::rerun-if-changed={}", source.display());
    }
    let mut build = cc::Build::new();
    build
        .files(sources)
        .include(&fixtures)
        .std("c11")
        .extra_warnings(true)
        .warnings_into_errors(true);
    if let Some(headers) = env::var_os("DEP_OPENSSL_INCLUDE") {
        build.include(headers);
    }
    build.try_compile("ffence_hazard_fixtures").map_err(io::Error::other)?;

    // What this package's own children run under, for the record of results.
    let sanitizer = env::var("CARGO_CFG_SANITIZE").unwrap_or_default();
    let mode = match sanitizer.as_str() {
        "" => "plain",
        "address" => "asan",
        "thread" => "tsan",
        other => other,
    };
    println!("cargo::rustc-env=HAZARDS_RUST_MODE={mode}");
    Ok(())
}
