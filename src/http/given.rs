//! Headers and credentials as they are given to a builder.

use ::http::{HeaderMap, HeaderName, HeaderValue};

use super::encode::base64;
use crate::error::{Error, ErrorKind, Result};

/// A header.
pub(super) fn header<N, V>(name: N, value: V) -> Result<(HeaderName, HeaderValue)>
where
    N: TryInto<HeaderName, Error: Into<::http::Error>>,
    V: TryInto<HeaderValue, Error: Into<::http::Error>>,
{
    let name = name.try_into().map_err(Into::into);
    let name = name.map_err(|error| wrong("the name of a header", &error))?;
    let value = value.try_into().map_err(Into::into);
    let value = value.map_err(|error| wrong(&format!("the value of the header {name}"), &error))?;
    Ok((name, value))
}

/// Adds it; one of the same name stays.
pub(super) fn append(headers: &mut HeaderMap, header: (HeaderName, HeaderValue)) -> Result<()> {
    let added = headers.try_append(header.0, header.1);
    added.map(drop).map_err(|error| wrong("the headers", &error))
}

/// A user's name and password (HTTP Basic, RFC 7617).
pub(super) fn basic(user: &str, password: &str) -> Result<HeaderValue> {
    if user.contains(':') {
        let why = "the user's name holds a colon, which Basic cannot";
        return Err(Error::ours(ErrorKind::InvalidRequest, why));
    }
    let login = base64(format!("{user}:{password}").as_bytes());
    credentials(format!("Basic {login}").as_bytes())
}

/// A token (RFC 6750).
pub(super) fn bearer(token: &str) -> Result<HeaderValue> {
    let value = format!("Bearer {token}");
    // Not `from_bytes`: a token is ASCII.
    HeaderValue::from_str(&value).map(secret).map_err(|error| wrong("the credentials", &error))
}

/// What an `Authorization` header says: it is not shown.
pub(super) fn credentials(value: &[u8]) -> Result<HeaderValue> {
    HeaderValue::from_bytes(value).map(secret).map_err(|error| wrong("the credentials", &error))
}

fn secret(mut value: HeaderValue) -> HeaderValue {
    value.set_sensitive(true);
    value
}

pub(super) fn wrong(what: &str, error: &dyn std::error::Error) -> Error {
    Error::ours(ErrorKind::InvalidRequest, format!("{what}: {error}"))
}
