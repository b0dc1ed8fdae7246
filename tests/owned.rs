//! The owner, tested with a C library of a few lines: an object that counts its references and its
//! frees.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};

use ffence::owned::{Borrowed, CType, Frozen, Movable, Owned, UpRef};

/// What an opaque C object looks like from outside: a count of references, and where to report.
struct Widget {
    references: AtomicUsize,
    most: usize,
    freed: &'static AtomicUsize,
}

/// `widget_new`: at most `most` references are counted.
fn widget_new(freed: &'static AtomicUsize, most: usize) -> *mut Widget {
    Box::into_raw(Box::new(Widget { references: AtomicUsize::new(1), most, freed }))
}

// SAFETY: releases what widget_new made.
unsafe impl CType for Widget {
    unsafe fn free(ptr: NonNull<Self>) {
        // SAFETY: the caller owns a reference, so the object is live.
        let widget = unsafe { ptr.as_ref() };
        let freed = widget.freed;
        freed.fetch_add(1, Ordering::SeqCst);
        if widget.references.fetch_sub(1, Ordering::SeqCst) == 1 {
            // SAFETY: that was the last reference to a Box.
            drop(unsafe { Box::from_raw(ptr.as_ptr()) });
        }
    }
}

// SAFETY: atomics only.
unsafe impl Movable for Widget {}
// SAFETY: atomics only.
unsafe impl Frozen for Widget {}
// SAFETY: counts one reference when it answers true.
unsafe impl UpRef for Widget {
    unsafe fn up_ref(ptr: NonNull<Self>) -> bool {
        // SAFETY: the caller vouches for a live object.
        let widget = unsafe { ptr.as_ref() };
        let count = |now| (now < widget.most).then_some(now + 1);
        widget.references.fetch_update(Ordering::SeqCst, Ordering::SeqCst, count).is_ok()
    }
}

fn owner(freed: &'static AtomicUsize, most: usize) -> Owned<Widget> {
    // SAFETY: a fresh object whose reference is handed over.
    unsafe { Owned::from_raw(widget_new(freed, most)) }.unwrap()
}

/// A counter of its own for each test: tests run at the same time.
macro_rules! counter {
    () => {{
        static FREED: AtomicUsize = AtomicUsize::new(0);
        &FREED
    }};
}

fn frees(counter: &AtomicUsize) -> usize {
    counter.load(Ordering::SeqCst)
}

#[test]
fn an_object_is_freed_once() {
    let freed = counter!();
    drop(owner(freed, 1));
    assert_eq!(frees(freed), 1);
}

#[test]
fn an_object_is_freed_once_on_a_panic_too() {
    let freed = counter!();
    let outcome = catch_unwind(|| {
        let _owner = owner(freed, 1);
        panic!("between the constructor and the end");
    });
    assert!(outcome.is_err());
    assert_eq!(frees(freed), 1);
}

