//! Whom the client trusts, and who it is.

mod certificates;
mod identity;
mod pin;
mod ready;
#[cfg(feature = "crypto")]
mod setup;
mod system;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::certificates::Source;

pub use self::identity::Identity;
pub use self::pin::Pin;
pub(super) use self::ready::Ready;
#[cfg(feature = "crypto")]
pub(super) use self::setup::Setup;
#[cfg(feature = "crypto")]
pub use crate::curl::KeyLog;

/// Whom the client trusts, who it is, and how it speaks TLS.
///
/// The default trusts the system's store and speaks TLS 1.2 or newer. The certificate's chain and
/// its host name are always verified: there is no switch. A proxy that is spoken to by TLS is held to
/// the same, and shown the same identity, but for the pins and the groups, which are the server's; the error of
/// a handshake with it says that it was the proxy's.
///
/// [`ClientBuilder::build`](super::ClientBuilder::build) looks at all of it, and names what is wrong.
///
/// ```
/// use ffence::http::{Client, Tls, TlsVersion};
/// let tls = Tls::new().min_version(TlsVersion::V1_3);
/// let client = Client::builder().tls(tls).build()?;
/// # Ok::<(), ffence::Error>(())
/// ```
///
/// # What a connection costs
/// Where libcurl works on this crate's libcrypto ([`SharedLibcrypto`](crate::capabilities::SharedLibcrypto)),
/// certificates, keys and the system's store are parsed once, and all connections share them. Elsewhere, and
/// without the feature `crypto`, libcurl is told by its options: it keeps what it parsed of one file
/// ([`ca_file`](Tls::ca_file), the system's) for later connections, but parses other certificates anew
/// for each, which for the hundred and fifty of a system takes longer than the handshake itself.
///
/// # Sessions
/// From libcurl 8.12.1 on, all handles of a client share their TLS sessions: what a blocking call agreed
/// upon with a host, the drivers and other threads resume on their next connections to it. Before, whose
/// cache is not safe between threads, each handle resumes the sessions of its own connections. They
/// never leave the client: what was agreed upon with one client's trust or identity, no other one resumes.
#[derive(Clone, Default)]
#[must_use = "settings take effect in ClientBuilder::tls"]
pub struct Tls {
    /// The system's store counts as well as what is in `own`.
    without_system: bool,
    own: Vec<Source>,
    identity: Option<Identity>,
    pins: Vec<Pin>,
    min_version: TlsVersion,
    max_version: Option<TlsVersion>,
    ciphers: Option<String>,
    suites: Option<String>,
    groups: Option<String>,
    #[cfg(feature = "crypto")]
    key_log: Option<KeyLog>,
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

    /// Trusts these certificates, in PEM, and nobody else but those that are
    /// [added](Tls::add_ca_pem) afterwards.
    ///
    /// PEM that holds no certificate is [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) when the client is built. Where libcurl
    /// is told by its options, see [above](Tls#what-a-connection-costs),
    /// building answers [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if it is older than 7.77 or its TLS library takes
    /// certificates from files alone; [`ca_file`](Tls::ca_file) works there.
    ///
    /// [`CURLOPT_CAINFO_BLOB`](https://curl.se/libcurl/c/CURLOPT_CAINFO_BLOB.html)
    #[doc(alias = "CURLOPT_CAINFO_BLOB")]
    pub fn ca_pem(self, pem: impl AsRef<[u8]>) -> Self {
        self.only(Source::Pem(pem.as_ref().into()))
    }

    /// The same for one certificate, in DER.
    #[doc(alias = "CURLOPT_CAINFO_BLOB")]
    pub fn ca_der(self, der: impl AsRef<[u8]>) -> Self {
        self.only(Source::Der(der.as_ref().into()))
    }

    /// Trusts the certificates of this PEM file, and nobody else but those that are
    /// [added](Tls::add_ca_pem) afterwards.
    ///
    /// The file is read when the client is built. One that cannot be is
    /// [`ErrorKind::System`](crate::ErrorKind::System).
    ///
    /// [`CURLOPT_CAINFO`](https://curl.se/libcurl/c/CURLOPT_CAINFO.html)
    #[doc(alias = "CURLOPT_CAINFO")]
    pub fn ca_file(self, path: impl AsRef<Path>) -> Self {
        self.only(Source::File(PathBuf::from(path.as_ref()).into()))
    }

