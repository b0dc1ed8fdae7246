//! Which C function frees which C type, and what each may do across threads.
//!
//! This is the whole list: a constructor that the bindings declare has its owner here, or a reason
//! in the list of `tests/owners.rs`.

#![allow(unsafe_code)]

use std::ptr::NonNull;

use crate::owned::CType;

/// `c_type!(TYPE, free_function)`: the function that the type's constructors name for it.
macro_rules! c_type {
    ($type:ty, $free:path) => {
        // SAFETY: the library's manual names this function for what the type's constructors return.
        unsafe impl CType for $type {
            unsafe fn free(ptr: NonNull<Self>) {
                // SAFETY: `Owned` passes each reference here once.
                unsafe { $free(ptr.as_ptr()) };
            }
        }
    };
}

#[cfg(feature = "crypto")]
mod openssl {
    use super::{CType, NonNull};
    use crate::ffi::openssl as ffi;
    use crate::owned::{Frozen, Movable};

    c_type!(ffi::OPENSSL_INIT_SETTINGS, ffi::OPENSSL_INIT_free);

    c_type!(ffi::OSSL_LIB_CTX, ffi::OSSL_LIB_CTX_free);
    // SAFETY: what a library context keeps for a thread are the generators of RAND_bytes_ex, and
    // `crypto/rand.rs` draws from a context of ours without them.
    unsafe impl Movable for ffi::OSSL_LIB_CTX {}
    // SAFETY: openssl-threads(7): what fetching and the primary generator change are internal
    // states behind locks; providers, configuration and properties are set before it is shared.
    unsafe impl Frozen for ffi::OSSL_LIB_CTX {}

    // 0 from OSSL_PROVIDER_unload tells that the provider was not loaded; each owner loaded it once.
    c_type!(ffi::OSSL_PROVIDER, ffi::OSSL_PROVIDER_unload);
    // SAFETY: provider(7): a provider is not tied to a thread; its counts are atomic or locked.
    unsafe impl Movable for ffi::OSSL_PROVIDER {}
    // SAFETY: nothing but `OSSL_PROVIDER_unload` is called on a loaded one, by its last holder.
    unsafe impl Frozen for ffi::OSSL_PROVIDER {}

    c_type!(ffi::EVP_CIPHER_CTX, ffi::EVP_CIPHER_CTX_free);
    // SAFETY: openssl-threads(7): an object may be used by any thread, one at a time.
    unsafe impl Movable for ffi::EVP_CIPHER_CTX {}

    c_type!(ffi::EVP_MD_CTX, ffi::EVP_MD_CTX_free);
    // SAFETY: openssl-threads(7): an object may be used by any thread, one at a time.
    unsafe impl Movable for ffi::EVP_MD_CTX {}

    c_type!(ffi::EVP_CIPHER, ffi::EVP_CIPHER_free);
    // SAFETY: a fetched algorithm is not tied to a thread; its count is atomic.
    unsafe impl Movable for ffi::EVP_CIPHER {}
    // SAFETY: crypto(7), "Explicit fetching": a fetched algorithm is meant to be kept and shared,
    // and nothing changes it.
    unsafe impl Frozen for ffi::EVP_CIPHER {}

    c_type!(ffi::EVP_MD, ffi::EVP_MD_free);
    // SAFETY: a fetched algorithm is not tied to a thread; its count is atomic.
    unsafe impl Movable for ffi::EVP_MD {}
    // SAFETY: as for EVP_CIPHER.
    unsafe impl Frozen for ffi::EVP_MD {}

    c_type!(ffi::EVP_MAC_CTX, ffi::EVP_MAC_CTX_free);
    // SAFETY: openssl-threads(7): an object may be used by any thread, one at a time.
    unsafe impl Movable for ffi::EVP_MAC_CTX {}

    c_type!(ffi::EVP_MAC, ffi::EVP_MAC_free);
    // SAFETY: a fetched algorithm is not tied to a thread; its count is atomic.
    unsafe impl Movable for ffi::EVP_MAC {}
    // SAFETY: as for EVP_CIPHER.
    unsafe impl Frozen for ffi::EVP_MAC {}

    c_type!(ffi::EVP_KDF, ffi::EVP_KDF_free);
    // SAFETY: a fetched algorithm is not tied to a thread; its count is atomic.
    unsafe impl Movable for ffi::EVP_KDF {}
    // SAFETY: as for EVP_CIPHER.
    unsafe impl Frozen for ffi::EVP_KDF {}

