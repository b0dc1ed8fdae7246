//! Options that are a set of several.

use std::ffi::c_long;
use std::ops::BitOr;

use super::{Id, Long, bits};
use crate::error::Result;

impl Auth {
    /// Those whose bits libcurl answered.
    pub(in crate::curl) fn of(bits: c_long) -> Self {
        let [a, b, c, d, ..] = bits.to_le_bytes();
        Self(u32::from_le_bytes([a, b, c, d]))
    }
}

sets! {
    /// For [`Protocols`](crate::curl::option::Protocols) and [`RedirProtocols`](crate::curl::option::RedirProtocols).
    Protocols {
        /// HTTP
        HTTP = 1,
        /// HTTP over TLS
        HTTPS = 1 << 1,
        /// FTP
        FTP = 1 << 2,
        /// FTP over TLS
        FTPS = 1 << 3,
        /// SCP
        SCP = 1 << 4,
        /// SFTP
        SFTP = 1 << 5,
        /// TELNET
        TELNET = 1 << 6,
        /// LDAP
        LDAP = 1 << 7,
        /// LDAP over TLS
        LDAPS = 1 << 8,
        /// DICT
        DICT = 1 << 9,
        /// Files of this machine
        FILE = 1 << 10,
        /// TFTP
        TFTP = 1 << 11,
        /// IMAP
        IMAP = 1 << 12,
        /// IMAP over TLS
        IMAPS = 1 << 13,
        /// POP3
        POP3 = 1 << 14,
        /// POP3 over TLS
        POP3S = 1 << 15,
        /// SMTP
        SMTP = 1 << 16,
        /// SMTP over TLS
        SMTPS = 1 << 17,
        /// RTSP
        RTSP = 1 << 18,
        /// RTMP
        RTMP = 1 << 19,
        /// Gopher
        GOPHER = 1 << 25,
        /// SMB
        SMB = 1 << 26,
        /// SMB over TLS
        SMBS = 1 << 27,
        /// MQTT
        MQTT = 1 << 28,
        /// Gopher over TLS
        GOPHERS = 1 << 29,
        /// All that libcurl knows by a bit; others are in [`Schemes`](super::Schemes).
        ALL = !0,
    }
    /// For [`HttpAuth`](crate::curl::option::HttpAuth), [`ProxyAuth`](crate::curl::option::ProxyAuth) and
    /// [`Socks5Auth`](crate::curl::option::Socks5Auth).
    Auth {
        /// None.
        NONE = 0,
        /// Basic: the password goes over the wire.
        BASIC = 1,
        /// Digest
        DIGEST = 1 << 1,
        /// Negotiate (SPNEGO); GSS-API for a SOCKS5 proxy.
        NEGOTIATE = 1 << 2,
        /// NTLM
        NTLM = 1 << 3,
        /// Digest as an old browser did it
        DIGEST_IE = 1 << 4,
        /// A bearer token
        BEARER = 1 << 6,
        /// AWS Signature Version 4
        AWS_SIGV4 = 1 << 7,
        /// HTTP message signatures, since 8.22
        HTTP_SIG = 1 << 8,
        /// Together with one other: that one from the first request on.
        ONLY = 1 << 31,
        /// What the server offers, the safest first.
        ANY = 0x7fff_ffff & !(1 << 4 | 1 << 8),
        /// The same without Basic.
        ANY_SAFE = 0x7fff_ffff & !(1 | 1 << 4 | 1 << 8),
    }
    /// For [`UploadFlags`](crate::curl::option::UploadFlags).
    UploadFlags {
        /// The mail was answered.
        ANSWERED = 1,
        /// The mail is deleted.
        DELETED = 1 << 1,
        /// The mail is a draft.
        DRAFT = 1 << 2,
        /// The mail is flagged.
        FLAGGED = 1 << 3,
        /// The mail was read.
        SEEN = 1 << 4,
    }
    /// For [`PostRedir`](crate::curl::option::PostRedir).
    PostRedir {
        /// After none.
        NONE = 0,
        /// After a status of 301.
        AFTER_301 = 1,
        /// After a status of 302.
        AFTER_302 = 1 << 1,
        /// After a status of 303.
        AFTER_303 = 1 << 2,
        /// After all of them.
        ALL = 7,
    }
    /// For [`HstsCtrl`](crate::curl::option::HstsCtrl).
    HstsCtrl {
        /// They may not.
        OFF = 0,
        /// They may.
        ENABLE = 1,
        /// The file is only read.
        READ_ONLY_FILE = 1 << 1,
    }
    /// For [`AltSvcCtrl`](crate::curl::option::AltSvcCtrl).
    AltSvcCtrl {
        /// The file is only read.
        READ_ONLY_FILE = 1 << 2,
        /// Services that speak HTTP/1.1.
        HTTP1 = 1 << 3,
        /// Services that speak HTTP/2.
        HTTP2 = 1 << 4,
        /// Services that speak HTTP/3.
        HTTP3 = 1 << 5,
    }
    /// For [`WsOptions`](crate::curl::option::WsOptions).
    WsOptions {
        /// As frames that libcurl took apart.
        DECODED = 0,
        /// As they are.
        RAW_MODE = 1,
        /// A ping is not answered, since 8.14.
        NO_AUTO_PONG = 1 << 1,
    }
    /// For [`MimeOptions`](crate::curl::option::MimeOptions).
    MimeOptions {
        /// As browsers do it.
        PLAIN = 0,
        /// With backslashes in the names of fields and files.
        FORM_ESCAPE = 1,
    }
    /// For [`SslOptions`](crate::curl::option::SslOptions) and [`ProxySslOptions`](crate::curl::option::ProxySslOptions).
    SslOptions {
        /// As libcurl does it.
        NONE = 0,
        /// Without the work-around for the BEAST attack.
        ALLOW_BEAST = 1,
        /// Without asking whether certificates were revoked (Schannel).
        NO_REVOKE = 1 << 1,
        /// An intermediate certificate is no anchor of trust.
        NO_PARTIAL_CHAIN = 1 << 2,
        /// Go on where nobody says whether a certificate was revoked (Schannel).
        REVOKE_BEST_EFFORT = 1 << 3,
        /// Trust the operating system's store.
        NATIVE_CA = 1 << 4,
        /// Find this side's certificate by itself (Schannel).
        AUTO_CLIENT_CERT = 1 << 5,
        /// Send early data, since 8.11.
        EARLY_DATA = 1 << 6,
    }
    /// For [`SshAuthTypes`](crate::curl::option::SshAuthTypes).
    SshAuth {
        /// A key from a file
        PUBLIC_KEY = 1,
        /// A password
        PASSWORD = 1 << 1,
        /// The key of this host
        HOST = 1 << 2,
        /// Questions and answers
        KEYBOARD = 1 << 3,
        /// The agent
        AGENT = 1 << 4,
        /// GSS-API
        GSSAPI = 1 << 5,
        /// All of them
        ANY = !0,
    }
}
