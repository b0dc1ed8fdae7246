//! Lines in the form that libcurl takes.

#![allow(unsafe_code)]

use std::ffi::CStr;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::{self, NonNull};

use crate::cstr::{copied, lend};
use crate::error::libcurl::out_of_memory;
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::curl as ffi;
use crate::init;
use crate::owned::Owned;

/// A list of lines, such as a request's headers; empty, it has allocated nothing.
///
/// A handle that it is set on owns it from then on.
///
/// ```
/// use ffence::curl::{Easy, List, option};
///
/// let mut headers = List::new();
/// headers.push("Accept: text/plain")?;
/// headers.push("X-Id: 7")?;
/// assert_eq!(headers.iter().count(), 2);
/// Easy::new()?.set(option::HttpHeader(headers))?;
/// # Ok::<(), ffence::Error>(())
/// ```
#[doc(alias = "curl_slist")]
#[derive(Default)]
pub struct List {
    head: Option<Owned<ffi::curl_slist>>,
    /// The last node, so that appending does not walk through the list.
    last: Option<NonNull<ffi::curl_slist>>,
}

// SAFETY: a list is plain memory; `last` points into what `head` owns.
unsafe impl Send for List {}

impl List {
    /// No lines.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a copy of `line`.
    ///
    /// [`curl_slist_append`](https://curl.se/libcurl/c/curl_slist_append.html)
    ///
    /// # Errors
    /// [`ErrorKind::InteriorNul`]; [`ErrorKind::Parameter`] for a line that holds a line break, which
    /// would become another line on the wire; [`ErrorKind::OutOfMemory`].
    #[doc(alias = "curl_slist_append")]
    pub fn push(&mut self, line: &str) -> Result<()> {
        if line.contains(['\r', '\n']) {
            return Err(Error::ours(ErrorKind::Parameter, "a line of a list holds a line break"));
        }
        self.append(&lend(copied(line.as_bytes())?, "a line of a list")?)
    }

    /// Appends a copy of `line`, which the caller has looked at.
    pub(crate) fn append(&mut self, line: &CStr) -> Result<()> {
        // The first use of libcurl, maybe: what it allocates before `Init::libcurl_memory` must not
        // be freed after it.
        init::libcurl::ready()?;
        let end = self.last.map_or(ptr::null_mut(), NonNull::as_ptr);
        // SAFETY: NULL, or the last node of our list: curl_slist_append(3) walks from there to the
        // end. The text is copied.
        let answer = unsafe { ffi::curl_slist_append(end, line.as_ptr()) };
        let Some(answer) = NonNull::new(answer) else {
            // The existing list is left as it was.
            return Err(out_of_memory("curl_slist_append"));
        };
        if self.head.is_none() {
            // SAFETY: the first call makes the list, which is the caller's to free.
            self.head = unsafe { Owned::from_raw(answer.as_ptr()) };
            self.last = self.head.as_ref().and_then(|head| NonNull::new(head.as_ptr()));
            return Ok(());
        }
        // SAFETY: the call answered the node that it was given, to which it linked the new one.
        let next = unsafe { (*answer.as_ptr()).next };
        self.last = NonNull::new(next);
        Ok(())
    }

    /// The lines.
    pub fn iter(&self) -> Lines<'_> {
        Lines { next: self.as_ptr(), list: PhantomData }
    }

    /// Whether there are no lines.
    pub fn is_empty(&self) -> bool {
        self.head.is_none()
    }

    /// Takes a list that libcurl hands out.
    ///
    /// # Safety
    /// `head` is NULL, or a list that the caller owns and hands over.
    pub(super) unsafe fn from_raw(head: *mut ffi::curl_slist) -> Self {
        // SAFETY: as the caller promises.
        let head = unsafe { Owned::from_raw(head) };
        // Where it ends is not known; curl_slist_append finds out.
        let last = head.as_ref().and_then(|head| NonNull::new(head.as_ptr()));
        Self { head, last }
    }

    /// The list, or NULL when it is empty; it is the caller's to free.
    pub(super) fn into_raw(mut self) -> *mut ffi::curl_slist {
        self.head.take().map_or(ptr::null_mut(), Owned::into_raw)
    }

    /// The list, or NULL when it is empty.
    pub(super) fn as_ptr(&self) -> *mut ffi::curl_slist {
        self.head.as_ref().map_or(ptr::null_mut(), Owned::as_ptr)
    }
}

impl<'a> IntoIterator for &'a List {
    type Item = &'a CStr;
    type IntoIter = Lines<'a>;

    fn into_iter(self) -> Lines<'a> {
        self.iter()
    }
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl Lines<'_> {
    /// # Safety
    /// `list` is NULL or a list that does not change for the lifetime.
    pub(super) unsafe fn from_raw(list: *const ffi::curl_slist) -> Self {
        Self { next: list, list: PhantomData }
    }
}

/// The lines of a [`List`].
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    next: *const ffi::curl_slist,
    list: PhantomData<&'a List>,
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a CStr;

    fn next(&mut self) -> Option<&'a CStr> {
        if self.next.is_null() {
            return None;
        }
        // SAFETY: a node of a list that is borrowed for `'a`.
        let node = unsafe { &*self.next };
        self.next = node.next;
        if node.data.is_null() {
            return Some(c"");
        }
        // SAFETY: curl_slist_append(3) stores text that ends in NUL.
        Some(unsafe { CStr::from_ptr(node.data) })
    }
}
