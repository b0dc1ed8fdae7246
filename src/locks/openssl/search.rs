//! Finds the libcryptos of this process.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_void};
use std::mem::transmute_copy;
use std::ptr;

use crate::ffi::old_libcrypto as ffi;
use crate::loader;

/// A libcrypto that is loaded.
pub(super) enum Library {
    /// 1.1.0 or newer, or a relative that locks for itself.
    New {
        version: String,
    },
    Old(Old),
    /// Before 1.0.0.
    TooOld {
        version: String,
    },
}

/// The functions of one libcrypto from 1.0.0 to 1.0.2.
pub(super) struct Old {
    pub(super) version: String,
    num_locks: ffi::NumLocks,
    get_lock: ffi::GetLock,
    pub(super) set_lock: ffi::SetLock,
    pub(super) set_identify: ffi::SetIdentify,
    pub(super) set_numeric: ffi::SetNumeric,
    pub(super) set_create_dynamic: ffi::SetCreateDynamic,
    pub(super) set_lock_dynamic: ffi::SetLockDynamic,
    pub(super) set_destroy_dynamic: ffi::SetDestroyDynamic,
    pub(super) remove_thread_state: ffi::RemoveThreadState,
}

impl Old {
    /// What tells this library from another.
    pub(super) fn identity(&self) -> usize {
        self.set_lock as usize
    }

    /// Whether somebody has given it locks.
    pub(super) fn is_owned(&self) -> bool {
        // SAFETY: only reads the library's pointer.
        unsafe { (self.get_lock)() }.is_some()
    }

    /// How many locks it wants.
    pub(super) fn locks(&self) -> usize {
        // SAFETY: answers a constant.
        usize::try_from(unsafe { (self.num_locks)() }).unwrap_or(usize::MAX)
    }
}

/// All that are loaded.
pub(super) fn loaded() -> Vec<Library> {
    let mut found = Found::default();
    #[cfg(target_os = "linux")]
    for name in objects() {
        let name = if name.is_empty() { ptr::null() } else { name.as_ptr() };
        // SAFETY: the name ends in NUL, or NULL stands for the program; with NOLOAD nothing is
        // loaded or run. One that was unloaded since it was listed is not found.
        let handle = unsafe { libc::dlopen(name, libc::RTLD_NOLOAD | libc::RTLD_LAZY) };
        if handle.is_null() {
            continue;
        }
        // SAFETY: the handle is open.
        let old = unsafe { found.look(handle) };
        // An old library that gets callbacks must stay: they and it point to each other.
        if !old {
            // SAFETY: closes what was opened above.
            unsafe { libc::dlclose(handle) };
        }
    }
    // SAFETY: RTLD_DEFAULT is a handle that is always open.
    unsafe { found.look(libc::RTLD_DEFAULT) };
    #[cfg(feature = "crypto")]
    if found.libraries.is_empty() {
        // Linked into the program, which need not export it; the bindings link 3.0 or newer.
        // SAFETY: OpenSSL_version(3) answers a static string for every number.
        let version = unsafe { crate::ffi::openssl::OpenSSL_version(ffi::VERSION) };
        // SAFETY: static, see above.
        let version = unsafe { text(version) };
        found.libraries.push(Library::New { version });
    }
    found.libraries
}

/// The one behind `handle`.
///
/// # Safety
/// `handle` is open.
pub(super) unsafe fn behind(handle: *mut c_void) -> Vec<Library> {
    let mut found = Found::default();
    // SAFETY: as the caller promises.
    unsafe { found.look(handle) };
    found.libraries
}

#[derive(Default)]
struct Found {
    libraries: Vec<Library>,
    /// Where the libraries that were seen begin: each is met through all that depend on it.
    seen: Vec<*mut c_void>,
}

impl Found {
    /// Looks for a libcrypto in what `handle` stands for; `true` if it is a new find, and an old one.
    ///
    /// # Safety
    /// `handle` is open.
    unsafe fn look(&mut self, handle: *mut c_void) -> bool {
        // SAFETY: as the caller promises.
        let find = |name: &CStr| unsafe { libc::dlsym(handle, name.as_ptr()) };
        let (old, new) = (find(c"CRYPTO_set_locking_callback"), find(c"OPENSSL_init_crypto"));
        let mut was_old = false;
        for (address, is_new) in [(old, false), (new, true)] {
            let Some(start) = loader::start(address) else { continue };
            // LibreSSL and BoringSSL lock for themselves and have both, the old one without effect.
            if !is_new && loader::start(new) == Some(start) || self.seen.contains(&start) {
                continue;
            }
            self.seen.push(start);
            // SAFETY: as the caller promises.
            let symbols = unsafe { Symbols::new(handle, start) };
            self.libraries.push(if is_new {
                Library::New { version: symbols.version(c"OpenSSL_version") }
            } else {
                let version = symbols.version(c"SSLeay_version");
                match symbols.old(version.clone()) {
                    Some(old) => Library::Old(old),
                    None => Library::TooOld { version },
                }
            });
            was_old |= !is_new;
        }
        was_old
    }
}

