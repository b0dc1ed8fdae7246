//! URLs as libcurl reads them: parsed, taken apart, changed, put together.

mod builder;
mod flags;
mod handle;
mod locale;
mod part;
mod uri;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use parking_lot::Mutex;

pub(super) use self::handle::Handle;
use super::escape::escape;
use super::option::Text;
use crate::error::{Error, Result};

pub use self::builder::UrlBuilder;
pub use self::flags::UrlFlags;
pub use self::part::UrlPart;

/// A URL, parsed by libcurl's own parser: what it takes for the host is what libcurl connects to.
///
/// It is whole: it has a scheme and, unless it is a `file:` URL, a host, so that it always has a
/// text. Two URLs are equal when their texts are, byte for byte.
///
/// `Send` and `Sync`, and cheap to clone: a clone shares what was parsed until one of the two is
/// changed. `Debug` hides the password; `Display` and [`as_str`](Url::as_str) do not.
///
/// The syntax is that of RFC 3986, and what libcurl makes of it is in its
/// [URL-SYNTAX](https://curl.se/docs/url-syntax.html).
///
/// ```
/// use ffence::curl::{Url, UrlPart};
///
/// let url = Url::parse("https://user@example.org:8443/a/../b?x=1#top")?;
/// assert_eq!(url.as_str(), "https://user@example.org:8443/b?x=1#top");
/// assert_eq!(url.host()?.as_deref(), Some("example.org"));
/// assert_eq!(url.port()?, Some(8443));
/// assert_eq!(url.get(UrlPart::Password)?, None);
/// assert_eq!(url.join("c?y")?.as_str(), "https://user@example.org:8443/c?y");
/// # Ok::<(), ffence::Error>(())
/// ```
#[derive(Clone)]
#[doc(alias = "CURLU")]
pub struct Url(Arc<Parsed>);

/// # Invariants
/// `text` is what libcurl answers for the whole URL in `handle`, and neither changes any more.
struct Parsed {
    text: Box<str>,
    // libcurl-thread(3) knows no handle that several threads may use at once.
    handle: Mutex<Handle>,
}

