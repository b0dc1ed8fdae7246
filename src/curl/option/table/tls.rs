//! TLS.

use super::prelude::*;

options! {
    SslVerifyPeer: flag = "CURLOPT_SSL_VERIFYPEER" 64 "7.4.2", "Whether the certificate must be trusted; on unless this turns it off.";
    SslVerifyHost: verify = "CURLOPT_SSL_VERIFYHOST" 81 "7.8.1", "Whether the certificate must be for the host; on unless this turns it off.";
    SslVerifyStatus: flag = "CURLOPT_SSL_VERIFYSTATUS" 232 "7.41.0", "Whether the server must staple an OCSP answer.";
    SslVersion: long(value::TlsVersions) = "CURLOPT_SSLVERSION" 32 "7.1.0", "Which versions of TLS to speak.";
    SslCipherList: line = "CURLOPT_SSL_CIPHER_LIST" 10083 "7.9.0", "The ciphers of TLS up to 1.2.";
    Tls13Ciphers: line = "CURLOPT_TLS13_CIPHERS" 10276 "7.61.0", "The ciphers of TLS 1.3.";
    SslEcCurves: line = "CURLOPT_SSL_EC_CURVES" 10298 "7.73.0", "The groups for the key exchange.";
    SslSignatureAlgorithms: line = "CURLOPT_SSL_SIGNATURE_ALGORITHMS" 10328 "8.14.0", "The algorithms that certificates may be signed with.";
    SslOptions: long(value::SslOptions) = "CURLOPT_SSL_OPTIONS" 216 "7.25.0", "How TLS behaves.";
    SslEnableAlpn: flag = "CURLOPT_SSL_ENABLE_ALPN" 226 "7.36.0", "Agree on the protocol in the handshake; on unless this turns it off.";
    SslEnableNpn: flag = "CURLOPT_SSL_ENABLE_NPN" 225 "7.36.0", "Does nothing since 7.86.";
    SslFalseStart: flag = "CURLOPT_SSL_FALSESTART" 233 "7.42.0", "Send before the handshake is over.";
    SslSessionIdCache: flag = "CURLOPT_SSL_SESSIONID_CACHE" 150 "7.16.0", "Resume sessions; on unless this turns it off.";
    CaInfo: text = "CURLOPT_CAINFO" 10065 "7.4.2", "The file with the certificates to trust.";
    CaInfoBlob: blob = "CURLOPT_CAINFO_BLOB" 40309 "7.77.0", "The certificates to trust, in PEM.";
    CaPath: text = "CURLOPT_CAPATH" 10097 "7.9.8", "The directory with the certificates to trust; it turns the cache of `CaCacheTimeout` off.";
    CaCacheTimeout: long(Option<Duration>) = "CURLOPT_CA_CACHE_TIMEOUT" 321 "7.87.0", "How long parsed certificates are kept; `None` for ever.";
    CrlFile: text = "CURLOPT_CRLFILE" 10169 "7.19.0", "The file of revoked certificates.";
    IssuerCert: text = "CURLOPT_ISSUERCERT" 10170 "7.19.0", "The file of the certificate that must have issued the peer's.";
    IssuerCertBlob: blob = "CURLOPT_ISSUERCERT_BLOB" 40295 "7.71.0", "The certificate that must have issued the peer's, in PEM.";
    PinnedPublicKey: line = "CURLOPT_PINNEDPUBLICKEY" 10230 "7.39.0", "The public key that the server must have: a file, or `sha256//` and hashes.";
    CertInfo: flag = "CURLOPT_CERTINFO" 172 "7.19.1", "Keep the peer's certificates for `Info::certificates`.";
    SslCert: text = "CURLOPT_SSLCERT" 10025 "7.1.0", "The file of this side's certificate.";
    SslCertBlob: blob = "CURLOPT_SSLCERT_BLOB" 40291 "7.71.0", "This side's certificate.";
    SslCertType: line = "CURLOPT_SSLCERTTYPE" 10086 "7.9.3", "The format of this side's certificate: `PEM`, `DER`, `P12`.";
    SslKey: text = "CURLOPT_SSLKEY" 10087 "7.9.3", "The file of this side's key.";
    SslKeyBlob: secretblob = "CURLOPT_SSLKEY_BLOB" 40292 "7.71.0", "This side's key.";
    SslKeyType: line = "CURLOPT_SSLKEYTYPE" 10088 "7.9.3", "The format of this side's key: `PEM`, `DER`.";
    KeyPasswd: secret = "CURLOPT_KEYPASSWD" 10026 "7.17.0", "The passphrase of this side's key.";
    UseSsl: long(value::UseSsl) = "CURLOPT_USE_SSL" 119 "7.17.0", "Whether FTP, SMTP, POP3, IMAP and LDAP must switch to TLS.";
    RandomFile: text = "CURLOPT_RANDOM_FILE" 10076 "7.7.0", "Does nothing since 7.84.";
    EgdSocket: text = "CURLOPT_EGDSOCKET" 10077 "7.7.0", "Does nothing since 7.84.";
    Ech: line = "CURLOPT_ECH" 10325 "8.8.0", "How the client's first message is encrypted (ECH).";
    DohSslVerifyPeer: flag = "CURLOPT_DOH_SSL_VERIFYPEER" 306 "7.76.0", "Whether the DNS server's certificate must be trusted; on unless this turns it off.";
    DohSslVerifyHost: verify = "CURLOPT_DOH_SSL_VERIFYHOST" 307 "7.76.0", "Whether the DNS server's certificate must be for its host; on unless this turns it off.";
    DohSslVerifyStatus: flag = "CURLOPT_DOH_SSL_VERIFYSTATUS" 308 "7.76.0", "Whether the DNS server must staple an OCSP answer.";
}
