//! libcurl: the one place that turns a `CURLcode` into an error.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_char};

use super::{Detail, Error, ErrorKind, Library, Phase, Transfer};
use crate::ffi::curl as ffi;
use crate::unwind::{Slot, guard};

/// Ends every call that answers a `CURLcode`: `check("curl_easy_setopt", code)?`.
pub(crate) fn check(function: &'static str, code: ffi::CURLcode) -> Result<(), Error> {
    if code == ffi::CURLE_OK { Ok(()) } else { Err(refused(function, code, String::new())) }
}

/// A constructor of libcurl answered NULL: it does so only when memory fails.
pub(crate) fn out_of_memory(function: &'static str) -> Error {
    refused(function, ffi::CURLE_OUT_OF_MEMORY, String::new())
}

/// Ends every call of the multi interface: `check_multi("curl_multi_perform", code)?`.
pub(crate) fn check_multi(function: &'static str, code: ffi::CURLMcode) -> Result<(), Error> {
    if code == ffi::CURLM_OK { Ok(()) } else { Err(of_multi(function, code)) }
}

#[cold]
fn of_multi(function: &'static str, code: ffi::CURLMcode) -> Error {
    let kind = match code {
        ffi::CURLM_OUT_OF_MEMORY => ErrorKind::OutOfMemory,
        ffi::CURLM_UNKNOWN_OPTION => ErrorKind::Unsupported,
        ffi::CURLM_BAD_FUNCTION_ARGUMENT => ErrorKind::Parameter,
        _ => ErrorKind::Libcurl,
    };
    // SAFETY: curl_multi_strerror takes any number and answers a static string.
    let text = unsafe { ffi::curl_multi_strerror(code) };
    // SAFETY: static, see above.
    let text = unsafe { copied(text) };
    Error::with(kind, Detail { code: Some(i64::from(code)), ..detail(function, 0, text) })
}

/// Ends every call of the share interface: `check_share("curl_share_setopt", code)?`.
pub(crate) fn check_share(function: &'static str, code: ffi::CURLSHcode) -> Result<(), Error> {
    if code == ffi::CURLSHE_OK {
        return Ok(());
    }
    let kind = match code {
        ffi::CURLSHE_NOMEM => ErrorKind::OutOfMemory,
        ffi::CURLSHE_BAD_OPTION | ffi::CURLSHE_NOT_BUILT_IN => ErrorKind::Unsupported,
        _ => ErrorKind::Libcurl,
    };
    // SAFETY: curl_share_strerror takes any number and answers a static string.
    let text = unsafe { ffi::curl_share_strerror(code) };
    // SAFETY: static, see above.
    let text = unsafe { copied(text) };
    let detail = Detail { code: Some(i64::from(code)), ..detail(function, 0, text) };
    Err(Error::with(kind, detail))
}

/// A refused call. `text` is what libcurl wrote about it; without any, the code's own text is used.
pub(crate) fn refused(function: &'static str, code: ffi::CURLcode, text: String) -> Error {
    Error::with(kind(code), detail(function, code, text))
}

/// A refused option, which the error names.
#[cold]
pub(crate) fn option_refused(option: &'static str, code: ffi::CURLcode) -> Error {
    let kind = match code {
        // A value that this build does not know, such as HTTP/2.
        ffi::CURLE_UNSUPPORTED_PROTOCOL => ErrorKind::Unsupported,
        ffi::CURLE_BAD_FUNCTION_ARGUMENT | ffi::CURLE_SETOPT_OPTION_SYNTAX => ErrorKind::Parameter,
        _ => kind(code),
    };
    let text = format!("{option}: {}", text_of(code));
    Error::with(kind, detail("curl_easy_setopt", code, text))
}

