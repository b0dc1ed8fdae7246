//! Who this side is: a certificate, its issuers and its key, parsed once.

#![allow(unsafe_code)]

use std::ffi::{CString, c_int};
use std::fmt;
use std::ptr;

use zeroize::Zeroizing;

use super::parsed;
use crate::cstr::copied;
use crate::error::openssl::{Checked as _, Failed, bracket};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::openssl as ffi;
use crate::init;
use crate::owned::Owned;

/// A certificate with those of its issuers, and its key; contexts that it is given to hold references.
pub(crate) struct Credentials {
    pub(super) own: Owned<ffi::X509>,
    pub(super) issuers: Vec<Owned<ffi::X509>>,
    pub(super) key: Owned<ffi::EVP_PKEY>,
}

impl Credentials {
    /// The chain in PEM, or one certificate in DER; the key in PEM or DER, and what opens it.
    pub(crate) fn new(chain: &[u8], key: &[u8], passphrase: Option<&[u8]>) -> Result<Self> {
        init::openssl::ready()?;
        let mut issuers = bracket(|| parsed::certificates(chain))
            .map_err(|error| wrong("the client's certificate", ErrorKind::Malformed, &error))?;
        if passphrase.is_none() && parsed::is_encrypted(key) {
            return Err(Error::ours(
                ErrorKind::Parameter,
                "the client's key is encrypted, and there is no passphrase",
            ));
        }
        let key = bracket(|| parsed::private_key(key, passphrase)).map_err(|error| {
            let encrypted = parsed::is_encrypted(key);
            let kind = if encrypted { ErrorKind::Authentication } else { ErrorKind::Malformed };
            let what = if encrypted {
                "the passphrase does not open the client's key"
            } else {
                "the client's key"
            };
            wrong(what, kind, &error)
        })?;
        let own = issuers.remove(0); // there is at least one
        Self { own, issuers, key }.matching()
    }

    /// What a PKCS #12 file holds.
    pub(crate) fn pkcs12(bytes: &[u8], passphrase: &[u8]) -> Result<Self> {
        init::openssl::ready()?;
        let text = Zeroizing::new(
            CString::new(copied(passphrase)?)
                .map_err(|_| Error::ours(ErrorKind::InteriorNul, "the passphrase of PKCS #12"))?
                .into_bytes_with_nul(),
        );
        let file = bracket(|| {
            let (mut at, len) = (bytes.as_ptr(), parsed::length(bytes)?);
            // SAFETY: d2i_PKCS12(3): reads `len` bytes, and makes a new one.
            let file = unsafe { ffi::d2i_PKCS12(ptr::null_mut(), &raw mut at, len) };
            // SAFETY: NULL, or an object that is ours.
            unsafe { Owned::from_raw(file) }.checked("d2i_PKCS12")
        })
        .map_err(|error| wrong("the PKCS #12 file", ErrorKind::Malformed, &error))?;
        let (own, issuers, key) = bracket(|| {
            let (mut key, mut own, mut chain) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
            // SAFETY: PKCS12_parse(3): the text ends in NUL, and each of the others is NULL or a new
            // object afterwards.
            let parsed = unsafe {
                ffi::PKCS12_parse(
                    file.as_ptr(),
                    text.as_ptr().cast(),
                    &raw mut key,
                    &raw mut own,
                    &raw mut chain,
                )
            };
            // SAFETY: NULL, or a reference that is ours.
            let (key, own) = (unsafe { Owned::from_raw(key) }, unsafe { Owned::from_raw(own) });
            // SAFETY: NULL, or a stack that is ours, with all that it holds.
            let issuers = unsafe { taken(chain.cast()) };
            parsed.checked("PKCS12_parse")?;
            match (own, key) {
                (Some(own), Some(key)) => Ok((own, issuers, key)),
                _ => Err(Failed::from(Error::ours(
                    ErrorKind::Malformed,
                    "it holds no key with its certificate",
                ))),
            }
        })
        .map_err(|error| match error.kind() {
            ErrorKind::Malformed => wrong("the PKCS #12 file", ErrorKind::Malformed, &error),
            // Ciphers of the last century, which OpenSSL 3 has in its legacy provider.
            ErrorKind::Unsupported => wrong("the PKCS #12 file", ErrorKind::Unsupported, &error),
            _ => wrong(
                "the passphrase does not open the PKCS #12 file",
                ErrorKind::Authentication,
                &error,
            ),
        })?;
        Self { own, issuers, key }.matching()
    }

