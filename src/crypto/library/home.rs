//! Which library something was made in, and the order in which both are freed.

use std::ops::Deref;
use std::ptr;

use super::Library;
use crate::ffi::openssl as ffi;
use crate::owned::{CType, Owned};

/// The library that something was made in, kept alive; the default one costs nothing.
#[derive(Clone)]
pub(in crate::crypto) struct Home(Option<Library>);

impl Home {
    /// The library that needs no set-up and is never freed.
    pub(in crate::crypto) const DEFAULT: Self = Self(None);

    /// `None` for the default one.
    #[inline]
    pub(in crate::crypto) fn library(&self) -> Option<&Library> {
        self.0.as_ref()
    }

    /// What C takes for it; NULL stands for the default one.
    #[inline]
    pub(in crate::crypto) fn as_ptr(&self) -> *mut ffi::OSSL_LIB_CTX {
        self.library().map_or(ptr::null_mut(), Library::as_ptr)
    }
}

impl From<&Library> for Home {
    fn from(library: &Library) -> Self {
        Self(Some(library.clone()))
    }
}

/// A C object that was made in a library.
///
/// # Invariants
/// The object is freed before the library can be: fields are dropped in their order.
pub(in crate::crypto) struct Within<T: CType> {
    object: Owned<T>,
    home: Home,
}

impl<T: CType> Within<T> {
    pub(in crate::crypto) fn new(home: &Home, object: Owned<T>) -> Self {
        Self { object, home: home.clone() }
    }

    pub(in crate::crypto) fn home(&self) -> &Home {
        &self.home
    }
}

impl<T: CType> Deref for Within<T> {
    type Target = Owned<T>;

    #[inline]
    fn deref(&self) -> &Owned<T> {
        &self.object
    }
}

#[cfg(test)]
mod tests {
    #![allow(unsafe_code, reason = "a C type of the test's own")]

    use std::cell::RefCell;
    use std::ptr::NonNull;
    use std::sync::{Arc, Weak};

    use super::super::Shared;
    use super::*;

    thread_local! {
        static LIBRARY: RefCell<Weak<Shared>> = const { RefCell::new(Weak::new()) };
        static FREED: RefCell<Vec<bool>> = const { RefCell::new(Vec::new()) };
    }

    struct Probe;

    // SAFETY: the pointers are dangling and never used.
    unsafe impl CType for Probe {
        unsafe fn free(_: NonNull<Self>) {
            let alive = LIBRARY.with_borrow(|library| library.strong_count() > 0);
            FREED.with_borrow_mut(|freed| freed.push(alive));
        }
    }

    /// OpenSSL 3.0 counts references so that the wrong order is seldom seen from outside.
    #[test]
    fn the_object_goes_before_its_library() {
        let library = Library::new().unwrap();
        LIBRARY.set(Arc::downgrade(&library.shared));
        // SAFETY: nothing but `free` above is ever given the pointer.
        let probe = unsafe { Owned::from_raw(NonNull::<Probe>::dangling().as_ptr()) }.unwrap();
        let within = Within::new(&Home::from(&library), probe);
        drop(library);
        drop(within);
        assert_eq!(FREED.take(), [true]);
        assert!(LIBRARY.with_borrow(|library| library.upgrade().is_none()), "and it went after it");
    }
}
