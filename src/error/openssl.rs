//! OpenSSL: the one place that turns its returns into errors.
//!
//! OpenSSL tells *that* a call failed by its return and *why* by a queue of the thread. [`bracket`]
//! marks the queue, runs the calls, and on failure takes what they left and winds the queue back to
//! the mark, all on one thread inside one call of ours. Foreign records stay where they were.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int, c_ulong};
use std::ptr;

use super::{Detail, Error, ErrorKind, Library, Record};
use crate::ffi::openssl as ffi;

/// `ERR_TXT_STRING` of `openssl/err.h`: the record carries text.
const TEXT: c_int = 0x02;

/// A C function of OpenSSL that failed, or an error of our own on the way.
#[derive(Debug)]
pub(crate) enum Failed {
    Call(&'static str),
    Ours(Error),
}

impl<E: Into<Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self::Ours(error.into())
    }
}

/// A return of C that says whether the call succeeded.
pub(crate) trait Checked {
    type Good;
    /// Ends every call of C: `EVP_…(…).checked("EVP_…")?`.
    fn checked(self, function: &'static str) -> Result<Self::Good, Failed>;
}

/// OpenSSL's convention: 1 is success, all else (0, and negative numbers) is failure.
impl Checked for c_int {
    type Good = ();
    #[inline]
    fn checked(self, function: &'static str) -> Result<(), Failed> {
        if self == 1 { Ok(()) } else { Err(Failed::Call(function)) }
    }
}

/// A constructor that may have answered NULL, in its owner already.
impl<T> Checked for Option<T> {
    type Good = T;
    #[inline]
    fn checked(self, function: &'static str) -> Result<T, Failed> {
        self.ok_or(Failed::Call(function))
    }
}

/// Runs `calls` between a mark and its removal; a failure comes back with the records it left.
///
/// `ERR_set_mark(3)`: while the queue is empty it sets nothing and answers 0, and everything found
/// afterwards is ours. On OpenSSL 3.0 to 3.1 a queue can only be read from its oldest end or at its
/// newest record, so with foreign records before ours only the newest is told apart.
pub(crate) fn bracket<T>(calls: impl FnOnce() -> Result<T, Failed>) -> Result<T, Error> {
    let mark = Mark::set();
    match calls() {
        Ok(good) => Ok(good),
        Err(Failed::Call(function)) => Err(mark.failure(function)),
        Err(Failed::Ours(error)) => Err(error),
    }
}

/// For hot paths: no mark, because setting and removing it costs 366 instructions where a whole
/// 64-byte seal takes 2,597 (OpenSSL 3.0, callgrind).
///
/// The error names the function alone; a record that the call raised stays in the queue, because
/// without a mark it cannot be told from a foreign one. Nothing that fails in ordinary use goes
/// this way: lengths are checked before, and a wrong tag raises no record.
#[inline]
pub(crate) fn unmarked<T>(calls: impl FnOnce() -> Result<T, Failed>) -> Result<T, Error> {
    calls().map_err(unexplained)
}

/// What [`unmarked`] makes of a failure.
#[cold]
pub(crate) fn unexplained(failed: Failed) -> Error {
    match failed {
        Failed::Call(function) => failure(function, Vec::new()),
        Failed::Ours(error) => error,
    }
}

/// For the set-up, which must come before the first mark: a queue that does not exist yet would be
/// made by the mark, and would register OpenSSL's clean-up at exit on the way.
pub(crate) fn first<T>(calls: impl FnOnce() -> Result<T, Failed>) -> Result<T, Error> {
    calls().map_err(|failed| match failed {
        Failed::Call(function) => {
            let newest = read(ffi::ERR_peek_last_error_all);
            failure(function, newest.map(|it| it.0).into_iter().collect())
        }
        Failed::Ours(error) => error,
    })
}

/// A mark in this thread's queue; dropping it removes what was raised since.
struct Mark {
    /// Where the newest foreign record keeps its function's name; `None` in an empty queue.
    foreign: Option<*const c_char>,
    /// The queue is the thread's: a mark must not leave it.
    _thread: std::marker::PhantomData<*mut ()>,
}

impl Mark {
    fn set() -> Self {
        // SAFETY: ERR_set_mark takes nothing and touches only this thread's queue.
        let marked = unsafe { ffi::ERR_set_mark() };
        Self {
            foreign: (marked != 0)
                .then(|| read(ffi::ERR_peek_last_error_all).map_or(ptr::null(), |it| it.1)),
            _thread: std::marker::PhantomData,
        }
    }

