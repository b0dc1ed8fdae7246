//! The TLS context of a connection, as libcurl hands it out.

#![allow(unsafe_code)]

mod credentials;
mod key_log;
mod parsed;
mod probe;
mod store;

use std::ffi::c_void;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;

use super::callbacks::callback;
use super::handle::{Handle, answered};
use super::handler::{Flow, Handler};
use super::newer;
use super::option::value::{TlsVersion, TlsVersions};
use super::state::{Calls, State};
use crate::capabilities::{Libcurl, SharedLibcrypto, Version, shared_libcrypto};
use crate::error::openssl::{Checked as _, Failed, bracket};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::{curl as ffi, openssl};
use crate::owned::Owned;
use crate::sync::Arc;
use crate::unwind::guard;

pub use self::key_log::KeyLog;

pub(crate) use self::credentials::{Credentials, public_key};
pub(super) use self::key_log::Reports;
pub(crate) use self::probe::Probe;
pub(crate) use self::store::TrustStore;

/// OpenSSL's context of a connection that is about to be made, with all that the handle's options
/// say already in it.
///
/// It is there only where libcurl works on this crate's libcrypto, see
/// [`SharedLibcrypto`]; and only during the call.
///
/// Certificates, keys and revocation lists are bytes, in PEM or DER. For ciphers, curves and
/// signature algorithms there are options of the handle. Protocols (ALPN) are libcurl's, which
/// announces those that it speaks when the context is done.
///
/// libcurl does not know what is done here when it looks for a connection to use again, or for a TLS
/// session to resume, whose certificate is not verified again: handles that have these together
/// (through a multi or a share) must not do different things here.
///
/// ```
/// use ffence::curl::{Callbacks, Flow, Handler, TlsContext};
/// use ffence::curl::option::value::{TlsVersion, TlsVersions};
///
/// struct Inside {
///     authority: Vec<u8>,
///     chain: Vec<u8>,
///     key: Vec<u8>,
/// }
///
/// impl Handler for Inside {
///     const CALLBACKS: Callbacks = Callbacks::TLS_CONTEXT;
///
///     fn tls_context(&mut self, context: &mut TlsContext<'_>) -> Flow {
///         let set = context
///             .trust_only([&self.authority])
///             .and_then(|()| context.identity(&self.chain, &self.key))
///             .and_then(|()| context.versions(TlsVersions::new().from(TlsVersion::V1_3)));
///         if set.is_ok() { Flow::Continue } else { Flow::Stop }
///     }
/// }
/// ```
///
/// [`CURLOPT_SSL_CTX_FUNCTION`](https://curl.se/libcurl/c/CURLOPT_SSL_CTX_FUNCTION.html)
pub struct TlsContext<'a> {
    context: *mut openssl::SSL_CTX,
    /// Where a panic of a key log waits for the handle.
    reports: &'a mut Option<Arc<Reports>>,
    call: PhantomData<&'a mut openssl::SSL_CTX>,
}

