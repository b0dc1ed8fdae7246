//! The certificates of a peer.

#![allow(unsafe_code)]

use std::ffi::CStr;
use std::fmt;
use std::marker::PhantomData;
use std::slice;

use crate::curl::list::Lines;
use crate::ffi::curl as ffi;

/// The certificates that the peer showed, its own first.
#[derive(Clone, Copy)]
pub struct CertificateChain<'a> {
    lists: &'a [*mut ffi::curl_slist],
}

impl<'a> CertificateChain<'a> {
    /// # Safety
    /// `info` is NULL, or what `CURLINFO_CERTINFO` answered of a handle that `'a` borrows.
    pub(super) unsafe fn from_raw(info: *const ffi::curl_certinfo) -> Self {
        if info.is_null() {
            return Self { lists: &[] };
        }
        // SAFETY: as the caller promises.
        let info = unsafe { &*info };
        let len = usize::try_from(info.num_of_certs).unwrap_or_default();
        if len == 0 || info.certinfo.is_null() {
            return Self { lists: &[] };
        }
        // SAFETY: CURLINFO_CERTINFO(3): an array of as many lists, which the handle owns.
        Self { lists: unsafe { slice::from_raw_parts(info.certinfo, len) } }
    }

    /// How many certificates there are.
    pub fn len(self) -> usize {
        self.lists.len()
    }

    /// There are none: `CertInfo` was off, or there was no handshake.
    pub fn is_empty(self) -> bool {
        self.lists.is_empty()
    }

    /// One certificate after the other.
    pub fn iter(self) -> impl Iterator<Item = Certificate<'a>> {
        self.lists.iter().map(|list| Certificate { list: *list, chain: PhantomData })
    }
}

impl fmt::Debug for CertificateChain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// What libcurl tells of one certificate: lines such as `Subject:CN = example.org`.
#[derive(Clone, Copy)]
pub struct Certificate<'a> {
    list: *const ffi::curl_slist,
    chain: PhantomData<CertificateChain<'a>>,
}

impl<'a> Certificate<'a> {
    /// The lines.
    pub fn lines(self) -> Lines<'a> {
        // SAFETY: a list of the handle, which `'a` borrows.
        unsafe { Lines::from_raw(self.list) }
    }

    /// What stands behind `name` and a colon: `Subject`, `Issuer`, `Start date`, `Expire date`,
    /// `Public Key Algorithm`, …
    pub fn field(self, name: &str) -> Option<&'a [u8]> {
        self.lines().find_map(|line: &'a CStr| {
            line.to_bytes().strip_prefix(name.as_bytes())?.strip_prefix(b":")
        })
    }

    /// The certificate in PEM.
    pub fn pem(self) -> Option<&'a [u8]> {
        self.field("Cert")
    }
}

impl fmt::Debug for Certificate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.lines()).finish()
    }
}
