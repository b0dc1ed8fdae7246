//! Algorithms, fetched from OpenSSL's providers once a process, or once a library.

#![allow(unsafe_code)]

use std::ffi::CStr;
use std::ptr;

use super::library::{Cache, Caches, Home, Library};
use crate::error::openssl::{Checked as _, Failed, bracket};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::openssl as ffi;
use crate::init;
use crate::owned::{CType, Frozen, Owned};
use crate::sync::OnceLock;

/// A kind of algorithm that providers offer.
pub(super) trait Fetch: Frozen {
    /// The name of the C function, for errors.
    const FUNCTION: &'static str;

    /// Fetches what the library's providers offer; `properties` go beside the library's own.
    fn fetch(home: &Home, name: &CStr, properties: Option<&CStr>) -> Option<Owned<Self>>;

    /// The provider, which lives as long as what it offers.
    fn provider(fetched: &Owned<Self>) -> *const ffi::OSSL_PROVIDER;

    /// Where a library keeps what it fetched.
    fn cache(caches: &Caches) -> &Cache<Self>;

    /// The lengths that the caller relies on, as the provider states them.
    fn lengths(fetched: &Owned<Self>) -> Lengths;
}

/// Lengths in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lengths {
    Cipher {
        key: usize,
        nonce: usize,
    },
    Digest {
        output: usize,
    },
    /// A digest whose length the caller chooses.
    Xof,
    /// A MAC states none until it has its key and its parameters.
    Mac,
    /// A key derivation function states none: every length is the caller's.
    Kdf,
}

/// An algorithm that is fetched on first use and then kept for ever.
pub(super) struct Algorithm<T: CType> {
    name: &'static CStr,
    lengths: Lengths,
    /// The first OpenSSL that has it.
    since: &'static str,
    fetched: OnceLock<Owned<T>>,
}

impl<T: Fetch> Algorithm<T> {
    pub(super) const fn new(name: &'static CStr, lengths: Lengths, since: &'static str) -> Self {
        Self { name, lengths, since, fetched: OnceLock::new() }
    }

    /// The fetched algorithm.
    ///
    /// A failed fetch is tried again next time: a provider may have been loaded in between.
    #[inline]
    pub(super) fn fetched(&self) -> Result<&Owned<T>> {
        match self.fetched.get() {
            Some(fetched) => Ok(fetched),
            None => self.fetch_and_keep(),
        }
    }

    /// The algorithm as the library of `home` has it, fetched there once.
    #[inline]
    pub(super) fn fetched_in<'a>(&'static self, home: &'a Home) -> Result<&'a Owned<T>> {
        match home.library() {
            None => self.fetched(),
            Some(library) => {
                let cache = T::cache(library.caches());
                cache.get_or_fetch(ptr::from_ref(self).addr(), || self.fetch(home))
            }
        }
    }

    /// OpenSSL's name of it.
    pub(super) const fn name(&self) -> &'static CStr {
        self.name
    }

    /// The lengths that a fetched one was found to have.
    pub(super) const fn lengths(&self) -> Lengths {
        self.lengths
    }

    #[cold]
    fn fetch_and_keep(&self) -> Result<&Owned<T>> {
        let fetched = self.fetch(&Home::DEFAULT)?;
        Ok(self.fetched.get_or_init(|| fetched))
    }

    #[cold]
    fn fetch(&self, home: &Home) -> Result<Owned<T>> {
        init::openssl::ready()?;
        let fetched = bracket(|| {
            let fetched = T::fetch(home, self.name, None).checked(T::FUNCTION)?;
            // C reads as many bytes of a key as the provider says, not as our types say.
            let lengths = T::lengths(&fetched);
            if lengths != self.lengths {
                return Err(Failed::Ours(Error::ours(
                    ErrorKind::Unsupported,
                    format!(
                        "a provider offers {} with other lengths: {lengths:?}, not {:?}",
                        self.name.to_string_lossy(),
                        self.lengths
                    ),
                )));
            }
            Ok(fetched)
        });
        fetched.map_err(|error| self.absent(home.library(), error))
    }

    /// Says since when OpenSSL has what the linked one lacks, or whom a library has asked.
    fn absent(&self, library: Option<&Library>, error: Error) -> Error {
        if error.kind() != ErrorKind::Unsupported || error.function() != Some(T::FUNCTION) {
            return error;
        }
        let name = self.name.to_string_lossy();
        let since = self.since;
        let asked = library.map_or(String::new(), |library| format!(" of {library}"));
        Error::ours(
            ErrorKind::Unsupported,
            format!("no provider{asked} offers {name}, which OpenSSL has since {since} ({error})"),
        )
    }
}

impl Fetch for ffi::EVP_CIPHER {
    const FUNCTION: &'static str = "EVP_CIPHER_fetch";

    fn fetch(home: &Home, name: &CStr, properties: Option<&CStr>) -> Option<Owned<Self>> {
        let properties = properties.map_or(ptr::null(), CStr::as_ptr);
        // SAFETY: the context is live or NULL, the default one; name and properties end in NUL, and
        // NULL stands for none.
        let fetched = unsafe { ffi::EVP_CIPHER_fetch(home.as_ptr(), name.as_ptr(), properties) };
        // SAFETY: EVP_CIPHER_fetch(3) answers NULL or a reference that is ours.
        unsafe { Owned::from_raw(fetched) }
    }

    fn provider(fetched: &Owned<Self>) -> *const ffi::OSSL_PROVIDER {
        // SAFETY: the algorithm is live, and the function only reads it.
        unsafe { ffi::EVP_CIPHER_get0_provider(fetched.as_ptr()) }
    }