/// A failed transfer, with how far it had come.
pub(crate) fn transfer(code: ffi::CURLcode, text: String, mut transfer: Transfer) -> Error {
    // From libcurl 8 on a failure stamps the times of phases that it skipped: the code knows better.
    let last = match code {
        ffi::CURLE_COULDNT_RESOLVE_HOST | ffi::CURLE_COULDNT_RESOLVE_PROXY => Phase::Name,
        ffi::CURLE_COULDNT_CONNECT => Phase::Connect,
        ffi::CURLE_SSL_CONNECT_ERROR | ffi::CURLE_PEER_FAILED_VERIFICATION => {
            // The newest libcurl tells nothing of a connection whose handshake failed.
            transfer.phase = Phase::Tls;
            Phase::Tls
        }
        code if kind(code) == ErrorKind::Tls => Phase::Tls,
        _ => Phase::Body,
    };
    transfer.phase = transfer.phase.min(last);
    let kind = match code {
        // In TLS 1.3 the peer judges this side's certificate when the handshake is over here.
        ffi::CURLE_RECV_ERROR | ffi::CURLE_SEND_ERROR if is_alert(&text) => ErrorKind::Tls,
        // A plain connection that ends within a response of known length is CURLE_PARTIAL_FILE; over
        // TLS and HTTP/2, or with a reset, libcurl only says that receiving failed.
        ffi::CURLE_RECV_ERROR | ffi::CURLE_HTTP2 | ffi::CURLE_HTTP2_STREAM
            if transfer.phase == Phase::Body =>
        {
            ErrorKind::TruncatedBody
        }
        // Not the request's fault once it was sent: an answer that is not HTTP, or a redirect to
        // nowhere.
        ffi::CURLE_UNSUPPORTED_PROTOCOL | ffi::CURLE_URL_MALFORMAT
            if transfer.phase >= Phase::FirstByte =>
        {
            ErrorKind::Transport
        }
        TOO_LARGE if transfer.phase == Phase::Body => ErrorKind::Transport,
        _ => kind(code),
    };
    Error::with(
        kind,
        Detail { transfer: Some(transfer), ..detail("curl_easy_perform", code, text) },
    )
}

/// Whether this is of a fatal alert that the peer sent, in the words of OpenSSL (`tlsv13 alert
/// certificate required`) or GnuTLS (`A TLS fatal alert has been received.`).
fn is_alert(text: &str) -> bool {
    text.contains(" alert ")
}

/// A transfer that was given up from this side, with how far it had come.
pub(crate) fn given_up(kind: ErrorKind, text: String, transfer: Transfer) -> Error {
    let detail = Detail::new(Library::Ffence, "");
    Error::with(kind, Detail { message: text, transfer: Some(transfer), ..detail })
}

/// A refused call of the URL interface, with its `CURLUcode`.
pub(crate) fn url_refused(function: &'static str, code: ffi::CURLUcode, text: String) -> Error {
    let kind = match code {
        ffi::CURLUE_OUT_OF_MEMORY => ErrorKind::OutOfMemory,
        ffi::CURLUE_UNKNOWN_PART | ffi::CURLUE_LACKS_IDN => ErrorKind::Unsupported,
        _ => ErrorKind::InvalidRequest,
    };
    Error::with(
        kind,
        Detail {
            code: Some(i64::from(code)),
            message: text,
            ..Detail::new(Library::Libcurl, function)
        },
    )
}

/// A refused call of the header interface, with its `CURLHcode`.
pub(crate) fn header_refused(function: &'static str, code: ffi::CURLHcode) -> Error {
    let (kind, text) = match code {
        ffi::CURLHE_OUT_OF_MEMORY => (ErrorKind::OutOfMemory, "out of memory"),
        ffi::CURLHE_NOT_BUILT_IN => (ErrorKind::Unsupported, "this libcurl was built without it"),
        ffi::CURLHE_BAD_ARGUMENT => (ErrorKind::Parameter, "an argument is wrong"),
        _ => (ErrorKind::Libcurl, ""),
    };
    let message = text.to_owned();
    let code = Some(i64::from(code));
    Error::with(kind, Detail { code, message, ..Detail::new(Library::Libcurl, function) })
}

/// The writer of the body failed with `source`, and the transfer was given up for it.
pub(crate) fn sink(source: std::io::Error, transfer: Transfer) -> Error {
    Error::with(
        ErrorKind::Sink,
        Detail {
            source: Some(source),
            transfer: Some(transfer),
            ..detail("curl_easy_perform", ffi::CURLE_WRITE_ERROR, String::new())
        },
    )
}