    fn failure(&self, function: &'static str) -> Error {
        let records = match self.foreign {
            None => std::iter::from_fn(|| read(ffi::ERR_get_error_all)).map(|it| it.0).collect(),
            // err.c gives each record a copy of the name: another place is another record.
            Some(foreign) => read(ffi::ERR_peek_last_error_all)
                .filter(|newest| newest.1 != foreign)
                .map(|newest| newest.0)
                .into_iter()
                .collect(),
        };
        failure(function, records)
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        // SAFETY: ERR_pop_to_mark takes nothing; without a mark it empties the queue, which held
        // nothing when this value was made.
        unsafe { ffi::ERR_pop_to_mark() };
    }
}

fn failure(function: &'static str, records: Vec<Record>) -> Error {
    let reasons = || records.iter().map(|record| record.code & 0x7f_ffff);
    let kind = if reasons().any(|reason| reason == u64::from(ffi::ERR_R_MALLOC_FAILURE)) {
        ErrorKind::OutOfMemory
    } else if reasons().any(|reason| reason == u64::from(ffi::ERR_R_UNSUPPORTED)) {
        ErrorKind::Unsupported
    } else {
        ErrorKind::OpenSsl
    };
    let code = records.last().and_then(|record| i64::try_from(record.code).ok());
    Error::with(kind, Detail { code, records, ..Detail::new(Library::OpenSsl, function) })
}

type Reader = unsafe extern "C" fn(
    *mut *const c_char,
    *mut c_int,
    *mut *const c_char,
    *mut *const c_char,
    *mut c_int,
) -> c_ulong;

/// A record, and where its function's name lies.
fn read(reader: Reader) -> Option<(Record, *const c_char)> {
    let mut function = ptr::null();
    let mut data = ptr::null();
    let mut flags = 0;
    // SAFETY: ERR_get_error(3): each pointer may be NULL or a place to write to.
    let code = unsafe {
        reader(ptr::null_mut(), ptr::null_mut(), &raw mut function, &raw mut data, &raw mut flags)
    };
    if code == 0 {
        return None;
    }
    // SAFETY: ERR_lib_error_string answers NULL or a static string.
    let library = unsafe { ffi::ERR_lib_error_string(code) };
    // SAFETY: ERR_reason_error_string answers NULL or a static string.
    let reason = unsafe { ffi::ERR_reason_error_string(code) };
    #[allow(clippy::useless_conversion, reason = "an unsigned long has 32 bits on Windows")]
    let record = Record {
        code: u64::from(code),
        // SAFETY: static, see above.
        library: unsafe { text(library) },
        // SAFETY: static, see above.
        reason: unsafe { text(reason) },
        // SAFETY: err.c keeps the text of a record until another takes its place in the ring, and
        // nothing is raised before it is copied here.
        function: unsafe { text(function) },
        // SAFETY: as for the function; without the flag it is an empty static string.
        data: if flags & TEXT == 0 { String::new() } else { unsafe { text(data) } },
    };
    Some((record, function))
}

/// # Safety
/// `pointer` is NULL or points to a string that nothing changes during the call.
unsafe fn text(pointer: *const c_char) -> String {
    if pointer.is_null() {
        return String::new();
    }
    // SAFETY: not NULL, and the caller vouches for the string.
    unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::owned::Owned;

    /// A call that fails and says why in the queue.
    fn fetch(name: &CStr) -> Result<(), Failed> {
        crate::init::openssl::ready()?;
        // SAFETY: the name ends in NUL; NULL stands for the default context and properties.
        let fetched = unsafe { ffi::EVP_MD_fetch(ptr::null_mut(), name.as_ptr(), ptr::null()) };
        // SAFETY: EVP_DigestInit(3): NULL or a reference that is ours.
        unsafe { Owned::from_raw(fetched) }.checked("EVP_MD_fetch").map(drop)
    }

    fn queue_is_empty() -> bool {
        // SAFETY: takes nothing.
        unsafe { ffi::ERR_peek_error() == 0 }
    }

    /// Leaves a record as other code on this thread might.
    fn raise_foreign() -> c_ulong {
        assert!(fetch(c"FOREIGN-DIGEST").is_err());
        // SAFETY: takes nothing.
        unsafe { ffi::ERR_peek_error() }
    }

    #[test]
    fn a_failure_tells_function_code_and_reason_and_leaves_nothing() {
        let error = bracket(|| fetch(c"NO-SUCH-DIGEST")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(error.function(), Some("EVP_MD_fetch"));
        assert_eq!(error.records().len(), 1);
        assert_eq!(error.code(), i64::try_from(error.records()[0].code).ok());
        let text = error.to_string();
        assert!(text.starts_with("OpenSSL: EVP_MD_fetch failed: 0308010C "), "{text}");
        assert!(text.contains("unsupported") && text.contains("NO-SUCH-DIGEST"), "{text}");
        assert!(queue_is_empty());
    }

    #[test]
    fn success_leaves_nothing_either() {
        bracket(|| fetch(c"SHA2-256")).unwrap();
        assert!(queue_is_empty());
    }

    #[test]
    fn foreign_records_stay_and_are_not_quoted() {
        let foreign = raise_foreign();
        let error = bracket(|| fetch(c"NO-SUCH-DIGEST")).unwrap_err();
        assert_eq!(error.records().len(), 1);
        assert!(error.to_string().contains("NO-SUCH-DIGEST"), "{error}");
        // A failure that raises nothing must not take the foreign record for its own.
        let silent = bracket(|| 0.checked("EVP_silent")).unwrap_err();
        assert!(silent.records().is_empty(), "{silent}");
        let ours = bracket::<()>(|| Err(Failed::Ours(Error::of(ErrorKind::Limit)))).unwrap_err();
        assert_eq!(ours.kind(), ErrorKind::Limit);
        // SAFETY: takes nothing.
        assert_eq!(unsafe { ffi::ERR_peek_error() }, foreign);
        // SAFETY: without a mark this empties the queue.
        unsafe { ffi::ERR_pop_to_mark() };
        assert!(queue_is_empty());
    }

    #[test]
    fn a_panic_between_mark_and_removal_leaves_nothing() {
        let outcome = std::panic::catch_unwind(|| {
            bracket::<()>(|| {
                fetch(c"NO-SUCH-DIGEST")?;
                Ok(())
            })
            .map_err(|error| panic!("{error}"))
        });
        assert!(outcome.is_err());
        let outcome = std::panic::catch_unwind(|| {
            bracket::<()>(|| {
                assert!(fetch(c"NO-SUCH-DIGEST").is_err());
                panic!("while the record waits")
            })
        });
        assert!(outcome.is_err());
        assert!(queue_is_empty());
    }

    /// The queue is the thread's, the error is not.
    #[test]
    fn an_error_is_told_on_another_thread() {
        let error = std::thread::spawn(|| bracket(|| fetch(c"NO-SUCH-DIGEST")).unwrap_err());
        let error = error.join().unwrap();
        assert!(error.to_string().contains("NO-SUCH-DIGEST"), "{error}");
        assert!(queue_is_empty());
    }

    #[test]
    fn memory_that_runs_out_is_a_kind_of_its_own() {
        let record = Record {
            code: u64::from(ffi::ERR_R_MALLOC_FAILURE),
            library: String::new(),
            reason: "malloc failure".to_owned(),
            function: String::new(),
            data: String::new(),
        };
        assert_eq!(failure("EVP_MD_CTX_new", vec![record]).kind(), ErrorKind::OutOfMemory);
        assert_eq!(failure("EVP_MD_CTX_new", Vec::new()).kind(), ErrorKind::OpenSsl);
    }
}
