//! The table of options.

use std::time::Duration;

use super::kind::{self, Id, Long, Text};
use super::{Setting, sealed::Sealed};
use crate::curl::handle::Handle;
use crate::curl::list::List;
use crate::error::Result;

/// One row an option: our name, the kind of value, libcurl's name and number, since when, what it does.
macro_rules! options {
    ($($name:ident: $kind:ident$(($of:ty))? = $option:literal $number:literal,
       $since:literal, $doc:literal;)+) => {$(
        option! { $kind$(($of))? $name, $option, $doc,
            Id { name: $option, number: $number, since: kind::version($since) } }
    )+};
}

macro_rules! option {
    (flag $name:ident, $option:literal, $doc:literal, $id:expr) => {
        option! { long(bool) $name, $option, $doc, $id }
    };
    (long($of:ty) $name:ident, $option:literal, $doc:literal, $id:expr) => {
        #[doc = $doc]
        #[doc = ""]
        #[doc = concat!("[`", $option, "`](https://curl.se/libcurl/c/", $option, ".html)")]
        #[doc(alias = $option)]
        #[derive(Clone, Copy, Debug)]
        pub struct $name(pub $of);
        impl Sealed for $name {}
        impl Setting for $name {
            fn apply(self, handle: &mut Handle) -> Result<()> {
                const ID: Id = $id;
                kind::set_long(handle, ID, self.0.long(ID)?)
            }
        }
    };
    (seconds $name:ident, $option:literal, $doc:literal, $id:expr) => {
        option! { duration(Duration::from_secs(1)) $name, $option, $doc, $id }
    };
    (millis $name:ident, $option:literal, $doc:literal, $id:expr) => {
        option! { duration(Duration::from_millis(1)) $name, $option, $doc, $id }
    };
    (duration($unit:expr) $name:ident, $option:literal, $doc:literal, $id:expr) => {
        #[doc = $doc]
        #[doc = ""]
        #[doc = concat!("[`", $option, "`](https://curl.se/libcurl/c/", $option, ".html)")]
        #[doc(alias = $option)]
        #[derive(Clone, Copy, Debug)]
        pub struct $name(pub Duration);
        impl Sealed for $name {}
        impl Setting for $name {
            fn apply(self, handle: &mut Handle) -> Result<()> {
                const ID: Id = $id;
                kind::set_long(handle, ID, kind::duration(ID, self.0, $unit)?)
            }
        }
    };
    (size $name:ident, $option:literal, $doc:literal, $id:expr) => {
        #[doc = $doc]
        #[doc = ""]
        #[doc = concat!("[`", $option, "`](https://curl.se/libcurl/c/", $option, ".html)")]
        #[doc(alias = $option)]
        #[derive(Clone, Copy, Debug)]
        pub struct $name(pub u64);
        impl Sealed for $name {}
        impl Setting for $name {
            fn apply(self, handle: &mut Handle) -> Result<()> {
                kind::set_off(handle, $id, self.0)
            }
        }
    };
    (text $name:ident, $option:literal, $doc:literal, $id:expr) => {
        #[doc = $doc]
        #[doc = ""]
        #[doc = concat!("[`", $option, "`](https://curl.se/libcurl/c/", $option, ".html)")]
        #[doc(alias = $option)]
        #[derive(Clone, Copy, Debug)]
        pub struct $name<T>(pub T);
        impl<T: Text> Sealed for $name<T> {}
        impl<T: Text> Setting for $name<T> {
            fn apply(self, handle: &mut Handle) -> Result<()> {
                kind::set_text(handle, $id, &self.0)
            }
        }
    };
    (list $name:ident, $option:literal, $doc:literal, $id:expr) => {
        #[doc = $doc]
        #[doc = ""]
        #[doc = concat!("[`", $option, "`](https://curl.se/libcurl/c/", $option, ".html)")]
        #[doc(alias = $option)]
        #[derive(Debug)]
        pub struct $name(pub List);
        impl Sealed for $name {}
        impl Setting for $name {
            fn apply(self, handle: &mut Handle) -> Result<()> {
                kind::set_list(handle, $id, self.0)
            }
        }
    };
    (blob $name:ident, $option:literal, $doc:literal, $id:expr) => {
        #[doc = $doc]
        #[doc = ""]
        #[doc = concat!("[`", $option, "`](https://curl.se/libcurl/c/", $option, ".html)")]
        #[doc(alias = $option)]
        #[derive(Clone, Copy, Debug)]
        pub struct $name<'a>(pub &'a [u8]);
        impl Sealed for $name<'_> {}
        impl Setting for $name<'_> {
            fn apply(self, handle: &mut Handle) -> Result<()> {
                kind::set_blob(handle, $id, self.0)
            }
        }
    };
}

