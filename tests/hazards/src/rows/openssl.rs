//! OpenSSL's objects and its error queue.

use crate::row::Expected::Silent;
use crate::row::{About, Fixture, Hazard, Twin};
use crate::rows::{everywhere, fixture, null_dereference, program, twin_source};
use crate::twins;

/// The rows of this kind, by their slugs.
pub(super) const ROWS: &[Hazard] = &[
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
];
