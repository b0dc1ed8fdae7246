//! Rust's memory for libcurl.

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout};
use std::any::TypeId;
use std::ffi::{CStr, c_char, c_long, c_void};
use std::fmt;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use libc::size_t;

use crate::error::libcurl::{check, out_of_memory};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::curl as ffi;

type Allocator = &'static (dyn GlobalAlloc + Sync);

/// Whom libcurl asks for memory.
#[derive(Clone, Copy)]
pub(super) struct Memory {
    allocator: Allocator,
    of: TypeId,
}

impl Memory {
    pub(super) fn of<A: GlobalAlloc + Sync>(allocator: &'static A) -> Self {
        Self { allocator, of: TypeId::of::<A>() }
    }

    /// [`curl_global_init_mem`](https://curl.se/libcurl/c/curl_global_init_mem.html)
    ///
    /// The caller lets only one thread in, and that once.
    pub(super) fn set_up(self, flags: c_long) -> Result<()> {
        let _ = ALLOCATOR.set(self.allocator);
        // SAFETY: the functions are the ones that the manual describes, and any thread may call them
        // at any time. What was allocated before is not handed to them: see `Init::libcurl_memory`.
        let code = unsafe {
            ffi::curl_global_init_mem(flags, allocate, release, resize, duplicate, allocate_zeroed)
        };
        check("curl_global_init_mem", code)?;
        asked()
    }
}

/// libcurl that was set up before counts the call, and keeps the functions that it had.
fn asked() -> Result<()> {
    // SAFETY: curl_easy_escape(3): the handle is not used, and one byte is read.
    let text = unsafe { ffi::curl_easy_escape(ptr::null_mut(), c"a".as_ptr(), 1) };
    if text.is_null() {
        return Err(out_of_memory("curl_easy_escape"));
    }
    // SAFETY: curl_easy_escape(3): the text is the caller's to free with this function.
    unsafe { ffi::curl_free(text.cast()) };
    if ASKED.load(Ordering::Relaxed) {
        return Ok(());
    }
    Err(Error::ours(
        ErrorKind::Init,
        "libcurl was set up before with other memory: call Init::run first thing in main",
    ))
}

/// The same allocator at the same place; of those without a size, any of the type.
impl PartialEq for Memory {
    fn eq(&self, other: &Self) -> bool {
        self.of == other.of && ptr::addr_eq(self.allocator, other.allocator)
    }
}

impl Eq for Memory {}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}

/// Set before libcurl is told of the functions below, and never again.
static ALLOCATOR: OnceLock<Allocator> = OnceLock::new();

/// Whether libcurl ever asked.
static ASKED: AtomicBool = AtomicBool::new(false);

/// Before each block stands its size, which C does not tell again. So much is also what C's own
/// allocator aligns to.
const HEADER: usize = 16;

/// A size, as its bytes.
type Size = [u8; size_of::<usize>()];

fn layout(size: usize) -> Option<Layout> {
    Layout::from_size_align(size.checked_add(HEADER)?, HEADER).ok()
}

/// # Safety
/// `block` is NULL, or begins a block of `size` bytes and a header.
unsafe fn noted(block: *mut u8, size: usize) -> *mut c_void {
    if block.is_null() {
        return ptr::null_mut();
    }
    // SAFETY: as the caller promises.
    unsafe { block.cast::<Size>().write(size.to_ne_bytes()) };
    // SAFETY: behind the header begins what C is given.
    unsafe { block.add(HEADER) }.cast()
}

/// Where the block of C's begins, and its layout.
///
/// # Safety
/// `block` came from one of these functions and was not freed.
unsafe fn whole(block: *mut c_void) -> Option<(*mut u8, Layout)> {
    // SAFETY: as the caller promises: a header stands before it.
    let start = unsafe { block.cast::<u8>().sub(HEADER) };
    // SAFETY: as above.
    let size = unsafe { start.cast::<Size>().read() };
    Some((start, layout(usize::from_ne_bytes(size))?))
}

/// `malloc`
extern "C" fn allocate(size: size_t) -> *mut c_void {
    let (Some(allocator), Some(layout)) = (ALLOCATOR.get(), layout(size)) else {
        return ptr::null_mut();
    };
    if !ASKED.load(Ordering::Relaxed) {
        ASKED.store(true, Ordering::Relaxed);
    }
    // SAFETY: no layout is without a size.
    let block = unsafe { allocator.alloc(layout) };
    // SAFETY: it was just allocated so large, or is NULL.
    unsafe { noted(block, size) }
}

/// `calloc`
extern "C" fn allocate_zeroed(count: size_t, each: size_t) -> *mut c_void {
    let size = count.checked_mul(each);
    let (Some(allocator), Some(size)) = (ALLOCATOR.get(), size) else { return ptr::null_mut() };
    let Some(layout) = layout(size) else { return ptr::null_mut() };
    // SAFETY: no layout is without a size.
    let block = unsafe { allocator.alloc_zeroed(layout) };
    // SAFETY: it was just allocated so large, or is NULL.
    unsafe { noted(block, size) }
}

/// `strdup`
extern "C" fn duplicate(text: *const c_char) -> *mut c_char {
    // SAFETY: libcurl passes text that ends in NUL.
    let text = unsafe { CStr::from_ptr(text) }.to_bytes_with_nul();
    let copy = allocate(text.len()).cast::<u8>();
    if !copy.is_null() {
        // SAFETY: the block is new and as long as the text.
        unsafe { ptr::copy_nonoverlapping(text.as_ptr(), copy, text.len()) };
    }
    copy.cast()
}

/// `realloc`
extern "C" fn resize(block: *mut c_void, size: size_t) -> *mut c_void {
    if block.is_null() {
        return allocate(size);
    }
    // SAFETY: libcurl hands back what it got from here and has not freed.
    let whole = unsafe { whole(block) };
    let (Some(allocator), Some((start, old)), Some(new)) = (ALLOCATOR.get(), whole, layout(size))
    else {
        return ptr::null_mut();
    };
    // SAFETY: the block was allocated with this layout, and the new size fits one.
    let block = unsafe { allocator.realloc(start, old, new.size()) };
    // SAFETY: it is so large now, or NULL.
    unsafe { noted(block, size) }
}

/// `free`
extern "C" fn release(block: *mut c_void) {
    if block.is_null() {
        return;
    }
    // SAFETY: libcurl hands back what it got from here and has not freed.
    let whole = unsafe { whole(block) };
    if let (Some(allocator), Some((start, layout))) = (ALLOCATOR.get(), whole) {
        // SAFETY: the block was allocated with this layout.
        unsafe { allocator.dealloc(start, layout) };
    }
}
