//! The values of options that are one of several, or a set of several.

use std::ffi::c_long;
use std::ops::BitOr;

use super::kind::{Id, Long, Off};
use crate::error::Result;
use crate::ffi::curl as ffi;

/// One of several values, each a number of libcurl's.
macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $value:ident = $number:literal $(since $since:literal)?,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$of])* $value,)+
        }

        impl Long for $name {
            fn long(self, id: Id) -> Result<c_long> {
                let _ = id;
                match self {
                    $(Self::$value => {
                        $(id.value_since(stringify!($value), $since)?;)?
                        Ok($number)
                    })+
                }
            }
        }
    )+};
}

/// A set, each member a bit of libcurl's.
macro_rules! sets {
    ($($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $value:ident = $bits:expr,)+ })+) => {$(
        $(#[$doc])*
        ///
        /// `|` joins sets.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name(u32);

        impl $name {
            $($(#[$of])* pub const $value: Self = Self($bits);)+

            /// These and those, in a constant.
            #[must_use]
            pub const fn and(self, others: Self) -> Self {
                Self(self.0 | others.0)
            }

            /// Whether all of `others` are among these.
            pub const fn contains(self, others: Self) -> bool {
                self.0 & others.0 == others.0
            }
        }

        impl BitOr for $name {
            type Output = Self;

            fn bitor(self, others: Self) -> Self {
                self.and(others)
            }
        }

        impl Long for $name {
            fn long(self, _: Id) -> Result<c_long> {
                // libcurl takes it for an `unsigned long`, or looks at 32 bits of it.
                Ok(bits(self.0))
            }
        }
    )+};
}

#[cfg(target_pointer_width = "64")]
fn bits(bits: u32) -> c_long {
    bits.into()
}

#[cfg(not(target_pointer_width = "64"))]
fn bits(bits: u32) -> c_long {
    c_long::from_ne_bytes(bits.to_ne_bytes())
}

choices! {
    /// For [`HttpVersion`](super::HttpVersion).
    HttpVersion {
        /// libcurl chooses.
        Any = 0,
        /// HTTP/1.0
        Http10 = 1,
        /// HTTP/1.1
        Http11 = 2,
        /// HTTP/2, or HTTP/1.1 where the server does not speak it.
        Http2 = 3,
        /// HTTP/2 over TLS where the server speaks it, HTTP/1.1 elsewhere.
        Http2OverTls = 4,
        /// HTTP/2, without asking.
        Http2PriorKnowledge = 5,
        /// HTTP/3, or an earlier version.
        Http3 = 30,
        /// HTTP/3 and nothing else.
        Http3Only = 31 since "7.88.0",
    }
    /// For [`HeaderOpt`](super::HeaderOpt).
    HeaderOpt {
        /// Server and proxy get the lines of `HttpHeader`.
        Unified = 0,
        /// The proxy gets those of `ProxyHeader` alone.
        Separate = 1,
    }
    /// For [`FollowLocation`](super::FollowLocation).
    Follow {
        /// Not at all.
        None = 0,
        /// With the method that was set, if it was set by name.
        All = 1,
        /// With the method that HTTP asks for.
        ObeyCode = 2 since "8.13.0",
        /// The method that was set by name is for the first request alone.
        FirstOnly = 3 since "8.13.0",
    }
    /// For [`TimeCondition`](super::TimeCondition).
    TimeCondition {
        /// Always.
        None = 0,
        /// If it changed since.
        IfModifiedSince = 1,
        /// If it did not change since.
        IfUnmodifiedSince = 2,
        /// By the `Last-Modified` header.
        LastModified = 3,
    }
    /// For [`HttpSigAlgorithm`](super::HttpSigAlgorithm).
    HttpSigAlgorithm {
        /// Requests are not signed.
        None = 0,
        /// Ed25519
        Ed25519 = 1,
        /// HMAC with SHA-256
        HmacSha256 = 2,
    }
    /// For [`RtspRequest`](super::RtspRequest).
    RtspRequest {
        /// `OPTIONS`
        Options = 1,
        /// `DESCRIBE`
        Describe = 2,
        /// `ANNOUNCE`
        Announce = 3,
        /// `SETUP`
        Setup = 4,
        /// `PLAY`
        Play = 5,
        /// `PAUSE`
        Pause = 6,
        /// `TEARDOWN`
        Teardown = 7,
        /// `GET_PARAMETER`
        GetParameter = 8,
        /// `SET_PARAMETER`
        SetParameter = 9,
        /// `RECORD`
        Record = 10,
        /// Receives interleaved data, without a request.
        Receive = 11,
    }
    /// For [`Netrc`](super::Netrc).
    Netrc {
        /// Not read.
        Ignored = 0,
        /// Read, after what the URL says.
        Optional = 1,
        /// Read, and what the URL says is not.
        Required = 2,
    }
    /// For [`GssApiDelegation`](super::GssApiDelegation).
    Delegation {
        /// Never.
        None = 0,
        /// Where the policy of the service allows it.
        Policy = 1,
        /// Always.
        Always = 2,
    }
    /// For [`ProxyType`](super::ProxyType).
    ProxyType {
        /// HTTP
        Http = 0,
        /// HTTP/1.0
        Http10 = 1,
        /// HTTP/1 over TLS
        Https = 2,
        /// HTTP/2 over TLS, if the proxy speaks it
        Https2 = 3 since "8.1.0",
        /// HTTP/3, if the proxy speaks it
        Https3 = 8 since "8.22.0",
        /// SOCKS4
        Socks4 = 4,
        /// SOCKS4a: the proxy resolves names
        Socks4a = 6,
        /// SOCKS5
        Socks5 = 5,
        /// SOCKS5: the proxy resolves names
        Socks5Hostname = 7,
    }
    /// For [`UseSsl`](super::UseSsl).
    UseSsl {
        /// No TLS.
        None = 0,
        /// TLS where it works.
        Try = 1,
        /// TLS for commands.
        Control = 2,
        /// TLS for everything.
        All = 3,
    }
    /// For [`ConnectOnly`](super::ConnectOnly).
    ConnectOnly {
        /// Transfer.
        Off = 0,
        /// Connect, with TLS where the URL asks for it.
        Connect = 1,
        /// Connect, and become a WebSocket.
        WebSocket = 2 since "7.86.0",
    }
    /// For [`IpResolve`](super::IpResolve).
    IpResolve {
        /// Whichever works.
        Any = 0,
        /// IPv4
        V4 = 1,
        /// IPv6
        V6 = 2,
    }
    /// For [`FtpCreateMissingDirs`](super::FtpCreateMissingDirs).
    CreateMissingDirs {
        /// No.
        None = 0,
        /// When changing to one fails.
        Create = 1,
        /// The same, and when that fails change to it again (somebody else may have made it).
        Retry = 2,
    }
    /// For [`FtpFileMethod`](super::FtpFileMethod).
    FtpFileMethod {
        /// libcurl chooses.
        Any = 0,
        /// One `CWD` for each part of the path.
        MultiCwd = 1,
        /// No `CWD`.
        NoCwd = 2,
        /// One `CWD`.
        SingleCwd = 3,
    }
    /// For [`FtpSslAuth`](super::FtpSslAuth).
    FtpSslAuth {
        /// libcurl chooses.
        Any = 0,
        /// `AUTH SSL` first.
        Ssl = 1,
        /// `AUTH TLS` first.
        Tls = 2,
    }
    /// For [`FtpSslCcc`](super::FtpSslCcc).
    FtpSslCcc {
        /// TLS stays.
        None = 0,
        /// The server ends it.
        Passive = 1,
        /// This side ends it.
        Active = 2,
    }
}

impl Auth {
    /// Those whose bits libcurl answered.
    pub(in crate::curl) fn of(bits: c_long) -> Self {
        let [a, b, c, d, ..] = bits.to_le_bytes();
        Self(u32::from_le_bytes([a, b, c, d]))
    }
}

sets! {
    /// For [`Protocols`](super::Protocols) and [`RedirProtocols`](super::RedirProtocols).
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
        /// All that libcurl knows by a bit; `WS` and `WSS` have none, see
        /// [`ProtocolsStr`](super::ProtocolsStr).
        ALL = !0,
    }
    /// For [`HttpAuth`](super::HttpAuth), [`ProxyAuth`](super::ProxyAuth) and
    /// [`Socks5Auth`](super::Socks5Auth).
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
    /// For [`UploadFlags`](super::UploadFlags).
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
    /// For [`PostRedir`](super::PostRedir).
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
    /// For [`HstsCtrl`](super::HstsCtrl).
    HstsCtrl {
        /// They may not.
        OFF = 0,
        /// They may.
        ENABLE = 1,
        /// The file is only read.
        READ_ONLY_FILE = 1 << 1,
    }
    /// For [`AltSvcCtrl`](super::AltSvcCtrl).
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
    /// For [`WsOptions`](super::WsOptions).
    WsOptions {
        /// As frames that libcurl took apart.
        DECODED = 0,
        /// As they are.
        RAW_MODE = 1,
        /// A ping is not answered, since 8.14.
        NO_AUTO_PONG = 1 << 1,
    }
    /// For [`MimeOptions`](super::MimeOptions).
    MimeOptions {
        /// As browsers do it.
        PLAIN = 0,
        /// With backslashes in the names of fields and files.
        FORM_ESCAPE = 1,
    }
    /// For [`SslOptions`](super::SslOptions) and [`ProxySslOptions`](super::ProxySslOptions).
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
    /// For [`SshAuthTypes`](super::SshAuthTypes).
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

/// For [`ResumeFromLarge`](super::ResumeFromLarge).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resume {
    /// From this byte on.
    At(u64),
    /// From where the remote file ends (an upload).
    End,
}

impl Off for Resume {
    fn off(self, id: Id) -> Result<ffi::curl_off_t> {
        match self {
            Self::At(byte) => byte.off(id),
            Self::End => Ok(-1),
        }
    }
}

/// A version of TLS, for [`TlsVersions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TlsVersion {
    /// TLS 1.0
    V1_0 = 4,
    /// TLS 1.1
    V1_1 = 5,
    /// TLS 1.2
    V1_2 = 6,
    /// TLS 1.3
    V1_3 = 7,
}

