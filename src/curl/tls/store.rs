//! A store of trusted certificates, for any number of contexts.

#![allow(unsafe_code)]

use std::ffi::CString;
use std::fmt;
use std::path::Path;

use super::{add, parsed};
use crate::error::openssl::{Checked as _, bracket};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::openssl as ffi;
use crate::owned::Owned;

/// Whom connections trust: parsed once, and then shared by all contexts that it is given to, each of
/// which holds a reference.
pub(crate) struct TrustStore(Owned<ffi::X509_STORE>);

impl TrustStore {
    /// One that trusts nobody.
    pub(crate) fn new() -> Result<Self> {
        crate::init::openssl::ready()?;
        bracket(|| {
            // SAFETY: takes nothing.
            let store = unsafe { ffi::X509_STORE_new() };
            // SAFETY: X509_STORE_new answers NULL or a reference that is ours.
            let store = unsafe { Owned::from_raw(store) }.checked("X509_STORE_new")?;
            // As libcurl has it: a trusted certificate ends the chain, also one that another has
            // signed, and is looked for before what the peer sent.
            let flags = ffi::X509_V_FLAG_TRUSTED_FIRST | ffi::X509_V_FLAG_PARTIAL_CHAIN;
            // SAFETY: the store is alive, and nobody else has it.
            unsafe { ffi::X509_STORE_set_flags(store.as_ptr(), flags) }
                .checked("X509_STORE_set_flags")?;
            Ok(Self(store))
        })
    }

    /// Trusts these as well: PEM with any number of certificates, or one in DER.
    pub(crate) fn add(&mut self, certificates: &[u8]) -> Result<()> {
        bracket(|| add(self.0.as_ptr(), &parsed::certificates(certificates)?))
    }

    /// Trusts those of a PEM file as well.
    pub(crate) fn add_file(&mut self, path: &Path) -> Result<()> {
        let path = c_path(path)?;
        bracket(|| {
            // SAFETY: both are alive during the call, and nobody else has the store yet.
            unsafe { ffi::X509_STORE_load_file(self.0.as_ptr(), path.as_ptr()) }
                .checked("X509_STORE_load_file")
        })
    }

    /// Looks into a folder of certificates, named by their hashes, for an issuer that is not here.
    pub(crate) fn add_folder(&mut self, path: &Path) -> Result<()> {
        let path = c_path(path)?;
        bracket(|| {
            // SAFETY: as above.
            unsafe { ffi::X509_STORE_load_path(self.0.as_ptr(), path.as_ptr()) }
                .checked("X509_STORE_load_path")
        })
    }

    pub(super) fn as_ptr(&self) -> *mut ffi::X509_STORE {
        self.0.as_ptr()
    }
}

fn c_path(path: &Path) -> Result<CString> {
    CString::new(path.as_os_str().as_encoded_bytes())
        .map_err(|_| Error::ours(ErrorKind::InteriorNul, format!("the path {}", path.display())))
}

impl fmt::Debug for TrustStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TrustStore")
    }
}
