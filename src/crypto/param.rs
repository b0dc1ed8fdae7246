//! Parameters for OpenSSL's providers: an array of [`Param`]s that ends with [`Param::end`].
//!
//! They are built on the stack and hold pointers; the lifetime keeps what they point to alive.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_uint};
use std::marker::PhantomData;
use std::ptr;

use crate::ffi::openssl as ffi;

/// One parameter: its name, and where its value is read or written.
#[repr(transparent)]
pub(super) struct Param<'a> {
    raw: ffi::OSSL_PARAM,
    value: PhantomData<&'a mut [u8]>,
}

impl<'a> Param<'a> {
    /// Bytes that C reads or writes.
    #[inline]
    pub(super) fn octets(name: &'static CStr, value: &'a mut [u8]) -> Self {
        Self::of(name, ffi::OSSL_PARAM_OCTET_STRING, value.as_mut_ptr(), value.len())
    }

    /// Bytes that C only reads.
    #[inline]
    pub(super) fn bytes(name: &'static CStr, value: &'a [u8]) -> Self {
        Self::of(name, ffi::OSSL_PARAM_OCTET_STRING, value.as_ptr().cast_mut(), value.len())
    }

    /// Text that C only reads.
    #[inline]
    pub(super) fn text(name: &'static CStr, value: &'a CStr) -> Self {
        let len = value.to_bytes().len();
        Self::of(name, ffi::OSSL_PARAM_UTF8_STRING, value.as_ptr().cast_mut().cast(), len)
    }

    /// A number that C reads or writes.
    #[inline]
    pub(super) fn uint(name: &'static CStr, value: &'a mut c_uint) -> Self {
        let value = ptr::from_mut(value).cast();
        Self::of(name, ffi::OSSL_PARAM_UNSIGNED_INTEGER, value, size_of::<c_uint>())
    }

    /// A number of 64 bits that C reads or writes.
    #[inline]
    pub(super) fn uint64(name: &'static CStr, value: &'a mut u64) -> Self {
        let value = ptr::from_mut(value).cast();
        Self::of(name, ffi::OSSL_PARAM_UNSIGNED_INTEGER, value, size_of::<u64>())
    }

    /// A `size_t`.
    #[inline]
    pub(super) fn size(name: &'static CStr, value: &'a mut usize) -> Self {
        let len = size_of::<usize>();
        Self::of(name, ffi::OSSL_PARAM_UNSIGNED_INTEGER, ptr::from_mut(value).cast(), len)
    }

    /// As many octets as `len`, without their value.
    #[inline]
    pub(super) fn room(name: &'static CStr, len: usize) -> Self {
        Self::of(name, ffi::OSSL_PARAM_OCTET_STRING, ptr::null_mut(), len)
    }

    /// The mark behind the last parameter.
    #[inline]
    pub(super) fn end() -> Self {
        Self::raw(ptr::null(), 0, ptr::null_mut(), 0)
    }

    /// How many bytes the value has.
    pub(super) fn len(&self) -> usize {
        self.raw.data_size
    }

    /// Whether this is the mark behind the last parameter.
    pub(super) fn is_end(&self) -> bool {
        self.raw.key.is_null()
    }

    /// How many bytes C wrote.
    #[inline]
    pub(super) fn returned(&self) -> usize {
        self.raw.return_size
    }

    #[inline]
    fn of(name: &'static CStr, kind: u32, data: *mut u8, len: usize) -> Self {
        Self::raw(name.as_ptr(), kind, data, len)
    }

    #[inline]
    fn raw(key: *const std::ffi::c_char, data_type: u32, data: *mut u8, data_size: usize) -> Self {
        Self {
            raw: ffi::OSSL_PARAM { key, data_type, data: data.cast(), data_size, return_size: 0 },
            value: PhantomData,
        }
    }
}
