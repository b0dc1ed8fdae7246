//! Library contexts: which providers, which configuration, which properties.
//!
//! Everything in [`crypto`](crate::crypto) works in OpenSSL's default library, which needs no
//! set-up. A [`Library`] is another one, with providers and rules of its own, that the rest of the
//! process does not see: a part of a program that must use validated algorithms alone, or one that
//! still reads what only the legacy provider can read.
//!
//! | to be in a library | default library | in a `Library` |
//! |---|---|---|
//! | AEAD keys, and their sealers and openers | [`Key::generate`], [`from_bytes`], [`from_slice`], `from_secret`, … | [`Key::generate_in`], `from_bytes_in`, `from_slice_in`, `from_secret_in`, … |
//! | streams | [`StreamKey::generate`], … | [`StreamKey::generate_in`], `from_bytes_in`, `from_secret_in`, … |
//! | digests | [`Sha256::digest`], [`Digest::of`], [`Hasher::new`] | [`Sha256::digest_in`], [`Digest::of_in`], [`Hasher::new_in`] |
//! | extendable output | [`Xof::new`] | [`Xof::new_in`] |
//! | MACs | [`Hmac::new`], [`Cmac::new`], … | [`Hmac::new_in`], [`Cmac::new_in`], … |
//! | key derivation | [`kdf::hkdf`], [`kdf::Prk::extract`], … | [`kdf::hkdf_in`], [`kdf::Prk::extract_in`], … |
//! | passwords | [`PasswordHash::with`], [`verify`](PasswordHash::verify) | [`PasswordHash::with_in`], [`verify_in`](PasswordHash::verify_in) |
//! | ciphers that do not authenticate | [`unauthenticated::Key::generate`], … | [`unauthenticated::Key::generate_in`], … |
//! | random bytes | [`random::fill`], … | [`random::fill_in`], … |
//! | who implements an algorithm | [`Provided::origin`] | [`Provided::origin_in`] |
//!
//! The library comes first, and what is made in it keeps it alive: it is freed when it and all of
//! that are gone, in whatever order. What is made from that (a sealer of a key, a clone of a hasher,
//! the HMAC and the digest inside HKDF) is in the same library. Nonces are drawn from its generator.
//!
//! | provider | what it offers | on Debian 12 |
//! |---|---|---|
//! | `default` | everything in this module | built in |
//! | `fips` | what NIST has validated; declares `fips=yes` | not shipped |
//! | `base` | keys as files, which `fips` lacks; none of the algorithms here | built in |
//! | `legacy` | MD4, Blowfish, RC4 and the like; none of the algorithms here | a module |
//! | `null` | nothing: with it alone, nothing is fetched by mistake | built in |
//!
//! ```
//! use ffence::ErrorKind;
//! use ffence::crypto::{Aes256Gcm, Key, Library, Provided as _, RandomNonce, Sha256};
//!
//! let library = Library::builder().provider("default").properties("?fips=yes").build()?;
//! let key = Key::<Aes256Gcm>::generate_in(&library)?;
//! drop(library); // the key holds on to it
//! let sealed = key.sealer(RandomNonce)?.seal(b"", b"hello")?;
//! assert_eq!(key.opener()?.open(b"", &sealed)?, b"hello");
//!
//! let empty = Library::builder().provider("null").build()?;
//! let error = Sha256::digest_in(&empty, b"abc").unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::Unsupported);
//! assert!(!Sha256::origin()?.is_fips());
//! # Ok::<(), ffence::Error>(())
//! ```
//!
//! # What a library costs
//!
//! Making one builds OpenSSL's tables anew: make few, and keep them. An algorithm is fetched once in
//! each library, and from then on found without a lock; what was made in a library calls the same C
//! functions as in the default one. Random bytes come from the library's primary generator, which its threads share
//! under a lock of OpenSSL's: generators for each thread would outlive the library in the threads
//! that used it (`OPENSSL_thread_stop_ex(3)`), and be freed after it.
//!
//! Source: [OSSL_LIB_CTX](https://docs.openssl.org/3.0/man3/OSSL_LIB_CTX/),
//! [OSSL_PROVIDER](https://docs.openssl.org/3.0/man3/OSSL_PROVIDER/),
//! [property](https://docs.openssl.org/3.0/man7/property/),
//! [fips_module](https://docs.openssl.org/3.0/man7/fips_module/).
//!
//! [`from_bytes`]: crate::crypto::Key::from_bytes
//! [`from_slice`]: crate::crypto::Key::from_slice

mod build;
mod cache;
mod home;
mod origin;

use std::fmt;
use std::sync::Arc;

