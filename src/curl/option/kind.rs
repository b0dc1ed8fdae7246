//! The kinds of values, and how each goes to libcurl.

use std::ffi::{CStr, c_long};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::capabilities::Version;
use crate::curl::handle::Handle;
use crate::curl::list::List;
use crate::curl::newer;
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::curl as ffi;

/// What every option's setter knows of it.
#[derive(Clone, Copy)]
pub(crate) struct Id {
    pub(crate) name: &'static str,
    pub(crate) number: ffi::CURLoption,
    pub(crate) since: Version,
}

/// The oldest libcurl that this crate works with: what it has needs no question.
const FLOOR: Version = Version::new(7, 76, 0);

const fn older_or_same(since: Version, than: Version) -> bool {
    since.major < than.major
        || since.major == than.major
            && (since.minor < than.minor || since.minor == than.minor && since.patch <= than.patch)
}

impl Id {
    /// Whether the linked libcurl is new enough.
    #[inline]
    pub(super) fn available(self) -> Result<()> {
        if older_or_same(self.since, FLOOR) {
            Ok(())
        } else {
            newer::require(self.name, self.since)
        }
    }

    /// The same for one of its values.
    pub(super) fn value_since(self, value: &str, since: &str) -> Result<()> {
        newer::require(&format!("{value} of {}", self.name), Version::read(since))
    }

    #[cold]
    pub(super) fn out_of_range(self, value: impl std::fmt::Display) -> Error {
        Error::ours(ErrorKind::Parameter, format!("{} cannot be {value}", self.name))
    }
}

/// A value that libcurl takes as a `long`.
pub(super) trait Long {
    fn long(self, id: Id) -> Result<c_long>;
}

impl Long for bool {
    #[inline]
    fn long(self, _: Id) -> Result<c_long> {
        Ok(c_long::from(self))
    }
}

impl Long for u16 {
    #[inline]
    fn long(self, _: Id) -> Result<c_long> {
        Ok(c_long::from(self))
    }
}

impl Long for u32 {
    /// libcurl keeps most of them in an `int`.
    #[inline]
    fn long(self, id: Id) -> Result<c_long> {
        i32::try_from(self).map(c_long::from).map_err(|_| id.out_of_range(self))
    }
}

/// `None` is -1: any number, or unknown.
impl Long for Option<u32> {
    fn long(self, id: Id) -> Result<c_long> {
        self.map_or(Ok(-1), |number| number.long(id))
    }
}

/// `None` is -1: for ever.
impl Long for Option<Duration> {
    fn long(self, id: Id) -> Result<c_long> {
        self.map_or(Ok(-1), |time| duration(id, time, Duration::from_secs(1)))
    }
}

/// A length of time that libcurl counts in `unit`s, rounded up, so that a short one is not none.
pub(super) fn duration(id: Id, value: Duration, unit: Duration) -> Result<c_long> {
    let units = value.as_nanos().div_ceil(unit.as_nanos());
    i32::try_from(units)
        .map(c_long::from)
        .map_err(|_| id.out_of_range(format_args!("{} seconds", value.as_secs())))
}

/// A value that libcurl takes as a `curl_off_t`.
pub(super) trait Off {
    fn off(self, id: Id) -> Result<ffi::curl_off_t>;
}

impl Off for u64 {
    fn off(self, id: Id) -> Result<ffi::curl_off_t> {
        ffi::curl_off_t::try_from(self).map_err(|_| id.out_of_range(self))
    }
}

impl Off for i64 {
    fn off(self, _: Id) -> Result<ffi::curl_off_t> {
        Ok(self)
    }
}

/// `None` is -1: unknown.
impl Off for Option<u64> {
    fn off(self, id: Id) -> Result<ffi::curl_off_t> {
        self.map_or(Ok(-1), |number| number.off(id))
    }
}

pub(super) fn set_long(handle: &mut Handle, id: Id, value: c_long) -> Result<()> {
    id.available()?;
    handle.set_long(id.number, id.name, value)
}

pub(super) fn set_off(handle: &mut Handle, id: Id, value: ffi::curl_off_t) -> Result<()> {
    id.available()?;
    handle.set_off(id.number, id.name, value)
}

pub(super) fn set_text(handle: &mut Handle, id: Id, value: Option<&[u8]>) -> Result<()> {
    id.available()?;
    handle.set_text(id.number, id.name, value)
}

/// Text that becomes a part of a line: a break would begin another one.
pub(super) fn set_line(handle: &mut Handle, id: Id, value: Option<&[u8]>) -> Result<()> {
    if value.is_some_and(|text| text.iter().any(|byte| matches!(byte, b'\r' | b'\n'))) {
        return Err(Error::ours(
            ErrorKind::Parameter,
            format!("{} cannot hold a line break", id.name),
        ));
    }
    set_text(handle, id, value)
}

/// Text of which no copy is left here.
pub(super) fn set_secret(handle: &mut Handle, id: Id, value: Option<&[u8]>) -> Result<()> {
    let outcome = set_line(handle, id, value);
    handle.wipe_scratch();
    outcome
}

pub(super) fn set_list(handle: &mut Handle, id: Id, value: List) -> Result<()> {
    id.available()?;
    handle.set_list(id.number, id.name, value)
}

pub(super) fn set_blob(handle: &mut Handle, id: Id, value: &[u8]) -> Result<()> {
    id.available()?;
    handle.set_blob(id.number, id.name, value)
}

/// A value of the text kind: text, a path, or `None`, which takes the option back.
///
/// libcurl copies it.
pub trait Text {
    #[doc(hidden)]
    fn text(&self) -> Option<&[u8]>;
}

macro_rules! text {
    ($($of:ty: $self:ident => $bytes:expr;)+) => {$(
        impl Text for $of {
            fn text(&self) -> Option<&[u8]> {
                let $self = self;
                Some($bytes)
            }
        }
    )+};
}

text! {
    str: text => text.as_bytes();
    String: text => text.as_bytes();
    CStr: text => text.to_bytes();
    Path: path => path.as_os_str().as_encoded_bytes();
    PathBuf: path => path.as_os_str().as_encoded_bytes();
}

impl<T: Text + ?Sized> Text for &T {
    fn text(&self) -> Option<&[u8]> {
        (**self).text()
    }
}

impl<T: Text> Text for Option<T> {
    fn text(&self) -> Option<&[u8]> {
        self.as_ref()?.text()
    }
}
