//! A context of our own, to ask OpenSSL what it will say of settings.

#![allow(unsafe_code)]

use std::ffi::{CString, c_int};
use std::marker::PhantomData;

use super::{Reports, TlsContext};
use crate::error::openssl::{Checked as _, Failed, bracket};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::openssl as ffi;
use crate::owned::Owned;
use crate::sync::Arc;

/// A context that no connection is made by.
pub(crate) struct Probe {
    context: Owned<ffi::SSL_CTX>,
    reports: Option<Arc<Reports>>,
}

impl Probe {
    pub(crate) fn new() -> Result<Self> {
        crate::init::openssl::ready()?;
        let context = bracket(|| {
            // SAFETY: takes nothing, and answers a static method.
            let method = unsafe { ffi::TLS_client_method() };
            // SAFETY: the method is static.
            let context = unsafe { ffi::SSL_CTX_new(method) };
            // SAFETY: NULL, or a context that is ours.
            unsafe { Owned::from_raw(context) }.checked("SSL_CTX_new")
        })?;
        Ok(Self { context, reports: None })
    }

    /// The context, as a handler gets it.
    pub(crate) fn context(&mut self) -> TlsContext<'_> {
        let (context, reports) = (self.context.as_ptr(), &mut self.reports);
        TlsContext { context, reports, call: PhantomData }
    }

    /// A list of ciphers for TLS up to 1.2.
    pub(crate) fn ciphers(&mut self, list: &str) -> Result<()> {
        // SAFETY: the context is alive and the text ends in NUL.
        self.list(list, "SSL_CTX_set_cipher_list", |context, list| unsafe {
            ffi::SSL_CTX_set_cipher_list(context, list)
        })
    }

    /// A list of cipher suites for TLS 1.3.
    pub(crate) fn suites(&mut self, list: &str) -> Result<()> {
        // SAFETY: as above.
        self.list(list, "SSL_CTX_set_ciphersuites", |context, list| unsafe {
            ffi::SSL_CTX_set_ciphersuites(context, list)
        })
    }

    /// A list of groups.
    pub(crate) fn groups(&mut self, list: &str) -> Result<()> {
        self.list(list, "SSL_CTX_set1_groups_list", |context, list| {
            // SAFETY: as above.
            let set = unsafe { ffi::SSL_CTX_set1_groups_list(context, list) };
            c_int::from(set == 1)
        })
    }

    fn list(
        &mut self,
        list: &str,
        function: &'static str,
        set: impl FnOnce(*mut ffi::SSL_CTX, *const std::ffi::c_char) -> c_int,
    ) -> Result<()> {
        bracket(|| {
            let list =
                CString::new(list).map_err(|_| Failed::from(Error::of(ErrorKind::InteriorNul)))?;
            set(self.context.as_ptr(), list.as_ptr()).checked(function)
        })
    }
}
