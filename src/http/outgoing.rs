//! Requests in the form that libcurl takes.

use std::borrow::Cow;
use std::ffi::CStr;

use ::http::header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT, TRANSFER_ENCODING};
use ::http::{HeaderMap, HeaderValue, Method};
use bytes::Bytes;

use super::wire::Verb;
use crate::cstr::lend;
use crate::curl::List;
use crate::error::{Error, ErrorKind, Result};

/// From this size on libcurl would ask with `Expect: 100-continue` and wait for up to a second
/// (`EXPECT_100_THRESHOLD`, since 7.75).
const ASKS_FIRST: usize = 1024 * 1024;

/// How `method` and `body` are told to libcurl.
pub(super) enum Form {
    Plain,
    Head,
    Other(Cow<'static, CStr>),
}

impl Form {
    /// The form of a request, and the body that it has: `PUT`, `POST` and `PATCH` always have one,
    /// if only of no bytes; the others when there are bytes to send.
    pub(super) fn of(method: &Method, body: Bytes) -> Result<(Self, Option<Bytes>)> {
        let some = Some(body).filter(|body| !body.is_empty());
        Ok(match *method {
            Method::GET if some.is_none() => (Self::Plain, None),
            Method::POST => (Self::Plain, Some(some.unwrap_or_default())),
            Method::PUT => (Self::named(c"PUT"), Some(some.unwrap_or_default())),
            Method::PATCH => (Self::named(c"PATCH"), Some(some.unwrap_or_default())),
            Method::HEAD if some.is_none() => (Self::Head, None),
            Method::HEAD => return Err(refused("a HEAD request has no body")),
            Method::CONNECT => return Err(refused("CONNECT is for proxies, not a request")),
            Method::GET => (Self::named(c"GET"), some),
            Method::DELETE => (Self::named(c"DELETE"), some),
            Method::OPTIONS => (Self::named(c"OPTIONS"), some),
            ref other => (Self::Other(Cow::Owned(lend(other.as_str(), "the method")?)), some),
        })
    }

    fn named(name: &'static CStr) -> Self {
        Self::Other(Cow::Borrowed(name))
    }

    pub(super) fn verb(&self) -> Verb<'_> {
        match self {
            Self::Plain => Verb::Plain,
            Self::Head => Verb::Head,
            Self::Other(name) => Verb::Other(name),
        }
    }

    /// libcurl keeps a named method on every redirect, also where HTTP changes it to `GET`.
    pub(super) fn may_follow(&self) -> bool {
        !matches!(self, Self::Other(_))
    }
}

/// libcurl guesses a scheme where there is none; that is for a command line.
pub(super) fn check_url(url: &str) -> Result<()> {
    if url.contains("://") {
        return Ok(());
    }
    Err(refused(format!("the URL does not begin with http:// or https://: {url:?}")))
}

/// The request's headers as libcurl wants them, one line each.
pub(super) fn lines(headers: &HeaderMap, body: Option<&Bytes>) -> Result<List> {
    let mut list = List::default();
    let mut scratch = Vec::new();
    for (name, value) in headers {
        if framing(name.as_str(), value, body.map_or(0, Bytes::len))? {
            continue;
        }
        scratch.clear();
        scratch.extend_from_slice(name.as_str().as_bytes());
        // CURLOPT_HTTPHEADER(3): "name:" removes a header, "name;" sends one with nothing in it.
        // A value of spaces would count as nothing.
        let value = value.as_bytes().trim_ascii();
        if value.is_empty() {
            scratch.push(b';');
        } else {
            scratch.extend_from_slice(b": ");
            scratch.extend_from_slice(value);
        }
        scratch.push(0);
        let line =
            CStr::from_bytes_with_nul(&scratch).map_err(|_| Error::of(ErrorKind::InteriorNul))?;
        list.append(line)?;
    }
    if let Some(body) = body {
        // Not what libcurl would guess, `application/x-www-form-urlencoded`.
        if !headers.contains_key(CONTENT_TYPE) {
            list.append(c"Content-Type:")?;
        }
        if body.len() >= ASKS_FIRST && !headers.contains_key(EXPECT) {
            list.append(c"Expect:")?;
        }
    }
    Ok(list)
}

/// Whether a header says what libcurl says itself. One that says otherwise would leave the two sides
/// at odds about where the body ends.
fn framing(name: &str, value: &HeaderValue, body: usize) -> Result<bool> {
    if name == CONTENT_LENGTH.as_str() {
        return match value.to_str().ok().and_then(|value| value.parse::<usize>().ok()) {
            Some(len) if len == body => Ok(true),
            _ => {
                Err(refused(format!("Content-Length is {value:?}, but the body has {body} bytes")))
            }
        };
    }
    if name == TRANSFER_ENCODING.as_str() {
        return Err(refused(
            "Transfer-Encoding is chosen by the client, not by a request's header",
        ));
    }
    Ok(false)
}

fn refused(message: impl Into<String>) -> Error {
    Error::ours(ErrorKind::InvalidRequest, message)
}
