//! The catalogue.
//!
//! A row names its Go program, its fixture and its twin by file and by path: when one is missing,
//! this file does not compile.

use ffence::ErrorKind;
use libc::{SIGABRT, SIGSEGV};

use crate::outcome::Kind;
use crate::row::Detector::{Asan, Cgocheck, CgocheckDebug, Checkptr, Plain, Race};
use crate::row::Expected::{Fatal, May, Report, Signal, Silent, Since};
use crate::row::{About, Detector, Expected, Fixture, Hazard, Twin};
use crate::twins;

macro_rules! program {
    ($slug:literal) => {
        include_str!(concat!("../../../go-harness/", $slug, ".go"))
    };
}

macro_rules! fixture {
    ($name:literal) => {
        Some(Fixture { name: $name, source: include_str!(concat!("../../../csrc/hazard/", $name)) })
    };
}

macro_rules! twin_source {
    ($slug:literal) => {
        include_str!(concat!("twins/", $slug, ".rs"))
    };
}

/// Every hazard, by its slug.
pub const ROWS: &[Hazard] = &[
    Hazard {
        slug: "double_free",
        about: About::Buffers,
        sentence: "A struct that owns a C object is copied, and both copies free it.",
        seed: "memory that C allocated: who frees it, and how often",
        program: program!("double_free"),
        fixture: fixture!("hz_box.c"),
        symptom: "freed twice",
        expected: &by_asan(Kind::DoubleFree),
        twin: Twin::Refused("E0382", twins::double_free::twin),
        twin_source: twin_source!("double_free"),
        refused_by: "`Owned` is not `Copy`: the second owner is the first one moved, and using what was moved from is E0382.",
    },
    Hazard {
        slug: "error_queue_migration",
        about: About::OpenSsl,
        sentence: "An OpenSSL error is asked for in a second cgo call, when the goroutine may be on another thread.",
        seed: "OpenSSL's error queue and runtime.LockOSThread",
        program: program!("error_queue_migration"),
        fixture: fixture!("hz_errors.c"),
        symptom: "errors were lost: true",
        expected: &everywhere(Silent),
        twin: Twin::Clean(twins::error_queue_migration::twin),
        twin_source: twin_source!("error_queue_migration"),
        refused_by: "`ffence::Error` is made in the call that failed, and owns all it knows: no queue is asked afterwards.",
    },
    Hazard {
        slug: "kept_pointer",
        about: About::Pointers,
        sentence: "C keeps a pointer into Go's heap after the call that passed it, and reads it when the collector has been there.",
        seed: "the rules of passing pointers",
        program: program!("kept_pointer"),
        fixture: fixture!("hz_keeper.c"),
        symptom: "bytes that Go had given back",
        expected: &by_asan(Kind::UseAfterPoison),
        twin: Twin::Refused("E0597", twins::kept_pointer::twin),
        twin_source: twin_source!("kept_pointer"),
        refused_by: "The lifetime of what is kept is part of the keeper's type: bytes that go first do not live long enough, E0597.",
    },
    Hazard {
        slug: "missing_terminator",
        about: About::Buffers,
        sentence: "The bytes of a slice are passed where C expects text, and C reads on until it meets a NUL.",
        seed: "strings: C.CString and its terminator",
        program: program!("missing_terminator"),
        fixture: fixture!("hz_text.c"),
        symptom: "C read past the end: true",
        expected: &by_asan(Kind::UseAfterPoison),
        twin: Twin::Refused("E0308", twins::missing_terminator::twin),
        twin_source: twin_source!("missing_terminator"),
        refused_by: "`&[u8]` is not `&CStr` (E0308), and `CStr::from_bytes_with_nul` answers an error when nothing ends the bytes.",
    },
    Hazard {
        slug: "panic_through_c",
        about: About::Callbacks,
        sentence: "A callback panics, and a frame beyond C recovers: no line of C after the callback runs.",
        seed: "callbacks from C, and what a panic in one does",
        program: program!("panic_through_c"),
        fixture: fixture!("hz_walker.c"),
        symptom: "stuck: true",
        expected: &everywhere(Silent),
        twin: Twin::Err(ErrorKind::Panicked, twins::panic_through_c::twin),
        twin_source: twin_source!("panic_through_c"),
        refused_by: "`unwind::guard` catches the panic before it reaches C, and the call that entered C returns it as ErrorKind::Panicked.",
    },
    Hazard {
        slug: "pointer_to_pointer",
        about: About::Pointers,
        sentence: "C is passed a Go pointer to memory that holds Go pointers.",
        seed: "the rules of passing pointers",
        program: program!("pointer_to_pointer"),
        fixture: fixture!("hz_text.c"),
        symptom: "total",
        expected: &everywhere(Since(
            21,
            &Fatal("has Go pointer to Go pointer"),
            &Fatal("has Go pointer to unpinned Go pointer"),
        )),
        twin: Twin::Clean(twins::pointer_to_pointer::twin),
        twin_source: twin_source!("pointer_to_pointer"),
        refused_by: "Nothing moves or frees borrowed memory behind Rust's back, so that a list of texts is lent like any other slice.",
    },
    Hazard {
        slug: "secure_cipher_defer",
        about: About::OpenSsl,
        sentence: "A constructor tells failure from success by recover() == nil, which is true of both: it frees the context that it returns.",
        seed: "4.3, NewSecureCipher",
        program: program!("secure_cipher_defer"),
        fixture: None,
        symptom: "the context is gone: true",
        expected: &null_dereference(),
        twin: Twin::Clean(twins::secure_cipher_defer::twin),
        twin_source: twin_source!("secure_cipher_defer"),
        refused_by: "The context is in its `Owned` before the next call can fail: `?` and a panic drop it once, success moves it out.",
    },
    Hazard {
        slug: "use_after_free",
        about: About::Buffers,
        sentence: "A C object is freed, and read through a pointer that is still about.",
        seed: "memory that C allocated: how long it lives",
        program: program!("use_after_free"),
        fixture: fixture!("hz_box.c"),
        symptom: "from freed memory",
        expected: &by_asan(Kind::HeapUseAfterFree),
        twin: Twin::Refused("E0505", twins::use_after_free::twin),
        twin_source: twin_source!("use_after_free"),
        refused_by: "A `Borrowed` cannot outlive its `Owned`: dropping the owner while the view is used is E0505.",
    },
];

/// The row that is called `slug`.
pub fn find(slug: &str) -> Option<&'static Hazard> {
    ROWS.iter().find(|row| row.slug == slug)
}

type Expectations = [(Detector, Expected); Detector::ALL.len()];

/// The same under every detector.
const fn everywhere(expected: Expected) -> Expectations {
    [
        (Plain, expected),
        (Asan, expected),
        (Race, expected),
        (Checkptr, expected),
        (Cgocheck, expected),
        (CgocheckDebug, expected),
    ]
}

/// Undefined behaviour of C that `AddressSanitizer` reports: the others do not look, and whether the
/// program gets away with it is up to the allocator.
const fn by_asan(kind: Kind) -> Expectations {
    let mut all = everywhere(May(&[Silent, Signal(SIGSEGV), Signal(SIGABRT)]));
    all[1].1 = Report(kind);
    all
}

/// libcrypto is given NULL. It follows it in the versions that were tried; one that answers an
/// error instead would leave a survivor.
const fn null_dereference() -> Expectations {
    let mut all = everywhere(May(&[Signal(SIGSEGV), Silent]));
    all[1].1 = May(&[Report(Kind::Segv), Silent]);
    all
}
