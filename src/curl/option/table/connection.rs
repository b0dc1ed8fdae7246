//! Names and connections.

use super::prelude::*;

options! {
    ConnectTimeout: seconds = "CURLOPT_CONNECTTIMEOUT" 78 "7.7.0", "How long connecting may take, in seconds.";
    ConnectTimeoutMs: millis = "CURLOPT_CONNECTTIMEOUT_MS" 156 "7.16.2", "How long connecting may take, in milliseconds.";
    ConnectOnly: long(value::ConnectOnly) = "CURLOPT_CONNECT_ONLY" 141 "7.15.2", "Connect, and leave the connection to the caller.";
    ConnectTo: list = "CURLOPT_CONNECT_TO" 10243 "7.49.0", "Other hosts to connect to: `HOST:PORT:CONNECT-TO-HOST:CONNECT-TO-PORT`.";
    Resolve: list = "CURLOPT_RESOLVE" 10203 "7.21.3", "Addresses of names: `HOST:PORT:ADDRESS`.";
    IpResolve: long(value::IpResolve) = "CURLOPT_IPRESOLVE" 113 "7.10.8", "Whether to use IPv4 or IPv6.";
    Interface: line = "CURLOPT_INTERFACE" 10062 "7.3.0", "The interface, address or host to connect from.";
    AddressScope: long(u32) = "CURLOPT_ADDRESS_SCOPE" 171 "7.19.0", "The scope of IPv6 addresses.";
    LocalPort: long(u16) = "CURLOPT_LOCALPORT" 139 "7.15.2", "The port to connect from.";
    LocalPortRange: long(u16) = "CURLOPT_LOCALPORTRANGE" 140 "7.15.2", "How many ports from `LocalPort` on to try.";
    UnixSocketPath: text = "CURLOPT_UNIX_SOCKET_PATH" 10231 "7.40.0", "The Unix socket to connect to.";
    AbstractUnixSocket: line = "CURLOPT_ABSTRACT_UNIX_SOCKET" 10264 "7.53.0", "The abstract Unix socket to connect to.";
    MaxConnects: long(u32) = "CURLOPT_MAXCONNECTS" 71 "7.7.0", "How many connections are kept for later.";
    MaxAgeConn: seconds = "CURLOPT_MAXAGE_CONN" 288 "7.65.0", "How long a connection may have been idle to be used again.";
    MaxLifetimeConn: seconds = "CURLOPT_MAXLIFETIME_CONN" 314 "7.80.0", "How old a connection may be to be used again.";
    FreshConnect: flag = "CURLOPT_FRESH_CONNECT" 74 "7.7.0", "Use a new connection.";
    ForbidReuse: flag = "CURLOPT_FORBID_REUSE" 75 "7.7.0", "Close the connection afterwards.";
    HappyEyeballsTimeoutMs: millis = "CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS" 271 "7.59.0", "The lead that IPv6 gets over IPv4.";
    TcpNoDelay: flag = "CURLOPT_TCP_NODELAY" 121 "7.11.2", "Send at once what is there to send; on unless this turns it off.";
    TcpFastOpen: flag = "CURLOPT_TCP_FASTOPEN" 244 "7.49.0", "Send data with the first packet.";
    TcpKeepAlive: flag = "CURLOPT_TCP_KEEPALIVE" 213 "7.25.0", "Probe connections that are silent.";
    TcpKeepIdle: seconds = "CURLOPT_TCP_KEEPIDLE" 214 "7.25.0", "How long a connection may be silent before it is probed.";
    TcpKeepIntvl: seconds = "CURLOPT_TCP_KEEPINTVL" 215 "7.25.0", "The time between two probes.";
    TcpKeepCnt: long(u32) = "CURLOPT_TCP_KEEPCNT" 326 "8.9.0", "After how many probes without an answer the connection is given up.";
    DnsCacheTimeout: long(Option<Duration>) = "CURLOPT_DNS_CACHE_TIMEOUT" 92 "7.9.3", "How long addresses are kept; `None` for ever.";
    DnsServers: line = "CURLOPT_DNS_SERVERS" 10211 "7.24.0", "The name servers to ask (with c-ares).";
    DnsInterface: line = "CURLOPT_DNS_INTERFACE" 10221 "7.33.0", "The interface to ask name servers from (with c-ares).";
    DnsLocalIp4: line = "CURLOPT_DNS_LOCAL_IP4" 10222 "7.33.0", "The IPv4 address to ask name servers from (with c-ares).";
    DnsLocalIp6: line = "CURLOPT_DNS_LOCAL_IP6" 10223 "7.33.0", "The IPv6 address to ask name servers from (with c-ares).";
    DnsShuffleAddresses: flag = "CURLOPT_DNS_SHUFFLE_ADDRESSES" 275 "7.60.0", "Try addresses in random order.";
    DnsUseGlobalCache: flag = "CURLOPT_DNS_USE_GLOBAL_CACHE" 91 "7.9.3", "Does nothing since 7.62.";
    DohUrl: text = "CURLOPT_DOH_URL" 10279 "7.62.0", "The DNS server to ask over HTTPS.";
    ServerResponseTimeout: seconds = "CURLOPT_SERVER_RESPONSE_TIMEOUT" 112 "7.20.0", "How long the server may take to answer a command, in seconds.";
    ServerResponseTimeoutMs: millis = "CURLOPT_SERVER_RESPONSE_TIMEOUT_MS" 324 "8.6.0", "How long the server may take to answer a command, in milliseconds.";
    AcceptTimeoutMs: millis = "CURLOPT_ACCEPTTIMEOUT_MS" 212 "7.24.0", "How long to wait for the server to connect (active FTP).";
}
