//! Who asks.

use super::prelude::*;

options! {
    Username: line = "CURLOPT_USERNAME" 10173 "7.19.1", "The user's name.";
    Password: secret = "CURLOPT_PASSWORD" 10174 "7.19.1", "The user's password.";
    UserPwd: secret = "CURLOPT_USERPWD" 10005 "7.1.0", "The user's name and password, with a colon between them.";
    LoginOptions: line = "CURLOPT_LOGIN_OPTIONS" 10224 "7.34.0", "Options of the log-in (IMAP, POP3, SMTP).";
    XOAuth2Bearer: secret = "CURLOPT_XOAUTH2_BEARER" 10220 "7.33.0", "The bearer token.";
    HttpAuth: long(value::Auth) = "CURLOPT_HTTPAUTH" 107 "7.10.6", "How to authenticate to the server.";
    ProxyAuth: long(value::Auth) = "CURLOPT_PROXYAUTH" 111 "7.10.7", "How to authenticate to the proxy.";
    Socks5Auth: long(value::Auth) = "CURLOPT_SOCKS5_AUTH" 267 "7.55.0", "How to authenticate to a SOCKS5 proxy.";
    AwsSigV4: line = "CURLOPT_AWS_SIGV4" 10305 "7.75.0", "Sign requests as the AWS does: `provider1:provider2:region:service`.";
    SaslAuthzId: line = "CURLOPT_SASL_AUTHZID" 10289 "7.66.0", "Who to act as (SASL).";
    SaslIr: flag = "CURLOPT_SASL_IR" 218 "7.31.0", "Send the first answer together with the method (SASL).";
    Netrc: long(value::Netrc) = "CURLOPT_NETRC" 51 "7.1.0", "Whether names and passwords come from `.netrc`.";
    NetrcFile: text = "CURLOPT_NETRC_FILE" 10118 "7.11.0", "The file to read in place of `~/.netrc`.";
    ServiceName: line = "CURLOPT_SERVICE_NAME" 10236 "7.43.0", "The service's name (Kerberos).";
    GssApiDelegation: long(value::Delegation) = "CURLOPT_GSSAPI_DELEGATION" 210 "7.22.0", "Whether credentials may be passed on (GSS-API).";
    KrbLevel: line = "CURLOPT_KRBLEVEL" 10063 "7.16.4", "The protection of FTP by Kerberos.";
    TlsAuthUsername: line = "CURLOPT_TLSAUTH_USERNAME" 10204 "7.21.4", "The user's name (TLS-SRP).";
    TlsAuthPassword: secret = "CURLOPT_TLSAUTH_PASSWORD" 10205 "7.21.4", "The user's password (TLS-SRP).";
    TlsAuthType: line = "CURLOPT_TLSAUTH_TYPE" 10206 "7.21.4", "The method, `SRP`.";
}
