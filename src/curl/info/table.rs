//! The table of what a handle tells: a row for each, from which its method and its line in
//! docs/curl-options.md come.

use std::ffi::CStr;
use std::time::Duration;

use super::becoming;
use super::{Info, Kind, Policy, Row, kinds};
use crate::curl::option::value::{Auth, HttpVersion};

/// `total_time: OffT.time -> Duration = "CURLINFO_TOTAL_TIME_T" 50 "7.61.0", "The whole transfer.";`:
/// our name, what C answers, what that becomes and by which function of `becoming`, libcurl's name and
/// number, the version that brought it.
macro_rules! infos {
    ($($name:ident: $kind:ident.$become:ident -> $of:ty = $info:literal $number:literal $since:literal, $doc:literal;)+) => {
        pub(super) const TYPED: &[Row] = &[$(Row {
            name: $info,
            number: Kind::$kind.base() + $number,
            kind: Kind::$kind,
            since: $since,
            policy: Policy::Safe,
            ours: stringify!($name),
            text: $doc,
        }),+];
        impl<'a> Info<'a> {$(
            #[doc = $doc]
            #[doc = ""]
            #[doc = concat!("[`", $info, "`](https://curl.se/libcurl/c/", $info, ".html), since ", $since)]
            #[doc(alias = $info)]
            pub fn $name(self) -> $of {
                becoming::$become(self.answer::<kinds::$kind>($number))
            }
        )+}
    };
}

