//! The C fixtures, bound as anybody binds a C library with `ffence`'s owners: the `unsafe` is here,
//! and what the twins are given is safe. A fixture that is missing fails to link.

#![allow(unsafe_code)]

mod asker;
mod bell;
mod bytes;
mod frame;
mod sigpipe;

pub use asker::ask;
pub use bell::Bell;
pub use bytes::{Bytes, HzBytes, byte_at, bytes, exceeds, fill, release, strlen};
pub use frame::{lend, lend_elsewhere, overwrite_stack};
pub use sigpipe::{sigpipe_default, sigpipe_ignored};

use std::ffi::{CStr, c_char, c_int, c_void};
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::ptr::{self, NonNull};

use ffence::owned::{Borrowed, CType, Movable, Owned};
use ffence::unwind::{Panic, Slot, guard};

/// The declarations of `csrc/hazard/*.h`.
mod raw {
    #![allow(non_camel_case_types)] // the names of C

    use super::{c_char, c_int, c_void};

    #[repr(C)]
    pub struct hz_box([u8; 0]);
    #[repr(C)]
    pub struct hz_keeper([u8; 0]);
    #[repr(C)]
    pub struct hz_walker([u8; 0]);
    #[repr(C)]
    pub(super) struct hz_text_list {
        pub(super) items: *const *const c_char,
        pub(super) count: usize,
    }
    pub(super) type hz_visit = unsafe extern "C" fn(user: *mut c_void, step: usize) -> c_int;

    pub(super) const HZ_OK: c_int = 0;
    pub(super) const HZ_STOPPED: c_int = 1;

    unsafe extern "C" {
        pub(super) fn hz_box_new(label: *const c_char) -> *mut hz_box;
        pub(super) fn hz_box_free(it: *mut hz_box);
        pub(super) fn hz_box_first(it: *const hz_box) -> c_int;
        pub(super) safe fn hz_box_live() -> usize;

        pub(super) fn hz_text_length(text: *const c_char) -> usize;
        pub(super) fn hz_text_total(list: *const hz_text_list) -> usize;

        pub(super) safe fn hz_keeper_new() -> *mut hz_keeper;
        pub(super) fn hz_keeper_free(it: *mut hz_keeper);
        pub(super) fn hz_keeper_keep(it: *mut hz_keeper, bytes: *const u8);
        pub(super) fn hz_keeper_first(it: *const hz_keeper) -> c_int;

        pub(super) safe fn hz_walker_new() -> *mut hz_walker;
        pub(super) fn hz_walker_free(it: *mut hz_walker);
        pub(super) fn hz_walker_walk(
            it: *mut hz_walker,
            steps: usize,
            visit: hz_visit,
            user: *mut c_void,
        ) -> c_int;
        pub(super) fn hz_walker_tidied(it: *const hz_walker) -> usize;

        pub(super) safe fn hz_errors_fail(reason: c_int) -> c_int;
        pub(super) safe fn hz_errors_take() -> c_int;
    }
}

// SAFETY: hz_box.h names hz_box_free for what hz_box_new returned.
unsafe impl CType for raw::hz_box {
    unsafe fn free(ptr: NonNull<Self>) {
        // SAFETY: `Owned` passes each pointer here once.
        unsafe { raw::hz_box_free(ptr.as_ptr()) }
    }
}

// SAFETY: a box holds nothing that belongs to a thread.
unsafe impl Movable for raw::hz_box {}

// SAFETY: hz_keeper.h names hz_keeper_free for what hz_keeper_new returned.
unsafe impl CType for raw::hz_keeper {
    unsafe fn free(ptr: NonNull<Self>) {
        // SAFETY: `Owned` passes each pointer here once.
        unsafe { raw::hz_keeper_free(ptr.as_ptr()) }
    }
}

// SAFETY: hz_walker.h names hz_walker_free for what hz_walker_new returned.
unsafe impl CType for raw::hz_walker {
    unsafe fn free(ptr: NonNull<Self>) {
        // SAFETY: `Owned` passes each pointer here once.
        unsafe { raw::hz_walker_free(ptr.as_ptr()) }
    }
}

/// Puts a pointer that a fixture just made into its owner.
///
/// # Safety
/// As for [`Owned::from_raw`].
unsafe fn own<T: CType>(made: *mut T) -> Owned<T> {
    // SAFETY: the caller vouches for the pointer.
    let owner = unsafe { Owned::from_raw(made) };
    owner.unwrap_or_else(|| panic!("out of memory"))
}

/// A C object with one free function (`hz_box`).
#[derive(Debug)]
pub struct HzBox(Owned<raw::hz_box>);

impl HzBox {
    /// A box with this label.
    pub fn new(label: &CStr) -> Self {
        // SAFETY: a NUL-terminated text, which is copied.
        let made = unsafe { raw::hz_box_new(label.as_ptr()) };
        // SAFETY: hz_box_new answers NULL or a box that is ours.
        Self(unsafe { own(made) })
    }

    /// A view for those who only look.
    pub fn look(&self) -> BoxView<'_> {
        BoxView(self.0.borrow())
    }

    /// How many boxes live in this process.
    pub fn live() -> usize {
        raw::hz_box_live()
    }
}

/// A box that somebody else owns.
#[derive(Debug)]
pub struct BoxView<'a>(Borrowed<'a, raw::hz_box>);

