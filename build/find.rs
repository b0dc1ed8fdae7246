//! Which OpenSSL and libcurl the -sys crates found.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::message;

/// major, minor, patch
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u64, pub u64, pub u64);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(major, minor, 0) => write!(f, "{major}.{minor}"),
            Self(major, minor, patch) => write!(f, "{major}.{minor}.{patch}"),
        }
    }
}

const OPENSSL_FLOOR: Version = Version(3, 0, 0);
const CURL_FLOOR: Version = Version(7, 76, 0);

/// The version that openssl-sys read from the headers (`0xMNNFFPPS`).
pub fn openssl() -> Result<Version, String> {
    println!("cargo::rerun-if-env-changed=DEP_OPENSSL_VERSION_NUMBER");
    if std::env::var_os("DEP_OPENSSL_LIBRESSL").is_some() {
        return Err(message::not_openssl("LibreSSL"));
    }
    let number = std::env::var("DEP_OPENSSL_VERSION_NUMBER").unwrap_or_default();
    let number = u64::from_str_radix(&number, 16)
        .map_err(|_| message::not_openssl("a library that is not OpenSSL"))?;
    // From 3.0 on the patch level stands where 1.x had its "fix" number plus one nibble.
    let version = Version(number >> 28, (number >> 20) & 0xff, (number >> 4) & 0xffff);
    if version < OPENSSL_FLOOR {
        return Err(message::too_old("OpenSSL", &version.to_string(), &OPENSSL_FLOOR.to_string()));
    }
    Ok(version)
}

/// Whether openssl-sys was told to build OpenSSL from source.
pub fn openssl_is_vendored() -> bool {
    // openssl-sys names the include directory of what it links: its own build lies under OUT_DIR.
    let include = PathBuf::from(std::env::var_os("DEP_OPENSSL_INCLUDE").unwrap_or_default());
    include.components().any(|part| part.as_os_str() == "openssl-build")
}

pub struct Curl {
    pub version: Version,
    pub include_dirs: Vec<PathBuf>,
    pub is_static: bool,
}

/// The libcurl that curl-sys found, or built.
///
/// curl-sys quietly builds its own copy where the system has no libcurl. That copy knows nothing of
/// the system's patches, so it is taken only where somebody asked for it.
pub fn curl(vendored_wanted: bool) -> Result<Curl, String> {
    println!("cargo::rerun-if-env-changed=DEP_CURL_INCLUDE");
    let is_static = std::env::var_os("DEP_CURL_STATIC").is_some();
    if is_static && !vendored_wanted {
        let mut probe = pkg_config::Config::new();
        if probe.cargo_metadata(false).env_metadata(true).probe("libcurl").is_err() {
            return Err(message::missing("libcurl"));
        }
    }
    let include_dirs: Vec<_> =
        std::env::var_os("DEP_CURL_INCLUDE").map(PathBuf::from).into_iter().collect();
    let version = curl_version(&include_dirs)?;
    if version < CURL_FLOOR {
        return Err(message::too_old("libcurl", &version.to_string(), &CURL_FLOOR.to_string()));
    }
    Ok(Curl { version, include_dirs, is_static })
}

/// Asks the C compiler, which alone knows all the places where headers may lie.
fn curl_version(include_dirs: &[PathBuf]) -> Result<Version, String> {
    let probe = Path::new("csrc/version_probe.c");
    let mut build = cc::Build::new();
    build.file(probe).includes(include_dirs);
    let compiler =
        build.try_get_compiler().map_err(|error| message::no_compiler(&error.to_string()))?;
    if compiler.to_command().arg("--version").output().is_err() {
        return Err(message::no_compiler(&format!("{} does not run", compiler.path().display())));
    }
    let expanded = build.try_expand().map_err(|_| message::missing("libcurl"))?;
    let expanded = String::from_utf8_lossy(&expanded);
    let mut words = expanded
        .lines()
        .filter(|line| !line.starts_with('#')) // the preprocessor's own line marks
        .flat_map(str::split_whitespace)
        .skip_while(|word| *word != "ffence_curl_version")
        .skip(1);
    let mut number = || words.next()?.parse().ok();
    match (number(), number(), number()) {
        (Some(major), Some(minor), Some(patch)) => Ok(Version(major, minor, patch)),
        _ => Err(message::missing("libcurl")),
    }
}