    c_type!(ffi::X509, ffi::X509_free);
    // SAFETY: openssl-threads(7): a certificate is not tied to a thread; its count is atomic.
    unsafe impl Movable for ffi::X509 {}
    // SAFETY: a parsed certificate is not changed; what OpenSSL keeps of its extensions is behind a
    // lock of the certificate's.
    unsafe impl Frozen for ffi::X509 {}

    c_type!(ffi::X509_STORE, ffi::X509_STORE_free);
    // SAFETY: openssl-threads(7): a store is not tied to a thread; its count is atomic.
    unsafe impl Movable for ffi::X509_STORE {}
    // SAFETY: X509_STORE_new(3): a store may be shared by several SSL_CTX; what a verification looks
    // up, and what it adds from a folder, is behind the store's lock.
    unsafe impl Frozen for ffi::X509_STORE {}

    #[cfg(feature = "http")]
    c_type!(ffi::EVP_PKEY, ffi::EVP_PKEY_free);
    // SAFETY: openssl-threads(7): a key is not tied to a thread; its count is atomic.
    #[cfg(feature = "http")]
    unsafe impl Movable for ffi::EVP_PKEY {}
    // SAFETY: a loaded key is not changed; what OpenSSL keeps of its exports is behind a lock of the
    // key's.
    #[cfg(feature = "http")]
    unsafe impl Frozen for ffi::EVP_PKEY {}

    // Nothing keeps these beyond a call: they need no promise about threads.
    #[cfg(feature = "http")]
    c_type!(ffi::X509_CRL, ffi::X509_CRL_free);
    #[cfg(feature = "http")]
    c_type!(ffi::PKCS12, ffi::PKCS12_free);
    #[cfg(feature = "http")]
    c_type!(ffi::SSL_CTX, ffi::SSL_CTX_free);
    #[cfg(feature = "http")]
    c_type!(ffi::BIO, ffi::BIO_free_all);
    // The stack alone: what it points to has owners of its own.
    #[cfg(feature = "http")]
    c_type!(ffi::OPENSSL_STACK, ffi::OPENSSL_sk_free);

    // Nothing keeps one beyond a call: it needs no promise about threads.
    c_type!(ffi::EVP_KDF_CTX, ffi::EVP_KDF_CTX_free);
}

#[cfg(feature = "http")]
pub(crate) use libcurl::CurlMemory;

#[cfg(feature = "http")]
mod libcurl {
    use std::ffi::c_void;

    use super::{CType, NonNull};
    use crate::buf::Allocator;
    use crate::ffi::curl as ffi;
    use crate::owned::Movable;

    c_type!(ffi::CURL, ffi::curl_easy_cleanup);
    // SAFETY: libcurl-thread(3): a handle may be used by any thread, one at a time.
    unsafe impl Movable for ffi::CURL {}

    c_type!(ffi::CURLM, ffi::curl_multi_cleanup);
    // SAFETY: libcurl-thread(3): a handle may be used by any thread, one at a time.
    unsafe impl Movable for ffi::CURLM {}

    c_type!(ffi::CURLSH, ffi::curl_share_cleanup);
    // SAFETY: a share may be cleaned up by any thread; it locks itself by its callbacks.
    unsafe impl Movable for ffi::CURLSH {}

    c_type!(ffi::curl_slist, ffi::curl_slist_free_all);
    // SAFETY: a list is plain memory.
    unsafe impl Movable for ffi::curl_slist {}

    c_type!(ffi::CURLU, ffi::curl_url_cleanup);
    // SAFETY: a parsed URL is plain memory.
    unsafe impl Movable for ffi::CURLU {}

    c_type!(ffi::curl_mime, ffi::curl_mime_free);
    // SAFETY: the parts are plain memory, and what they point to is `Send` (curl/mime).
    unsafe impl Movable for ffi::curl_mime {}

    /// What libcurl allocated and hands over.
    pub(crate) enum CurlMemory {}

    // SAFETY: curl_free(3) releases what libcurl's functions tell their callers to free.
    unsafe impl Allocator for CurlMemory {
        unsafe fn free(block: NonNull<c_void>) {
            // SAFETY: the caller vouches for the block.
            unsafe { ffi::curl_free(block.as_ptr()) }
        }
    }
}
