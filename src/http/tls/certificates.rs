//! Certificates to trust, as they were handed in.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use base64ct::{Base64, Encoding as _};

use super::Shared;
use crate::buf::copied;
use crate::error::{Error, ErrorKind, Result};

/// Where certificates come from.
#[derive(Clone)]
pub(super) enum Source {
    Pem(Shared),
    Der(Shared),
    File(Arc<Path>),
}

impl Source {
    /// Its bytes.
    ///
    /// # Errors
    /// [`ErrorKind::System`]
    pub(super) fn bytes(&self) -> Result<Cow<'_, [u8]>> {
        match self {
            Self::Pem(bytes) | Self::Der(bytes) => Ok(Cow::Borrowed(bytes)),
            Self::File(path) => std::fs::read(path)
                .map(Cow::Owned)
                .map_err(|error| Error::ours(ErrorKind::System, format!("{self}: {error}"))),
        }
    }

    /// The bytes as PEM, after a look at their form.
    ///
    /// # Errors
    /// [`ErrorKind::System`], [`ErrorKind::Malformed`]
    pub(super) fn pem(&self) -> Result<Cow<'_, [u8]>> {
        let bytes = self.bytes()?;
        let sound = match self {
            Self::Der(der) => {
                return to_pem("CERTIFICATE", der).map(|text| text.into_bytes().into());
            }
            Self::Pem(_) | Self::File(_) => holds_certificates(&bytes),
        };
        sound.map_err(|error| Error::ours(error.kind(), format!("{self}: {error}")))?;
        Ok(bytes)
    }
}

/// What it is, for errors.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pem(bytes) => {
                write!(f, "the certificates to trust ({} bytes of PEM)", bytes.len())
            }
            Self::Der(bytes) => {
                write!(f, "the certificate to trust ({} bytes of DER)", bytes.len())
            }
            Self::File(path) => write!(f, "the certificates to trust in {}", path.display()),
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pem(bytes) => write!(f, "{} bytes of PEM", bytes.len()),
            Self::Der(bytes) => write!(f, "{} bytes of DER", bytes.len()),
            Self::File(path) => path.fmt(f),
        }
    }
}

/// RFC 7468: what DER of a kind is in PEM.
fn to_pem(label: &str, der: &[u8]) -> Result<String> {
    if !is_der(der) {
        return Err(Error::ours(ErrorKind::Malformed, "the certificate to trust is not DER"));
    }
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut line = [0; 64];
    for bytes in der.chunks(48) {
        let line = Base64::encode(bytes, &mut line).map_err(|_| Error::of(ErrorKind::Length))?;
        text.push_str(line);
        text.push('\n');
    }
    text.push_str("-----END ");
    text.push_str(label);
    text.push_str("-----\n");
    Ok(text)
}

/// One value, a sequence, and nothing behind it.
pub(super) fn is_der(bytes: &[u8]) -> bool {
    let (len, rest) = match bytes {
        [0x30, len @ 0..=0x7f, rest @ ..] => (usize::from(*len), rest),
        [0x30, 0x81, a, rest @ ..] => (usize::from(*a), rest),
        [0x30, 0x82, a, b, rest @ ..] => (usize::from(u16::from_be_bytes([*a, *b])), rest),
        _ => return false,
    };
    len == rest.len()
}

/// At least one certificate, and of each the form; what is in it, the TLS library judges.
pub(super) fn holds_certificates(pem: &[u8]) -> Result<()> {
    let malformed = |what| Error::ours(ErrorKind::Malformed, what);
    let text = String::from_utf8_lossy(pem);
    let mut count = 0;
    for block in text.split("-----BEGIN ").skip(1) {
        let (label, rest) = block.split_once("-----").unwrap_or((block, ""));
        if !matches!(label, "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE") {
            continue;
        }
        count += 1;
        let body = rest.split_once("-----END ").map(|(body, _)| body);
        let body = body.ok_or_else(|| malformed("a certificate without its end"))?;
        let mut own = copied(body.as_bytes())?;
        own.retain(|byte| !byte.is_ascii_whitespace());
        let mut der = copied(&own)?;
        let der = Base64::decode(&own, &mut der)
            .map_err(|_| malformed("a certificate that is not base64"))?;
        if label == "CERTIFICATE" && !is_der(der) {
            return Err(malformed("a certificate that is not DER within"));
        }
    }
    if count == 0 {
        return Err(malformed("the PEM text holds no certificate"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn der_becomes_pem_and_is_read_again() {
        for len in [0_u8, 1, 44, 46, 47, 100] {
            let der: Vec<u8> =
                [0x30, len].into_iter().chain((0..len).map(|at| at ^ 0x55)).collect();
            let pem = to_pem("CERTIFICATE", &der).unwrap();
            holds_certificates(pem.as_bytes()).unwrap();
            assert!(pem.lines().all(|line| line.len() <= 64), "{pem}");
        }
    }

    #[test]
    fn what_is_no_certificate_is_named() {
        let good = to_pem("CERTIFICATE", &[0x30, 1, 2]).unwrap();
        let bad = [
            String::new(),
            good.replace("CERTIFICATE", "PRIVATE KEY"),
            good.replace("MA", "M?"),
            good.split("-----END").next().unwrap().to_owned(),
            good.replace("MAEC", "MAUC"),
            format!("{good}{}", good.replace("MA", "?A")),
        ];
        for text in bad {
            let error = holds_certificates(text.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed, "{text}");
        }
        assert!(to_pem("CERTIFICATE", b"text").is_err());
        assert!(to_pem("CERTIFICATE", &[0x30, 1, 2, 3]).is_err());
    }
}
