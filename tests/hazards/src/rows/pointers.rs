//! Pointers passed to C, and kept by it.

use crate::outcome::Kind;
use crate::row::Expected::{Fatal, Since};
use crate::row::{About, Fixture, Hazard, Twin};
use crate::rows::{by_asan, everywhere, fixture, program, twin_source};
use crate::twins;

/// The rows of this kind, by their slugs.
pub(super) const ROWS: &[Hazard] = &[
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
];
