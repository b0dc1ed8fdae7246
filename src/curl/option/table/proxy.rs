//! Proxies.

use super::prelude::*;

options! {
    Proxy: line = "CURLOPT_PROXY" 10004 "7.1.0", "The proxy to go through; an empty text switches those of the environment off.";
    ProxyType: long(value::ProxyType) = "CURLOPT_PROXYTYPE" 101 "7.10.0", "The kind of a proxy that does not name one itself.";
    ProxyPort: long(u16) = "CURLOPT_PROXYPORT" 59 "7.1.0", "The port of a proxy that does not name one itself.";
    PreProxy: line = "CURLOPT_PRE_PROXY" 10262 "7.52.0", "A SOCKS proxy to go through to the proxy.";
    NoProxy: line = "CURLOPT_NOPROXY" 10177 "7.19.4", "The hosts that no proxy is used for, with commas between them; `*` for all.";
    HttpProxyTunnel: flag = "CURLOPT_HTTPPROXYTUNNEL" 61 "7.3.0", "Tunnel through the HTTP proxy with `CONNECT`.";
    ProxyUsername: line = "CURLOPT_PROXYUSERNAME" 10175 "7.19.1", "The user's name at the proxy.";
    ProxyPassword: secret = "CURLOPT_PROXYPASSWORD" 10176 "7.19.1", "The user's password at the proxy.";
    ProxyUserPwd: secret = "CURLOPT_PROXYUSERPWD" 10006 "7.1.0", "Name and password at the proxy, percent-encoded, with a colon between them.";
    ProxyServiceName: line = "CURLOPT_PROXY_SERVICE_NAME" 10235 "7.43.0", "The proxy's service name (Kerberos).";
    Socks5GssApiService: line = "CURLOPT_SOCKS5_GSSAPI_SERVICE" 10179 "7.19.4", "The SOCKS5 proxy's service name (Kerberos).";
    Socks5GssApiNec: flag = "CURLOPT_SOCKS5_GSSAPI_NEC" 180 "7.19.4", "Leave the exchange of protection unprotected, as a reference implementation does.";
    ProxyTransferMode: flag = "CURLOPT_PROXY_TRANSFER_MODE" 166 "7.18.0", "Append the kind of transfer to FTP URLs at an HTTP proxy.";
    HaproxyProtocol: flag = "CURLOPT_HAPROXYPROTOCOL" 274 "7.60.0", "Begin the connection with a `PROXY` line (`HAProxy`).";
    HaproxyClientIp: line = "CURLOPT_HAPROXY_CLIENT_IP" 10323 "8.2.0", "The client's address in the `PROXY` line.";
    ProxyCaInfo: text = "CURLOPT_PROXY_CAINFO" 10246 "7.52.0", "The file with the certificates to trust at the proxy.";
    ProxyCaInfoBlob: blob = "CURLOPT_PROXY_CAINFO_BLOB" 40310 "7.77.0", "The certificates to trust at the proxy, in PEM.";
    ProxyCaPath: text = "CURLOPT_PROXY_CAPATH" 10247 "7.52.0", "The directory with the certificates to trust at the proxy.";
    ProxyCrlFile: text = "CURLOPT_PROXY_CRLFILE" 10260 "7.52.0", "The file of revoked certificates for the proxy.";
    ProxyIssuerCert: text = "CURLOPT_PROXY_ISSUERCERT" 10296 "7.71.0", "The file of the certificate that must have issued the proxy's.";
    ProxyIssuerCertBlob: blob = "CURLOPT_PROXY_ISSUERCERT_BLOB" 40297 "7.71.0", "The certificate that must have issued the proxy's, in PEM.";
    ProxyPinnedPublicKey: line = "CURLOPT_PROXY_PINNEDPUBLICKEY" 10263 "7.52.0", "The public key that the proxy must have: a file, or `sha256//` and hashes.";
    ProxySslVerifyPeer: flag = "CURLOPT_PROXY_SSL_VERIFYPEER" 248 "7.52.0", "Whether the proxy's certificate must be trusted; on unless this turns it off.";
    ProxySslVerifyHost: verify = "CURLOPT_PROXY_SSL_VERIFYHOST" 249 "7.52.0", "Whether the proxy's certificate must be for its host; on unless this turns it off.";
    ProxySslVersion: long(value::TlsVersions) = "CURLOPT_PROXY_SSLVERSION" 250 "7.52.0", "Which versions of TLS to speak with the proxy.";
    ProxySslOptions: long(value::SslOptions) = "CURLOPT_PROXY_SSL_OPTIONS" 261 "7.52.0", "How TLS with the proxy behaves.";
    ProxySslCipherList: line = "CURLOPT_PROXY_SSL_CIPHER_LIST" 10259 "7.52.0", "The ciphers of TLS up to 1.2 with the proxy.";
    ProxyTls13Ciphers: line = "CURLOPT_PROXY_TLS13_CIPHERS" 10277 "7.61.0", "The ciphers of TLS 1.3 with the proxy.";
    ProxySslCert: text = "CURLOPT_PROXY_SSLCERT" 10254 "7.52.0", "The file of this side's certificate for the proxy.";
    ProxySslCertBlob: blob = "CURLOPT_PROXY_SSLCERT_BLOB" 40293 "7.71.0", "This side's certificate for the proxy.";
    ProxySslCertType: line = "CURLOPT_PROXY_SSLCERTTYPE" 10255 "7.52.0", "The format of this side's certificate: `PEM`, `DER`, `P12`.";
    ProxySslKey: text = "CURLOPT_PROXY_SSLKEY" 10256 "7.52.0", "The file of this side's key for the proxy.";
    ProxySslKeyBlob: secretblob = "CURLOPT_PROXY_SSLKEY_BLOB" 40294 "7.71.0", "This side's key for the proxy.";
    ProxySslKeyType: line = "CURLOPT_PROXY_SSLKEYTYPE" 10257 "7.52.0", "The format of this side's key: `PEM`, `DER`.";
    ProxyKeyPasswd: secret = "CURLOPT_PROXY_KEYPASSWD" 10258 "7.52.0", "The passphrase of this side's key for the proxy.";
    ProxyTlsAuthUsername: line = "CURLOPT_PROXY_TLSAUTH_USERNAME" 10251 "7.52.0", "The user's name at the proxy (TLS-SRP).";
    ProxyTlsAuthPassword: secret = "CURLOPT_PROXY_TLSAUTH_PASSWORD" 10252 "7.52.0", "The user's password at the proxy (TLS-SRP).";
    ProxyTlsAuthType: line = "CURLOPT_PROXY_TLSAUTH_TYPE" 10253 "7.52.0", "The method at the proxy, `SRP`.";
}
