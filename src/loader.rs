//! Functions that a library may lack: looked up in the copy that this crate is linked with.

#![allow(unsafe_code)]

use std::ffi::c_void;
#[cfg(any(feature = "crypto", feature = "http"))]
use std::{ffi::CStr, ptr::NonNull};

/// The address of `name` in the very library that holds `ours`.
///
/// Another copy of the library, which a plug-in or another library may have brought, would not know
/// our objects: it is not asked. `None` also where the program holds the library itself, because a
/// program does not export what is linked into it.
#[cfg(all(unix, any(feature = "crypto", feature = "http")))]
pub(crate) fn symbol(ours: *const c_void, name: &CStr) -> Option<NonNull<c_void>> {
    let library = holder(ours)?;
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
#[cfg(all(unix, any(feature = "crypto", feature = "http")))]
pub(crate) fn holder(address: *const c_void) -> Option<*const std::ffi::c_char> {
    Some(object(address)?.dli_fname)
}

/// Where the file begins that holds an address.
#[cfg(unix)]
pub(crate) fn start(address: *const c_void) -> Option<*mut c_void> {
    Some(object(address)?.dli_fbase)
}

#[cfg(unix)]
fn object(address: *const c_void) -> Option<libc::Dl_info> {
    let mut found = std::mem::MaybeUninit::<libc::Dl_info>::uninit();
    // SAFETY: dladdr(3) looks any address up and fills the struct if it answers non-zero.
    if unsafe { libc::dladdr(address, found.as_mut_ptr()) } == 0 {
        return None;
    }
    // SAFETY: filled, see above.
    Some(unsafe { found.assume_init() })
}

#[cfg(not(unix))]
pub(crate) fn symbol(_: *const c_void, _: &CStr) -> Option<NonNull<c_void>> {
    None
}
