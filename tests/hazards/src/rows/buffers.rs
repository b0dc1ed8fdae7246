//! Strings and buffers: whose they are, and where they end.

use crate::outcome::Kind;
use crate::row::{About, Fixture, Hazard, Twin};
use crate::rows::{by_asan, fixture, program, twin_source};
use crate::twins;

/// The rows of this kind, by their slugs.
pub(super) const ROWS: &[Hazard] = &[
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
