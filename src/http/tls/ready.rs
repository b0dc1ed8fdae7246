//! Settings that were looked over, for each handle of a client.

use std::path::Path;
#[cfg(feature = "crypto")]
use std::sync::Arc;

use super::certificates::Source;
#[cfg(feature = "crypto")]
use super::setup::Setup;
use super::system::Places;
use super::{Tls, TlsVersion};
#[cfg(feature = "crypto")]
use crate::capabilities::{Libcurl, SharedLibcrypto, shared_libcrypto};
use crate::curl::option;
use crate::curl::option::value::{self, TlsVersions};
use crate::error::{Error, ErrorKind, Result};
use crate::http::conduct::Line;

/// Whether contexts can be told by what is parsed already: libcurl works on this crate's libcrypto.
#[cfg(feature = "crypto")]
pub(super) fn in_context() -> Result<bool> {
    Ok(shared_libcrypto(Libcurl::known()?) == SharedLibcrypto::Yes)
}

/// Without the feature `crypto` there is no libcrypto of this crate.
#[cfg(not(feature = "crypto"))]
#[allow(clippy::unnecessary_wraps)] // as the other one
pub(super) fn in_context() -> Result<bool> {
    Ok(false)
}

pub(in crate::http) struct Ready {
    tls: Tls,
    way: Way,
}

/// How libcurl is told whom to trust.
enum Way {
    /// By each context.
    #[cfg(feature = "crypto")]
    Context(Arc<Setup>),
    /// By its options: it has its own defaults.
    Defaults,
    /// By its options: a file, whose certificates it keeps.
    File(Box<Path>),
    /// By its options: bytes, which it parses for each connection.
    Pem(Vec<u8>),
}

impl Ready {
    pub(in crate::http) fn new(tls: Tls) -> Result<Self> {
        if tls.max_version.is_some_and(|most| most < tls.min_version) {
            return Err(Error::ours(
                ErrorKind::Parameter,
                "the newest version of TLS that may be spoken is older than the oldest one",
            ));
        }
        #[cfg(feature = "crypto")]
        if in_context()? {
            let way = Way::Context(Arc::new(Setup::new(&tls)?));
            return Ok(Self { tls, way });
        }
        #[cfg(feature = "crypto")]
        Self::without_context(&tls)?;
        let way = Way::by_options(&tls)?;
        Ok(Self { tls, way })
    }

    #[cfg(feature = "crypto")]
    fn without_context(tls: &Tls) -> Result<()> {
        if let Some(identity) = &tls.identity {
            identity.credentials.check_time()?;
        }
        if tls.key_log.is_some() {
            return Err(Error::ours(
                ErrorKind::Unsupported,
                "a key log needs a libcurl on this crate's libcrypto",
            ));
        }
        Ok(())
    }

    /// Whether libcurl asks a DNS server over HTTPS with the same trust.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`]: of its options it takes the file over (lib/doh.c), not bytes.
    pub(in crate::http) fn check_doh(&self) -> Result<()> {
        if !matches!(self.way, Way::Pem(_)) {
            return Ok(());
        }
        let text = "without the feature `crypto`, and on another libcrypto than this crate's, libcurl does not \
                    take these certificates over to the DNS server: use Tls::ca_file alone";
        Err(Error::ours(ErrorKind::Unsupported, text))
    }

