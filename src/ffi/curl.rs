//! libcurl.

pub(crate) use self::generated::*;
pub(crate) use curl_sys::{
    CURL, CURL_CSELECT_ERR, CURL_CSELECT_IN, CURL_CSELECT_OUT, CURL_ERROR_SIZE,
    CURL_LOCK_ACCESS_SHARED, CURL_POLL_IN, CURL_POLL_INOUT, CURL_POLL_OUT, CURL_SOCKET_TIMEOUT,
    CURLM, CURLPROTO_HTTP, CURLPROTO_HTTPS, CURLSH, CURLVERSION_NOW, curl_easy_cleanup,
    curl_easy_init, curl_easy_perform, curl_easy_strerror, curl_global_init, curl_lock_access,
    curl_multi_add_handle, curl_multi_cleanup, curl_multi_init, curl_multi_perform,
    curl_multi_remove_handle, curl_multi_socket_action, curl_multi_strerror, curl_multi_timeout,
    curl_off_t, curl_share_cleanup, curl_share_init, curl_share_strerror, curl_slist,
    curl_slist_append, curl_slist_free_all, curl_socket_t, curl_version_info, curl_waitfd,
};

#[allow(unused_imports)]
mod generated {
    #[cfg(feature = "bindgen")]
    include!(concat!(env!("OUT_DIR"), "/curl_bindings.rs"));
    #[cfg(not(feature = "bindgen"))]
    include!("curl_bindings.rs");
}
