//! Who the client is.

use std::ffi::CStr;
use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

#[cfg(not(feature = "crypto"))]
use super::certificates::{holds_certificates, is_der};
use super::ready::{in_context, may_lack};
#[cfg(feature = "crypto")]
use crate::curl::Credentials;
use crate::curl::option;
use crate::error::{Error, ErrorKind, Result};
use crate::http::conduct::Line;

/// A client's certificate and its key.
///
/// It is parsed where it is made, and what is wrong is an error there; without the feature `crypto`
/// only the form of it is looked at, and TLS looks at the rest with each connection. Cloning it is cheap.
///
/// The key lies in OpenSSL's memory, which wipes it when the last client that has it is gone. Only where
/// libcurl does not work on this crate's libcrypto, the bytes are kept as they came, in memory that is
/// wiped, and libcurl has copies of them.
///
/// ```
/// use ffence::http::{Client, Identity, Tls};
/// # let made = rcgen::generate_simple_self_signed(["me.test".to_owned()]).unwrap();
/// # let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
/// let identity = Identity::pem(certificate, key)?;
/// let client = Client::builder().tls(Tls::new().identity(identity)).build()?;
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// # Errors
/// | kind | what is wrong |
/// |---|---|
/// | [`Malformed`](ErrorKind::Malformed) | the bytes are not of their format, or something is missing |
/// | [`Authentication`](ErrorKind::Authentication) | the passphrase is another one |
/// | [`Parameter`](ErrorKind::Parameter) | the key is not the certificate's, or is encrypted, and there is no passphrase |
/// | [`Unsupported`](ErrorKind::Unsupported) | a cipher that OpenSSL has no more |
/// | [`InteriorNul`](ErrorKind::InteriorNul) | a NUL byte in a passphrase of PKCS #12 |
/// | [`OutOfMemory`](ErrorKind::OutOfMemory) | |
///

#[derive(Clone)]
pub struct Identity {
    #[cfg(feature = "crypto")]
    pub(super) credentials: Arc<Credentials>,
    /// For libcurl's options, where there is no other way.
    files: Option<Arc<Files>>,
}

struct Files {
    format: &'static str,
    certificate: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
    /// With a NUL at its end, and none before.
    passphrase: Option<Zeroizing<Vec<u8>>>,
}

/// The text with a NUL at its end.
fn ended(text: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    if text.contains(&0) {
        return Err(Error::ours(ErrorKind::InteriorNul, "the passphrase of the client's key"));
    }
    let mut ended = Zeroizing::new(Vec::with_capacity(text.len() + 1));
    ended.extend_from_slice(text);
    ended.push(0);
    Ok(ended)
}