/// For [`SslVersion`](super::SslVersion) and [`ProxySslVersion`](super::ProxySslVersion): libcurl's
/// own bounds, unless these say otherwise.
///
/// ```
/// use ffence::curl::option::{SslVersion, value::{TlsVersion, TlsVersions}};
/// let versions = TlsVersions::new().from(TlsVersion::V1_2).up_to(TlsVersion::V1_3);
/// ffence::curl::Easy::new()?.set(SslVersion(versions))?;
/// # Ok::<(), ffence::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TlsVersions {
    from: Option<TlsVersion>,
    up_to: Option<TlsVersion>,
}

impl TlsVersions {
    /// libcurl's own bounds.
    pub const fn new() -> Self {
        Self { from: None, up_to: None }
    }

    /// This version and newer ones.
    #[must_use]
    pub const fn from(mut self, version: TlsVersion) -> Self {
        self.from = Some(version);
        self
    }

    /// This version and older ones.
    #[must_use]
    pub const fn up_to(mut self, version: TlsVersion) -> Self {
        self.up_to = Some(version);
        self
    }
}

impl Long for TlsVersions {
    fn long(self, _: Id) -> Result<c_long> {
        // CURL_SSLVERSION_MAX_… are the same numbers, 16 bits up.
        let number = |version: Option<TlsVersion>| version.map_or(0, |it| it as c_long);
        Ok(number(self.from) | number(self.up_to) << 16)
    }
}
