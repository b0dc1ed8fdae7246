//! The catalogue.
//!
//! A row names its Go program, its fixture and its twin by file and by path: when one is missing,
//! this module does not compile.

mod buffers;
mod callbacks;
mod claims;
mod concurrency;
mod libcurl;
mod openssl;
mod pointers;
mod unsafe_pointer;

use std::sync::LazyLock;

use libc::{SIGABRT, SIGBUS, SIGSEGV};

use crate::outcome::Kind;
use crate::row::Detector::{Asan, Cgocheck, CgocheckDebug, Checkptr, Plain, Race};
use crate::row::Expected::{May, Report, Signal, Silent, Since};
use crate::row::{Detector, Expected, Hazard};

macro_rules! program {
    ($slug:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../go-harness/", $slug, ".go"))
    };
}

macro_rules! web_program {
    ($slug:literal) => {
        include_str!(concat!("../../../../go-harness/web/", $slug, ".go"))
    };
}

macro_rules! fixture {
    ($name:literal) => {
        Some(Fixture {
            name: $name,
            source: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../csrc/hazard/", $name)),
        })
    };
}

macro_rules! twin_source {
    ($slug:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/twins/", $slug, ".rs"))
    };
}

macro_rules! refused_program {
    ($slug:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../go-harness/refused/",
            $slug,
            "/main.go"
        ))
    };
}

/// What the six say, and what one of the others adds:
/// `also!(everywhere(Silent); Vet: Says("possible misuse of unsafe.Pointer"))`.
macro_rules! also {
    ($base:expr; $($detector:ident: $expected:expr),+ $(,)?) => {{
        const SIX: [(crate::row::Detector, crate::row::Expected); 6] = $base;
        &[
            SIX[0], SIX[1], SIX[2], SIX[3], SIX[4], SIX[5],
            $((crate::row::Detector::$detector, $expected)),+
        ]
    }};
}

#[allow(unused_imports)] // not every kind of row needs each
use {also, fixture, program, refused_program, twin_source, web_program};

/// Every hazard, by its slug.
pub static ROWS: LazyLock<Vec<Hazard>> = LazyLock::new(|| {
    let mut rows = [
        buffers::ROWS,
        callbacks::ROWS,
        claims::CRASHES,
        claims::SWITCHES,
        claims::WAITING,
        concurrency::ROWS,
        libcurl::ROWS,
        openssl::ROWS,
        pointers::ROWS,
        unsafe_pointer::ROWS,
    ]
    .concat();
    rows.sort_by_key(|row| row.slug);
    rows
});

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

/// The same but for one detector.
const fn except(mut all: Expectations, detector: Detector, expected: Expected) -> Expectations {
    all[detector as usize].1 = expected;
    all
}

/// Undefined behaviour of C that `AddressSanitizer` reports: the others do not look, and whether the
/// program gets away with it is up to the allocator.
const fn by_asan(kind: Kind) -> Expectations {
    by_asan_as(Report(kind))
}

/// The same where `AddressSanitizer` does not always say one and the same thing.
const fn by_asan_as(expected: Expected) -> Expectations {
    except(everywhere(May(&[Silent, Signal(SIGSEGV), Signal(SIGABRT)])), Asan, expected)
}

/// libcrypto is given NULL. It follows it in the versions that were tried; one that answers an
/// error instead would leave a survivor.
const fn null_dereference() -> Expectations {
    let mut all = everywhere(May(&[Signal(SIGSEGV), Silent]));
    all[1].1 = May(&[Report(Kind::Segv), Silent]);
    all
}

/// A library that is not instrumented is given an object that is gone. `AddressSanitizer` sees what
/// the library passes to `free` and its like, and where it follows what freed memory is filled with.
const fn object_is_gone() -> Expectations {
    except(
        everywhere(May(&[Silent, Signal(SIGSEGV), Signal(SIGABRT), Signal(SIGBUS)])),
        Asan,
        May(&[
            Silent,
            Report(Kind::Segv),
            Report(Kind::DoubleFree),
            Report(Kind::BadFree),
            Report(Kind::HeapUseAfterFree),
            Report(Kind::Leak),
        ]),
    )
}

/// Memory of C's that nobody points to any more: `go build -asan` looks for it at exit, from Go 1.24
/// on.
const fn leaked() -> Expectations {
    except(everywhere(Silent), Asan, Since(24, &Silent, &Report(Kind::Leak)))
}

/// A program that `go build` refuses, and so no detector ever sees.
#[allow(dead_code)]
const fn does_not_build(says: Expected) -> [(Detector, Expected); 1] {
    [(Detector::Build, says)]
}