    /// Tells a new handle.
    pub(in crate::http) fn apply(&self, line: &mut Line) -> Result<()> {
        let Tls { pins, ciphers, suites, groups, .. } = &self.tls;
        // libcurl's defaults; said all the same, because everything hangs on them.
        line.set(option::SslVerifyPeer(true))?;
        line.set(option::SslVerifyHost(true))?;
        let version = |version| match version {
            TlsVersion::V1_2 => value::TlsVersion::V1_2,
            TlsVersion::V1_3 => value::TlsVersion::V1_3,
        };
        let mut versions = TlsVersions::new().from(version(self.tls.min_version));
        if let Some(most) = self.tls.max_version {
            versions = versions.up_to(version(most));
        }
        line.set(option::SslVersion(versions))?;
        may_lack(line.set(option::ProxySslVersion(versions)))?;
        if let Some(list) = ciphers {
            line.set(option::SslCipherList(list.as_str()))?;
            may_lack(line.set(option::ProxySslCipherList(list.as_str())))?;
        }
        if let Some(list) = suites {
            line.set(option::Tls13Ciphers(list.as_str()))?;
            may_lack(line.set(option::ProxyTls13Ciphers(list.as_str())))?;
        }
        if let Some(list) = groups {
            line.set(option::SslEcCurves(list.as_str()))?;
        }
        if !pins.is_empty() {
            let pins: Vec<_> = pins.iter().map(ToString::to_string).collect();
            line.set(option::PinnedPublicKey(pins.join(";")))?;
        }
        if let Some(identity) = &self.tls.identity {
            identity.apply(line)?;
        }
        match &self.way {
            #[cfg(feature = "crypto")]
            Way::Context(setup) => {
                line.handler_mut().tls = Some(Arc::clone(setup));
                line.call_tls_context()?;
                // What libcurl would load for itself is not used.
                line.set(option::CaInfo(None::<&Path>))?;
                without_folder(line)?;
                may_lack(line.set(option::ProxyCaInfo(None::<&Path>)))?;
                may_lack(line.set(option::ProxyCaPath(None::<&Path>)))
            }
            Way::Defaults => Ok(()),
            Way::File(path) => {
                line.set(option::CaInfo(&**path))?;
                without_folder(line)?;
                may_lack(line.set(option::ProxyCaInfo(&**path)))?;
                may_lack(line.set(option::ProxyCaPath(None::<&Path>)))
            }
            Way::Pem(pem) => {
                trust_pem(line, pem)?;
                may_lack(line.set(option::ProxyCaInfoBlob(pem.as_slice())))?;
                may_lack(line.set(option::ProxyCaPath(None::<&Path>)))
            }
        }
    }
}

impl Way {
    fn by_options(tls: &Tls) -> Result<Self> {
        let mut all = Vec::new();
        if !tls.without_system {
            let places = Places::find()?;
            match (places.file, tls.own.is_empty()) {
                // Without its folder libcurl keeps what it parsed.
                (Some(file), true) => return Ok(Self::File(file.into())),
                (None, true) => return Ok(Self::Defaults),
                (Some(file), false) => all.extend_from_slice(&Source::File(file.into()).bytes()?),
                (None, false) => {
                    return Err(Error::ours(
                        ErrorKind::Unsupported,
                        "there is no file of the system's certificates to add others to",
                    ));
                }
            }
        }
        for source in &tls.own {
            all.push(b'\n');
            all.extend_from_slice(&source.pem()?);
        }
        match &*tls.own {
            [Source::File(path)] if tls.without_system => Ok(Self::File((&**path).into())),
            _ => Ok(Self::Pem(all)),
        }
    }
}

fn trust_pem(line: &mut Line, pem: &[u8]) -> Result<()> {
    line.set(option::CaInfoBlob(pem)).map_err(|error| match error.kind() {
        ErrorKind::Unsupported => Error::ours(
            ErrorKind::Unsupported,
            format!("this libcurl takes certificates only from a file, use Tls::ca_file: {error}"),
        ),
        _ => error,
    })?;
    without_folder(line)
}

/// The set file takes the place of libcurl's own, and its folder, searched besides it, is left out.
/// That also keeps libcurl's cache of parsed certificates at work, which a folder or a blob switches
/// off.
fn without_folder(line: &mut Line) -> Result<()> {
    may_lack(line.set(option::CaPath(None::<&Path>)))
}

/// A TLS library that does not know something has nothing of it to leave out.
pub(super) fn may_lack(set: Result<&mut Line>) -> Result<()> {
    match set {
        Err(error) if error.kind() == ErrorKind::Unsupported => Ok(()),
        other => other.map(|_| ()),
    }
}
