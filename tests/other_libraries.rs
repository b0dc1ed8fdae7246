//! Programs that were linked in a way that a user may meet by mistake: with the GnuTLS build of
//! libcurl, and with a libcrypto of their own beside the system's. Handing OpenSSL objects to such a
//! libcurl would be undefined behaviour; the probe refuses, and everything else works.
//!
//! `REQUIRE=libcurl-gnutls,libcrypto-static` makes a missing library a failure instead of a skip.

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::server::{Authority, Server};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `tests/linkage`, built with `environment` into a folder of its own.
fn program(variant: &str, environment: &[(&str, &Path)]) -> PathBuf {
    program_with(variant, environment, &[])
}

fn program_with(variant: &str, environment: &[(&str, &Path)], features: &[&str]) -> PathBuf {
    let target = root().join("target/linkage").join(variant);
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["build", "--quiet", "-p", "ffence-linkage", "--target-dir"])
        .arg(&target)
        .args(features)
        .envs(environment.iter().copied())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{variant}: {}", String::from_utf8_lossy(&output.stderr));
    target.join("debug/ffence-linkage")
}

fn run(program: &Path, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().expect("the program starts");
    assert!(
        output.status.success(),
        "{arguments:?}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("its output is text")
}

/// The folder that holds all of `files`, among those where the linker looks.
fn library_folder(name: &str, files: &[&str]) -> Option<PathBuf> {
    let folders =
        ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"];
    let found = folders
        .iter()
        .map(Path::new)
        .find(|folder| files.iter().all(|file| folder.join(file).exists()));
    let required = std::env::var("REQUIRE").unwrap_or_default();
    assert!(
        found.is_some() || !required.split(',').any(|it| it == name),
        "{name} is required, and {files:?} are in none of {folders:?}"
    );
    if found.is_none() {
        eprintln!("skipped: {files:?} are in none of {folders:?}; scripts/setup takes them along");
    }
    found.map(Path::to_owned)
}

/// A TLS server, and a file with the certificate that its clients have to trust.
fn server() -> (Server, tempfile::NamedTempFile) {
    let authority = Authority::new();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), authority.pem()).unwrap();
    (Server::tls(&authority), file)
}

#[test]
fn the_usual_libraries_share_one_libcrypto() {
    let can = ffence::capabilities().unwrap();
    assert_eq!(can.shared_libcrypto(), ffence::capabilities::SharedLibcrypto::Yes);
}

#[test]
fn a_libcurl_on_gnutls_gets_no_openssl_object() {
    let Some(folder) = library_folder("libcurl-gnutls", &["libcurl-gnutls.so.4"]) else { return };
    // A machine that has this libcurl's development package: its pkg-config file answers to the
    // same name.
    let machine = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(
        folder.join("libcurl-gnutls.so.4"),
        machine.path().join("libcurl.so"),
    )
    .unwrap();
    let text = format!(
        "Name: libcurl\nDescription: on GnuTLS\nVersion: 7.88.1\nLibs: -L{} -lcurl\n",
        machine.path().display()
    );
    std::fs::write(machine.path().join("libcurl.pc"), text).unwrap();
    let program = program("gnutls", &[("PKG_CONFIG_PATH", machine.path())]);

    let report = run(&program, &["report"]);
    assert!(report.contains("tls backend: GnuTLS/"), "{report}");
    assert!(report.contains("shared libcrypto: OtherBackend"), "{report}");
    assert!(report.contains("opened: true"), "{report}");

    let (server, ca) = server();
    let url = server.url("/bytes/10");
    let fetched = run(&program, &["get", &url, ca.path().to_str().unwrap()]);
    assert!(fetched.contains("from a file: 200"), "{fetched}");
    assert!(
        fetched.contains("from memory: 200") || fetched.contains("from memory: Unsupported: "),
        "it falls back to PEM, or refuses: {fetched}"
    );
}

#[test]
fn a_second_libcrypto_is_noticed() {
    let Some(folder) = library_folder("libcrypto-static", &["libcrypto.a", "libssl.a"]) else {
        return;
    };
    // OpenSSL goes into the program, while the system's libcurl brings its own.
    let program = program(
        "static-libcrypto",
        &[
            ("OPENSSL_STATIC", Path::new("1")),
            ("OPENSSL_LIB_DIR", &folder),
            ("OPENSSL_INCLUDE_DIR", Path::new("/usr/include")),
        ],
    );

    let report = run(&program, &["report"]);
    assert!(report.contains("tls backend: OpenSSL/"), "{report}");
    assert!(report.contains("shared libcrypto: SecondCopy"), "{report}");
    assert!(report.contains("opened: true"), "{report}");

    let (server, ca) = server();
    let fetched = run(&program, &["get", &server.url("/bytes/10"), ca.path().to_str().unwrap()]);
    assert!(fetched.contains("from a file: 200"), "{fetched}");
    assert!(fetched.contains("from memory: 200"), "by PEM, which belongs to nobody: {fetched}");
}

/// Without the feature `crypto` no libcrypto is linked, but libcurl's own cleans up at exit as well.
#[test]
fn the_client_alone_exits_while_threads_fetch() {
    let program = program_with("http-alone", &[], &["--no-default-features"]);
    let (server, ca) = server();
    for _ in 0..40 {
        let fetched =
            run(&program, &["exit", &server.url("/bytes/10"), ca.path().to_str().unwrap()]);
        assert_eq!(fetched, "200\n".repeat(8));
    }
}
