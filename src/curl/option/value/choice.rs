//! Options that are one of several.

use std::ffi::c_long;

use super::{Id, Long};
use crate::error::Result;

choices! {
    /// For [`HttpVersion`](crate::curl::option::HttpVersion).
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
    /// For [`HeaderOpt`](crate::curl::option::HeaderOpt).
    HeaderOpt {
        /// Server and proxy get the lines of `HttpHeader`.
        Unified = 0,
        /// The proxy gets those of `ProxyHeader` alone.
        Separate = 1,
    }
    /// For [`FollowLocation`](crate::curl::option::FollowLocation).
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
    /// For [`TimeCondition`](crate::curl::option::TimeCondition).
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
    /// For [`HttpSigAlgorithm`](crate::curl::option::HttpSigAlgorithm).
    HttpSigAlgorithm {
        /// Requests are not signed.
        None = 0,
        /// Ed25519
        Ed25519 = 1,
        /// HMAC with SHA-256
        HmacSha256 = 2,
    }
    /// For [`RtspRequest`](crate::curl::option::RtspRequest).
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
    /// For [`Netrc`](crate::curl::option::Netrc).
    Netrc {
        /// Not read.
        Ignored = 0,
        /// Read, after what the URL says.
        Optional = 1,
        /// Read, and what the URL says is not.
        Required = 2,
    }
    /// For [`GssApiDelegation`](crate::curl::option::GssApiDelegation).
    Delegation {
        /// Never.
        None = 0,
        /// Where the policy of the service allows it.
        Policy = 1,
        /// Always.
        Always = 2,
    }
    /// For [`ProxyType`](crate::curl::option::ProxyType).
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
        /// SOCKS4A: the proxy resolves names
        Socks4a = 6,
        /// SOCKS5
        Socks5 = 5,
        /// SOCKS5: the proxy resolves names
        Socks5Hostname = 7,
    }
    /// For [`UseSsl`](crate::curl::option::UseSsl).
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
    /// For [`ConnectOnly`](crate::curl::option::ConnectOnly).
    ConnectOnly {
        /// Transfer.
        Off = 0,
        /// Connect, with TLS where the URL asks for it.
        Connect = 1,
        /// Connect, and become a WebSocket.
        WebSocket = 2 since "7.86.0",
    }
    /// For [`IpResolve`](crate::curl::option::IpResolve).
    IpResolve {
        /// Whichever works.
        Any = 0,
        /// IPv4
        V4 = 1,
        /// IPv6
        V6 = 2,
    }
    /// For [`FtpCreateMissingDirs`](crate::curl::option::FtpCreateMissingDirs).
    CreateMissingDirs {
        /// No.
        None = 0,
        /// When changing to one fails.
        Create = 1,
        /// The same, and when that fails change to it again (somebody else may have made it).
        Retry = 2,
    }
    /// For [`FtpFileMethod`](crate::curl::option::FtpFileMethod).
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
    /// For [`FtpSslAuth`](crate::curl::option::FtpSslAuth).
    FtpSslAuth {
        /// libcurl chooses.
        Any = 0,
        /// `AUTH SSL` first.
        Ssl = 1,
        /// `AUTH TLS` first.
        Tls = 2,
    }
    /// For [`FtpSslCcc`](crate::curl::option::FtpSslCcc).
    FtpSslCcc {
        /// TLS stays.
        None = 0,
        /// The server ends it.
        Passive = 1,
        /// This side ends it.
        Active = 2,
    }
}