infos! {
    effective_url: Text.text -> Option<&'a CStr> = "CURLINFO_EFFECTIVE_URL" 1 "7.4.0", "The URL that was used in the end.";
    effective_method: Text.text -> Option<&'a CStr> = "CURLINFO_EFFECTIVE_METHOD" 58 "7.72.0", "The method that was used in the end.";
    response_code: Long.status -> Option<u16> = "CURLINFO_RESPONSE_CODE" 2 "7.10.8", "The status of the last response; `None` before there was one.";
    http_connect_code: Long.status -> Option<u16> = "CURLINFO_HTTP_CONNECTCODE" 22 "7.10.7", "The status of the proxy's answer to `CONNECT`.";
    http_version: Long.version -> Option<HttpVersion> = "CURLINFO_HTTP_VERSION" 46 "7.50.0", "The version of HTTP that was spoken.";
    content_type: Text.text -> Option<&'a CStr> = "CURLINFO_CONTENT_TYPE" 18 "7.9.4", "The `Content-Type` header.";
    redirect_count: Long.number -> u32 = "CURLINFO_REDIRECT_COUNT" 20 "7.9.7", "How many redirects were followed.";
    redirect_url: Text.text -> Option<&'a CStr> = "CURLINFO_REDIRECT_URL" 31 "7.18.2", "Where a redirect that was not followed leads.";
    referer: Text.text -> Option<&'a CStr> = "CURLINFO_REFERER" 60 "7.76.0", "The `Referer` header that was sent.";
    retry_after: OffT.delay -> Option<Duration> = "CURLINFO_RETRY_AFTER" 57 "7.66.0", "How long the server asks to wait (`Retry-After`).";
    condition_unmet: Long.flag -> bool = "CURLINFO_CONDITION_UNMET" 35 "7.19.4", "Nothing was transferred, because of `TimeCondition`.";

    total_time: OffT.time -> Duration = "CURLINFO_TOTAL_TIME_T" 50 "7.61.0", "The whole transfer, redirects included.";
    queue_time: OffT.new_time -> Option<Duration> = "CURLINFO_QUEUE_TIME_T" 65 "8.6.0", "In the queue of the multi.";
    namelookup_time: OffT.time -> Duration = "CURLINFO_NAMELOOKUP_TIME_T" 51 "7.61.0", "From the start until the name was resolved.";
    connect_time: OffT.time -> Duration = "CURLINFO_CONNECT_TIME_T" 52 "7.61.0", "From the start until the connection stood; zero on one that was kept.";
    appconnect_time: OffT.time -> Duration = "CURLINFO_APPCONNECT_TIME_T" 56 "7.61.0", "From the start until the TLS handshake was done; zero without one.";
    pretransfer_time: OffT.time -> Duration = "CURLINFO_PRETRANSFER_TIME_T" 53 "7.61.0", "From the start until the request was about to be sent.";
    posttransfer_time: OffT.new_time -> Option<Duration> = "CURLINFO_POSTTRANSFER_TIME_T" 67 "8.10.0", "From the start until the last byte was sent.";
    starttransfer_time: OffT.time -> Duration = "CURLINFO_STARTTRANSFER_TIME_T" 54 "7.61.0", "From the start until the first byte moved; of a request with a body that can be its own.";
    redirect_time: OffT.time -> Duration = "CURLINFO_REDIRECT_TIME_T" 55 "7.61.0", "All that came before the last request, where redirects were followed.";

    size_upload: OffT.count -> u64 = "CURLINFO_SIZE_UPLOAD_T" 7 "7.55.0", "Body bytes that were sent.";
    size_download: OffT.count -> u64 = "CURLINFO_SIZE_DOWNLOAD_T" 8 "7.55.0", "Body bytes that were received.";
    size_delivered: OffT.new_count -> Option<u64> = "CURLINFO_SIZE_DELIVERED" 71 "8.20.0", "Body bytes that were handed on, decoded.";
    speed_download: OffT.count -> u64 = "CURLINFO_SPEED_DOWNLOAD_T" 9 "7.55.0", "Bytes received in a second, on average.";
    speed_upload: OffT.count -> u64 = "CURLINFO_SPEED_UPLOAD_T" 10 "7.55.0", "Bytes sent in a second, on average.";
    header_size: Long.size -> u64 = "CURLINFO_HEADER_SIZE" 11 "7.4.1", "Bytes of all headers that were received.";
    request_size: Long.size -> u64 = "CURLINFO_REQUEST_SIZE" 12 "7.4.1", "Bytes of all requests that were sent, without bodies.";
    content_length_download: OffT.known -> Option<u64> = "CURLINFO_CONTENT_LENGTH_DOWNLOAD_T" 15 "7.55.0", "The length that the body ought to have, if that is known.";
    content_length_upload: OffT.known -> Option<u64> = "CURLINFO_CONTENT_LENGTH_UPLOAD_T" 16 "7.55.0", "The length that was announced for the upload, if it was.";
    earlydata_sent: OffT.new_signed -> Option<i64> = "CURLINFO_EARLYDATA_SENT_T" 68 "8.11.0", "Bytes sent as TLS early data; below zero when the server refused them.";
    filetime: OffT.date -> Option<i64> = "CURLINFO_FILETIME_T" 14 "7.59.0", "When the document was changed, in seconds since 1970; with `FileTime`.";

    num_connects: Long.number -> u32 = "CURLINFO_NUM_CONNECTS" 26 "7.12.3", "How many connections were made for it; none where one was kept.";
    conn_id: OffT.new_count -> Option<u64> = "CURLINFO_CONN_ID" 64 "8.2.0", "The number of the connection in its cache.";
    xfer_id: OffT.new_count -> Option<u64> = "CURLINFO_XFER_ID" 63 "8.2.0", "The number of the transfer in its cache of connections.";
    primary_ip: Text.text -> Option<&'a CStr> = "CURLINFO_PRIMARY_IP" 32 "7.19.0", "The peer's address.";
    primary_port: Long.port -> u16 = "CURLINFO_PRIMARY_PORT" 40 "7.21.0", "The peer's port.";
    local_ip: Text.text -> Option<&'a CStr> = "CURLINFO_LOCAL_IP" 41 "7.21.0", "This side's address.";
    local_port: Long.port -> u16 = "CURLINFO_LOCAL_PORT" 42 "7.21.0", "This side's port.";
    os_errno: Long.signed -> i32 = "CURLINFO_OS_ERRNO" 25 "7.12.2", "The operating system's number for the last connection that failed; it stays there when a later one succeeds.";
    scheme: Text.text -> Option<&'a CStr> = "CURLINFO_SCHEME" 49 "7.52.0", "The protocol, as URLs name it.";
    used_proxy: Long.new_flag -> Option<bool> = "CURLINFO_USED_PROXY" 66 "8.7.0", "Whether a proxy was used.";
    proxy_error: Long.number -> u32 = "CURLINFO_PROXY_ERROR" 59 "7.73.0", "Why a SOCKS proxy failed: a `CURLproxycode`.";

    httpauth_avail: Long.auth -> Auth = "CURLINFO_HTTPAUTH_AVAIL" 23 "7.10.8", "The ways of authentication that the server offered.";
    proxyauth_avail: Long.auth -> Auth = "CURLINFO_PROXYAUTH_AVAIL" 24 "7.10.8", "The ways of authentication that the proxy offered.";
    httpauth_used: Long.new_auth -> Option<Auth> = "CURLINFO_HTTPAUTH_USED" 69 "8.12.0", "The way of authentication that the server got.";
    proxyauth_used: Long.new_auth -> Option<Auth> = "CURLINFO_PROXYAUTH_USED" 70 "8.12.0", "The way of authentication that the proxy got.";
    ssl_verifyresult: Long.wide -> i64 = "CURLINFO_SSL_VERIFYRESULT" 13 "7.5.0", "What the TLS library says of the certificate; 0 for a good one.";
    proxy_ssl_verifyresult: Long.wide -> i64 = "CURLINFO_PROXY_SSL_VERIFYRESULT" 47 "7.52.0", "What the TLS library says of the proxy's certificate; 0 for a good one.";
    cainfo: Text.text -> Option<&'a CStr> = "CURLINFO_CAINFO" 61 "7.84.0", "The file of trusted certificates that libcurl was built with.";
    capath: Text.text -> Option<&'a CStr> = "CURLINFO_CAPATH" 62 "7.84.0", "The directory of trusted certificates that libcurl was built with.";

    ftp_entry_path: Text.text -> Option<&'a CStr> = "CURLINFO_FTP_ENTRY_PATH" 30 "7.15.4", "The directory after the log-in (FTP).";
    rtsp_session_id: Text.text -> Option<&'a CStr> = "CURLINFO_RTSP_SESSION_ID" 36 "7.20.0", "The session (RTSP).";
    rtsp_client_cseq: Long.number -> u32 = "CURLINFO_RTSP_CLIENT_CSEQ" 37 "7.20.0", "The next number of this side's requests (RTSP).";
    rtsp_server_cseq: Long.number -> u32 = "CURLINFO_RTSP_SERVER_CSEQ" 38 "7.20.0", "The next number of the server's requests (RTSP).";
    rtsp_cseq_recv: Long.number -> u32 = "CURLINFO_RTSP_CSEQ_RECV" 39 "7.20.0", "The number that was received last (RTSP).";
}

