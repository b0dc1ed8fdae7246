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
