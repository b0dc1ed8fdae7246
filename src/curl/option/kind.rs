//! The kinds of values, and how each goes to libcurl.

use std::ffi::{CStr, c_long};
use std::path::Path;
use std::time::Duration;

use crate::capabilities::{Libcurl, Version};
use crate::curl::handle::Handle;
use crate::curl::list::List;
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

/// Reads `7.80.0` when the crate is compiled.
pub(super) const fn version(text: &str) -> Version {
    let text = text.as_bytes();
    let mut numbers = [0_u32; 3];
    let (mut at, mut number) = (0, 0);
    while at < text.len() {
        if text[at] == b'.' {
            number += 1;
        } else {
            numbers[number] = numbers[number] * 10 + (text[at] - b'0') as u32;
        }
        at += 1;
    }
    Version::new(numbers[0], numbers[1], numbers[2])
}

impl Id {
    /// Whether the linked libcurl is new enough.
    #[inline]
    pub(super) fn available(self) -> Result<()> {
        if self.in_floor() { Ok(()) } else { self.asked() }
    }

    const fn in_floor(self) -> bool {
        let (since, floor) = (self.since, FLOOR);
        since.major < floor.major
            || since.major == floor.major
                && (since.minor < floor.minor
                    || since.minor == floor.minor && since.patch <= floor.patch)
    }

    #[cold]
    fn asked(self) -> Result<()> {
        let linked = Libcurl::known()?;
        if linked.number() >= self.since {
            return Ok(());
        }
        let Version { major, minor, patch, .. } = self.since;
        Err(Error::ours(
            ErrorKind::Unsupported,
            format!(
                "{} came with libcurl {major}.{minor}.{patch}; this one is {}",
                self.name,
                linked.version()
            ),
        ))
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

/// A length of time that libcurl counts in `unit`s, rounded up, so that a short one is not none.
pub(super) fn duration(id: Id, value: Duration, unit: Duration) -> Result<c_long> {
    let units = value.as_nanos().div_ceil(unit.as_nanos());
    i32::try_from(units)
        .map(c_long::from)
        .map_err(|_| id.out_of_range(format_args!("{} seconds", value.as_secs())))
}

pub(super) fn set_long(handle: &mut Handle, id: Id, value: c_long) -> Result<()> {
    id.available()?;
    handle.set_long(id.number, id.name, value)
}

pub(super) fn set_off(handle: &mut Handle, id: Id, value: u64) -> Result<()> {
    id.available()?;
    let value = ffi::curl_off_t::try_from(value).map_err(|_| id.out_of_range(value))?;
    handle.set_off(id.number, id.name, value)
}

pub(super) fn set_text(handle: &mut Handle, id: Id, value: &impl Text) -> Result<()> {
    id.available()?;
    handle.set_text(id.number, id.name, value.text())
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
