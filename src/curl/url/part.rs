//! The parts of a URL.

use crate::ffi::curl as ffi;

/// A part of a [`Url`](super::Url).
///
/// ```text
/// imap://user:password;options@[fe80::1%25zone]:143/path?query#fragment
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[doc(alias = "CURLUPart")]
pub enum UrlPart {
    /// The whole URL. Set on a whole URL, a relative reference is resolved against it.
    Url,
    /// The scheme, without `://`.
    Scheme,
    /// The user's name.
    User,
    /// The password.
    Password,
    /// Login options, in the URLs of mail protocols.
    Options,
    /// The name or address; an IPv6 address stands in brackets.
    Host,
    /// The port, as decimal text.
    Port,
    /// The path, with its leading slash. A URL always has one.
    Path,
    /// The query, without `?`.
    Query,
    /// The fragment, without `#`.
    Fragment,
    /// The zone of an IPv6 address.
    ZoneId,
}

impl UrlPart {
    pub(super) fn number(self) -> ffi::CURLUPart {
        match self {
            Self::Url => ffi::CURLUPART_URL,
            Self::Scheme => ffi::CURLUPART_SCHEME,
            Self::User => ffi::CURLUPART_USER,
            Self::Password => ffi::CURLUPART_PASSWORD,
            Self::Options => ffi::CURLUPART_OPTIONS,
            Self::Host => ffi::CURLUPART_HOST,
            Self::Port => ffi::CURLUPART_PORT,
            Self::Path => ffi::CURLUPART_PATH,
            Self::Query => ffi::CURLUPART_QUERY,
            Self::Fragment => ffi::CURLUPART_FRAGMENT,
            Self::ZoneId => ffi::CURLUPART_ZONEID,
        }
    }

    /// As it is called in an error.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Url => "the URL",
            Self::Scheme => "the URL's scheme",
            Self::User => "the URL's user",
            Self::Password => "the URL's password",
            Self::Options => "the URL's options",
            Self::Host => "the URL's host",
            Self::Port => "the URL's port",
            Self::Path => "the URL's path",
            Self::Query => "the URL's query",
            Self::Fragment => "the URL's fragment",
            Self::ZoneId => "the URL's zone",
        }
    }
}
