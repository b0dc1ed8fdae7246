//! What is called in a libcrypto before 1.1.0, looked up at run time: no binding links it any more.
//!
//! The types are those of `openssl/crypto.h` and `openssl/err.h` of 1.0.2.

use std::ffi::{c_char, c_int, c_ulong, c_void};

/// `CRYPTO_THREADID`, of which only pointers are used.
#[repr(C)]
pub(crate) struct ThreadId {
    private: [u8; 0],
}

/// Of a locking callback's mode: take the lock, or give it back.
pub(crate) const CRYPTO_LOCK: c_int = 1;
/// `SSLeay_version(SSLEAY_VERSION)`, and `OpenSSL_version(OPENSSL_VERSION)` from 1.1.0 on.
pub(crate) const VERSION: c_int = 0;

pub(crate) type Lock =
    unsafe extern "C" fn(mode: c_int, index: c_int, file: *const c_char, line: c_int);
pub(crate) type Identify = unsafe extern "C" fn(id: *mut ThreadId);
pub(crate) type CreateDynamic =
    unsafe extern "C" fn(file: *const c_char, line: c_int) -> *mut c_void;
pub(crate) type LockDynamic =
    unsafe extern "C" fn(mode: c_int, lock: *mut c_void, file: *const c_char, line: c_int);
pub(crate) type DestroyDynamic =
    unsafe extern "C" fn(lock: *mut c_void, file: *const c_char, line: c_int);

/// `CRYPTO_num_locks`
pub(crate) type NumLocks = unsafe extern "C" fn() -> c_int;
/// `CRYPTO_get_locking_callback`
pub(crate) type GetLock = unsafe extern "C" fn() -> Option<Lock>;
/// `CRYPTO_set_locking_callback`
pub(crate) type SetLock = unsafe extern "C" fn(callback: Option<Lock>);
/// `CRYPTO_THREADID_set_callback`
pub(crate) type SetIdentify = unsafe extern "C" fn(callback: Option<Identify>) -> c_int;
/// `CRYPTO_THREADID_set_numeric`
pub(crate) type SetNumeric = unsafe extern "C" fn(id: *mut ThreadId, value: c_ulong);
/// `CRYPTO_set_dynlock_create_callback`
pub(crate) type SetCreateDynamic = unsafe extern "C" fn(callback: Option<CreateDynamic>);
/// `CRYPTO_set_dynlock_lock_callback`
pub(crate) type SetLockDynamic = unsafe extern "C" fn(callback: Option<LockDynamic>);
/// `CRYPTO_set_dynlock_destroy_callback`
pub(crate) type SetDestroyDynamic = unsafe extern "C" fn(callback: Option<DestroyDynamic>);
/// `ERR_remove_thread_state`
pub(crate) type RemoveThreadState = unsafe extern "C" fn(id: *const ThreadId);
/// `SSLeay_version`, `OpenSSL_version`
pub(crate) type VersionText = unsafe extern "C" fn(kind: c_int) -> *const c_char;
