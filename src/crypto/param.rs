//! Parameters for OpenSSL's providers: an array of [`Param`]s that ends with [`Param::end`].
//!
//! They are built on the stack and hold pointers; the lifetime keeps what they point to alive.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_uint};
use std::marker::PhantomData;
use std::ptr;

use crate::ffi::openssl as ffi;

/// One parameter and the end mark, kept from call to call: building them is a tenth of what this
/// crate adds to a small message.
pub(super) struct Reused([ffi::OSSL_PARAM; 2]);

// SAFETY: it points to a static name, and what the other pointer was for is over with each call.
unsafe impl Send for Reused {}

impl Reused {
    /// Bytes that C reads or writes.
    pub(super) fn octets(name: &'static CStr) -> Self {
        Self([Param::room(name, 0).raw, Param::end().raw])
    }

    /// What `call` returns for parameters that point to `value`, and how many bytes C wrote there.
    #[inline]
    pub(super) fn pointing_to<R>(
        &mut self,
        value: &mut [u8],
        call: impl FnOnce(*mut ffi::OSSL_PARAM) -> R,
    ) -> (R, usize) {
        self.0[0].data = value.as_mut_ptr().cast();
        self.0[0].data_size = value.len();
        self.0[0].return_size = 0;
        let returned = call(self.0.as_mut_ptr());
        (returned, self.0[0].return_size)
    }
}

/// One parameter: its name, and where its value is read or written.
#[repr(transparent)]
pub(super) struct Param<'a> {
    raw: ffi::OSSL_PARAM,
    value: PhantomData<&'a mut [u8]>,
}

impl<'a> Param<'a> {
    /// A length that C reads or writes.
    #[inline]
    pub(super) fn size(name: &'static CStr, value: &'a mut usize) -> Self {
        let len = size_of_val(value);
        Self::of(name, ffi::OSSL_PARAM_UNSIGNED_INTEGER, ptr::from_mut(value).cast(), len)
    }

    /// As many octets as `len`, without their value.
    #[inline]
    pub(super) fn room(name: &'static CStr, len: usize) -> Self {
        Self::of(name, ffi::OSSL_PARAM_OCTET_STRING, ptr::null_mut(), len)
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
