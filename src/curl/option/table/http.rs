//! HTTP and what belongs to it.

use super::prelude::*;

options! {
    HttpVersion: long(value::HttpVersion) = "CURLOPT_HTTP_VERSION" 84 "7.9.1", "Which version of HTTP to speak.";
    HttpGet: flag = "CURLOPT_HTTPGET" 80 "7.8.1", "Make it a `GET` request again.";
    Post: flag = "CURLOPT_POST" 47 "7.1.0", "Make it a `POST` request.";
    PostFields: special(Object) = "CURLOPT_POSTFIELDS" 10015 "7.1.0", "The body of a `POST` request.";
    MimePost: special(Object) = "CURLOPT_MIMEPOST" 10269 "7.56.0", "The body of a `POST` request in parts: a `Mime`.";
    CustomRequest: line = "CURLOPT_CUSTOMREQUEST" 10036 "7.1.0", "The method's name, in place of the one that the other options lead to.";
    RequestTarget: line = "CURLOPT_REQUEST_TARGET" 10266 "7.55.0", "What stands in the request line, in place of the URL's path.";
    HttpHeader: list = "CURLOPT_HTTPHEADER" 10023 "7.1.0", "Header lines to send.";
    ProxyHeader: list = "CURLOPT_PROXYHEADER" 10228 "7.37.0", "Header lines for the proxy.";
    HeaderOpt: long(value::HeaderOpt) = "CURLOPT_HEADEROPT" 229 "7.37.0", "Whether the proxy gets the lines of `HttpHeader` too.";
    Http200Aliases: list = "CURLOPT_HTTP200ALIASES" 10104 "7.10.3", "Status lines that count as `HTTP/1.0 200 OK`.";
    UserAgent: line = "CURLOPT_USERAGENT" 10018 "7.1.0", "The `User-Agent` header.";
    Referer: line = "CURLOPT_REFERER" 10016 "7.1.0", "The `Referer` header.";
    AutoReferer: flag = "CURLOPT_AUTOREFERER" 58 "7.1.0", "Send a `Referer` header when a redirect is followed.";
    AcceptEncoding: line = "CURLOPT_ACCEPT_ENCODING" 10102 "7.21.6", "The encodings that the body may come in, and is decoded from; all that libcurl knows for an empty text.";
    TransferEncoding: flag = "CURLOPT_TRANSFER_ENCODING" 207 "7.21.6", "Ask for a compressed `Transfer-Encoding`.";
    HttpContentDecoding: flag = "CURLOPT_HTTP_CONTENT_DECODING" 158 "7.16.2", "Decode the body; on unless this turns it off.";
    HttpTransferDecoding: flag = "CURLOPT_HTTP_TRANSFER_DECODING" 157 "7.16.2", "Decode chunks; on unless this turns it off.";
    Http09Allowed: flag = "CURLOPT_HTTP09_ALLOWED" 285 "7.64.0", "Accept an answer without headers.";
    IgnoreContentLength: flag = "CURLOPT_IGNORE_CONTENT_LENGTH" 136 "7.14.1", "Read on until the connection ends.";
    FollowLocation: long(value::Follow) = "CURLOPT_FOLLOWLOCATION" 52 "7.1.0", "Follow redirects.";
    MaxRedirs: long(Option<u32>) = "CURLOPT_MAXREDIRS" 68 "7.5.0", "How many redirects to follow; `None` for any number.";
    PostRedir: long(value::PostRedir) = "CURLOPT_POSTREDIR" 161 "7.19.1", "After which redirects a `POST` stays a `POST`.";
    UnrestrictedAuth: flag = "CURLOPT_UNRESTRICTED_AUTH" 105 "7.10.4", "Send credentials to every host that a redirect leads to.";
    Expect100TimeoutMs: millis = "CURLOPT_EXPECT_100_TIMEOUT_MS" 227 "7.36.0", "How long to wait for `100 Continue`.";
    Cookie: secret = "CURLOPT_COOKIE" 10022 "7.1.0", "The `Cookie` header.";
    CookieFile: text = "CURLOPT_COOKIEFILE" 10031 "7.1.0", "A file to read cookies from; an empty name only turns cookies on.";
    CookieJar: text = "CURLOPT_COOKIEJAR" 10082 "7.9.0", "A file that the cookies are written to when the handle is closed.";
    CookieSession: flag = "CURLOPT_COOKIESESSION" 96 "7.9.7", "Leave cookies out that were for one session.";
    CookieList: secret = "CURLOPT_COOKIELIST" 10135 "7.14.1", "A cookie to add, or a command: `ALL`, `SESS`, `FLUSH`, `RELOAD`.";
    Hsts: text = "CURLOPT_HSTS" 10300 "7.74.0", "The file of hosts that want HTTPS.";
    HstsCtrl: long(value::HstsCtrl) = "CURLOPT_HSTS_CTRL" 299 "7.74.0", "Whether hosts may ask for HTTPS (HSTS).";
    AltSvc: text = "CURLOPT_ALTSVC" 10287 "7.64.1", "The file of alternative services.";
    AltSvcCtrl: long(value::AltSvcCtrl) = "CURLOPT_ALTSVC_CTRL" 286 "7.64.1", "Which alternative services may be used.";
    PipeWait: flag = "CURLOPT_PIPEWAIT" 237 "7.43.0", "Wait for a connection that can be shared rather than open another.";
    StreamWeight: long(u16) = "CURLOPT_STREAM_WEIGHT" 239 "7.46.0", "The weight of an HTTP/2 stream, 1 to 256.";
    SuppressConnectHeaders: flag = "CURLOPT_SUPPRESS_CONNECT_HEADERS" 265 "7.54.0", "Keep a proxy's headers from the callbacks.";
    WsOptions: long(value::WsOptions) = "CURLOPT_WS_OPTIONS" 320 "7.86.0", "How WebSocket frames are passed on.";
    MimeOptions: long(value::MimeOptions) = "CURLOPT_MIME_OPTIONS" 315 "7.81.0", "How the parts of a form are encoded.";
    HttpSigAlgorithm: long(value::HttpSigAlgorithm) = "CURLOPT_HTTPSIG_ALGORITHM" 329 "8.22.0", "What a request is signed with (RFC 9421).";
    HttpSigKey: secret = "CURLOPT_HTTPSIG_KEY" 10330 "8.22.0", "The key that a request is signed with, in hexadecimal.";
    HttpSigKeyId: line = "CURLOPT_HTTPSIG_KEYID" 10331 "8.22.0", "The name of the key that a request is signed with.";
    HttpSigHeaders: line = "CURLOPT_HTTPSIG_HEADERS" 10332 "8.22.0", "What of a request is signed.";
    RtspRequest: long(value::RtspRequest) = "CURLOPT_RTSP_REQUEST" 189 "7.20.0", "The request of RTSP.";
    RtspSessionId: line = "CURLOPT_RTSP_SESSION_ID" 10190 "7.20.0", "The session of RTSP.";
    RtspStreamUri: line = "CURLOPT_RTSP_STREAM_URI" 10191 "7.20.0", "The stream of RTSP.";
    RtspTransport: line = "CURLOPT_RTSP_TRANSPORT" 10192 "7.20.0", "The `Transport` header of RTSP.";
    RtspClientCseq: long(u32) = "CURLOPT_RTSP_CLIENT_CSEQ" 193 "7.20.0", "The next number of this side's requests (RTSP).";
    RtspServerCseq: long(u32) = "CURLOPT_RTSP_SERVER_CSEQ" 194 "7.20.0", "The next number of the server's requests (RTSP).";
}