/// The functions of one object, and of no other that the handle leads to.
struct Symbols {
    handle: *mut c_void,
    start: *mut c_void,
}

impl Symbols {
    /// # Safety
    /// `handle` is open for as long as the value lives.
    unsafe fn new(handle: *mut c_void, start: *mut c_void) -> Self {
        Self { handle, start }
    }

    /// # Safety
    /// `F` is the pointer type of the function that has this name in every libcrypto.
    unsafe fn find<F: Copy>(&self, name: &CStr) -> Option<F> {
        // SAFETY: the handle is open, and the name ends in NUL.
        let address = unsafe { libc::dlsym(self.handle, name.as_ptr()) };
        (loader::start(address)? == self.start).then(|| {
            // SAFETY: the address of a function, as large as a pointer to one; its type is the
            // caller's promise.
            unsafe { transmute_copy::<*mut c_void, F>(&address) }
        })
    }

    fn version(&self, name: &CStr) -> String {
        // SAFETY: both names have this type, in `openssl/crypto.h`.
        let Some(version) = (unsafe { self.find::<ffi::VersionText>(name) }) else {
            return String::from("a libcrypto without a version");
        };
        // SAFETY: answers a static string for every number.
        let version = unsafe { version(ffi::VERSION) };
        // SAFETY: static, see above.
        unsafe { text(version) }
    }

    fn old(&self, version: String) -> Option<Old> {
        macro_rules! find {
            ($name:literal) => {
                // SAFETY: the type is that of `openssl/crypto.h` and `openssl/err.h` of 1.0.0 to
                // 1.0.2, the same in all of them.
                unsafe { self.find($name) }?
            };
        }
        Some(Old {
            version,
            num_locks: find!(c"CRYPTO_num_locks"),
            get_lock: find!(c"CRYPTO_get_locking_callback"),
            set_lock: find!(c"CRYPTO_set_locking_callback"),
            set_identify: find!(c"CRYPTO_THREADID_set_callback"),
            set_numeric: find!(c"CRYPTO_THREADID_set_numeric"),
            set_create_dynamic: find!(c"CRYPTO_set_dynlock_create_callback"),
            set_lock_dynamic: find!(c"CRYPTO_set_dynlock_lock_callback"),
            set_destroy_dynamic: find!(c"CRYPTO_set_dynlock_destroy_callback"),
            remove_thread_state: find!(c"ERR_remove_thread_state"),
        })
    }
}

/// The names of all loaded objects; the program's is empty.
#[cfg(target_os = "linux")]
fn objects() -> Vec<std::ffi::CString> {
    use std::ffi::{CString, c_int};

    use crate::unwind::{Slot, guard};

    struct Names {
        names: Vec<CString>,
        slot: Slot,
    }

    unsafe extern "C" fn note(
        object: *mut libc::dl_phdr_info,
        _: libc::size_t,
        names: *mut c_void,
    ) -> c_int {
        // SAFETY: `dl_iterate_phdr` hands on what it was given below, during the call.
        let Names { names, slot } = unsafe { &mut *names.cast::<Names>() };
        // SAFETY: dl_iterate_phdr(3): the structure is there during the callback.
        let name = unsafe { (*object).dlpi_name };
        guard(slot, 1, || {
            if !name.is_null() {
                // SAFETY: dl_iterate_phdr(3): a string that ends in NUL.
                names.push(unsafe { CStr::from_ptr(name) }.to_owned());
            }
            0
        })
    }

    let mut names = Names { names: Vec::new(), slot: Slot::new() };
    // SAFETY: dl_iterate_phdr(3): calls back before it returns, and not afterwards.
    unsafe { libc::dl_iterate_phdr(Some(note), (&raw mut names).cast()) };
    names.names
}

/// # Safety
/// `pointer` is NULL or points to a string that nothing changes.
unsafe fn text(pointer: *const c_char) -> String {
    if pointer.is_null() {
        return String::new();
    }
    // SAFETY: not NULL, and the caller vouches for the string.
    unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned()
}