options! {
    BufferSize: long(u32) = "CURLOPT_BUFFERSIZE" 98, "7.10.0", "How many bytes are received at once.";
    CaInfo: text = "CURLOPT_CAINFO" 10065, "7.4.2", "The file with the certificates to trust.";
    CaInfoBlob: blob = "CURLOPT_CAINFO_BLOB" 40309, "7.77.0", "The certificates to trust, in PEM.";
    CaPath: text = "CURLOPT_CAPATH" 10097, "7.9.8", "The directory with the certificates to trust.";
    ConnectTimeoutMs: millis = "CURLOPT_CONNECTTIMEOUT_MS" 156, "7.16.2", "How long connecting may take.";
    CustomRequest: text = "CURLOPT_CUSTOMREQUEST" 10036, "7.1.0", "The method's name, in the place of the one that the other options lead to.";
    FollowLocation: flag = "CURLOPT_FOLLOWLOCATION" 52, "7.1.0", "Follow redirects.";
    HttpGet: flag = "CURLOPT_HTTPGET" 80, "7.8.1", "Make it a `GET` request again.";
    HttpHeader: list = "CURLOPT_HTTPHEADER" 10023, "7.1.0", "Header lines to send.";
    HttpVersion: long(u32) = "CURLOPT_HTTP_VERSION" 84, "7.9.1", "Which version of HTTP to speak.";
    MaxRecvSpeedLarge: size = "CURLOPT_MAX_RECV_SPEED_LARGE" 30146, "7.15.5", "The most bytes to receive in a second.";
    MaxRedirs: long(u32) = "CURLOPT_MAXREDIRS" 68, "7.5.0", "How many redirects to follow.";
    NoBody: flag = "CURLOPT_NOBODY" 44, "7.1.0", "Ask for everything but the body: `HEAD`.";
    NoProxy: text = "CURLOPT_NOPROXY" 10177, "7.19.4", "The hosts that no proxy is used for.";
    Post: flag = "CURLOPT_POST" 47, "7.1.0", "Make it a `POST` request.";
    Protocols: long(u32) = "CURLOPT_PROTOCOLS" 181, "7.19.4", "Which protocols may be used.";
    ProtocolsStr: text = "CURLOPT_PROTOCOLS_STR" 10318, "7.85.0", "Which protocols may be used, by name.";
    RedirProtocols: long(u32) = "CURLOPT_REDIR_PROTOCOLS" 182, "7.19.4", "Which protocols a redirect may lead to.";
    RedirProtocolsStr: text = "CURLOPT_REDIR_PROTOCOLS_STR" 10319, "7.85.0", "Which protocols a redirect may lead to, by name.";
    SslVerifyPeer: flag = "CURLOPT_SSL_VERIFYPEER" 64, "7.4.2", "Whether the certificate must be trusted.";
    SslVersion: long(u32) = "CURLOPT_SSLVERSION" 32, "7.1.0", "Which versions of TLS to speak.";
    SuppressConnectHeaders: flag = "CURLOPT_SUPPRESS_CONNECT_HEADERS" 265, "7.54.0", "Keep a proxy's headers from the callbacks.";
    TcpKeepAlive: flag = "CURLOPT_TCP_KEEPALIVE" 213, "7.25.0", "Probe connections that are silent.";
    TimeoutMs: millis = "CURLOPT_TIMEOUT_MS" 155, "7.16.2", "How long the whole transfer may take.";
    Upload: flag = "CURLOPT_UPLOAD" 46, "7.1.0", "Upload what the read callback gives.";
    Url: text = "CURLOPT_URL" 10002, "7.1.0", "Where to transfer from or to.";
    UserAgent: text = "CURLOPT_USERAGENT" 10018, "7.1.0", "The `User-Agent` header.";
    Verbose: flag = "CURLOPT_VERBOSE" 41, "7.1.0", "Trace what is done, to the handler or to standard error.";
}