    /// Trusts these certificates, in PEM, beside those that are trusted already: the system's, unless
    /// a method above took their place.
    ///
    /// ```
    /// use ffence::http::{Client, Tls};
    /// # let inside = rcgen::generate_simple_self_signed(["inside.test".to_owned()]).unwrap().cert.pem();
    /// let client = Client::builder().tls(Tls::new().add_ca_pem(inside)).build()?;
    /// # Ok::<(), ffence::Error>(())
    /// ```
    pub fn add_ca_pem(self, pem: impl AsRef<[u8]>) -> Self {
        self.also(Source::Pem(pem.as_ref().into()))
    }

    /// The same for one certificate, in DER.
    pub fn add_ca_der(self, der: impl AsRef<[u8]>) -> Self {
        self.also(Source::Der(der.as_ref().into()))
    }

    fn only(mut self, source: Source) -> Self {
        (self.without_system, self.own) = (true, vec![source]);
        self
    }

    fn also(mut self, source: Source) -> Self {
        self.own.push(source);
        self
    }

    /// Who the client is, for all that ask: servers, a proxy that is spoken to by TLS, and the DNS server
    /// of [`doh`](super::ClientBuilder::doh). Whom it must not be shown to needs another client.
    ///
    /// A certificate whose time has not come or is over is
    /// [`ErrorKind::Parameter`](crate::ErrorKind::Parameter) when the client is built; a server that
    /// does not accept it answers in its own way, most by ending the connection
    /// ([`ErrorKind::Tls`](crate::ErrorKind::Tls)).
    ///
    /// [`CURLOPT_SSLCERT`](https://curl.se/libcurl/c/CURLOPT_SSLCERT.html)
    #[doc(alias = "CURLOPT_SSLCERT")]
    #[doc(alias = "CURLOPT_SSLKEY")]
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self
    }

    /// Also wants the server's key to be this one, or one of those that other calls name. Another one
    /// is [`ErrorKind::Tls`](crate::ErrorKind::Tls), before anything of the request is sent.
    ///
    /// [`CURLOPT_PINNEDPUBLICKEY`](https://curl.se/libcurl/c/CURLOPT_PINNEDPUBLICKEY.html)
    #[doc(alias = "CURLOPT_PINNEDPUBLICKEY")]
    pub fn pin(mut self, pin: Pin) -> Self {
        self.pins.push(pin);
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

    /// Accepts no newer version than this.
    ///
    /// [`CURLOPT_SSLVERSION`](https://curl.se/libcurl/c/CURLOPT_SSLVERSION.html)
    #[doc(alias = "CURLOPT_SSLVERSION")]
    pub fn max_version(mut self, version: TlsVersion) -> Self {
        self.max_version = Some(version);
        self
    }

    /// The ciphers of TLS 1.2, as OpenSSL names them, with colons between them.
    ///
    /// [`CURLOPT_SSL_CIPHER_LIST`](https://curl.se/libcurl/c/CURLOPT_SSL_CIPHER_LIST.html)
    #[doc(alias = "CURLOPT_SSL_CIPHER_LIST")]
    pub fn ciphers(mut self, list: impl Into<String>) -> Self {
        self.ciphers = Some(list.into());
        self
    }

    /// The cipher suites of TLS 1.3, such as `TLS_AES_256_GCM_SHA384`, with colons between them.
    ///
    /// [`CURLOPT_TLS13_CIPHERS`](https://curl.se/libcurl/c/CURLOPT_TLS13_CIPHERS.html)
    #[doc(alias = "CURLOPT_TLS13_CIPHERS")]
    pub fn cipher_suites(mut self, list: impl Into<String>) -> Self {
        self.suites = Some(list.into());
        self
    }

    /// The groups for the exchange of keys, such as `X25519`, with colons between them.
    ///
    /// [`CURLOPT_SSL_EC_CURVES`](https://curl.se/libcurl/c/CURLOPT_SSL_EC_CURVES.html)
    #[doc(alias = "CURLOPT_SSL_EC_CURVES")]
    pub fn groups(mut self, list: impl Into<String>) -> Self {
        self.groups = Some(list.into());
        self
    }

    /// Tells the secrets of all connections to `log`, for whoever looks into recorded traffic.
    ///
    /// Building the client answers [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) where
    /// libcurl does not work on this crate's libcrypto.
    #[cfg(feature = "crypto")]
    pub fn key_log(mut self, log: KeyLog) -> Self {
        self.key_log = Some(log);
        self
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Tls");
        shown.field("system", &!self.without_system).field("own", &self.own);
        shown.field("identity", &self.identity.is_some()).field("pins", &self.pins.len());
        shown.field("min_version", &self.min_version).field("max_version", &self.max_version);
        shown.finish_non_exhaustive()
    }
}

/// Bytes that several settings share.
type Shared = Arc<[u8]>;
