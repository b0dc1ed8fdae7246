//! C calling back.

use ffence::ErrorKind;

use crate::row::Expected::Silent;
use crate::row::{About, Fixture, Hazard, Twin};
use crate::rows::{everywhere, fixture, program, twin_source};
use crate::twins;

/// The rows of this kind, by their slugs.
pub(super) const ROWS: &[Hazard] = &[Hazard {
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
}];
