//! Who implements an algorithm.

use super::build;
use super::{Home, Library};
use crate::crypto::algorithm::{Algorithm, Fetch};
use crate::error::openssl::{Checked as _, bracket};
use crate::error::{ErrorKind, Result};

/// Who implements an algorithm, as its provider declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    provider: String,
    fips: bool,
}

impl Origin {
    /// The provider's name, such as `default` or `fips`; the path of a module that was loaded by it.
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// Whether the very implementation that is used declares `fips=yes`.
    ///
    /// For an algorithm that is made of others (HMAC of its digest, CMAC of its cipher, HKDF of its
    /// digest), whether all of them do. What a provider declares is the provider's word; OpenSSL's
    /// own `default`, `legacy` and `base` declare it for none of the algorithms here.
    pub fn is_fips(&self) -> bool {
        self.fips
    }

    fn of(parts: &[&'static dyn Part], home: &Home) -> Result<Self> {
        let mut origins = parts.iter().map(|part| part.origin(home));
        let first =
            origins.next().unwrap_or_else(|| Ok(Self { provider: String::new(), fips: false }))?;
        origins
            .try_fold(first, |first, other| Ok(Self { fips: first.fips && other?.fips, ..first }))
    }
}

/// An algorithm that providers offer: every one of this crate.
///
/// This crate implements the trait, nobody else can.
///
/// ```
/// use ffence::crypto::kdf::Hkdf;
/// use ffence::crypto::{Aes256Gcm, Hmac, Library, Provided, Sha256};
///
/// let library = Library::new()?;
/// for origin in [
///     Aes256Gcm::origin_in(&library)?,
///     Hmac::<Sha256>::origin_in(&library)?,
///     Hkdf::<Sha256>::origin_in(&library)?,
/// ] {
///     assert_eq!(origin.provider(), "default");
///     assert!(!origin.is_fips());
/// }
/// # Ok::<(), ffence::Error>(())
/// ```
pub trait Provided: sealed::Parts {
    /// Who implements it in the default library.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when no provider offers it.
    #[doc(alias = "EVP_CIPHER_get0_provider")]
    #[doc(alias = "EVP_MD_get0_provider")]
    #[doc(alias = "EVP_MAC_get0_provider")]
    #[doc(alias = "EVP_KDF_get0_provider")]
    fn origin() -> Result<Origin> {
        Origin::of(&Self::parts(), &Home::DEFAULT)
    }

    /// Who implements it in `library`.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when none of its providers offers it.
    fn origin_in(library: &Library) -> Result<Origin> {
        Origin::of(&Self::parts(), &library.into())
    }
}

impl<T: sealed::Parts> Provided for T {}

#[allow(unreachable_pub, reason = "the supertrait of a public trait")]
pub mod sealed {
    use super::Part;

    #[allow(private_interfaces, reason = "sealed: no user can name it")]
    pub trait Parts {
        /// The algorithm, and what it is made of.
        #[doc(hidden)]
        fn parts() -> Vec<&'static dyn Part>;
    }
}

/// An algorithm, whatever its kind.
pub(in crate::crypto) trait Part {
    /// Whether the library of `home` has it.
    fn offered(&'static self, home: &Home) -> Result<()>;

    fn origin(&'static self, home: &Home) -> Result<Origin>;
}

impl<T: Fetch + 'static> Part for Algorithm<T> {
    fn offered(&'static self, home: &Home) -> Result<()> {
        self.fetched_in(home).map(drop)
    }

    fn origin(&'static self, home: &Home) -> Result<Origin> {
        let fetched = self.fetched_in(home)?;
        let provider = build::name_of(fetched);
        // OpenSSL has one object for each implementation, whatever query it is found by.
        let meets =
            |query| match bracket(|| T::fetch(home, self.name(), Some(query)).checked(T::FUNCTION))
            {
                Ok(other) => Ok(other.as_ptr() == fetched.as_ptr()),
                Err(error) if error.kind() == ErrorKind::Unsupported => Ok(false),
                Err(error) => Err(error),
            };
        // Asked the other way first: an OpenSSL that has no memory to read a query takes whatever there
        // is, and keeps that as the query's answer (crypto/property/property.c, ossl_method_store_fetch,
        // 3.0.19; tests/torture shows it).
        let fips = !meets(c"fips=no")? && meets(c"fips=yes")?;
        Ok(Origin { provider, fips })
    }
}
