//! Keys that a server must have.

use std::fmt;
use std::str::FromStr;

use base64ct::{Base64, Encoding as _};

#[cfg(feature = "crypto")]
use crate::crypto::{Digest, Sha256};
use crate::error::{Error, ErrorKind, Result};

/// A server's public key, as the SHA-256 of its DER (`SubjectPublicKeyInfo`).
///
/// As text it is `sha256//` and base64, as curl has it. A key outlives the certificates that are issued
/// for it; whoever pins one pins the next one as well, or is locked out when it changes.
///
/// ```
/// use ffence::http::{Pin, Tls};
/// let pin: Pin = "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".parse()?;
/// let tls = Tls::new().pin(pin);
/// # Ok::<(), ffence::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pin([u8; 32]);

impl Pin {
    /// The key with this digest.
    pub const fn sha256(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// The key of a certificate (PEM, of which the first one counts, or DER).
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] for bytes that are no certificate, [`ErrorKind::OutOfMemory`].
    #[cfg(feature = "crypto")]
    pub fn of_certificate(certificate: impl AsRef<[u8]>) -> Result<Self> {
        Self::of_public_key(crate::curl::public_key(certificate.as_ref())?)
    }

    /// The key with this DER (`SubjectPublicKeyInfo`), which is not looked at.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`]
    #[cfg(feature = "crypto")]
    pub fn of_public_key(der: impl AsRef<[u8]>) -> Result<Self> {
        let digest: Digest<Sha256> = Sha256::digest(der.as_ref())?;
        let bytes = <[u8; 32]>::try_from(digest.as_ref());
        bytes.map(Self).map_err(|_| Error::of(ErrorKind::Length))
    }
}

impl FromStr for Pin {
    type Err = Error;

    /// Reads `sha256//` and base64.
    fn from_str(text: &str) -> Result<Self> {
        let mut digest = [0; 32];
        let hash = text.strip_prefix("sha256//");
        match hash.map(|hash| Base64::decode(hash, &mut digest).map(<[u8]>::len)) {
            Some(Ok(32)) => Ok(Self(digest)),
            _ => Err(Error::ours(
                ErrorKind::Malformed,
                format!("the pin {text:?} is not `sha256//` and the base64 of 32 bytes"),
            )),
        }
    }
}

/// As it is parsed.
impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 44];
        let text = Base64::encode(&self.0, &mut text).map_err(|_| fmt::Error)?;
        write!(f, "sha256//{text}")
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pin({self})")
    }
}