#[test]
fn null_is_nothing_to_own() {
    // SAFETY: NULL is allowed.
    assert!(unsafe { Owned::<Widget>::from_raw(std::ptr::null_mut()) }.is_none());
    // SAFETY: NULL is allowed.
    assert!(unsafe { Borrowed::<'_, Widget>::from_raw(std::ptr::null_mut()) }.is_none());
}

#[test]
fn what_is_moved_out_is_the_callers() {
    let freed = counter!();
    let raw = owner(freed, 1).into_raw();
    assert_eq!(frees(freed), 0);
    // SAFETY: the reference that into_raw moved out.
    drop(unsafe { Owned::from_raw(raw) });
    assert_eq!(frees(freed), 1);
}

#[test]
fn each_counted_reference_is_freed() {
    let freed = counter!();
    let first = owner(freed, 3);
    let second = first.try_clone().unwrap();
    let third = second.borrow().retain().unwrap();
    drop(first);
    drop(third);
    assert_eq!(frees(freed), 2);
    drop(second);
    assert_eq!(frees(freed), 3);
}

#[test]
fn a_reference_that_c_refused_to_count_is_not_freed() {
    let freed = counter!();
    let only = owner(freed, 1);
    assert!(only.try_clone().is_none());
    assert!(only.borrow().retain().is_none());
    assert_eq!(frees(freed), 0);
    drop(only);
    assert_eq!(frees(freed), 1);
}

#[test]
fn what_c_took_is_not_freed_here() {
    let freed = counter!();
    let mut taken = std::ptr::null_mut();
    let outcome = owner(freed, 1).give(|raw| {
        taken = raw;
        true
    });
    assert!(outcome.is_ok());
    assert_eq!(frees(freed), 0);
    // SAFETY: the reference that "C" took above.
    drop(unsafe { Owned::from_raw(taken) });
    assert_eq!(frees(freed), 1);
}

#[test]
fn what_c_refused_comes_back() {
    let freed = counter!();
    let back = owner(freed, 1).give(|_| false).unwrap_err();
    assert_eq!(frees(freed), 0);
    drop(back);
    assert_eq!(frees(freed), 1);
}

#[test]
fn a_panic_while_giving_frees_once() {
    let freed = counter!();
    let giving = owner(freed, 1);
    let outcome = catch_unwind(AssertUnwindSafe(|| giving.give(|_| panic!("in the set0 call"))));
    assert!(outcome.is_err());
    assert_eq!(frees(freed), 1);
}

#[test]
fn a_view_is_copied_freely_and_frees_nothing() {
    let freed = counter!();
    let owner = owner(freed, 1);
    let view = owner.borrow();
    let copy = view;
    assert_eq!(view.as_ptr(), copy.as_ptr());
    assert_eq!(frees(freed), 0);
}

#[test]
fn no_owner_costs_no_more_than_null() {
    assert_eq!(size_of::<Option<Owned<Widget>>>(), size_of::<*mut Widget>());
    assert_eq!(size_of::<Option<Borrowed<'_, Widget>>>(), size_of::<*mut Widget>());
}

#[test]
fn debug_shows_the_type_and_no_address() {
    let freed = counter!();
    let owner = owner(freed, 1);
    let shown = format!("{owner:?} {:?}", owner.borrow());
    assert_eq!(shown, "Owned<Widget> Borrowed<Widget>");
}

/// Send and Sync are exactly what the marker traits declare.
mod threads {
    use super::{CType, Frozen, Movable, NonNull, Owned};

    macro_rules! opaque {
        ($name:ident) => {
            struct $name;
            // SAFETY: never constructed.
            unsafe impl CType for $name {
                unsafe fn free(_: NonNull<Self>) {}
            }
        };
    }
    opaque!(Bound);
    opaque!(Moves);
    opaque!(Shares);
    // SAFETY: never constructed.
    unsafe impl Movable for Moves {}
    // SAFETY: never constructed.
    unsafe impl Movable for Shares {}
    // SAFETY: never constructed.
    unsafe impl Frozen for Shares {}

    /// Answers whether `T` implements a trait, by the method that resolution finds first.
    struct Probe<T>(std::marker::PhantomData<T>);
    trait Not {
        const SEND: bool = false;
        const SYNC: bool = false;
    }
    impl<T> Not for Probe<T> {}
    impl<T: Send> Probe<T> {
        const SEND: bool = true;
    }
    impl<T: Sync> Probe<T> {
        const SYNC: bool = true;
    }

    #[test]
    fn a_type_crosses_threads_only_as_it_declares() {
        assert_eq!((Probe::<Owned<Bound>>::SEND, Probe::<Owned<Bound>>::SYNC), (false, false));
        assert_eq!((Probe::<Owned<Moves>>::SEND, Probe::<Owned<Moves>>::SYNC), (true, false));
        assert_eq!((Probe::<Owned<Shares>>::SEND, Probe::<Owned<Shares>>::SYNC), (true, true));
    }
}
