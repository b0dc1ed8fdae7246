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
    curl_free, curl_getdate, curl_global_init, curl_global_init_mem, curl_infotype, curl_off_t,
    curl_slist, curl_slist_append, curl_slist_free_all, curl_sockaddr, curl_socket_t,
    curl_version_info,
};
/// The multi and share interfaces.
pub(crate) use curl_sys::{
    CURL_CSELECT_IN, CURL_CSELECT_OUT, CURL_POLL_IN, CURL_POLL_INOUT, CURL_POLL_OUT,
    CURL_SOCKET_TIMEOUT, CURLM, CURLSH, curl_lock_access, curl_multi_add_handle,
    curl_multi_cleanup, curl_multi_init, curl_multi_perform, curl_multi_remove_handle,
    curl_multi_socket_action, curl_multi_strerror, curl_multi_timeout, curl_share_cleanup,
    curl_share_init, curl_share_strerror,
};
#[cfg(all(feature = "websocket", unix))]
pub(crate) use curl_sys::{curl_easy_recv, curl_easy_send};

/// It has a bit field, so that only the shim looks inside.
#[repr(C)]
pub(crate) struct curl_hstsentry {
    _opaque: [u8; 0],
}

pub(crate) use curl_sys::{
    CURL_CHUNK_BGN_FUNC_FAIL, CURL_CHUNK_BGN_FUNC_OK, CURL_CHUNK_BGN_FUNC_SKIP,
    CURL_CHUNK_END_FUNC_FAIL, CURL_CHUNK_END_FUNC_OK, CURL_WAIT_POLLIN, CURL_WAIT_POLLOUT,
    CURLFILETYPE_DIRECTORY, CURLFILETYPE_FILE, CURLFILETYPE_SYMLINK, curl_fileinfo, curl_waitfd,
};

#[allow(unused_imports)]
mod generated {
    #[cfg(feature = "bindgen")]
    include!(concat!(env!("OUT_DIR"), "/curl_bindings.rs"));
    #[cfg(not(feature = "bindgen"))]
    include!("curl_bindings.rs");
}

/// What is newer than libcurl 7.76: as the headers of the version that brought it declare it.
pub(crate) mod newer {
    use super::{CURL, CURLM, CURLMcode, CURLMoption, CURLcode, curl_off_t};
    use std::ffi::{c_char, c_int, c_uchar, c_uint, c_void};

    use libc::size_t;

    /// 8.12
    pub(crate) type SslsExportCallback = unsafe extern "C" fn(
        easy: *mut CURL,
        data: *mut c_void,
        session_key: *const c_char,
        shmac: *const c_uchar,
        shmac_len: size_t,
        sdata: *const c_uchar,
        sdata_len: size_t,
        valid_until: curl_off_t,
        ietf_tls_id: c_int,
        alpn: *const c_char,
        earlydata_max: size_t,
    ) -> CURLcode;

    pub(crate) type SslsExport = unsafe extern "C" fn(
        easy: *mut CURL,
        callback: SslsExportCallback,
        data: *mut c_void,
    ) -> CURLcode;

    pub(crate) type SslsImport = unsafe extern "C" fn(
        easy: *mut CURL,
        session_key: *const c_char,
        shmac: *const c_uchar,
        shmac_len: size_t,
        sdata: *const c_uchar,
        sdata_len: size_t,
    ) -> CURLcode;

    /// 8.17
    pub(crate) type NotifyEnable =
        unsafe extern "C" fn(multi: *mut CURLM, notification: c_uint) -> CURLMcode;

    // A libcurl that is built with this crate exports nothing; its functions are linked.
    #[cfg(curl_is_static)]
    unsafe extern "C" {
        pub(crate) fn curl_easy_ssls_export(
            easy: *mut CURL,
            callback: SslsExportCallback,
            data: *mut c_void,
        ) -> CURLcode;
        pub(crate) fn curl_easy_ssls_import(
            easy: *mut CURL,
            session_key: *const c_char,
            shmac: *const c_uchar,
            shmac_len: size_t,
            sdata: *const c_uchar,
            sdata_len: size_t,
        ) -> CURLcode;
        pub(crate) fn curl_multi_notify_enable(
            multi: *mut CURLM,
            notification: c_uint,
        ) -> CURLMcode;
    }

    pub(crate) const CURLMNOTIFY_INFO_READ: c_uint = 0;

    /// 8.16
    pub(crate) const CURLMOPT_NETWORK_CHANGED: CURLMoption = 17;
    /// 8.17
    pub(crate) const CURLMOPT_NOTIFYFUNCTION: CURLMoption = 20_018;
    /// 8.17
    pub(crate) const CURLMOPT_NOTIFYDATA: CURLMoption = 10_019;
    /// 8.20
    pub(crate) const CURLMOPT_RESOLVE_THREADS_MAX: CURLMoption = 20;
    /// 8.20
    pub(crate) const CURLMOPT_QUICK_EXIT: CURLMoption = 21;
}
