//! Whom the client trusts.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::conduct::Line;
use crate::capabilities::Libcurl;
use crate::curl::option;
use crate::curl::option::value::{self, TlsVersions};
use crate::error::{Error, ErrorKind, Result};

/// Whom the client trusts, and how old a protocol it accepts.
///
/// The default trusts the system's store and speaks TLS 1.2 or newer. The certificate's chain and
/// its host name are always verified: there is no switch.
///
/// ```
/// use ffence::http::{Client, Tls, TlsVersion};
/// let tls = Tls::new().min_version(TlsVersion::V1_3);
/// let client = Client::builder().tls(tls).build()?;
/// # Ok::<(), ffence::Error>(())
/// ```
#[derive(Clone, Default)]
#[must_use = "settings take effect in ClientBuilder::tls"]
pub struct Tls {
    trust: Trust,
    min_version: TlsVersion,
}

#[derive(Clone, Default)]
enum Trust {
    #[default]
    System,
    Pem(Arc<[u8]>),
    File(PathBuf),
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TlsVersion {
    /// TLS 1.2
    #[default]
    V1_2,
    /// TLS 1.3
    V1_3,
}

impl Tls {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts these certificates, in PEM, and nobody else.
    ///
    /// They are read when the first connection is made; PEM that holds no certificate fails there
    /// with [`ErrorKind::Tls`]. [`ClientBuilder::build`](super::ClientBuilder::build) answers
    /// [`ErrorKind::Unsupported`] where libcurl is older than 7.77 or its TLS library takes
    /// certificates from files alone; [`ca_file`](Tls::ca_file) works there.
    ///
    /// [`CURLOPT_CAINFO_BLOB`](https://curl.se/libcurl/c/CURLOPT_CAINFO_BLOB.html)
    #[doc(alias = "CURLOPT_CAINFO_BLOB")]
    pub fn ca_pem(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.trust = Trust::Pem(pem.as_ref().into());
        self
    }

    /// Trusts the certificates of this PEM file, and nobody else.
    ///
    /// The file is read by the first connection of each handle, and its contents are kept there for
    /// the next ones.
    ///
    /// [`CURLOPT_CAINFO`](https://curl.se/libcurl/c/CURLOPT_CAINFO.html)
    #[doc(alias = "CURLOPT_CAINFO")]
    pub fn ca_file(mut self, path: impl AsRef<Path>) -> Self {
        self.trust = Trust::File(path.as_ref().to_owned());
        self
    }

    /// Accepts no older version than this.
    ///
    /// [`CURLOPT_SSLVERSION`](https://curl.se/libcurl/c/CURLOPT_SSLVERSION.html)
    #[doc(alias = "CURLOPT_SSLVERSION")]
    pub fn min_version(mut self, version: TlsVersion) -> Self {
        self.min_version = version;
        self
    }

    pub(super) fn apply(&self, easy: &mut Line) -> Result<()> {
        // libcurl's defaults; said all the same, because everything hangs on them.
        easy.set(option::SslVerifyPeer(true))?;
        easy.set(option::SslVerifyHost(true))?;
        let version = match self.min_version {
            TlsVersion::V1_2 => value::TlsVersion::V1_2,
            TlsVersion::V1_3 => value::TlsVersion::V1_3,
        };
        easy.set(option::SslVersion(TlsVersions::new().from(version)))?;
        match &self.trust {
            Trust::System if Libcurl::known()?.knows_trust() => Ok(()),
            Trust::System => match bundle() {
                Some(path) => trust_file(easy, path),
                None => Ok(()), // every handshake fails, and says why
            },
            Trust::File(path) => trust_file(easy, path),
            Trust::Pem(pem) => trust_pem(easy, pem),
        }
    }
}

/// The set file takes the place of libcurl's own, and its directory, searched besides it, is left
/// out. That also keeps libcurl's cache of parsed certificates at work, which a directory or a blob
/// switches off.
fn trust_file(easy: &mut Line, path: &Path) -> Result<()> {
    easy.set(option::CaInfo(path))?;
    without_directory(easy)
}

fn trust_pem(easy: &mut Line, pem: &[u8]) -> Result<()> {
    easy.set(option::CaInfoBlob(pem)).map_err(|error| match error.kind() {
        ErrorKind::Unsupported => Error::ours(
            ErrorKind::Unsupported,
            format!("this libcurl takes certificates only from a file, use Tls::ca_file: {error}"),
        ),
        _ => error,
    })?;
    without_directory(easy)
}

fn without_directory(easy: &mut Line) -> Result<()> {
    match easy.set(option::CaPath(None::<&Path>)) {
        // A TLS library that knows no directories has none to leave out.
        Err(error) if error.kind() == ErrorKind::Unsupported => Ok(()),
        other => other.map(|_| ()),
    }
}

/// The system's certificates, for a libcurl that was built without knowing where they are (the
/// `vendored` one).
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

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trust: &dyn fmt::Debug = match &self.trust {
            Trust::System => &"the system's store",
            Trust::Pem(pem) => &format_args!("{} bytes of PEM", pem.len()),
            Trust::File(path) => path,
        };
        f.debug_struct("Tls").field("trust", trust).field("min_version", &self.min_version).finish()
    }
}
