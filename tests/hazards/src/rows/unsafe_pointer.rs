//! Go's own `unsafe.Pointer`, without C.

use crate::outcome::Kind;
use crate::row::Expected::{Fatal, May, Report, Says, Silent};
use crate::row::{About, Expected, Hazard, Twin};
use crate::rows::{also, everywhere, program, twin_source};
use crate::twins;

const BAD_POINTER: Expected =
    Fatal("checkptr: pointer arithmetic result points to invalid allocation");

/// What of the heap is still there, and what the collector comes across, is its affair.
const STALE: Expected = May(&[
    Silent,
    Fatal("found bad pointer in Go heap"),
    BAD_POINTER,
    Report(Kind::UseAfterPoison),
]);

/// The rows of this kind, by their slugs.
pub(super) const ROWS: &[Hazard] = &[
    Hazard {
        slug: "address_returned",
        about: About::UnsafePointer,
        sentence: "“-m prints `&u escapes to heap` where a function returns the address of a local variable”: it prints `moved to heap: u`.",
        seed: "2.3, escape analysis of NewUser",
        program: program!("address_returned"),
        fixture: None,
        symptom: "the variable lives on: bob",
        expected: also!(everywhere(Silent); Escape: Says("moved to heap: u")),
        twin: Twin::Refused("E0515", twins::address_returned::twin),
        twin_source: twin_source!("address_returned"),
        refused_by: "A reference to a local variable cannot be returned, E0515.",
    },
    Hazard {
        slug: "uintptr_round_trip",
        about: About::UnsafePointer,
        sentence: "An address is kept as a uintptr and made a pointer again after the collector has been there.",
        seed: "2.4, uintptr and the collector",
        program: program!("uintptr_round_trip"),
        fixture: None,
        symptom: "the block has become another",
        expected: also!(everywhere(STALE); Vet: Says("possible misuse of unsafe.Pointer")),
        twin: Twin::Refused("E0133", twins::uintptr_round_trip::twin),
        twin_source: twin_source!("uintptr_round_trip"),
        refused_by: "A number becomes a raw pointer, and reading through one needs `unsafe`, E0133.",
    },
];
