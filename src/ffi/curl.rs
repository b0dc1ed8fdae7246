//! libcurl.

pub(crate) use self::generated::*;
/// `curl/urlapi.h` of 8.3.
pub(crate) const CURLU_PUNY2IDN: u32 = 1 << 13;
/// `curl/urlapi.h` of 8.8.
pub(crate) const CURLU_GET_EMPTY: u32 = 1 << 14;
/// `curl/urlapi.h` of 8.9.
pub(crate) const CURLU_NO_GUESS_SCHEME: u32 = 1 << 15;

pub(crate) use curl_sys::{
    CURL, CURL_ERROR_SIZE, CURLINFO_DATA_IN, CURLINFO_DATA_OUT, CURLINFO_HEADER_IN,
    CURLINFO_HEADER_OUT, CURLINFO_SSL_DATA_IN, CURLINFO_SSL_DATA_OUT, CURLINFO_TEXT,
    CURLVERSION_NOW, curl_certinfo, curl_easy_cleanup, curl_easy_escape, curl_easy_init,
    curl_easy_pause, curl_easy_perform, curl_easy_reset, curl_easy_strerror, curl_easy_unescape,
    curl_free, curl_global_init, curl_infotype, curl_off_t, curl_slist, curl_slist_append,
    curl_slist_free_all, curl_sockaddr, curl_socket_t, curl_version_info,
};

#[allow(unused_imports)]
mod generated {
    #[cfg(feature = "bindgen")]
    include!(concat!(env!("OUT_DIR"), "/curl_bindings.rs"));
    #[cfg(not(feature = "bindgen"))]
    include!("curl_bindings.rs");
}
