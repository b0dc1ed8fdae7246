//! How a URL is read and written.

use std::ops::BitOr;

use crate::capabilities::{Libcurl, Version};
use crate::curl::newer::unsupported;
use crate::error::Result;
use crate::ffi::curl as ffi;

/// A set of libcurl's `CURLU_…` flags; `|` unites two sets.
///
/// Which flag is for reading a part and which for setting one, and what both do, is in
/// [`curl_url_get(3)`](https://curl.se/libcurl/c/curl_url_get.html) and
/// [`curl_url_set(3)`](https://curl.se/libcurl/c/curl_url_set.html). A flag that does not concern a
/// call has no effect; one that the linked libcurl does not know is an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct UrlFlags(u32);

macro_rules! flags {
    ($($(#[$doc:meta])+ $name:ident = $c_name:ident, $alias:literal since ($major:literal, $minor:literal);)+) => {
        impl UrlFlags {
            $($(#[$doc])+
            #[doc = concat!("\n\nSince libcurl ", $major, ".", $minor, ".")]
            #[doc(alias = $alias)]
            pub const $name: Self = Self(ffi::$c_name);)+
        }

        const SINCE: &[(u32, &str, u32, u32)] =
            &[$((ffi::$c_name, $alias, $major, $minor),)+];
    };
}

flags! {
    /// Get the scheme's own port where the URL names none.
    DEFAULT_PORT = CURLU_DEFAULT_PORT, "CURLU_DEFAULT_PORT" since (7, 62);
    /// Leave the port out where it is the scheme's own.
    NO_DEFAULT_PORT = CURLU_NO_DEFAULT_PORT, "CURLU_NO_DEFAULT_PORT" since (7, 62);
    /// Take `https` where no scheme is given.
    DEFAULT_SCHEME = CURLU_DEFAULT_SCHEME, "CURLU_DEFAULT_SCHEME" since (7, 62);
    /// Take schemes that libcurl does not speak.
    NON_SUPPORT_SCHEME = CURLU_NON_SUPPORT_SCHEME, "CURLU_NON_SUPPORT_SCHEME" since (7, 62);
    /// Leave `/../` and `/./` in paths.
    PATH_AS_IS = CURLU_PATH_AS_IS, "CURLU_PATH_AS_IS" since (7, 62);
    /// Refuse a user's name.
    DISALLOW_USER = CURLU_DISALLOW_USER, "CURLU_DISALLOW_USER" since (7, 62);
    /// Decode percent-codes, and in queries `+`. Refused where control codes come out.
    URLDECODE = CURLU_URLDECODE, "CURLU_URLDECODE" since (7, 62);
    /// Percent-code what is set.
    URLENCODE = CURLU_URLENCODE, "CURLU_URLENCODE" since (7, 62);
    /// Append to the query, after `&`, instead of replacing it.
    APPENDQUERY = CURLU_APPENDQUERY, "CURLU_APPENDQUERY" since (7, 62);
    /// Guess the scheme from the host's name where none is given: `ftp.` is FTP; else it is HTTP.
    GUESS_SCHEME = CURLU_GUESS_SCHEME, "CURLU_GUESS_SCHEME" since (7, 62);
    /// Allow an empty host where libcurl does not speak the scheme.
    NO_AUTHORITY = CURLU_NO_AUTHORITY, "CURLU_NO_AUTHORITY" since (7, 67);
    /// Allow spaces, but not in the host's name; they are percent-coded.
    ALLOW_SPACE = CURLU_ALLOW_SPACE, "CURLU_ALLOW_SPACE" since (7, 78);
    /// Get a host's name beyond ASCII in its ASCII form (`xn--…`).
    PUNYCODE = CURLU_PUNYCODE, "CURLU_PUNYCODE" since (7, 88);
    /// Get a host's name in ASCII form (`xn--…`) as the text that it means.
    PUNY2IDN = CURLU_PUNY2IDN, "CURLU_PUNY2IDN" since (8, 3);
    /// Get queries and fragments that are there but empty.
    GET_EMPTY = CURLU_GET_EMPTY, "CURLU_GET_EMPTY" since (8, 8);
    /// Get no scheme that was only guessed.
    NO_GUESS_SCHEME = CURLU_NO_GUESS_SCHEME, "CURLU_NO_GUESS_SCHEME" since (8, 9);
}

impl UrlFlags {
    /// The empty set: RFC 3986 as libcurl reads it.
    pub const NONE: Self = Self(0);

    /// Whether all of `other` are in this set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The bits for libcurl. An old one ignores what it does not know, and would answer wrongly.
    pub(super) fn bits(self) -> Result<u32> {
        if self.0 == 0 {
            return Ok(0);
        }
        let linked = Libcurl::known()?.number();
        for (bit, name, major, minor) in SINCE {
            let since = Version::new(*major, *minor, 0);
            if self.0 & bit != 0 && linked < since {
                return Err(unsupported(name, since));
            }
        }
        Ok(self.0)
    }
}

impl BitOr for UrlFlags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
