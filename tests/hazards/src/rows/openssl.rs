//! OpenSSL's objects and its error queue.

use libc::SIGSEGV;

use crate::outcome::Kind;
use crate::row::Expected::{May, Report, Says, Signal, Silent, Since};
use crate::row::{About, Fixture, Hazard, Twin};
use crate::rows::{
    also, does_not_build, everywhere, fixture, null_dereference, program, refused_program,
    twin_source,
};
use crate::twins;

/// The rows of this kind, by their slugs.
pub(super) const ROWS: &[Hazard] = &[
    Hazard {
        slug: "context_used_after_free",
        about: About::OpenSsl,
        sentence: "An OpenSSL context is freed, and used through a copy of its pointer.",
        seed: "3.2, OpenSSL contexts and who frees them",
        program: program!("context_used_after_free"),
        fixture: None,
        symptom: "of a context that was freed",
        // Where the sanitizer has filled the freed context, libcrypto follows the filling.
        expected: also!(
            everywhere(May(&[Silent, Signal(SIGSEGV), Report(Kind::Segv)]));
            Valgrind: Report(Kind::InvalidRead)
        ),
        twin: Twin::Refused("E0382", twins::context_used_after_free::twin),
        twin_source: twin_source!("context_used_after_free"),
        refused_by: "`Hasher` owns its `EVP_MD_CTX` and is not `Copy`: using one that was dropped is E0382.",
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
        slug: "locking_callback",
        about: About::OpenSsl,
        sentence: "OpenSSL is given a locking callback, which it has not needed since 1.1.0.",
        seed: "4.2, CRYPTO_set_locking_callback",
        program: refused_program!("locking_callback"),
        fixture: None,
        symptom: "",
        expected: &does_not_build(Since(
            21,
            &Says("could not determine kind of name for C.CRYPTO_num_locks"),
            &Says("could not determine what C.CRYPTO_num_locks refers to"),
        )),
        twin: Twin::Refused("E0499", twins::locking_callback::twin),
        twin_source: twin_source!("locking_callback"),
        refused_by: "OpenSSL locks what its threads share, and `Hasher::update` takes `&mut self`: two threads with one hasher are E0499.",
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