/// Those that have no row above: written by hand in info.rs, or left out.
macro_rules! others {
    ($($policy:ident $ours:literal: $kind:ident = $info:literal $number:literal $since:literal, $text:literal;)+) => {
        pub(super) const OTHERS: &[Row] = &[$(Row {
            name: $info,
            number: Kind::$kind.base() + $number,
            kind: Kind::$kind,
            since: $since,
            policy: Policy::$policy,
            ours: $ours,
            text: $text,
        }),+];
    };
}

others! {
    Safe "certificates": Pointer = "CURLINFO_CERTINFO" 34 "7.19.1", "The peer's certificates; with `CertInfo`.";
    Safe "tls_backend": Pointer = "CURLINFO_TLS_SSL_PTR" 45 "7.48.0", "The TLS library of the handle.";
    Safe "active_socket": Socket = "CURLINFO_ACTIVESOCKET" 44 "7.45.0", "The connection's socket.";
    Safe "cookies": List = "CURLINFO_COOKIELIST" 28 "7.14.1", "All cookies, as lines of a cookie file.";
    Safe "ssl_engines": List = "CURLINFO_SSL_ENGINES" 27 "7.12.3", "The engines of the TLS library.";
    Refused "": Text = "CURLINFO_PRIVATE" 21 "7.10.3", "a pointer for the caller, which the handler can hold with its type";
    Refused "": Pointer = "CURLINFO_TLS_SESSION" 43 "7.34.0", "`tls_backend` asks for its successor";
    Refused "": Long = "CURLINFO_LASTSOCKET" 29 "7.15.2", "cannot hold every socket: `active_socket`";
    Refused "": Long = "CURLINFO_PROTOCOL" 48 "7.52.0", "not every protocol has a bit: `scheme`";
    Refused "": Long = "CURLINFO_FILETIME" 14 "7.5.0", "ends in 2038 on some systems: `filetime` is CURLINFO_FILETIME_T";
    Refused "": Double = "CURLINFO_TOTAL_TIME" 3 "7.4.1", "in floating point: `total_time` is CURLINFO_TOTAL_TIME_T";
    Refused "": Double = "CURLINFO_NAMELOOKUP_TIME" 4 "7.4.1", "in floating point: `namelookup_time`";
    Refused "": Double = "CURLINFO_CONNECT_TIME" 5 "7.4.1", "in floating point: `connect_time`";
    Refused "": Double = "CURLINFO_PRETRANSFER_TIME" 6 "7.4.1", "in floating point: `pretransfer_time`";
    Refused "": Double = "CURLINFO_SIZE_UPLOAD" 7 "7.4.1", "in floating point: `size_upload`";
    Refused "": Double = "CURLINFO_SIZE_DOWNLOAD" 8 "7.4.1", "in floating point: `size_download`";
    Refused "": Double = "CURLINFO_SPEED_DOWNLOAD" 9 "7.4.1", "in floating point: `speed_download`";
    Refused "": Double = "CURLINFO_SPEED_UPLOAD" 10 "7.4.1", "in floating point: `speed_upload`";
    Refused "": Double = "CURLINFO_CONTENT_LENGTH_DOWNLOAD" 15 "7.6.1", "in floating point: `content_length_download`";
    Refused "": Double = "CURLINFO_CONTENT_LENGTH_UPLOAD" 16 "7.6.1", "in floating point: `content_length_upload`";
    Refused "": Double = "CURLINFO_STARTTRANSFER_TIME" 17 "7.9.2", "in floating point: `starttransfer_time`";
    Refused "": Double = "CURLINFO_REDIRECT_TIME" 19 "7.9.7", "in floating point: `redirect_time`";
    Refused "": Double = "CURLINFO_APPCONNECT_TIME" 33 "7.19.0", "in floating point: `appconnect_time`";
}
