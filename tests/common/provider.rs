//! A provider module, compiled from `csrc/provider/fixture.c`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The module's path. It offers SHA-256 with `fips=yes`, SHA-224 without it, and a SHA-384 whose
/// digest is too short.
pub fn fixture() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(build)
}

fn build() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    // Other test programs build it at the same time: each in a file of its own, moved at the end.
    let (own, module) = (
        folder.join(format!("fixture-{}.so", std::process::id())),
        folder.join("ffence-fixture.so"),
    );
    let headers = pkg_config::Config::new()
        .cargo_metadata(false)
        .env_metadata(false)
        .probe("openssl")
        .map(|library| library.include_paths)
        .unwrap_or_default();
    let output = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()))
        .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC", "-o"])
        .arg(&own)
        .arg(root.join("csrc/provider/fixture.c"))
        .args(headers.iter().map(|folder| format!("-I{}", folder.display())))
        .output()
        .expect("a C compiler runs (scripts/setup installs one)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::rename(&own, &module).expect("the module is in its place");
    module
}
