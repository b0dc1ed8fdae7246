//! OpenSSL.

pub(crate) use self::generated::*;
pub(crate) use openssl_sys::{
    CRYPTO_memcmp, ERR_get_error_all, ERR_lib_error_string, ERR_reason_error_string, EVP_CIPHER,
    EVP_CIPHER_CTX, EVP_CIPHER_CTX_free, EVP_CIPHER_CTX_get_iv_length, EVP_CIPHER_CTX_new,
    EVP_CIPHER_fetch, EVP_CIPHER_free, EVP_CIPHER_get_iv_length, EVP_CIPHER_get_key_length,
    EVP_DecryptFinal_ex, EVP_DecryptUpdate, EVP_DigestFinal_ex, EVP_DigestFinalXOF,
    EVP_DigestUpdate, EVP_EncryptFinal_ex, EVP_EncryptUpdate, EVP_KDF, EVP_KDF_CTX,
    EVP_KDF_CTX_free, EVP_KDF_CTX_new, EVP_KDF_derive, EVP_KDF_fetch, EVP_KDF_free, EVP_MAC,
    EVP_MAC_CTX, EVP_MAC_CTX_free, EVP_MAC_CTX_get_mac_size, EVP_MAC_CTX_new, EVP_MAC_fetch,
    EVP_MAC_final, EVP_MAC_free, EVP_MAC_get0_provider, EVP_MAC_init, EVP_MAC_update, EVP_MD,
    EVP_MD_CTX, EVP_MD_CTX_copy_ex, EVP_MD_CTX_free, EVP_MD_CTX_new, EVP_MD_CTX_reset,
    EVP_MD_fetch, EVP_MD_free, EVP_MD_get_size, OPENSSL_INIT_SETTINGS, OPENSSL_VERSION,
    OSSL_LIB_CTX, OSSL_LIB_CTX_free, OSSL_LIB_CTX_new, OSSL_PARAM, OSSL_PROVIDER,
    OSSL_PROVIDER_load, OSSL_PROVIDER_unload, OpenSSL_version, OpenSSL_version_num, X509,
    X509_STORE, X509_STORE_free, X509_free,
};

/// For the TLS contexts of libcurl.
#[cfg(feature = "http")]
pub(crate) use openssl_sys::{
    BIO, BIO_free_all, BIO_new_mem_buf, CRYPTO_EX_DATA, EVP_PKEY, EVP_PKEY_free, OPENSSL_STACK,
    OPENSSL_sk_free, OPENSSL_sk_new_null, OPENSSL_sk_num, OPENSSL_sk_push, OPENSSL_sk_value,
    PEM_read_bio_PrivateKey, PEM_read_bio_X509, PEM_read_bio_X509_CRL, PKCS12, PKCS12_free,
    PKCS12_parse, SSL, SSL_CTX, SSL_CTX_free, SSL_CTX_get_cert_store, SSL_CTX_get_ex_data,
    SSL_CTX_get_ex_new_index, SSL_CTX_new, SSL_CTX_set_cipher_list, SSL_CTX_set_ciphersuites,
    SSL_CTX_set_ex_data, SSL_CTX_set_keylog_callback, SSL_CTX_set_max_proto_version,
    SSL_CTX_set_min_proto_version, SSL_CTX_set1_groups_list, SSL_get_SSL_CTX, TLS_client_method,
    X509_CRL, X509_CRL_free, X509_STORE_add_cert, X509_STORE_new, X509_STORE_set_flags,
    X509_V_FLAG_CRL_CHECK, X509_V_FLAG_PARTIAL_CHAIN, X509_V_FLAG_TRUSTED_FIRST,
    X509_getm_notAfter, X509_getm_notBefore, d2i_AutoPrivateKey, d2i_PKCS12, d2i_X509,
    d2i_X509_CRL,
};

#[allow(unused_imports)]
mod generated {
    #[cfg(feature = "bindgen")]
    include!(concat!(env!("OUT_DIR"), "/openssl_bindings.rs"));
    #[cfg(not(feature = "bindgen"))]
    include!("openssl_bindings.rs");
}
