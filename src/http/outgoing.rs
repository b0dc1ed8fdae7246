//! Requests in the form that libcurl takes.

use std::borrow::Cow;
use std::ffi::CStr;

use ::http::header::{
    AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, EXPECT, HOST, PROXY_AUTHORIZATION,
    REFERER, TRAILER, TRANSFER_ENCODING,
};
use ::http::{HeaderMap, HeaderValue, Method};

use crate::cstr::{copied, lend};
use crate::curl::List;
use crate::error::{Error, ErrorKind, Result};

/// From this size on libcurl would ask with `Expect: 100-continue` and wait for up to a second
/// (`EXPECT_100_THRESHOLD`, since 7.75).
const ASKS_FIRST: u64 = 1024 * 1024;

/// Most lines are shorter, and need no memory of their own.
const USUAL_LINE: usize = 256;

/// How a method is told to libcurl. Its name is sent as it is; what libcurl must know is whether a
/// response to it has a body.
#[derive(Clone, Debug)]
pub(super) enum Form {
    /// `GET` without a body, `POST` with one.
    Plain,
    Head,
    Other(Cow<'static, CStr>),
}

impl Form {
    /// The form of a request that has bytes to send, or has none; and whether it has a body: `PUT`,
    /// `POST` and `PATCH` always do, if only of no bytes; the others when there are bytes to send.
    pub(super) fn of(method: &Method, sends: bool) -> Result<(Self, bool)> {
        Ok(match *method {
            Method::GET if !sends => (Self::Plain, false),
            Method::POST => (Self::Plain, true),
            Method::PUT => (Self::named(c"PUT"), true),
            Method::PATCH => (Self::named(c"PATCH"), true),
            Method::HEAD if !sends => (Self::Head, false),
            Method::HEAD => return Err(refused("a HEAD request has no body")),
            Method::CONNECT => return Err(refused("CONNECT is for proxies, not a request")),
            Method::GET => (Self::named(c"GET"), true),
            Method::DELETE => (Self::named(c"DELETE"), sends),
            Method::OPTIONS => (Self::named(c"OPTIONS"), sends),
            ref other => (
                Self::Other(Cow::Owned(lend(copied(other.as_str().as_bytes())?, "the method")?)),
                sends,
            ),
        })
    }

    fn named(name: &'static CStr) -> Self {
        Self::Other(Cow::Borrowed(name))
    }
}

/// libcurl guesses a scheme where there is none; that is for a command line.
pub(super) fn check_url(url: &str) -> Result<()> {
    // Of a usual URL the first colon is the one, which is found without a search for all three.
    let first = url.bytes().position(|byte| byte == b':');
    if first.is_some_and(|at| url[at..].starts_with("://")) || url.contains("://") {
        return Ok(());
    }
    Err(refused(format!("the URL does not begin with http:// or https://: {url:?}")))
}

/// Takes away what is for one origin alone, on the way to another one.
pub(super) fn forget_secrets(headers: &mut HeaderMap) {
    for name in [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE, HOST, REFERER] {
        headers.remove(name);
    }
    headers.remove("cookie2");
}

/// The length of a body: there is none, it has so many bytes, or nobody knows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Len {
    NoBody,
    Known(u64),
    Unknown,
}

/// By what a body goes to libcurl.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Carrier {
    Memory,
    Callback,
    Form,
}

/// The request's headers as libcurl wants them, one line each.
///
/// Of a form, libcurl says the type and with it what stands between the parts.
pub(super) fn lines(headers: &HeaderMap, body: Len, carrier: Carrier) -> Result<List> {
    let mut list = List::default();
    let (mut short, mut long) = ([0; USUAL_LINE], Vec::new());
    for (name, value) in headers {
        if framing(name.as_str(), value, body)? {
            continue;
        }
        // CURLOPT_HTTPHEADER(3): "name:" removes a header, "name;" sends one with nothing in it.
        // A value of spaces would count as nothing.
        let value = value.as_bytes().trim_ascii();
        let between: &[u8] = if value.is_empty() { b";" } else { b": " };
        let parts = [name.as_str().as_bytes(), between, value, b"\0"];
        let len = parts.iter().map(|part| part.len()).sum();
        let room = if len <= short.len() {
            &mut short[..len]
        } else {
            long.clear();
            long.try_reserve(len)?;
            long.resize(len, 0);
            &mut long[..]
        };
        let mut rest = &mut *room;
        for part in parts {
            let (place, after) = rest.split_at_mut(part.len());
            place.copy_from_slice(part);
            rest = after;
        }
        let line =
            CStr::from_bytes_with_nul(room).map_err(|_| Error::of(ErrorKind::InteriorNul))?;
        list.append(line)?;
    }
    if body != Len::NoBody {
        // Not what libcurl would guess, `application/x-www-form-urlencoded`.
        if carrier != Carrier::Form && !headers.contains_key(CONTENT_TYPE) {
            list.append(c"Content-Type:")?;
        }
        // An upload asks however short it is.
        let is_short =
            matches!(body, Len::Known(len) if len < ASKS_FIRST && carrier == Carrier::Memory);
        if !is_short && !headers.contains_key(EXPECT) {
            list.append(c"Expect:")?;
        }
    }
    Ok(list)
}

/// Why they are not: an upload that is repeated after them corrupts the heap of an older libcurl.
pub(super) const NO_TRAILERS: &str =
    "trailers of a request are not sent: libcurl can do that safely from 8.8 on only";

/// Whether a header says what libcurl says itself. One that says otherwise would leave the two sides
/// at odds about where the body ends.
fn framing(name: &str, value: &HeaderValue, body: Len) -> Result<bool> {
    if name == CONTENT_LENGTH.as_str() {
        let said = value.to_str().ok().and_then(|value| value.parse::<u64>().ok());
        return match body {
            Len::Known(len) if said == Some(len) => Ok(true),
            Len::NoBody if said == Some(0) => Ok(true),
            Len::Unknown => Err(refused(format!(
                "Content-Length is {value:?}, but the body does not know its length"
            ))),
            Len::Known(_) | Len::NoBody => {
                let len = if let Len::Known(len) = body { len } else { 0 };
                Err(refused(format!("Content-Length is {value:?}, but the body has {len} bytes")))
            }
        };
    }
    if name == TRANSFER_ENCODING.as_str() {
        return Err(refused(
            "Transfer-Encoding is chosen by the client, not by a request's header",
        ));
    }
    if name == TRAILER.as_str() {
        return Err(refused(NO_TRAILERS));
    }
    Ok(false)
}

fn refused(message: impl Into<String>) -> Error {
    Error::ours(ErrorKind::InvalidRequest, message)
}