    fn cache(caches: &Caches) -> &Cache<Self> {
        &caches.ciphers
    }

    fn lengths(fetched: &Owned<Self>) -> Lengths {
        // SAFETY: the cipher is live, and the function only reads it.
        let key = unsafe { ffi::EVP_CIPHER_get_key_length(fetched.as_ptr()) };
        // SAFETY: the cipher is live, and the function only reads it.
        let nonce = unsafe { ffi::EVP_CIPHER_get_iv_length(fetched.as_ptr()) };
        Lengths::Cipher {
            key: usize::try_from(key).unwrap_or(0),
            nonce: usize::try_from(nonce).unwrap_or(0),
        }
    }
}

impl Fetch for ffi::EVP_MD {
    const FUNCTION: &'static str = "EVP_MD_fetch";

    fn fetch(home: &Home, name: &CStr, properties: Option<&CStr>) -> Option<Owned<Self>> {
        let properties = properties.map_or(ptr::null(), CStr::as_ptr);
        // SAFETY: the context is live or NULL, the default one; name and properties end in NUL, and
        // NULL stands for none.
        let fetched = unsafe { ffi::EVP_MD_fetch(home.as_ptr(), name.as_ptr(), properties) };
        // SAFETY: EVP_DigestInit(3): EVP_MD_fetch answers NULL or a reference that is ours.
        unsafe { Owned::from_raw(fetched) }
    }

    fn provider(fetched: &Owned<Self>) -> *const ffi::OSSL_PROVIDER {
        // SAFETY: the algorithm is live, and the function only reads it.
        unsafe { ffi::EVP_MD_get0_provider(fetched.as_ptr()) }
    }

    fn cache(caches: &Caches) -> &Cache<Self> {
        &caches.digests
    }

    fn lengths(fetched: &Owned<Self>) -> Lengths {
        // SAFETY: the digest is live, and the function only reads it.
        let flags = unsafe { ffi::EVP_MD_get_flags(fetched.as_ptr()) };
        // EVP_MD-SHAKE(7): the length that 3.0 states for these is gone since 3.4.
        if flags & std::ffi::c_ulong::from(ffi::EVP_MD_FLAG_XOF) != 0 {
            return Lengths::Xof;
        }
        // SAFETY: the digest is live, and the function only reads it.
        let output = unsafe { ffi::EVP_MD_get_size(fetched.as_ptr()) };
        Lengths::Digest { output: usize::try_from(output).unwrap_or(0) }
    }
}

impl Fetch for ffi::EVP_MAC {
    const FUNCTION: &'static str = "EVP_MAC_fetch";

    fn fetch(home: &Home, name: &CStr, properties: Option<&CStr>) -> Option<Owned<Self>> {
        let properties = properties.map_or(ptr::null(), CStr::as_ptr);
        // SAFETY: the context is live or NULL, the default one; name and properties end in NUL, and
        // NULL stands for none.
        let fetched = unsafe { ffi::EVP_MAC_fetch(home.as_ptr(), name.as_ptr(), properties) };
        // SAFETY: EVP_MAC(3): EVP_MAC_fetch answers NULL or a reference that is ours.
        unsafe { Owned::from_raw(fetched) }
    }

    fn provider(fetched: &Owned<Self>) -> *const ffi::OSSL_PROVIDER {
        // SAFETY: the algorithm is live, and the function only reads it.
        unsafe { ffi::EVP_MAC_get0_provider(fetched.as_ptr()) }
    }

    fn cache(caches: &Caches) -> &Cache<Self> {
        &caches.macs
    }

    fn lengths(_: &Owned<Self>) -> Lengths {
        Lengths::Mac
    }
}

impl Fetch for ffi::EVP_KDF {
    const FUNCTION: &'static str = "EVP_KDF_fetch";

    fn fetch(home: &Home, name: &CStr, properties: Option<&CStr>) -> Option<Owned<Self>> {
        let properties = properties.map_or(ptr::null(), CStr::as_ptr);
        // SAFETY: the context is live or NULL, the default one; name and properties end in NUL, and
        // NULL stands for none.
        let fetched = unsafe { ffi::EVP_KDF_fetch(home.as_ptr(), name.as_ptr(), properties) };
        // SAFETY: EVP_KDF(3): EVP_KDF_fetch answers NULL or a reference that is ours.
        unsafe { Owned::from_raw(fetched) }
    }

    fn provider(fetched: &Owned<Self>) -> *const ffi::OSSL_PROVIDER {
        // SAFETY: the algorithm is live, and the function only reads it.
        unsafe { ffi::EVP_KDF_get0_provider(fetched.as_ptr()) }
    }

    fn cache(caches: &Caches) -> &Cache<Self> {
        &caches.kdfs
    }

    fn lengths(_: &Owned<Self>) -> Lengths {
        Lengths::Kdf
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_provider_offers_is_named_with_its_version() {
        static FUTURE: Algorithm<ffi::EVP_MD> =
            Algorithm::new(c"FUTURE-DIGEST", Lengths::Digest { output: 32 }, "9.9");
        let error = FUTURE.fetched().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        let text = error.to_string();
        assert!(text.starts_with("no provider offers FUTURE-DIGEST, which OpenSSL has since 9.9"));
        assert!(text.contains("EVP_MD_fetch failed: 0308010C"), "{text}");
    }

    #[test]
    fn a_provider_with_other_lengths_is_not_trusted() {
        static ODD: Algorithm<ffi::EVP_CIPHER> =
            Algorithm::new(c"AES-256-GCM", Lengths::Cipher { key: 16, nonce: 12 }, "1.0.1");
        let error = ODD.fetched().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("with other lengths"), "{error}");
    }
}
