//! One owner for every pointer that C hands out.
//!
//! [`Owned<T>`] frees its pointer exactly once, by the one function that `T`'s [`CType`] names;
//! [`Borrowed<'_, T>`](Borrowed) never frees. What may cross threads is opt-in, one marker trait a
//! promise: [`Movable`] gives `Send`, [`Frozen`] gives `Sync`, [`UpRef`] gives a checked
//! [`try_clone`](Owned::try_clone). A type that says nothing stays on its thread.
//!
//! This module knows no library. The domain types of this crate hold an `Owned` inside and never
//! show it; it is public because it is just as useful around a C library of your own.
//!
//! ```
//! use ffence::owned::{CType, Owned};
//! use std::ptr::NonNull;
//!
//! // What bindgen would write for an opaque C type with `widget_new` and `widget_free`.
//! #[repr(C)]
//! pub struct widget(u8);
//! # unsafe extern "C" fn widget_new() -> *mut widget { Box::into_raw(Box::new(widget(7))) }
//! # unsafe extern "C" fn widget_free(ptr: *mut widget) { drop(unsafe { Box::from_raw(ptr) }) }
//!
//! // SAFETY: widget_free releases what widget_new made, and nothing else does.
//! unsafe impl CType for widget {
//!     unsafe fn free(ptr: NonNull<Self>) {
//!         // SAFETY: `Owned` passes each pointer here once.
//!         unsafe { widget_free(ptr.as_ptr()) }
//!     }
//! }
//!
//! // SAFETY: widget_new answers NULL or a pointer that is ours.
//! let owner = unsafe { Owned::from_raw(widget_new()) };
//! assert!(owner.is_some()); // freed here, once
//! ```

#![allow(unsafe_code)]

use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

/// A C type that is freed by one function.
///
/// # Safety
/// [`free`](CType::free) must be the function that the C library names for a `T` obtained from its
/// constructors, must accept every such pointer, and must not unwind.
pub unsafe trait CType: Sized {
    /// Gives one reference to the object back to C.
    ///
    /// # Safety
    /// `ptr` came from the C library, the caller holds one reference to it, and it is not used
    /// afterwards through that reference.
    unsafe fn free(ptr: NonNull<Self>);
}

/// A C type that may be used, and freed, on another thread than the one that made it.
///
/// # Safety
/// The C library must not tie the object to a thread (no thread-local state, no thread id inside).
pub unsafe trait Movable: CType {}

/// A C type whose objects, once built, several threads may use at the same time.
///
/// # Safety
/// Every function that the holder calls on a shared object must be documented as safe for
/// simultaneous use; mutation ends before the object is shared.
pub unsafe trait Frozen: Movable {}

/// A reference-counted C type.
///
/// # Safety
/// When [`up_ref`](UpRef::up_ref) answers `true`, one more [`CType::free`] is owed, and the count
/// is safe to change from several threads.
pub unsafe trait UpRef: Frozen {
    /// Adds a reference; `false` when the C library refused.
    ///
    /// # Safety
    /// `ptr` points to a live object.
    unsafe fn up_ref(ptr: NonNull<Self>) -> bool;
}

/// The one owner of an object that C allocated.
///
/// # Invariants
/// The pointer is live, and exactly one reference to the object belongs to this value.
///
/// `Option<Owned<T>>` is as large as a pointer.
///
/// A second free does not compile:
/// ```compile_fail,E0382
/// # use ffence::owned::{CType, Owned};
/// fn twice<T: CType>(owner: Owned<T>) {
///     drop(owner);
///     drop(owner); // use of moved value
/// }
/// ```
/// nor does a move to another thread of a type that never promised [`Movable`]:
/// ```compile_fail,E0277
/// # use ffence::owned::{CType, Owned};
/// fn needs_send<T: Send>(_: T) {}
/// fn elsewhere<T: CType>(owner: Owned<T>) {
///     needs_send(owner); // `T` cannot be sent between threads safely
/// }
/// ```
#[repr(transparent)]
pub struct Owned<T: CType> {
    ptr: NonNull<T>,
}

impl<T: CType> Owned<T> {
    /// Takes the reference that a C constructor just returned; `None` for NULL.
    ///
    /// # Safety
    /// `ptr` is NULL, or the caller owns one reference to the object behind it and hands it over.
    #[must_use]
    pub unsafe fn from_raw(ptr: *mut T) -> Option<Self> {
        NonNull::new(ptr).map(|ptr| Self { ptr })
    }

    /// Lends the pointer; it stays owned here and must not be freed.
    pub fn as_ptr(&self) -> *mut T {
        self.ptr.as_ptr()
    }

    /// Moves the reference out: the caller now owes the free.
    #[must_use = "the object leaks unless the pointer is freed"]
    pub fn into_raw(self) -> *mut T {
        ManuallyDrop::new(self).ptr.as_ptr()
    }

