//! The character set in which libidn2 reads names.
//!
//! libcurl hands a host's name to `idn2_lookup_ul(3)`, which reads it in the thread's locale. Rust's
//! text is UTF-8, and a Rust program is in the "C" locale, where every such name is refused.

#![allow(unsafe_code)]

/// Runs `call` on a thread that reads text as UTF-8; as it is where the system cannot do that.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
pub(super) fn in_utf8<R>(call: impl FnOnce() -> R) -> R {
    use std::sync::OnceLock;

    struct Locale(libc::locale_t);
    // SAFETY: locale(7): a locale object may be used by several threads at once; it is never freed.
    unsafe impl Send for Locale {}
    // SAFETY: as above.
    unsafe impl Sync for Locale {}

    /// Puts the thread's own locale back, also past a panic.
    struct Restored(libc::locale_t);
    impl Drop for Restored {
        fn drop(&mut self) {
            // SAFETY: what uselocale(3) answered before.
            unsafe { libc::uselocale(self.0) };
        }
    }

    static UTF8: OnceLock<Option<Locale>> = OnceLock::new();
    let utf8 = UTF8.get_or_init(|| {
        [c"C.UTF-8", c"en_US.UTF-8"].into_iter().find_map(|name| {
            // SAFETY: newlocale(3): a new object, or NULL where there is no locale of that name.
            let locale = unsafe {
                libc::newlocale(libc::LC_CTYPE_MASK, name.as_ptr(), std::ptr::null_mut())
            };
            (!locale.is_null()).then_some(Locale(locale))
        })
    });
    let _restored = utf8.as_ref().map(|utf8| {
        // SAFETY: uselocale(3): the object is never freed, and only this thread's locale changes.
        Restored(unsafe { libc::uselocale(utf8.0) })
    });
    call()
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
pub(super) fn in_utf8<R>(call: impl FnOnce() -> R) -> R {
    call()
}
