//! Header lines in the form that libcurl takes.

#![allow(unsafe_code)]

use std::ffi::CStr;
use std::ptr;

use crate::error::Result;
use crate::error::libcurl::out_of_memory;
use crate::ffi::curl as ffi;
use crate::owned::Owned;

/// A `curl_slist` that frees itself; empty, it has allocated nothing.
#[derive(Debug, Default)]
pub(crate) struct List {
    head: Option<Owned<ffi::curl_slist>>,
}

impl List {
    /// Appends a copy of `line`.
    ///
    /// [`curl_slist_append`](https://curl.se/libcurl/c/curl_slist_append.html)
    pub(crate) fn append(&mut self, line: &CStr) -> Result<()> {
        // SAFETY: the list is NULL or ours, and the text is copied.
        let head = unsafe { ffi::curl_slist_append(self.as_ptr(), line.as_ptr()) };
        if head.is_null() {
            // curl_slist_append(3): the existing list is left as it was, and it is still ours.
            return Err(out_of_memory("curl_slist_append"));
        }
        if let Some(taken_over) = self.head.take() {
            // What was the list is now a part of the one that was answered.
            let _ = taken_over.into_raw();
        }
        // SAFETY: curl_slist_append(3): the answered list is the caller's to free.
        self.head = unsafe { Owned::from_raw(head) };
        Ok(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.head.is_none()
    }

    /// The list, or NULL when it is empty.
    pub(super) fn as_ptr(&self) -> *mut ffi::curl_slist {
        self.head.as_ref().map_or(ptr::null_mut(), Owned::as_ptr)
    }
}