impl BoxView<'_> {
    /// The first byte of the label.
    pub fn first(&self) -> i32 {
        // SAFETY: the view borrows the owner, so the box is alive.
        unsafe { raw::hz_box_first(self.0.as_ptr()) }
    }
}

/// The length of a text, counted by C (`hz_text_length`).
pub fn text_length(text: &CStr) -> usize {
    // SAFETY: a `CStr` ends in NUL.
    unsafe { raw::hz_text_length(text.as_ptr()) }
}

/// The lengths of all `texts` together, counted by C, which is given a pointer to pointers
/// (`hz_text_total`).
pub fn text_total(texts: &[&CStr]) -> usize {
    let items: Vec<*const c_char> = texts.iter().map(|text| text.as_ptr()).collect();
    let list = raw::hz_text_list { items: items.as_ptr(), count: items.len() };
    // SAFETY: `items` and the texts behind it live until the call is over, and C keeps nothing.
    unsafe { raw::hz_text_total(&raw const list) }
}

/// A C object that remembers a buffer of its caller (`hz_keeper`).
///
/// The buffer is borrowed for as long as the keeper lives: that is the whole of the cure.
#[derive(Debug)]
pub struct Keeper<'bytes> {
    owner: Owned<raw::hz_keeper>,
    bytes: PhantomData<&'bytes [u8]>,
}

impl<'bytes> Keeper<'bytes> {
    /// A keeper that keeps nothing yet.
    pub fn new() -> Self {
        // SAFETY: hz_keeper_new answers NULL or a keeper that is ours.
        let owner = unsafe { own(raw::hz_keeper_new()) };
        Self { owner, bytes: PhantomData }
    }

    /// Remembers `bytes`.
    pub fn keep(&mut self, bytes: &'bytes [u8]) {
        let at = if bytes.is_empty() { ptr::null() } else { bytes.as_ptr() };
        // SAFETY: `'bytes` outlives the keeper; C reads one byte, and an empty slice has none.
        unsafe { raw::hz_keeper_keep(self.owner.as_ptr(), at) }
    }

    /// The first byte kept.
    pub fn first(&self) -> Option<u8> {
        // SAFETY: what is kept is alive, see `keep`.
        let first = unsafe { raw::hz_keeper_first(self.owner.as_ptr()) };
        u8::try_from(first).ok()
    }
}

impl Default for Keeper<'_> {
    fn default() -> Self {
        Self::new()
    }
}

/// A C object that calls back (`hz_walker`).
#[derive(Debug)]
pub struct Walker(Owned<raw::hz_walker>);

/// What a callback of [`Walker::walk`] finds behind its `user` pointer.
struct Walk<'a, V> {
    visit: &'a mut V,
    slot: Slot,
}

impl Walker {
    /// A walker at rest.
    pub fn new() -> Self {
        // SAFETY: hz_walker_new answers NULL or a walker that is ours.
        Self(unsafe { own(raw::hz_walker_new()) })
    }

    /// Calls `visit` at every step; `Break` stops the walk, and so does a panic.
    ///
    /// # Errors
    /// The panic of `visit`, after C has tidied up.
    ///
    /// # Panics
    /// If C says that it walks already, which `&mut self` rules out.
    pub fn walk<V>(&mut self, steps: usize, mut visit: V) -> Result<ControlFlow<()>, Panic>
    where
        V: FnMut(usize) -> ControlFlow<()>,
    {
        let mut walk = Walk { visit: &mut visit, slot: Slot::new() };
        let user = (&raw mut walk).cast::<c_void>();
        // SAFETY: C calls `step::<V>` during this call only, with `user`, which points to `walk`.
        let outcome = unsafe { raw::hz_walker_walk(self.0.as_ptr(), steps, step::<V>, user) };
        match (walk.slot.take(), outcome) {
            (Some(panic), _) => Err(panic),
            (None, raw::HZ_OK) => Ok(ControlFlow::Continue(())),
            (None, raw::HZ_STOPPED) => Ok(ControlFlow::Break(())),
            (None, other) => panic!("hz_walker_walk answered {other}"),
        }
    }

    /// How many walks have tidied up.
    pub fn tidied(&self) -> usize {
        // SAFETY: the owner keeps the walker alive.
        unsafe { raw::hz_walker_tidied(self.0.as_ptr()) }
    }
}

impl Default for Walker {
    fn default() -> Self {
        Self::new()
    }
}

/// # Safety
/// `user` points to a `Walk<V>` that nobody else uses during the call.
unsafe extern "C" fn step<V>(user: *mut c_void, step: usize) -> c_int
where
    V: FnMut(usize) -> ControlFlow<()>,
{
    // SAFETY: the caller vouches for the pointer.
    let walk = unsafe { &mut *user.cast::<Walk<'_, V>>() };
    guard(&mut walk.slot, 1, || c_int::from((walk.visit)(step).is_break()))
}

/// Leaves a failure with `reason` on this thread's OpenSSL error queue.
pub fn fail(reason: i32) {
    raw::hz_errors_fail(reason);
}

/// Takes the oldest failure off this thread's OpenSSL error queue.
pub fn take_failure() -> Option<i32> {
    Some(raw::hz_errors_take()).filter(|reason| *reason != 0)
}
