//! To and from the `http` crate's URIs.

use http::Uri;

use super::{Url, UrlFlags, UrlPart};
use crate::error::{Error, ErrorKind, Result};

impl TryFrom<&Uri> for Url {
    type Error = Error;

    /// Parses the URI's text anew.
    ///
    /// # Errors
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) when it is not absolute, or libcurl does not
    /// speak its scheme.
    ///
    /// ```
    /// use ffence::curl::Url;
    ///
    /// let uri = http::Uri::from_static("https://example.org/a?b");
    /// assert_eq!(Url::try_from(&uri)?.as_str(), "https://example.org/a?b");
    /// assert!(Url::try_from(&http::Uri::from_static("/a")).is_err());
    /// # Ok::<(), ffence::Error>(())
    /// ```
    fn try_from(uri: &Uri) -> Result<Self> {
        Self::parse(&uri.to_string())
    }
}

impl TryFrom<&Url> for Uri {
    type Error = Error;

    /// Without the fragment, which a request does not send; a host beyond ASCII in its ASCII form.
    ///
    /// # Errors
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) when the `http` crate refuses what libcurl
    /// takes; [`Unsupported`](ErrorKind::Unsupported) for a host beyond ASCII before libcurl 7.88.
    ///
    /// ```
    /// use ffence::curl::Url;
    ///
    /// let url = Url::parse("https://example.org/a#b")?;
    /// assert_eq!(http::Uri::try_from(&url)?, "https://example.org/a");
    /// # Ok::<(), ffence::Error>(())
    /// ```
    fn try_from(url: &Url) -> Result<Self> {
        let in_ascii = url.host()?.is_none_or(|host| host.is_ascii());
        let flags = if in_ascii { UrlFlags::NONE } else { UrlFlags::PUNYCODE };
        let text = url.get_with(UrlPart::Url, flags)?.unwrap_or_default();
        let text = text.split('#').next().unwrap_or_default();
        text.parse().map_err(|error: http::uri::InvalidUri| {
            Error::ours(ErrorKind::InvalidRequest, format!("{url:?} is no http::Uri: {error}"))
        })
    }
}
