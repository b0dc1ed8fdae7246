//! Bytes as text, by the character set that their headers name.

use std::borrow::Cow;

use ::http::HeaderMap;
use ::http::header::CONTENT_TYPE;

use crate::error::{Error, ErrorKind, Result};

/// The `charset` of a `Content-Type` (RFC 9110 section 8.3.2).
fn charset(headers: &HeaderMap) -> Option<&str> {
    let content_type = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case("charset").then_some(value)
    })
}

fn is_utf8(label: &str) -> bool {
    ["utf-8", "utf8", "us-ascii", "ascii"].iter().any(|it| it.eq_ignore_ascii_case(label))
}

/// The text: that of a byte order mark, else of the headers' character set, else UTF-8.
pub(super) fn decode<'a>(headers: &HeaderMap, body: &'a [u8]) -> Result<Cow<'a, str>> {
    if let Some(rest) = body.strip_prefix(b"\xef\xbb\xbf") {
        return utf8(rest).map(Cow::Borrowed);
    }
    match charset(headers) {
        Some(label) if !is_utf8(label) => other(label, body),
        _ => unnamed(body),
    }
}

fn utf8(body: &[u8]) -> Result<&str> {
    std::str::from_utf8(body).map_err(|error| {
        let (at, len) = (error.valid_up_to(), body.len());
        let text = format!("the body is not UTF-8 from byte {at} of {len} on");
        Error::ours(ErrorKind::Encoding, text)
    })
}

#[cfg(feature = "charset")]
fn unnamed(body: &[u8]) -> Result<Cow<'_, str>> {
    match encoding_rs::Encoding::for_bom(body) {
        Some((encoding, len)) => by(encoding, &body[len..]),
        None => utf8(body).map(Cow::Borrowed),
    }
}

#[cfg(not(feature = "charset"))]
fn unnamed(body: &[u8]) -> Result<Cow<'_, str>> {
    utf8(body).map(Cow::Borrowed)
}

#[cfg(feature = "charset")]
fn other<'a>(label: &str, body: &'a [u8]) -> Result<Cow<'a, str>> {
    let named = encoding_rs::Encoding::for_label(label.as_bytes()).ok_or_else(|| {
        let text = format!("nobody knows the body's character set: {label:?}");
        Error::ours(ErrorKind::Encoding, text)
    })?;
    // A byte order mark is believed before the header (WHATWG Encoding, "decode").
    let (encoding, len) = encoding_rs::Encoding::for_bom(body).unwrap_or((named, 0));
    by(encoding, &body[len..])
}

#[cfg(feature = "charset")]
fn by<'a>(encoding: &'static encoding_rs::Encoding, body: &'a [u8]) -> Result<Cow<'a, str>> {
    encoding.decode_without_bom_handling_and_without_replacement(body).ok_or_else(|| {
        let text = format!("the body is not {}", encoding.name());
        Error::ours(ErrorKind::Encoding, text)
    })
}

#[cfg(not(feature = "charset"))]
fn other<'a>(label: &str, body: &'a [u8]) -> Result<Cow<'a, str>> {
    // In these, ASCII is ASCII.
    let lower = label.to_ascii_lowercase();
    if body.is_ascii() && (lower.starts_with("iso-8859-") || lower.starts_with("windows-125")) {
        return utf8(body).map(Cow::Borrowed);
    }
    let text = format!("the body is in {label:?}, which needs the feature `charset`");
    Err(Error::ours(ErrorKind::Encoding, text))
}