    /// A view that cannot outlive this owner.
    pub fn borrow(&self) -> Borrowed<'_, T> {
        Borrowed { ptr: self.ptr, owner: PhantomData }
    }

    /// Offers the reference to a C function of the `set0` kind, which takes it only if it succeeds.
    ///
    /// `take` calls the function and tells whether it succeeded. If it did not, or if `take`
    /// panics, the reference is still owned on this side.
    ///
    /// # Errors
    /// The owner itself, when C refused.
    pub fn give(self, take: impl FnOnce(*mut T) -> bool) -> Result<(), Self> {
        if take(self.as_ptr()) {
            std::mem::forget(self);
            Ok(())
        } else {
            Err(self)
        }
    }
}

impl<T: UpRef> Owned<T> {
    /// Another reference to the same object; `None` when the C library could not count it.
    #[must_use]
    pub fn try_clone(&self) -> Option<Self> {
        // SAFETY: the invariant keeps the object alive, and `UpRef` counts only on success.
        let counted = unsafe { T::up_ref(self.ptr) };
        // Lazily: an owner that is made and dropped would free a reference that was never counted.
        counted.then(|| Self { ptr: self.ptr })
    }
}

impl<T: CType> Drop for Owned<T> {
    fn drop(&mut self) {
        #[cfg(ffence_deliberate_bug)]
        if !deliberate::before_free(self.ptr) {
            return;
        }
        // SAFETY: the invariant makes this the last use of the one reference held here.
        unsafe { T::free(self.ptr) }
    }
}

impl<T: CType> fmt::Debug for Owned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = std::any::type_name::<T>().rsplit("::").next();
        write!(f, "Owned<{}>", name.unwrap_or_default())
    }
}

// SAFETY: `Movable` promises that the object is not tied to a thread.
unsafe impl<T: Movable> Send for Owned<T> {}

// SAFETY: `Frozen` promises that a built object may be used by several threads at once.
unsafe impl<T: Frozen> Sync for Owned<T> {}

/// A C object that somebody else owns, for as long as `'a`.
///
/// It cannot outlive its owner:
/// ```compile_fail,E0505
/// # use ffence::owned::{CType, Owned};
/// fn stale<T: CType>(owner: Owned<T>) {
///     let view = owner.borrow();
///     drop(owner); // cannot move out of `owner` because it is borrowed
///     view.as_ptr();
/// }
/// ```
#[repr(transparent)]
pub struct Borrowed<'a, T> {
    ptr: NonNull<T>,
    owner: PhantomData<&'a *mut T>,
}

impl<T> Borrowed<'_, T> {
    /// Takes a pointer that a C function of the `get0` kind returned; `None` for NULL.
    ///
    /// # Safety
    /// `ptr` is NULL or stays valid for `'a`, the life of what it was taken from.
    #[must_use]
    pub unsafe fn from_raw(ptr: *mut T) -> Option<Self> {
        NonNull::new(ptr).map(|ptr| Self { ptr, owner: PhantomData })
    }

    /// Lends the pointer; it must not be freed.
    pub fn as_ptr(&self) -> *mut T {
        self.ptr.as_ptr()
    }
}

impl<T: UpRef> Borrowed<'_, T> {
    /// A reference of its own to the object; `None` when the C library could not count it.
    #[must_use]
    pub fn retain(&self) -> Option<Owned<T>> {
        // SAFETY: `'a` keeps the object alive, and `UpRef` counts only on success.
        let counted = unsafe { T::up_ref(self.ptr) };
        // Lazily: an owner that is made and dropped would free a reference that was never counted.
        counted.then(|| Owned { ptr: self.ptr })
    }
}

// By hand: a derive would ask for `T: Copy`, and no opaque C type is.
impl<T> Clone for Borrowed<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Borrowed<'_, T> {}

impl<T> fmt::Debug for Borrowed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = std::any::type_name::<T>().rsplit("::").next();
        write!(f, "Borrowed<{}>", name.unwrap_or_default())
    }
}

/// The faults that `--cfg ffence_deliberate_bug` builds in, to prove that the sanitizers see them.
#[cfg(ffence_deliberate_bug)]
mod deliberate {
    use super::CType;
    use std::ptr::NonNull;

    /// Commits the fault that `FFENCE_DELIBERATE_BUG` names; `false` when the free must not happen.
    pub(super) fn before_free<T: CType>(ptr: NonNull<T>) -> bool {
        match std::env::var("FFENCE_DELIBERATE_BUG").as_deref() {
            Ok("double_free") => {
                // SAFETY: none, on purpose: the caller frees again.
                unsafe { T::free(ptr) };
                true
            }
            Ok("leak") => false,
            _ => true,
        }
    }
}