pub use self::build::LibraryBuilder;
pub(super) use self::cache::Cache;
pub(super) use self::home::{Home, Within};
pub use self::origin::{Origin, Provided};
pub(super) use self::origin::{Part, sealed};
#[cfg(doc)]
use super::{
    Cmac, Digest, Hasher, Hmac, Key, PasswordHash, Sha256, StreamKey, Xof, kdf, random,
    unauthenticated,
};
use crate::error::Result;
use crate::ffi::openssl as ffi;
use crate::owned::Owned;

/// OpenSSL with providers, a configuration and properties of its own.
///
/// `Send`, `Sync` and cheap to clone: all clones are one library. Nothing can be loaded into it once
/// it is built, because other threads may be using it. Whatever is made in it keeps it alive, so
/// that nothing of a provider can be used, or freed, after its library.
///
/// ```
/// use ffence::crypto::{Hasher, Library, Sha256};
///
/// let hasher = {
///     let library = Library::builder().provider("default").build()?;
///     Hasher::<Sha256>::new_in(&library)?
/// }; // the hasher has the last hold on the library now
/// assert_eq!(hasher.finish()?, Sha256::digest(b"")?);
/// # Ok::<(), ffence::Error>(())
/// ```
/// There is no provider to hold on to: its name ends with the library.
/// ```compile_fail,E0505
/// # use ffence::crypto::Library;
/// let library = Library::new().unwrap();
/// let name = library.providers().next();
/// drop(library); // cannot move out of `library` because it is borrowed
/// println!("{name:?}");
/// ```
/// [OSSL_LIB_CTX](https://docs.openssl.org/3.0/man3/OSSL_LIB_CTX/)
#[derive(Clone)]
#[doc(alias = "OSSL_LIB_CTX")]
pub struct Library {
    shared: Arc<Shared>,
}

/// # Invariants
/// What was fetched is freed before the providers are unloaded, and these before the context:
/// fields are dropped in their order.
struct Shared {
    caches: Caches,
    /// What the builder has loaded; what the configuration loads belongs to the context.
    _loaded: Vec<Owned<ffi::OSSL_PROVIDER>>,
    context: Owned<ffi::OSSL_LIB_CTX>,
    /// The names of all providers that are active.
    providers: Vec<String>,
    properties: Option<String>,
}

/// What was fetched, by kind.
#[allow(clippy::redundant_pub_crate, reason = "its fields are told apart by the kinds' impls")]
pub(super) struct Caches {
    pub(super) ciphers: Cache<ffi::EVP_CIPHER>,
    pub(super) digests: Cache<ffi::EVP_MD>,
    pub(super) macs: Cache<ffi::EVP_MAC>,
    pub(super) kdfs: Cache<ffi::EVP_KDF>,
}

impl Library {
    /// A library with the default provider and no configuration file.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`](crate::ErrorKind::OutOfMemory),
    /// [`ErrorKind::Init`](crate::ErrorKind::Init).
    #[doc(alias = "OSSL_LIB_CTX_new")]
    pub fn new() -> Result<Self> {
        Self::builder().provider("default").build()
    }

    /// Says what the library is made of; nothing is made before [`build`](LibraryBuilder::build).
    pub fn builder() -> LibraryBuilder {
        LibraryBuilder::default()
    }

    /// The names of the providers that are active in it, those that its configuration file has
    /// loaded included. A module that was loaded by its path is named so.
    ///
    /// ```
    /// use ffence::crypto::Library;
    ///
    /// let library = Library::builder().provider("default").provider("base").build()?;
    /// assert_eq!(library.providers().collect::<Vec<_>>(), ["default", "base"]);
    /// # Ok::<(), ffence::Error>(())
    /// ```
    #[doc(alias = "OSSL_PROVIDER_do_all")]
    pub fn providers(&self) -> impl ExactSizeIterator<Item = &str> {
        self.shared.providers.iter().map(String::as_str)
    }

    /// The property query that it was built with.
    pub fn properties(&self) -> Option<&str> {
        self.shared.properties.as_deref()
    }

    pub(super) fn caches(&self) -> &Caches {
        &self.shared.caches
    }

    #[inline]
    fn as_ptr(&self) -> *mut ffi::OSSL_LIB_CTX {
        self.shared.context.as_ptr()
    }
}

/// Two are equal when they are one library.
impl PartialEq for Library {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

impl Eq for Library {}

impl fmt::Display for Library {
    /// What is in it, for messages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the library with ")?;
        match self.shared.providers.as_slice() {
            [] => f.write_str("no provider")?,
            names => f.write_str(&names.join(", "))?,
        }
        match self.properties() {
            Some(properties) => write!(f, " and the property query {properties:?}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Library")
            .field("providers", &self.shared.providers)
            .field("properties", &self.shared.properties)
            .finish()
    }
}