impl Identity {
    /// A certificate, with those of its issuers behind it, and its key, all in PEM. They may be one
    /// text.
    ///
    /// # Errors
    /// See [`Identity`].
    #[doc(alias = "CURLOPT_SSLCERT_BLOB")]
    pub fn pem(chain: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Result<Self> {
        Self::of("PEM", chain.as_ref(), key.as_ref(), None)
    }

    /// The same with a passphrase that opens the key, of up to 1,024 bytes.
    ///
    /// A [`Secret`](crate::secret::Secret) lends its bytes to it:
    /// `secret.expose(|passphrase| Identity::pem_with_passphrase(chain, key, passphrase))`.
    ///
    /// # Errors
    /// See [`Identity`].
    #[doc(alias = "CURLOPT_KEYPASSWD")]
    pub fn pem_with_passphrase(
        chain: impl AsRef<[u8]>,
        key: impl AsRef<[u8]>,
        passphrase: impl AsRef<[u8]>,
    ) -> Result<Self> {
        Self::of("PEM", chain.as_ref(), key.as_ref(), Some(passphrase.as_ref()))
    }

    /// A certificate and its key, both in DER.
    ///
    /// # Errors
    /// See [`Identity`].
    pub fn der(certificate: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Result<Self> {
        Self::of("DER", certificate.as_ref(), key.as_ref(), None)
    }

    /// What a PKCS #12 file (`.p12`, `.pfx`) holds, and the passphrase that opens it.
    ///
    /// # Errors
    /// See [`Identity`].
    #[doc(alias = "PKCS12_parse")]
    pub fn pkcs12(file: impl AsRef<[u8]>, passphrase: impl AsRef<[u8]>) -> Result<Self> {
        Self::of("P12", file.as_ref(), &[], Some(passphrase.as_ref()))
    }

    fn of(
        format: &'static str,
        certificate: &[u8],
        key: &[u8],
        passphrase: Option<&[u8]>,
    ) -> Result<Self> {
        #[cfg(feature = "crypto")]
        let credentials = Arc::new(match format {
            "P12" => Credentials::pkcs12(certificate, passphrase.unwrap_or_default())?,
            _ => Credentials::new(certificate, key, passphrase)?,
        });
        #[cfg(not(feature = "crypto"))]
        look(format, certificate, key)?;
        let files = if in_context()? {
            None
        } else {
            let key = Zeroizing::new(key.to_vec());
            let passphrase = passphrase.map(ended).transpose()?;
            Some(Arc::new(Files { format, certificate: certificate.to_vec(), key, passphrase }))
        };
        Ok(Self {
            #[cfg(feature = "crypto")]
            credentials,
            files,
        })
    }

    /// Tells libcurl, where it is told by its options.
    pub(super) fn apply(&self, line: &mut Line) -> Result<()> {
        let Some(files) = &self.files else { return Ok(()) };
        line.set(option::SslCertType(files.format))?;
        line.set(option::SslCertBlob(files.certificate.as_slice()))?;
        if !files.key.is_empty() {
            line.set(option::SslKeyType(files.format))?;
            line.set(option::SslKeyBlob(files.key.as_slice()))?;
        }
        if let Some(passphrase) = files.passphrase() {
            line.set(option::KeyPasswd(passphrase))?;
        }
        may_lack(files.tell_proxy(line))
    }
}

impl Files {
    /// A proxy that is spoken to by TLS is shown the same.
    fn tell_proxy<'a>(&self, line: &'a mut Line) -> Result<&'a mut Line> {
        line.set(option::ProxySslCertType(self.format))?;
        line.set(option::ProxySslCertBlob(self.certificate.as_slice()))?;
        if !self.key.is_empty() {
            line.set(option::ProxySslKeyType(self.format))?;
            line.set(option::ProxySslKeyBlob(self.key.as_slice()))?;
        }
        match self.passphrase() {
            Some(passphrase) => line.set(option::ProxyKeyPasswd(passphrase)),
            None => Ok(line),
        }
    }

    fn passphrase(&self) -> Option<&CStr> {
        let text = self.passphrase.as_ref()?;
        Some(CStr::from_bytes_until_nul(text).unwrap_or_default())
    }
}

/// At the form of it.
#[cfg(not(feature = "crypto"))]
fn look(format: &str, certificate: &[u8], key: &[u8]) -> Result<()> {
    let malformed = |what| Error::ours(ErrorKind::Malformed, what);
    match format {
        "PEM" => {
            holds_certificates(certificate).map_err(|error| {
                Error::ours(error.kind(), format!("the client's certificate: {error}"))
            })?;
            let text = String::from_utf8_lossy(key);
            if !(text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----")) {
                return Err(malformed("the client's key: the PEM text holds no key"));
            }
            Ok(())
        }
        "DER" if !is_der(certificate) => Err(malformed("the client's certificate is not DER")),
        "DER" if !is_der(key) => Err(malformed("the client's key is not DER")),
        _ if !is_der(certificate) => Err(malformed("the PKCS #12 file is not DER")),
        _ => Ok(()),
    }
}

/// Without anything of it.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}
