//! The build script, run as cargo runs it, on machines that lack something: each time it stops with
//! one message that says what to install.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The newest compiled build script of this package.
fn build_script() -> PathBuf {
    // OUT_DIR is target/PROFILE/build/ffence-HASH/out, or target/TRIPLE/PROFILE/… with --target,
    // where the script itself lies in the host's target/PROFILE.
    let mut found = Vec::new();
    for folder in Path::new(env!("OUT_DIR")).ancestors().skip(3).take(3) {
        for profile in ["", "debug", "release"] {
            let Ok(entries) = std::fs::read_dir(folder.join(profile).join("build")) else {
                continue;
            };
            for entry in entries.map(Result::unwrap) {
                // ffence-HASH, and not ffence-hazards-HASH.
                let name = entry.file_name().into_string().unwrap();
                let ours = name.strip_prefix("ffence-").is_some_and(|hash| !hash.contains('-'));
                let script = entry.path().join("build-script-build");
                if ours && script.exists() {
                    found.push((script.metadata().unwrap().modified().unwrap(), script));
                }
            }
        }
    }
    found.sort();
    found.pop().expect("cargo compiled the build script before this test").1
}

struct Machine {
    command: Command,
    _out: tempfile::TempDir,
}

/// A machine with OpenSSL 3.0.19 and the libcurl of this one, until a test takes something away.
fn machine() -> Machine {
    let out = tempfile::tempdir().unwrap();
    let mut command = Command::new(build_script());
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR"))
        .env("OUT_DIR", out.path())
        .env("TARGET", "x86_64-unknown-linux-gnu")
        .env("HOST", "x86_64-unknown-linux-gnu")
        .env("OPT_LEVEL", "0")
        .env("CARGO_FEATURE_CRYPTO", "1")
        .env("CARGO_FEATURE_HTTP", "1")
        .env("DEP_OPENSSL_VERSION_NUMBER", "30000130");
    Machine { command, _out: out }
}

fn says_what_to_install(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "the build goes on: {text}");
    for name in [
        "apt install build-essential pkg-config libssl-dev libcurl4-openssl-dev",
        "dnf install gcc pkgconf-pkg-config openssl-devel libcurl-devel",
        "apk add build-base pkgconf openssl-dev curl-dev",
        "brew install pkgconf openssl@3 curl",
        "cargo add ffence --features vendored",
    ] {
        assert!(text.contains(name), "{name} is not in:\n{text}");
    }
    text
}

#[test]
fn a_machine_with_everything_builds_and_turns_versions_into_cfgs() {
    let mut machine = machine();
    let output = machine.command.env("DEP_OPENSSL_VERSION_NUMBER", "30500000").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("cargo::rustc-cfg=openssl_since=\"3.5\""), "{printed}");
    assert!(!printed.contains("cargo::rustc-cfg=openssl_since=\"4.0\""), "{printed}");
}

#[test]
fn an_old_openssl_is_refused() {
    let mut machine = machine();
    let output = machine.command.env("DEP_OPENSSL_VERSION_NUMBER", "1010117f").output().unwrap();
    let text = says_what_to_install(&output);
    assert!(text.contains("OpenSSL 1.1") && text.contains("is too old, 3.0"), "{text}");
}

#[test]
fn a_library_that_is_not_openssl_is_refused() {
    let mut machine = machine();
    let output = machine.command.env("DEP_OPENSSL_LIBRESSL", "true").output().unwrap();
    assert!(says_what_to_install(&output).contains("LibreSSL; OpenSSL 3.0 or newer"));
}

#[test]
fn an_old_libcurl_is_refused() {
    let headers = tempfile::tempdir().unwrap();
    std::fs::create_dir(headers.path().join("curl")).unwrap();
    std::fs::write(
        headers.path().join("curl/curlver.h"),
        "#define LIBCURL_VERSION_MAJOR 7\n#define LIBCURL_VERSION_MINOR 61\n#define LIBCURL_VERSION_PATCH 1\n",
    )
    .unwrap();
    let mut machine = machine();
    let output = machine.command.env("DEP_CURL_INCLUDE", headers.path()).output().unwrap();
    let text = says_what_to_install(&output);
    assert!(text.contains("libcurl 7.61.1 is too old, 7.76"), "{text}");
}

/// Without a system libcurl curl-sys builds a copy of its own, which nobody asked for.
#[test]
fn a_missing_libcurl_is_not_replaced_in_silence() {
    let nothing = tempfile::tempdir().unwrap();
    let mut machine = machine();
    let output = machine
        .command
        .env("DEP_CURL_STATIC", "1")
        .env("PKG_CONFIG_LIBDIR", nothing.path())
        .output()
        .unwrap();
    assert!(says_what_to_install(&output).contains("libcurl was not found"));
}

#[test]
fn a_missing_c_compiler_is_named() {
    let mut machine = machine();
    let output = machine.command.env("CC", "no-such-compiler").output().unwrap();
    let text = says_what_to_install(&output);
    assert!(text.contains("no C compiler could build csrc/shim.c"), "{text}");
    assert!(text.contains("no-such-compiler"), "{text}");
}