/// What gives the body failed with `source`, and the transfer was given up for it.
pub(crate) fn source(source: std::io::Error, code: ffi::CURLcode, transfer: Transfer) -> Error {
    // It is a user's, and this may be a thread that serves others.
    let text = guard(&mut Slot::new(), String::new(), || format!(": {source}"));
    Error::with(
        ErrorKind::Source,
        Detail {
            message: format!("what gives the body failed{text}"),
            source: Some(source),
            transfer: Some(transfer),
            ..detail("curl_easy_perform", code, String::new())
        },
    )
}

/// What libcurl says of a code in general.
pub(crate) fn text_of(code: ffi::CURLcode) -> String {
    // SAFETY: curl_easy_strerror takes any number and answers a static string.
    let text = unsafe { ffi::curl_easy_strerror(code) };
    // SAFETY: static, see above.
    unsafe { copied(text) }
}

/// # Safety
/// `text` is NULL or a string that nothing changes.
unsafe fn copied(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: not NULL, and as the caller promises.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

fn detail(function: &'static str, code: ffi::CURLcode, text: String) -> Detail {
    Detail {
        code: Some(i64::from(code)),
        message: if text.is_empty() { text_of(code) } else { text },
        ..Detail::new(Library::Libcurl, function)
    }
}

/// `CURLE_TOO_LARGE`, from 8.6 on: a response with too many headers, a request with too long a text.
const TOO_LARGE: ffi::CURLcode = 100;

fn kind(code: ffi::CURLcode) -> ErrorKind {
    match code {
        ffi::CURLE_URL_MALFORMAT
        | ffi::CURLE_UNSUPPORTED_PROTOCOL
        | ffi::CURLE_BAD_FUNCTION_ARGUMENT
        | TOO_LARGE => ErrorKind::InvalidRequest,
        ffi::CURLE_COULDNT_RESOLVE_HOST | ffi::CURLE_COULDNT_RESOLVE_PROXY => {
            ErrorKind::ResolveName
        }
        ffi::CURLE_COULDNT_CONNECT | ffi::CURLE_INTERFACE_FAILED => ErrorKind::Connect,
        ffi::CURLE_SSL_CONNECT_ERROR
        | ffi::CURLE_PEER_FAILED_VERIFICATION
        | ffi::CURLE_SSL_CERTPROBLEM
        | ffi::CURLE_SSL_CIPHER
        | ffi::CURLE_SSL_CACERT_BADFILE
        | ffi::CURLE_SSL_ISSUER_ERROR
        | ffi::CURLE_SSL_INVALIDCERTSTATUS
        | ffi::CURLE_SSL_PINNEDPUBKEYNOTMATCH
        | ffi::CURLE_SSL_ENGINE_NOTFOUND
        | ffi::CURLE_SSL_ENGINE_SETFAILED
        | ffi::CURLE_SSL_ENGINE_INITFAILED
        | ffi::CURLE_SSL_CRL_BADFILE
        | ffi::CURLE_SSL_CLIENTCERT
        | ffi::CURLE_USE_SSL_FAILED => ErrorKind::Tls,
        ffi::CURLE_OPERATION_TIMEDOUT => ErrorKind::Timeout,
        ffi::CURLE_HTTP_RETURNED_ERROR => ErrorKind::Status,
        ffi::CURLE_TOO_MANY_REDIRECTS => ErrorKind::Redirect,
        ffi::CURLE_PARTIAL_FILE => ErrorKind::TruncatedBody,
        ffi::CURLE_SEND_ERROR
        | ffi::CURLE_RECV_ERROR
        | ffi::CURLE_GOT_NOTHING
        | ffi::CURLE_HTTP2
        | ffi::CURLE_HTTP2_STREAM
        | ffi::CURLE_HTTP3
        | ffi::CURLE_WEIRD_SERVER_REPLY
        | ffi::CURLE_SEND_FAIL_REWIND => ErrorKind::Transport,
        ffi::CURLE_OUT_OF_MEMORY => ErrorKind::OutOfMemory,
        ffi::CURLE_NOT_BUILT_IN | ffi::CURLE_UNKNOWN_OPTION => ErrorKind::Unsupported,
        _ => ErrorKind::Libcurl,
    }
}
