//! The values of options that are one of several, or a set of several.

use std::ffi::c_long;

use super::kind::{Id, Long, Off};
use crate::error::Result;
use crate::ffi::curl as ffi;

/// One of several values, each a number of libcurl's.
macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $value:ident = $number:literal $(since $since:literal)?,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$of])* $value,)+
        }

        impl Long for $name {
            fn long(self, id: Id) -> Result<c_long> {
                let _ = id;
                match self {
                    $(Self::$value => {
                        $(id.value_since(stringify!($value), $since)?;)?
                        Ok($number)
                    })+
                }
            }
        }
    )+};
}

/// A set, each member a bit of libcurl's.
macro_rules! sets {
    ($($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $value:ident = $bits:expr,)+ })+) => {$(
        $(#[$doc])*
        ///
        /// `|` joins sets.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name(u32);

        impl $name {
            $($(#[$of])* pub const $value: Self = Self($bits);)+

            /// These and those, in a constant.
            #[must_use]
            pub const fn and(self, others: Self) -> Self {
                Self(self.0 | others.0)
            }

            /// Whether all of `others` are among these.
            pub const fn contains(self, others: Self) -> bool {
                self.0 & others.0 == others.0
            }
        }

        impl BitOr for $name {
            type Output = Self;

            fn bitor(self, others: Self) -> Self {
                self.and(others)
            }
        }

        impl Long for $name {
            fn long(self, _: Id) -> Result<c_long> {
                // libcurl takes it for an `unsigned long`, or looks at 32 bits of it.
                Ok(bits(self.0))
            }
        }
    )+};
}

#[cfg(target_pointer_width = "64")]
fn bits(bits: u32) -> c_long {
    bits.into()
}

#[cfg(not(target_pointer_width = "64"))]
fn bits(bits: u32) -> c_long {
    c_long::from_ne_bytes(bits.to_ne_bytes())
}

mod choice;
mod schemes;
mod set;

pub use self::schemes::{SchemeNames, Schemes};
pub use self::{choice::*, set::*};

/// For [`ResumeFromLarge`](crate::curl::option::ResumeFromLarge).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resume {
    /// From this byte on.
    At(u64),
    /// From where the remote file ends (an upload).
    End,
}

impl Off for Resume {
    fn off(self, id: Id) -> Result<ffi::curl_off_t> {
        match self {
            Self::At(byte) => byte.off(id),
            Self::End => Ok(-1),
        }
    }
}

/// A version of TLS, for [`TlsVersions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TlsVersion {
    /// TLS 1.0
    V1_0 = 4,
    /// TLS 1.1
    V1_1 = 5,
    /// TLS 1.2
    V1_2 = 6,
    /// TLS 1.3
    V1_3 = 7,
}

/// For [`SslVersion`](crate::curl::option::SslVersion) and [`ProxySslVersion`](crate::curl::option::ProxySslVersion): libcurl's
/// own bounds, unless these say otherwise.
///
/// ```
/// use ffence::curl::option::{SslVersion, value::{TlsVersion, TlsVersions}};
/// let versions = TlsVersions::new().from(TlsVersion::V1_2).up_to(TlsVersion::V1_3);
/// ffence::curl::Easy::new()?.set(SslVersion(versions))?;
/// # Ok::<(), ffence::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TlsVersions {
    from: Option<TlsVersion>,
    up_to: Option<TlsVersion>,
}

impl TlsVersions {
    /// libcurl's own bounds.
    pub const fn new() -> Self {
        Self { from: None, up_to: None }
    }

    /// This version and newer ones.
    #[must_use]
    pub const fn from(mut self, version: TlsVersion) -> Self {
        self.from = Some(version);
        self
    }

    /// This version and older ones.
    #[must_use]
    pub const fn up_to(mut self, version: TlsVersion) -> Self {
        self.up_to = Some(version);
        self
    }
}

#[cfg(feature = "crypto")]
impl TlsVersion {
    /// Its number on the wire, as OpenSSL has it too: `TLS1_VERSION` …
    pub(in crate::curl) fn wire(self) -> std::ffi::c_int {
        0x0301 + (self as std::ffi::c_int - Self::V1_0 as std::ffi::c_int)
    }
}

#[cfg(feature = "crypto")]
impl TlsVersions {
    pub(in crate::curl) fn bounds(self) -> (Option<TlsVersion>, Option<TlsVersion>) {
        (self.from, self.up_to)
    }
}

impl Long for TlsVersions {
    fn long(self, _: Id) -> Result<c_long> {
        // CURL_SSLVERSION_MAX_… are the same numbers, 16 bits up.
        let number = |version: Option<TlsVersion>| version.map_or(0, |it| it as c_long);
        Ok(number(self.from) | number(self.up_to) << 16)
    }
}