    fn matching(self) -> Result<Self> {
        bracket(|| {
            // SAFETY: both are alive.
            unsafe { ffi::X509_check_private_key(self.own.as_ptr(), self.key.as_ptr()) }
                .checked("X509_check_private_key")
        })
        .map_err(|error| {
            wrong("the client's key is not its certificate's", ErrorKind::Parameter, &error)
        })?;
        Ok(self)
    }

    /// The certificate's time has come, and is not over.
    ///
    /// # Errors
    /// [`ErrorKind::Parameter`]
    pub(crate) fn check_time(&self) -> Result<()> {
        // SAFETY: the certificate is alive, and the time is a part of it.
        let from = unsafe { ffi::X509_getm_notBefore(self.own.as_ptr()) };
        // SAFETY: as above.
        let until = unsafe { ffi::X509_getm_notAfter(self.own.as_ptr()) };
        // SAFETY: X509_cmp_current_time(3): -1 for a time in the past, 1 in the future, 0 for none.
        let (begun, over) = (unsafe { ffi::X509_cmp_current_time(from) }, unsafe {
            ffi::X509_cmp_current_time(until)
        });
        let wrong = match (begun, over) {
            (0, _) | (_, 0) => "names no time that can be read",
            (1.., _) => "is not valid yet",
            (_, c_int::MIN..0) => "has expired",
            _ => return Ok(()),
        };
        Err(Error::ours(ErrorKind::Parameter, format!("the client's certificate {wrong}")))
    }
}

/// Takes each certificate of a stack, and frees the stack.
///
/// # Safety
/// `stack` is NULL, or a stack of certificates that is the caller's, who hands all of it over.
unsafe fn taken(stack: *mut ffi::OPENSSL_STACK) -> Vec<Owned<ffi::X509>> {
    // SAFETY: as the caller promises.
    let Some(stack) = (unsafe { Owned::from_raw(stack) }) else { return Vec::new() };
    // SAFETY: the stack is alive.
    let count = unsafe { ffi::OPENSSL_sk_num(stack.as_ptr()) };
    (0..count)
        .filter_map(|at| {
            // SAFETY: `at` lies within the stack.
            let certificate = unsafe { ffi::OPENSSL_sk_value(stack.as_ptr(), at) };
            // SAFETY: a reference that is handed over, see above.
            unsafe { Owned::from_raw(certificate.cast()) }
        })
        .collect()
}

/// The same error, which names what it is about; memory that failed stays that.
fn wrong(what: &str, kind: ErrorKind, error: &Error) -> Error {
    let kind = if error.kind() == ErrorKind::OutOfMemory { error.kind() } else { kind };
    Error::ours(kind, format!("{what}: {error}"))
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("issuers", &self.issuers.len()).finish_non_exhaustive()
    }
}

/// The DER of a certificate's public key (`SubjectPublicKeyInfo`).
pub(crate) fn public_key(certificate: &[u8]) -> Result<Vec<u8>> {
    init::openssl::ready()?;
    bracket(|| {
        let certificate = parsed::certificates(certificate)?.swap_remove(0); // there is at least one
        // SAFETY: the certificate is alive, and keeps what is answered.
        let key = unsafe { ffi::X509_get_X509_PUBKEY(certificate.as_ptr()) };
        // SAFETY: as above; with NULL it answers the length alone.
        let len = unsafe { ffi::i2d_X509_PUBKEY(key, ptr::null_mut()) };
        let mut der = vec![0; usize::try_from(len).unwrap_or(0)];
        let mut at = der.as_mut_ptr();
        // SAFETY: there is room for as many bytes as it just said.
        let written = unsafe { ffi::i2d_X509_PUBKEY(key, &raw mut at) };
        c_int::from(len > 0 && written == len).checked("i2d_X509_PUBKEY")?;
        Ok(der)
    })
    .map_err(|error| wrong("the certificate with the key", ErrorKind::Malformed, &error))
}
