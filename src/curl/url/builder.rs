//! A URL that is put together part by part.

use super::handle::Handle;
use super::{Url, UrlFlags, UrlPart};
use crate::curl::escape::escape;
use crate::error::Result;

/// Parts of a URL; [`build`](UrlBuilder::build) makes the URL of them once it is whole.
///
/// ```
/// use ffence::curl::{Url, UrlFlags, UrlPart};
///
/// let url = Url::builder()?
///     .set(UrlPart::Scheme, "https")?
///     .set(UrlPart::Host, "example.org")?
///     .set_with(UrlPart::Path, "/a b", UrlFlags::URLENCODE)?
///     .append_query("q", "50 %")?
///     .build()?;
/// assert_eq!(url.as_str(), "https://example.org/a%20b?q=50%20%25");
/// # Ok::<(), ffence::Error>(())
/// ```
#[derive(Debug)]
pub struct UrlBuilder {
    handle: Handle,
}

impl From<Handle> for UrlBuilder {
    fn from(handle: Handle) -> Self {
        Self { handle }
    }
}

impl UrlBuilder {
    /// Sets one part, as it is.
    ///
    /// # Errors
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when libcurl refuses the value.
    pub fn set(self, part: UrlPart, value: &str) -> Result<Self> {
        self.set_with(part, value, UrlFlags::NONE)
    }

    /// Sets one part under `flags`.
    ///
    /// # Errors
    /// Those of [`set`](UrlBuilder::set); [`Unsupported`](crate::ErrorKind::Unsupported) for a flag
    /// that is newer than the linked libcurl.
    pub fn set_with(mut self, part: UrlPart, value: &str, flags: UrlFlags) -> Result<Self> {
        self.handle.set(part, Some(value), flags)?;
        Ok(self)
    }

    /// Appends `name=value` to the query, percent-coding both.
    ///
    /// # Errors
    /// When memory fails.
    pub fn append_query(self, name: &str, value: &str) -> Result<Self> {
        let pair = format!("{}={}", escape(name)?, escape(value)?);
        self.set_with(UrlPart::Query, &pair, UrlFlags::APPENDQUERY)
    }

    /// The URL.
    ///
    /// # Errors
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when it lacks its scheme or its host.
    pub fn build(self) -> Result<Url> {
        Url::whole(self.handle)
    }
}
