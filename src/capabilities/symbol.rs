//! Functions that are newer than the oldest library that this crate works with: looked up when they
//! are wanted, never linked.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_void};
use std::ptr::NonNull;

/// Looks a function up in the very file that holds `known`, a function that is linked: another copy
/// of the library, which a plug-in may have brought, would not know our objects.
///
/// `None` where the library lacks it, and where the library is a part of this program, which does
/// not export what it holds.
#[cfg(unix)]
pub(crate) fn beside(known: *const c_void, name: &CStr) -> Option<NonNull<c_void>> {
    let library = holder(known)?;
    // SAFETY: dladdr's path is a string of the loader; with NOLOAD nothing is loaded or run.
    let handle = unsafe { libc::dlopen(library, libc::RTLD_NOLOAD | libc::RTLD_LAZY) };
    if handle.is_null() {
        return None;
    }
    // SAFETY: the handle is open, and the name ends in NUL.
    let found = NonNull::new(unsafe { libc::dlsym(handle, name.as_ptr()) });
    // SAFETY: closes what was opened above; the library stays loaded, because we are linked to it.
    unsafe { libc::dlclose(handle) };
    // dlsym also looks into what the library depends on.
    found.filter(|found| holder(found.as_ptr()).is_some_and(|it| it == library))
}

/// The path of the file that holds an address, as the loader keeps it: one string for each file.
#[cfg(unix)]
pub(crate) fn holder(address: *const c_void) -> Option<*const c_char> {
    let mut found = std::mem::MaybeUninit::<libc::Dl_info>::uninit();
    // SAFETY: dladdr(3) looks any address up and fills the struct if it answers non-zero.
    if unsafe { libc::dladdr(address, found.as_mut_ptr()) } == 0 {
        return None;
    }
    // SAFETY: filled, see above.
    Some(unsafe { found.assume_init() }.dli_fname)
}

#[cfg(not(unix))]
pub(crate) fn beside(_: *const c_void, _: &CStr) -> Option<NonNull<c_void>> {
    None
}
