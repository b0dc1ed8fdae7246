//! Where the system keeps the certificates that it trusts.

use std::path::{Path, PathBuf};

use crate::capabilities::Libcurl;
use crate::error::Result;

/// A file with all of them, and a folder with one file for each, named by its hash.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    pub(super) file: Option<PathBuf>,
    #[cfg_attr(not(feature = "crypto"), allow(dead_code))]
    pub(super) folder: Option<PathBuf>,
}

impl Places {
    /// Those that libcurl was built with, as far as they are there; or where systems have them, for
    /// one that was built without knowing (the `vendored` one).
    pub(super) fn find() -> Result<Self> {
        let [file, folder] = Libcurl::known()?.trust();
        if file.is_none() && folder.is_none() {
            return Ok(Self { file: bundle().map(Path::to_owned), folder: None });
        }
        let file = file.map(PathBuf::from).filter(|path| path.is_file());
        let folder = folder.map(PathBuf::from).filter(|path| path.is_dir());
        Ok(Self { file, folder })
    }
}

fn bundle() -> Option<&'static Path> {
    const PLACES: [&str; 6] = [
        "/etc/ssl/certs/ca-certificates.crt", // Debian, Ubuntu, Arch, Gentoo
        "/etc/pki/tls/certs/ca-bundle.crt",   // Fedora, RHEL
        "/etc/ssl/ca-bundle.pem",             // openSUSE
        "/etc/ssl/cert.pem",                  // Alpine, macOS, OpenBSD
        "/usr/local/share/certs/ca-root-nss.crt", // FreeBSD
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    ];
    PLACES.into_iter().map(Path::new).find(|place| place.is_file())
}