impl TlsContext<'_> {
    /// Trusts these certificates and nobody else on this connection. Each item is one certificate in
    /// DER, or any number of them in PEM.
    ///
    /// [`SSL_CTX_set1_cert_store`](https://docs.openssl.org/3.0/man3/SSL_CTX_set1_cert_store/)
    ///
    /// # Errors
    /// [`ErrorKind::OpenSsl`] for bytes that are no certificate, [`ErrorKind::Malformed`] for PEM that
    /// holds none, [`ErrorKind::OutOfMemory`]; the context is then as it was.
    #[doc(alias = "SSL_CTX_set1_cert_store")]
    pub fn trust_only<C: AsRef<[u8]>>(
        &mut self,
        certificates: impl IntoIterator<Item = C>,
    ) -> Result<()> {
        let mut store = TrustStore::new()?;
        for certificate in certificates {
            store.add(certificate.as_ref())?;
        }
        self.trust_store(&store);
        Ok(())
    }

    /// Trusts those of a store, and nobody else; the context holds a reference to it.
    pub(crate) fn trust_store(&mut self, store: &TrustStore) {
        // SAFETY: both are alive; the function takes a reference of its own.
        unsafe { openssl::SSL_CTX_set1_cert_store(self.context, store.as_ptr()) };
    }

    /// Trusts these certificates (PEM with any number, DER with one) beside those that are trusted
    /// already.
    ///
    /// They join the store of libcurl's, which handles with this callback do not share with other
    /// connections, unless [`option::CaCacheTimeout`](super::option::CaCacheTimeout) says so.
    ///
    /// [`X509_STORE_add_cert`](https://docs.openssl.org/3.0/man3/X509_STORE_add_cert/)
    ///
    /// # Errors
    /// As for [`trust_only`](Self::trust_only); with [`ErrorKind::OutOfMemory`] some may be trusted.
    #[doc(alias = "X509_STORE_add_cert")]
    pub fn trust(&mut self, certificates: &[u8]) -> Result<()> {
        bracket(|| {
            let certificates = parsed::certificates(certificates)?;
            add(self.store()?, &certificates)
        })
    }

    /// Refuses peers whose certificate is in this list of revoked ones (PEM or DER), and peers for
    /// whose certificate's issuer there is no list at all.
    ///
    /// [`X509_STORE_add_crl`](https://docs.openssl.org/3.0/man3/X509_STORE_add_cert/)
    ///
    /// # Errors
    /// [`ErrorKind::OpenSsl`] for bytes that are no such list, [`ErrorKind::OutOfMemory`].
    #[doc(alias = "X509_STORE_add_crl")]
    pub fn revoke(&mut self, list: &[u8]) -> Result<()> {
        bracket(|| {
            let list = parsed::revocations(list)?;
            let store = self.store()?;
            // SAFETY: both are alive; the store takes a reference of its own.
            unsafe { openssl::X509_STORE_add_crl(store, list.as_ptr()) }
                .checked("X509_STORE_add_crl")?;
            // SAFETY: the store is alive.
            unsafe { openssl::X509_STORE_set_flags(store, openssl::X509_V_FLAG_CRL_CHECK) }
                .checked("X509_STORE_set_flags")
        })
    }

    /// Who this side is: its certificate, with those of its issuers behind it (PEM; or one in DER),
    /// and the private key of the first (PEM or DER, without a password).
    ///
    /// [`SSL_CTX_use_cert_and_key`](https://docs.openssl.org/3.0/man3/SSL_CTX_use_certificate/)
    ///
    /// # Errors
    /// [`ErrorKind::OpenSsl`] or [`ErrorKind::Unsupported`] for bytes that are none,
    /// [`ErrorKind::OpenSsl`] for a key of another certificate; [`ErrorKind::Malformed`] for PEM without
    /// a certificate, [`ErrorKind::OutOfMemory`]. The context is then as it was.
    #[doc(alias = "SSL_CTX_use_cert_and_key")]
    pub fn identity(&mut self, chain: &[u8], key: &[u8]) -> Result<()> {
        bracket(|| {
            let key = parsed::private_key(key, None)?;
            let mut issuers = parsed::certificates(chain)?;
            let own = issuers.remove(0);
            self.show(&Credentials { own, issuers, key })
        })
    }

    /// Is who these credentials say; the context holds references to them.
    pub(crate) fn credentials(&mut self, credentials: &Credentials) -> Result<()> {
        bracket(|| self.show(credentials))
    }

    fn show(&mut self, credentials: &Credentials) -> Result<(), Failed> {
        let Credentials { own, issuers, key } = credentials;
        let issuers = parsed::stack(issuers)?;
        // SAFETY: all are alive; the function takes references of its own, and with 1 puts them in
        // the place of what was there.
        unsafe {
            openssl::SSL_CTX_use_cert_and_key(
                self.context,
                own.as_ptr(),
                key.as_ptr(),
                issuers.as_ptr().cast(),
                1,
            )
        }
        .checked("SSL_CTX_use_cert_and_key")
    }

    /// Tells the secrets of the connection to `log`, in the place of the file that the variable
    /// `SSLKEYLOGFILE` of the environment names to libcurl.
    ///
    /// [`SSL_CTX_set_keylog_callback`](https://docs.openssl.org/3.0/man3/SSL_CTX_set_keylog_callback/)
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`]
    #[doc(alias = "SSL_CTX_set_keylog_callback")]
    pub fn key_log(&mut self, log: &KeyLog) -> Result<()> {
        let reports = self.reports.get_or_insert_with(Arc::default);
        // SAFETY: the context is libcurl's, for the time of the call.
        unsafe { key_log::attach(self.context, log, reports) }
    }

    /// Which versions of TLS may be spoken.
    ///
    /// [`SSL_CTX_set_min_proto_version`](https://docs.openssl.org/3.0/man3/SSL_CTX_set_min_proto_version/)
    ///
    /// # Errors
    /// [`ErrorKind::OpenSsl`] for a version that this OpenSSL does not have.
    #[doc(alias = "SSL_CTX_set_min_proto_version")]
    #[doc(alias = "SSL_CTX_set_max_proto_version")]
    pub fn versions(&mut self, versions: TlsVersions) -> Result<()> {
        let (from, up_to) = versions.bounds();
        bracket(|| {
            if let Some(version) = from.map(TlsVersion::wire) {
                // SAFETY: the context is libcurl's, for the time of the call.
                unsafe { openssl::SSL_CTX_set_min_proto_version(self.context, version) }
                    .checked("SSL_CTX_set_min_proto_version")?;
            }
            if let Some(version) = up_to.map(TlsVersion::wire) {
                // SAFETY: as above.
                unsafe { openssl::SSL_CTX_set_max_proto_version(self.context, version) }
                    .checked("SSL_CTX_set_max_proto_version")?;
            }
            Ok(())
        })
    }

    /// The context itself, for what this crate does not have; it stays libcurl's.
    pub fn as_ptr(&self) -> *mut c_void {
        self.context.cast()
    }

    /// The store of trusted certificates, which stays the context's.
    fn store(&self) -> Result<*mut openssl::X509_STORE, Failed> {
        // SAFETY: the context is libcurl's, for the time of the call.
        let store = unsafe { openssl::SSL_CTX_get_cert_store(self.context) };
        NonNull::new(store).map(NonNull::as_ptr).checked("SSL_CTX_get_cert_store")
    }
}

/// The callers' store is alive.
fn add(
    store: *mut openssl::X509_STORE,
    certificates: &[Owned<openssl::X509>],
) -> Result<(), Failed> {
    for certificate in certificates {
        // SAFETY: both are alive; the store takes a reference of its own.
        unsafe { openssl::X509_STORE_add_cert(store, certificate.as_ptr()) }
            .checked("X509_STORE_add_cert")?;
    }
    Ok(())
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
    if newer::require("CURLOPT_CA_CACHE_TIMEOUT", Version::new(7, 87, 0)).is_ok() {
        // What the handler adds to a store must not be trusted by others that use the same one.
        handle.set_long(ffi::CURLOPT_CA_CACHE_TIMEOUT, "CURLOPT_CA_CACHE_TIMEOUT", 0)?;
    }
    Ok(())
}

/// `CURLOPT_SSL_CTX_FUNCTION`
extern "C" fn on_context<H: Handler>(
    curl: *mut ffi::CURL,
    context: *mut c_void,
    state: *mut c_void,
) -> ffi::CURLcode {
    // SAFETY: the invariant of `Transfer`; nothing else uses the state while a callback runs.
    let State { calls, handler } = unsafe { &mut *state.cast::<State<H>>() };
    calls.handshake_begins(curl);
    let Calls { slot, reports, .. } = calls;
    // CURLOPT_SSL_CTX_FUNCTION(3): with OpenSSL it is an SSL_CTX, for the time of the call.
    let mut context = TlsContext { context: context.cast(), reports, call: PhantomData };
    match guard(slot, Flow::Stop, || handler.tls_context(&mut context)) {
        Flow::Continue => ffi::CURLE_OK,
        Flow::Stop => ffi::CURLE_ABORTED_BY_CALLBACK,
    }
}
