//! What the generated bindings hold: the C functions and constants that openssl-sys and curl-sys
//! lack, in terms of the types that they have.
//!
//! `build.rs` (feature `bindgen`) and `tests/bindings.rs` (`make bindings`) share this file.

/// One generated file.
pub struct Bindings {
    pub header: &'static str,
    /// The checked-in file that it is compared with.
    pub checked_in: &'static str,
    functions: &'static [&'static str],
    /// Enums (an integer type and its constants) and function pointers.
    types: &'static [&'static str],
    constants: &'static [&'static str],
    /// The `use` lines that bring the shared types in.
    preamble: &'static str,
}

pub const OPENSSL: Bindings = Bindings {
    header: "csrc/bindings_openssl.h",
    checked_in: "src/ffi/openssl_bindings.rs",
    functions: &[
        "CRYPTO_secure_free",
        "CRYPTO_secure_malloc",
        "CRYPTO_secure_malloc_init",
        "CRYPTO_secure_used",
        "CRYPTO_set_mem_functions",
        "ERR_clear_last_mark",
        "ERR_peek_error",
        "ERR_peek_last_error_all",
        "ERR_pop_to_mark",
        "ERR_set_mark",
        "EVP_CIPHER_CTX_get_params",
        "EVP_CIPHER_CTX_set_params",
        "EVP_CIPHER_get0_provider",
        "EVP_DecryptInit_ex2",
        "EVP_DigestInit_ex2",
        "EVP_EncryptInit_ex2",
        "EVP_KDF_get0_provider",
        "EVP_MD_get0_provider",
        "EVP_MD_get_flags",
        "EVP_RAND_generate",
        "EVP_set_default_properties",
        "OPENSSL_INIT_free",
        "OPENSSL_INIT_new",
        "OPENSSL_INIT_set_config_filename",
        "OPENSSL_cleanse",
        "OPENSSL_init_crypto",
        "OPENSSL_thread_stop",
        "OSSL_LIB_CTX_get0_global_default",
        "OSSL_LIB_CTX_load_config",
        "OSSL_PROVIDER_do_all",
        "OSSL_PROVIDER_get0_name",
        "RAND_bytes_ex",
        "RAND_get0_primary",
        "RAND_priv_bytes_ex",
        "SSL_CTX_set1_cert_store",
        "SSL_CTX_use_cert_and_key",
        "X509_STORE_add_crl",
        "X509_STORE_load_file",
        "X509_STORE_load_path",
        "X509_check_private_key",
        "X509_cmp_current_time",
        "X509_get_X509_PUBKEY",
        "i2d_X509_PUBKEY",
    ],
    types: &[
        "CRYPTO_malloc_fn",
        "CRYPTO_realloc_fn",
        "CRYPTO_free_fn",
        "EVP_RAND_CTX",
        "evp_rand_ctx_st",
        "X509_PUBKEY",
        "X509_pubkey_st",
    ],
    constants: &[
        "ERR_R_MALLOC_FAILURE",
        "ERR_R_UNSUPPORTED",
        "EVP_MD_FLAG_XOF",
        "OPENSSL_INIT_LOAD_CONFIG",
        "OPENSSL_INIT_NO_LOAD_CONFIG",
        "OPENSSL_INIT_NO_ATEXIT",
        "OSSL_CIPHER_PARAM_AEAD_TAG",
        "OSSL_CIPHER_PARAM_IVLEN",
        "OSSL_CIPHER_PARAM_PADDING",
        "OSSL_KDF_PARAM_CIPHER",
        "OSSL_KDF_PARAM_DIGEST",
        "OSSL_KDF_PARAM_INFO",
        "OSSL_KDF_PARAM_ITER",
        "OSSL_KDF_PARAM_KBKDF_USE_L",
        "OSSL_KDF_PARAM_KBKDF_USE_SEPARATOR",
        "OSSL_KDF_PARAM_KEY",
        "OSSL_KDF_PARAM_MAC",
        "OSSL_KDF_PARAM_MODE",
        "OSSL_KDF_PARAM_PASSWORD",
        "OSSL_KDF_PARAM_SALT",
        "OSSL_KDF_PARAM_SCRYPT_MAXMEM",
        "OSSL_KDF_PARAM_SCRYPT_N",
        "OSSL_KDF_PARAM_SCRYPT_P",
        "OSSL_KDF_PARAM_SCRYPT_R",
        "OSSL_KDF_PARAM_SEED",
        "OSSL_MAC_PARAM_CIPHER",
        "OSSL_MAC_PARAM_CUSTOM",
        "OSSL_MAC_PARAM_DIGEST",
        "OSSL_MAC_PARAM_IV",
        "OSSL_MAC_PARAM_SIZE",
        "OSSL_PARAM_OCTET_STRING",
        "OSSL_PARAM_UNSIGNED_INTEGER",
        "OSSL_PARAM_UTF8_STRING",
    ],
    preamble: "use openssl_sys::*;\nuse libc::size_t;",
};

