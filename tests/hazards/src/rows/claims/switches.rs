//! What is said of compilers, checks and settings.

use crate::outcome::Kind;
use crate::row::Detector::{Asan, Cgocheck, CgocheckDebug, Checkptr, Race};
use crate::row::Expected::{Fatal, Report, Says, Silent, Since};
use crate::row::{About, Expected, Hazard, Twin};
use crate::rows::{
    also, does_not_build, everywhere, except, program, refused_program, twin_source,
};
use crate::twins;

const STORED: Expected = Fatal("Go pointer stored into non-Go memory");

const INVALID: Expected = Fatal("checkptr: pointer arithmetic result points to invalid allocation");

/// The rows of this kind, by their slugs.
pub(super) const ROWS: &[Hazard] = &[
    Hazard {
        slug: "cgo_check_variable",
        about: About::Claims,
        sentence: "“CGO_CHECK=2 switches cgo's strictest check on”: nothing reads such a variable, and the mistake goes on in silence.",
        seed: "the rules of passing pointers",
        program: program!("cgo_check_variable"),
        fixture: None,
        symptom: "stored",
        expected: also!(
            except(
                except(everywhere(Silent), Cgocheck, STORED),
                CgocheckDebug,
                STORED
            );
            Tool: Says("CGO_CHECK=2 changes what becomes of the mistake: false")
        ),
        twin: Twin::Refused("E0505", twins::cgo_check_variable::twin),
        twin_source: twin_source!("cgo_check_variable"),
        refused_by: "`Keeper::keep` borrows for as long as C keeps: giving the bytes away before is E0505, in every build.",
    },
    Hazard {
        slug: "cgocheck_at_run_time",
        about: About::Claims,
        sentence: "“GODEBUG=cgocheck=2 switches cgo's strictest check on”: before Go 1.21; from then on it ends the program before main.",
        seed: "the rules of passing pointers",
        program: program!("cgocheck_at_run_time"),
        fixture: None,
        symptom: "stored",
        expected: also!(
            except(
                except(everywhere(Silent), Cgocheck, STORED),
                CgocheckDebug,
                STORED
            );
            Tool: Since(
                21,
                &Says("Go pointer stored into non-Go memory"),
                &Says("cgocheck > 1 mode is no longer supported at runtime")
            )
        ),
        twin: Twin::Refused("E0506", twins::cgocheck_at_run_time::twin),
        twin_source: twin_source!("cgocheck_at_run_time"),
        refused_by: "The check has no levels: writing to what C keeps is E0506, in every build.",
    },
    Hazard {
        slug: "curl_global_threadsafe",
        about: About::Claims,
        sentence: "“CURL_GLOBAL_THREADSAFE makes curl_global_init safe between threads”: there is no such flag, only a property of the build.",
        seed: "libcurl and threads",
        program: refused_program!("curl_global_threadsafe"),
        fixture: None,
        symptom: "",
        expected: &does_not_build(Since(
            21,
            &Says("could not determine kind of name for C.CURL_GLOBAL_THREADSAFE"),
            &Says("could not determine what C.CURL_GLOBAL_THREADSAFE refers to"),
        )),
        twin: Twin::Refused("E0061", twins::curl_global_threadsafe::twin),
        twin_source: twin_source!("curl_global_threadsafe"),
        refused_by: "`ffence::init` takes no flags (E0061), initialises once, and may be called from every thread.",
    },
    Hazard {
        slug: "escape_reasons",
        about: About::Claims,
        sentence: "“-m -m finds escapes that -m does not”: the verdicts are the same, the second -m says why.",
        seed: "2.3, escape analysis of NewUser",
        program: program!("escape_reasons"),
        fixture: None,
        symptom: "by address",
        expected: also!(everywhere(Silent); Tool: Says("1 on the heap; the same verdicts: true; reasons for them with -m -m: true")),
        twin: Twin::Refused("E0373", twins::escape_reasons::twin),
        twin_source: twin_source!("escape_reasons"),
        refused_by: "What would outlive its function is refused, E0373, with the reason in the same message.",
    },
    Hazard {
        slug: "escape_without_inlining",
        about: About::Claims,
        sentence: "“-m -l shows what really escapes”: without inlining it is another program, in which more escapes.",
        seed: "2.3, escape analysis of NewUser",
        program: program!("escape_without_inlining"),
        fixture: None,
        symptom: "through an interface",
        expected: also!(everywhere(Silent); Tool: Says("moved to the heap, as it is built: false; with -l: true")),
        twin: Twin::Refused("E0597", twins::escape_without_inlining::twin),
        twin_source: twin_source!("escape_without_inlining"),
        refused_by: "The heap is a type, `Box`; a reference ends with its variable whether or not anything is inlined, E0597.",
    },
    Hazard {
        slug: "guarded_memory",
        about: About::Claims,
        sentence: "“Guarded memory for secrets (memguard) finds memory bugs as AddressSanitizer does, for less”: it guards its own buffers and sees nothing beside them.",
        seed: "a table of what memguard and AddressSanitizer cost",
        program: program!("guarded_memory"),
        fixture: None,
        symptom: "and the guards saw nothing",
        expected: also!(
            except(everywhere(Silent), Asan, Report(Kind::HeapBufferOverflow));
            Tool: Says("what is beside them is not guarded")
        ),
        twin: Twin::Panics(
            "index out of bounds: the len is 64 but the index is 64",
            twins::guarded_memory::twin,
        ),
        twin_source: twin_source!("guarded_memory"),
        refused_by: "Every `CBuf` is a slice, which knows its length: the index is checked before C is asked.",
    },
    Hazard {
        slug: "reflection_unexported",
        about: About::Claims,
        sentence: "“Reflection reaches unexported fields”: it reads them, and panics when it is to write.",
        seed: "reflection and private fields",
        program: program!("reflection_unexported"),
        fixture: None,
        symptom: "",
        expected: &everywhere(Fatal("using value obtained using unexported field")),
        twin: Twin::Refused("E0616", twins::reflection_unexported::twin),
        twin_source: twin_source!("reflection_unexported"),
        refused_by: "A private field is private, to read and to write: E0616, and there is no reflection that goes around it.",
    },
    Hazard {
        slug: "reordered_fields",
        about: About::Claims,
        sentence: "“The compiler reorders the fields of a struct”: Go's does not, they lie as they are written.",
        seed: "2.4, hard-coded offsets",
        program: program!("reordered_fields"),
        fixture: None,
        symptom: "as written: 24 bytes, at 0, 8 and 16",
        expected: &everywhere(Silent),
        twin: Twin::Clean(twins::reordered_fields::twin),
        twin_source: twin_source!("reordered_fields"),
        refused_by: "Rust may reorder and does: 16 bytes where `repr(C)` has 24; `offset_of!` knows where a field is.",
    },
    Hazard {
        slug: "thread_drift",
        about: About::Claims,
        sentence: "“The goroutine may drift to another thread within one call into C”: within a call it stays.",
        seed: "OpenSSL's error queue and runtime.LockOSThread",
        program: program!("thread_drift"),
        fixture: None,
        symptom: "moved within a call: 0 of 80",
        expected: &everywhere(Silent),
        twin: Twin::Clean(twins::thread_drift::twin),
        twin_source: twin_source!("thread_drift"),
        refused_by: "`PinnedThread` runs every closure on the one thread that it is.",
    },
    Hazard {
        slug: "unsafe_under_m",
        about: About::Claims,
        sentence: "“-m warns of pointers that unsafe and uintptr lose”: it has not a word for them; go vet and checkptr have.",
        seed: "2.4, uintptr and the collector",
        program: program!("unsafe_under_m"),
        fixture: None,
        symptom: "through a number: 7",
        expected: also!(
            except(
                except(except(everywhere(Silent), Asan, INVALID), Race, INVALID),
                Checkptr,
                INVALID
            );
            Vet: Says("possible misuse of unsafe.Pointer"),
            Tool: Says("-m speaks: true; of unsafe or uintptr: false")
        ),
        twin: Twin::Refused("E0133", twins::unsafe_under_m::twin),
        twin_source: twin_source!("unsafe_under_m"),
        refused_by: "A number becomes a raw pointer, and reading through one needs `unsafe`, E0133.",
    },
];
