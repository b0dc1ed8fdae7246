//! The TLS context of a connection, as libcurl hands it out.

#![allow(unsafe_code)]

use std::ffi::{c_long, c_void};
use std::fmt;
use std::marker::PhantomData;
use std::ptr;

use super::callbacks::callback;
use super::handle::{Handle, answered};
use super::handler::{Flow, Handler};
use super::state::State;
use crate::capabilities::{Libcurl, SharedLibcrypto, shared_libcrypto};
use crate::error::openssl::{Checked, Failed, bracket};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::{curl as ffi, openssl};
use crate::owned::Owned;
use crate::unwind::guard;

/// OpenSSL's context of a connection that is about to be made, with all that the handle's options
/// say already in it.
///
/// It is there only where libcurl works on this crate's libcrypto, see
/// [`SharedLibcrypto`]; and only during the call.
///
/// [`CURLOPT_SSL_CTX_FUNCTION`](https://curl.se/libcurl/c/CURLOPT_SSL_CTX_FUNCTION.html)
pub struct TlsContext<'a> {
    context: *mut openssl::SSL_CTX,
    call: PhantomData<&'a mut openssl::SSL_CTX>,
}

impl TlsContext<'_> {
    /// Trusts these certificates, in DER, and nobody else on this connection.
    ///
    /// The store is a new one: the one that libcurl made may be shared by other connections.
    ///
    /// [`SSL_CTX_set1_cert_store`](https://docs.openssl.org/3.0/man3/SSL_CTX_set1_cert_store/)
    ///
    /// # Errors
    /// [`ErrorKind::OpenSsl`] for bytes that are no certificate, [`ErrorKind::OutOfMemory`]; the
    /// context is then as it was.
    #[doc(alias = "SSL_CTX_set1_cert_store")]
    pub fn trust_only<C: AsRef<[u8]>>(
        &mut self,
        certificates: impl IntoIterator<Item = C>,
    ) -> Result<()> {
        bracket(|| {
            // SAFETY: takes nothing.
            let store = unsafe { openssl::X509_STORE_new() };
            // SAFETY: X509_STORE_new answers NULL or a reference that is ours.
            let store = unsafe { Owned::from_raw(store) }.checked("X509_STORE_new")?;
            for certificate in certificates {
                add(&store, certificate.as_ref())?;
            }
            // SAFETY: both are alive; the function takes a reference of its own.
            unsafe { openssl::SSL_CTX_set1_cert_store(self.context, store.as_ptr()) };
            Ok(())
        })
    }

    /// The context itself, for what this crate does not have; it stays libcurl's.
    pub fn as_ptr(&self) -> *mut c_void {
        self.context.cast()
    }
}

fn add(store: &Owned<openssl::X509_STORE>, der: &[u8]) -> Result<(), Failed> {
    let len = c_long::try_from(der.len()).map_err(|_| Error::of(ErrorKind::Length))?;
    let mut at = der.as_ptr();
    // SAFETY: d2i_X509(3): reads `len` bytes, and makes a new certificate where the first argument
    // is NULL.
    let certificate = unsafe { openssl::d2i_X509(ptr::null_mut(), &raw mut at, len) };
    // SAFETY: d2i_X509 answers NULL or a reference that is ours.
    let certificate = unsafe { Owned::from_raw(certificate) }.checked("d2i_X509")?;
    // SAFETY: both are alive; the store takes a reference of its own.
    unsafe { openssl::X509_STORE_add_cert(store.as_ptr(), certificate.as_ptr()) }
        .checked("X509_STORE_add_cert")
}

impl fmt::Debug for TlsContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsContext")
    }
}

/// Tells libcurl of the callback, if its contexts are of this crate's libcrypto.
pub(super) fn register<H: Handler>(handle: &mut Handle, state: *mut c_void) -> Result<()> {
    let shared = shared_libcrypto(Libcurl::known()?);
    if shared != SharedLibcrypto::Yes {
        return Err(Error::ours(
            ErrorKind::Unsupported,
            format!(
                "CURLOPT_SSL_CTX_FUNCTION needs a libcurl on this crate's libcrypto: {shared:?}"
            ),
        ));
    }
    callback!(handle, state: CURLOPT_SSL_CTX_DATA,
        ffence_easy_setopt_ssl_ctx(CURLOPT_SSL_CTX_FUNCTION, on_context::<H>));
    Ok(())
}

/// `CURLOPT_SSL_CTX_FUNCTION`
extern "C" fn on_context<H: Handler>(
    _: *mut ffi::CURL,
    context: *mut c_void,
    state: *mut c_void,
) -> ffi::CURLcode {
    // SAFETY: the invariant of `Transfer`; nothing else uses the state while a callback runs.
    let State { calls, handler } = unsafe { &mut *state.cast::<State<H>>() };
    // CURLOPT_SSL_CTX_FUNCTION(3): with OpenSSL it is an SSL_CTX, for the time of the call.
    let mut context = TlsContext { context: context.cast(), call: PhantomData };
    match guard(&mut calls.slot, Flow::Stop, || handler.tls_context(&mut context)) {
        Flow::Continue => ffi::CURLE_OK,
        Flow::Stop => ffi::CURLE_ABORTED_BY_CALLBACK,
    }
}