pub const CURL: Bindings = Bindings {
    header: "csrc/bindings_curl.h",
    checked_in: "src/ffi/curl_bindings.rs",
    functions: &[
        "ffence_.*",
        "curl_mime_.*",
        "curl_multi_info_read",
        "curl_multi_poll",
        "curl_multi_wakeup",
        "curl_url.*",
        "curl_easy_(next)?header",
        "curl_ws_.*",
    ],
    types: &[
        "CURLMSG",
        "CURLMcode",
        "CURLMoption",
        "CURLMsg",
        "CURLMsg__bindgen_ty_1",
        "CURLSHcode",
        "CURLSHoption",
        "curl_lock_data",
        "CURLcode",
        "CURLoption",
        "CURLINFO",
        "CURLHcode",
        "CURLU",
        "CURLUPart",
        "CURLUcode",
        "Curl_URL",
        "curl_header",
        "curl_mime",
        "curl_mime_s",
        "curl_mimepart",
        "curl_mimepart_s",
        "curl_ws_frame",
        "curl_xferinfo_callback",
        "curl_sockopt_callback",
        "curl_closesocket_callback",
        "curl_resolver_start_callback",
        "curl_trailer_callback",
        "ffence_prereq_callback",
        "ffence_sshhostkey_callback",
        "curl_sshkeycallback",
        "curl_khkey",
        "curl_khtype",
        "curl_khmatch",
        "curl_khstat",
        "curl_hstsread_callback",
        "curl_hstswrite_callback",
        "CURLSTScode",
        "curl_index",
        "curlsocktype",
        "curl_sslbackend",
        "curl_tlssessioninfo",
    ],
    constants: &[
        "CURL_GLOBAL_ALL",
        "CURL_VERSION_.*",
        "CURL_READFUNC_.*",
        "CURL_SEEKFUNC_.*",
        "CURL_SOCKET_BAD",
        "CURL_SOCKOPT_.*",
        "CURL_TRAILERFUNC_.*",
        "CURLFINFOFLAG_.*",
        "CURL_WRITEFUNC_PAUSE",
        "CURLPAUSE_.*",
        "CURL_HTTP_VERSION_.*",
        "CURL_SSLVERSION_.*",
        "CURLH_.*",
        "CURLU_.*",
        "CURLWS_.*",
    ],
    preamble: "use super::curl_hstsentry;\nuse curl_sys::*;\nuse libc::size_t;",
};

impl Bindings {
    /// Runs bindgen on the header, read with `include_dirs`.
    ///
    /// # Errors
    /// bindgen's own, when libclang or the header is missing.
    pub fn generate(
        &self,
        root: &std::path::Path,
        include_dirs: &[String],
    ) -> Result<String, String> {
        let mut builder = bindgen::Builder::default()
            .header(root.join(self.header).to_string_lossy())
            .clang_arg(format!("-I{}", root.join("csrc").display()))
            .allowlist_recursively(false)
            .default_enum_style(bindgen::EnumVariation::Consts)
            .prepend_enum_name(false)
            .layout_tests(false)
            .generate_comments(false)
            .generate_cstr(true)
            .merge_extern_blocks(true)
            .sort_semantically(true)
            .disable_header_comment()
            .wrap_unsafe_ops(true)
            .rust_target(bindgen::RustTarget::stable(85, 0).map_err(|e| e.to_string())?)
            .rust_edition(bindgen::RustEdition::Edition2024);
        for dir in include_dirs {
            builder = builder.clang_arg(format!("-I{dir}"));
        }
        for name in self.functions {
            builder = builder.allowlist_function(name);
        }
        for name in self.types {
            builder = builder.allowlist_type(name);
        }
        for name in self.constants {
            builder = builder.allowlist_var(name);
        }
        let text = builder.generate().map_err(|error| error.to_string())?.to_string();
        // What moves with every release: the ends of the enums, and bindgen's numbers for those
        // that have no name.
        let text: String = text
            .lines()
            .filter(|line| !line.starts_with("pub type _bindgen_ty"))
            .filter(|line| {
                !["_LAST:", "_LASTENTRY:", "_LASTONE:"].iter().any(|end| line.contains(end))
            })
            .map(|line| match line.split_once(": _bindgen_ty_") {
                Some((start, rest)) => {
                    let value = rest.trim_start_matches(|c: char| c.is_ascii_digit());
                    format!("{start}: ::std::os::raw::c_uint{value}\n")
                }
                None => format!("{line}\n"),
            })
            .collect();
        Ok(format!(
            "// Generated by `make bindings` from {}; do not edit.\n\n{}\n\n{text}",
            self.header, self.preamble
        ))
    }
}
