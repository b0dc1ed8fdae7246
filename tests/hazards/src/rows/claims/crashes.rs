//! What is said of crashes: of what they leave, and of what reads it.

use libc::SIGABRT;

use crate::row::Expected::{Fatal, Says, Signal, Silent};
use crate::row::{About, Hazard, Twin};
use crate::rows::{also, everywhere, program, twin_source};
use crate::twins;

/// The rows of this kind, by their slugs.
pub(super) const ROWS: &[Hazard] = &[
    Hazard {
        slug: "core_limit",
        about: About::Claims,
        sentence: "“GOTRACEBACK=crash leaves a core file”: it ends the process by SIGABRT, and there is a core only where the system's limit lets one be written.",
        seed: "a core file for a crash in C",
        program: program!("core_limit"),
        fixture: None,
        symptom: "",
        expected: also!(everywhere(Fatal("boom for a core")); Tool: Says("limit raised: false; a core: false")),
        twin: Twin::Panics("boom for a core", twins::core_limit::twin),
        twin_source: twin_source!("core_limit"),
        refused_by: "A panic is no signal: it unwinds and leaves with code 101; a core is what an abort leaves, under the same limit.",
    },
    Hazard {
        slug: "core_of_goroutines",
        about: About::Claims,
        sentence: "“gdb shows all goroutines of a core”: it shows the threads, and a goroutine that waits is on none.",
        seed: "a core file for a crash in C",
        program: program!("core_of_goroutines"),
        fixture: None,
        symptom: "",
        expected: also!(everywhere(Fatal("boom in company")); Tool: Says("shows the goroutine that crashed: true; the one that waits: false")),
        twin: Twin::Clean(twins::core_of_goroutines::twin),
        twin_source: twin_source!("core_of_goroutines"),
        refused_by: "What waits in Rust is a `std::thread`, a thread of the system's with a name and a stack, which every debugger lists.",
    },
    Hazard {
        slug: "core_read_by_dlv",
        about: About::Claims,
        sentence: "“dlv reads the core of any Go program”: of one that is not newer than it is; an older one refuses.",
        seed: "a core file for a crash in C",
        program: program!("core_read_by_dlv"),
        fixture: None,
        symptom: "",
        expected: also!(
            everywhere(Fatal("boom for dlv"));
            Tool: Says("shows the goroutine that waits, or refuses a Go that is too new for it: true")
        ),
        twin: Twin::Clean(twins::core_read_by_dlv::twin),
        twin_source: twin_source!("core_read_by_dlv"),
        refused_by: "`std::backtrace::Backtrace` reads the stack from within, with the debug information that its own compiler wrote.",
    },
    Hazard {
        slug: "mapassign_breakpoint",
        about: About::Claims,
        sentence: "“A breakpoint on runtime.mapassign stops at context.WithValue”: a context with a value is a link of a list, there is no map.",
        seed: "contexts that carry values",
        program: program!("mapassign_breakpoint"),
        fixture: None,
        symptom: "carried: bob",
        expected: also!(everywhere(Silent); Tool: Says("stops in runtime.mapassign: false")),
        twin: Twin::Refused("E0308", twins::mapassign_breakpoint::twin),
        twin_source: twin_source!("mapassign_breakpoint"),
        refused_by: "What is carried is a field with a type: taken for another it is E0308, and there is nothing to look up.",
    },
    Hazard {
        slug: "profile_of_a_crash",
        about: About::Claims,
        sentence: "“A flame graph shows where the process crashed”: the profile of a process that dies is empty; its backtrace is on stderr.",
        seed: "a flame graph of the crash",
        program: program!("profile_of_a_crash"),
        fixture: None,
        symptom: "",
        expected: also!(everywhere(Fatal("boom while profiled")); Tool: Says("a profile: false, empty: true; the backtrace names the function: true")),
        twin: Twin::Clean(twins::profile_of_a_crash::twin),
        twin_source: twin_source!("profile_of_a_crash"),
        refused_by: "A panic unwinds, and `Drop` runs on the way: what was half written is written.",
    },
    Hazard {
        slug: "sigpanic_variable",
        about: About::Claims,
        sentence: "“GODEBUG=sigpanic=1 is needed to see the crash”: there is no such setting, and Go ignores what it does not know.",
        seed: "4.1, a goroutine that outlives the frame of C",
        program: program!("sigpanic_variable"),
        fixture: None,
        symptom: "",
        expected: also!(everywhere(Signal(SIGABRT)); Tool: Says("GODEBUG=sigpanic=1 changes what is said: false")),
        twin: Twin::Refused("E0599", twins::sigpanic_variable::twin),
        twin_source: twin_source!("sigpanic_variable"),
        refused_by: "A setting is a method of `thread::Builder`: one that does not exist is E0599.",
    },
];