impl Url {
    /// Parses an absolute URL of a scheme that the linked libcurl speaks.
    ///
    /// [`curl_url_set`](https://curl.se/libcurl/c/curl_url_set.html)
    ///
    /// # Errors
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) with libcurl's reason and its
    /// `CURLUcode` as [`code`](Error::code); [`InteriorNul`](crate::ErrorKind::InteriorNul).
    ///
    /// ```
    /// use ffence::curl::Url;
    ///
    /// assert!(Url::parse("https://example.org").is_ok());
    /// let error = Url::parse("https://example.org:99999").unwrap_err();
    /// assert_eq!(error.code(), Some(4)); // CURLUE_BAD_PORT_NUMBER
    /// ```
    #[doc(alias = "curl_url_set")]
    pub fn parse(text: &str) -> Result<Self> {
        Self::parse_with(text, UrlFlags::NONE)
    }

    /// Parses a URL under `flags`, such as [`UrlFlags::DEFAULT_SCHEME`].
    ///
    /// # Errors
    /// Those of [`parse`](Url::parse); [`Unsupported`](crate::ErrorKind::Unsupported) for a flag
    /// that is newer than the linked libcurl.
    ///
    /// ```
    /// use ffence::curl::{Url, UrlFlags};
    ///
    /// let url = Url::parse_with("example.org/a", UrlFlags::DEFAULT_SCHEME)?;
    /// assert_eq!(url.as_str(), "https://example.org/a");
    /// let url = Url::parse_with("custom://host/a/../b", UrlFlags::NON_SUPPORT_SCHEME | UrlFlags::PATH_AS_IS)?;
    /// assert_eq!(url.as_str(), "custom://host/a/../b");
    /// # Ok::<(), ffence::Error>(())
    /// ```
    pub fn parse_with(text: &str, flags: UrlFlags) -> Result<Self> {
        let mut handle = Handle::new()?;
        handle.set(UrlPart::Url, Some(text), flags)?;
        Self::whole(handle)
    }

    /// An empty URL, to be put together part by part.
    ///
    /// # Errors
    /// When memory fails, or libcurl cannot be set up.
    #[doc(alias = "curl_url")]
    pub fn builder() -> Result<UrlBuilder> {
        Ok(UrlBuilder::from(Handle::new()?))
    }

    fn whole(handle: Handle) -> Result<Self> {
        let text = handle.text(UrlPart::Url, UrlFlags::NONE)?.into();
        Ok(Self(Arc::new(Parsed { text, handle: Mutex::new(handle) })))
    }

    /// The whole URL.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// One part, as it stands in the URL (percent-codes are left); `None` when the URL lacks it.
    ///
    /// [`curl_url_get`](https://curl.se/libcurl/c/curl_url_get.html)
    ///
    /// # Errors
    /// When memory fails.
    #[doc(alias = "curl_url_get")]
    pub fn get(&self, part: UrlPart) -> Result<Option<String>> {
        self.get_with(part, UrlFlags::NONE)
    }

    /// One part under `flags`, such as [`UrlFlags::DEFAULT_PORT`] or [`UrlFlags::PUNYCODE`].
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) for a flag, or names beyond ASCII, that the
    /// linked libcurl lacks; [`Encoding`](crate::ErrorKind::Encoding) when what was decoded is not
    /// UTF-8; [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when it holds control codes.
    ///
    /// ```
    /// use ffence::curl::{Url, UrlFlags, UrlPart};
    ///
    /// let url = Url::parse("https://example.org/caf%C3%A9?q=a+b")?;
    /// assert_eq!(url.get_with(UrlPart::Port, UrlFlags::DEFAULT_PORT)?.as_deref(), Some("443"));
    /// assert_eq!(url.get_with(UrlPart::Path, UrlFlags::URLDECODE)?.as_deref(), Some("/café"));
    /// assert_eq!(url.get_with(UrlPart::Query, UrlFlags::URLDECODE)?.as_deref(), Some("q=a b"));
    /// # Ok::<(), ffence::Error>(())
    /// ```
    pub fn get_with(&self, part: UrlPart, flags: UrlFlags) -> Result<Option<String>> {
        self.0.handle.lock().get(part, flags)
    }

    /// One part with its percent-codes decoded, whatever bytes come out.
    ///
    /// # Errors
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when it holds control codes.
    pub fn decoded(&self, part: UrlPart) -> Result<Option<Vec<u8>>> {
        self.0.handle.lock().bytes(part, UrlFlags::URLDECODE)
    }

    /// The scheme, in lower case.
    ///
    /// # Errors
    /// When memory fails.
    pub fn scheme(&self) -> Result<String> {
        Ok(self.get(UrlPart::Scheme)?.unwrap_or_default())
    }

    /// The host: a name, an IPv4 address, or an IPv6 address in brackets.
    ///
    /// # Errors
    /// When memory fails.
    pub fn host(&self) -> Result<Option<String>> {
        Ok(self.get(UrlPart::Host)?.filter(|host| !host.is_empty()))
    }

    /// The port, when the URL names one.
    ///
    /// # Errors
    /// When memory fails.
    pub fn port(&self) -> Result<Option<u16>> {
        Ok(self.get(UrlPart::Port)?.and_then(|port| port.parse().ok()))
    }

    /// The path, with its leading slash.
    ///
    /// # Errors
    /// When memory fails.
    pub fn path(&self) -> Result<String> {
        Ok(self.get(UrlPart::Path)?.unwrap_or_default())
    }

    /// The query, without its question mark.
    ///
    /// # Errors
    /// When memory fails.
    pub fn query(&self) -> Result<Option<String>> {
        self.get(UrlPart::Query)
    }

    /// Changes one part, or removes it with `None`. `value` is taken as it is: percent-code what
    /// needs it, or use [`set_with`](Url::set_with).
    ///
    /// # Errors
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when libcurl refuses the value, or when
    /// the URL would not be whole any more; it is then as it was.
    ///
    /// ```
    /// use ffence::curl::{Url, UrlPart};
    ///
    /// let mut url = Url::parse("http://example.org/a?b")?;
    /// url.set(UrlPart::Scheme, Some("https"))?.set(UrlPart::Query, None)?;
    /// assert_eq!(url.as_str(), "https://example.org/a");
    /// assert!(url.set(UrlPart::Host, None).is_err());
    /// assert_eq!(url.as_str(), "https://example.org/a");
    /// # Ok::<(), ffence::Error>(())
    /// ```
    pub fn set(&mut self, part: UrlPart, value: Option<&str>) -> Result<&mut Self> {
        self.set_with(part, value, UrlFlags::NONE)
    }

    /// Changes one part under `flags`, such as [`UrlFlags::URLENCODE`].
    ///
    /// # Errors
    /// Those of [`set`](Url::set); [`Unsupported`](crate::ErrorKind::Unsupported) for a flag that is
    /// newer than the linked libcurl.
    ///
    /// ```
    /// use ffence::curl::{Url, UrlFlags, UrlPart};
    ///
    /// let mut url = Url::parse("http://example.org")?;
    /// url.set_with(UrlPart::Path, Some("/with space"), UrlFlags::URLENCODE)?;
    /// assert_eq!(url.as_str(), "http://example.org/with%20space");
    /// # Ok::<(), ffence::Error>(())
    /// ```
    pub fn set_with(
        &mut self,
        part: UrlPart,
        value: Option<&str>,
        flags: UrlFlags,
    ) -> Result<&mut Self> {
        let mut handle = self.copy()?;
        handle.set(part, value, flags)?;
        *self = Self::whole(handle)?;
        Ok(self)
    }

    /// Appends `name=value` to the query, percent-coding both.
    ///
    /// # Errors
    /// When memory fails.
    ///
    /// ```
    /// use ffence::curl::Url;
    ///
    /// let mut url = Url::parse("https://example.org/?q=1")?;
    /// url.append_query("a&b", "c d")?;
    /// assert_eq!(url.as_str(), "https://example.org/?q=1&a%26b=c%20d");
    /// # Ok::<(), ffence::Error>(())
    /// ```
    #[doc(alias = "CURLU_APPENDQUERY")]
    pub fn append_query(&mut self, name: &str, value: &str) -> Result<&mut Self> {
        let pair = format!("{}={}", escape(name)?, escape(value)?);
        self.set_with(UrlPart::Query, Some(&pair), UrlFlags::APPENDQUERY)
    }

    /// What `reference` means where this URL is the base (RFC 3986 section 5).
    ///
    /// # Errors
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when libcurl refuses the result.
    ///
    /// ```
    /// use ffence::curl::Url;
    ///
    /// let base = Url::parse("http://a/b/c/d;p?q")?;
    /// assert_eq!(base.join("../g")?.as_str(), "http://a/b/g");
    /// assert_eq!(base.join("//other/x")?.as_str(), "http://other/x");
    /// # Ok::<(), ffence::Error>(())
    /// ```
    pub fn join(&self, reference: &str) -> Result<Self> {
        let mut handle = self.copy()?;
        match reference.strip_prefix('#') {
            // The document itself, or a place in it: older versions of libcurl refuse the one, and
            // lose the name and the query of the other.
            Some("") => handle.set(UrlPart::Fragment, None, UrlFlags::NONE)?,
            Some(place) => handle.set(UrlPart::Fragment, Some(place), UrlFlags::NONE)?,
            None if reference.is_empty() => handle.set(UrlPart::Fragment, None, UrlFlags::NONE)?,
            None => handle.set(UrlPart::Url, Some(reference), UrlFlags::NONE)?,
        }
        Self::whole(handle)
    }

    fn copy(&self) -> Result<Handle> {
        self.0.handle.lock().copy()
    }
}

impl FromStr for Url {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl TryFrom<&str> for Url {
    type Error = Error;

    fn try_from(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.get(UrlPart::Password) {
            Ok(None) => self.as_str().to_owned(),
            // The first colon after the scheme stands before the password.
            Ok(Some(password)) => {
                let (scheme, rest) = self.as_str().split_once("://").unwrap_or_default();
                format!("{scheme}://{}", rest.replacen(&format!(":{password}"), ":***", 1))
            }
            Err(_) => String::new(),
        };
        f.debug_tuple("Url").field(&text).finish()
    }
}

/// What [`option::Url`](super::option::Url) takes: libcurl parses the text again, so that a path that
/// was left as it is ([`UrlFlags::PATH_AS_IS`]) needs [`option::PathAsIs`](super::option::PathAsIs).
impl Text for Url {
    fn text(&self) -> Option<&[u8]> {
        Some(self.as_str().as_bytes())
    }
}

impl AsRef<str> for Url {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for Url {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Url {}

impl PartialOrd for Url {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Url {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Url {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}
