//! What is said of what is slow and of what waits: of limits, locks, and the tools that show them.

use ffence::ErrorKind;

use crate::outcome::Kind;
use crate::row::Detector::Race;
use crate::row::Expected::{Report, Says, Silent};
use crate::row::{About, Hazard, Twin};
use crate::rows::{
    also, does_not_build, everywhere, except, program, refused_program, twin_source,
};
use crate::twins;

/// The rows of this kind, by their slugs.
pub(super) const ROWS: &[Hazard] = &[
    Hazard {
        slug: "curl_server_time",
        about: About::Claims,
        sentence: "“time_total - time_starttransfer of curl -w is the server's time”: it is the body's; the server's is time_starttransfer - time_pretransfer.",
        seed: "timeouts and how to measure them",
        program: program!("curl_server_time"),
        fixture: None,
        symptom: "between the first byte and the last: the pause, true",
        expected: also!(everywhere(Silent); Tool: Says("total - starttransfer has the pause in it that the handler made after its answer: true")),
        twin: Twin::Clean(twins::curl_server_time::twin),
        twin_source: twin_source!("curl_server_time"),
        refused_by: "`Timings` has each phase by its name: `first_byte - request` is the server and the way, `total - first_byte` the body.",
    },
    Hazard {
        slug: "dump_of_c_call",
        about: About::Claims,
        sentence: "“pprof's debug=2 shows where a goroutine is stuck in C”: its stack ends at the call, with the state syscall.",
        seed: "goroutines that leak",
        program: program!("dump_of_c_call"),
        fixture: None,
        symptom: "the dump names the function of C: false",
        expected: also!(everywhere(Silent); Tool: Says("in C: true; names the function of C: false")),
        twin: Twin::Clean(twins::dump_of_c_call::twin),
        twin_source: twin_source!("dump_of_c_call"),
        refused_by: "C and Rust share a stack: a `Backtrace` in a callback goes through C's function to its caller.",
    },
    Hazard {
        slug: "perf_sched_goroutines",
        about: About::Claims,
        sentence: "“perf sched shows how long goroutines wait for a processor”: it shows threads, by the names that the kernel has for them.",
        seed: "goroutines and the scheduler",
        program: program!("perf_sched_goroutines"),
        fixture: None,
        symptom: "a hundred took turns",
        expected: also!(everywhere(Silent); Tool: Says("a function of a goroutine: false; a thread that was named: false")),
        twin: Twin::Clean(twins::perf_sched_goroutines::twin),
        twin_source: twin_source!("perf_sched_goroutines"),
        refused_by: "`PinnedThread::builder` names a thread of the kernel's, and perf counts it under that name.",
    },
    Hazard {
        slug: "rwmutex_or_sync_map",
        about: About::Claims,
        sentence: "“sync.Map has the shorter P99, so it is the better cache”: it depends on who writes how much, and on the Go; the figures are measured, and decide nothing elsewhere.",
        seed: "gin's keys and their lock",
        program: program!("rwmutex_or_sync_map"),
        fixture: None,
        symptom: "both did the same: true",
        expected: also!(everywhere(Silent); Tool: Says("measured, with a new key in every 2 turns")),
        twin: Twin::Refused("E0596", twins::rwmutex_or_sync_map::twin),
        twin_source: twin_source!("rwmutex_or_sync_map"),
        refused_by: "`RwLock::read` lends what cannot be written through, E0596; which lock is faster is measured in Rust as well.",
    },
    Hazard {
        slug: "schedtrace_of_a_race",
        about: About::Claims,
        sentence: "“GODEBUG=schedtrace shows goroutines that race”: it counts processors and threads, and says the same of the right program; -race names both accesses.",
        seed: "maps and goroutines",
        program: program!("schedtrace_of_a_race"),
        fixture: None,
        symptom: "counted",
        expected: also!(
            except(everywhere(Silent), Race, Report(Kind::DataRace));
            Tool: Says("schedtrace counts: true; names a function or a variable: false")
        ),
        twin: Twin::Refused("E0499", twins::schedtrace_of_a_race::twin),
        twin_source: twin_source!("schedtrace_of_a_race"),
        refused_by: "Two closures that write one variable borrow it mutably twice, E0499.",
    },
    Hazard {
        slug: "timeout_in_netstat",
        about: About::Claims,
        sentence: "“netstat shows which requests hang, by their ESTABLISHED”: one that waits and one that idles are the same to it.",
        seed: "timeouts and how to measure them",
        program: program!("timeout_in_netstat"),
        fixture: None,
        symptom: "2 connections, one of which waits",
        expected: also!(everywhere(Silent); Tool: Says("tells the one that waits from the one that idles: false")),
        twin: Twin::Clean(twins::timeout_in_netstat::twin),
        twin_source: twin_source!("timeout_in_netstat"),
        refused_by: "That the limit struck is `ErrorKind::Timeout` of the call, which has closed the connection when it returns.",
    },
    Hazard {
        slug: "timeout_in_ss",
        about: About::Claims,
        sentence: "“ss -i shows whether Client.Timeout and IdleConnTimeout are in force”: they are timers of Go's, of which the kernel knows nothing.",
        seed: "timeouts and how to measure them",
        program: program!("timeout_in_ss"),
        fixture: None,
        symptom: "answered: 200 OK",
        expected: also!(everywhere(Silent); Tool: Says("ss shows a time limit: false")),
        twin: Twin::Err(ErrorKind::Timeout, twins::timeout_in_ss::twin),
        twin_source: twin_source!("timeout_in_ss"),
        refused_by: "A limit is tried on a server that does not answer, and comes back as `ErrorKind::Timeout`.",
    },
    Hazard {
        slug: "trace_of_c_call",
        about: About::Claims,
        sentence: "“go tool trace shows what a program does in C”: a call into C is one event, whatever happens in it.",
        seed: "goroutines and the scheduler",
        program: program!("trace_of_c_call"),
        fixture: None,
        symptom: "the trace is written",
        expected: also!(everywhere(Silent); Tool: Says("names the function of Go: true; the function of C that waits: false")),
        twin: Twin::Clean(twins::trace_of_c_call::twin),
        twin_source: twin_source!("trace_of_c_call"),
        refused_by: "A callback and its caller are functions of one stack: an `Instant` in each tells their parts.",
    },
    Hazard {
        slug: "transport_keepalive",
        about: About::Claims,
        sentence: "“http.Transport{KeepAlive: …} sets how long connections are kept”: there is no such field.",
        seed: "timeouts and how to measure them",
        program: refused_program!("transport_keepalive"),
        fixture: None,
        symptom: "",
        expected: &does_not_build(Says("in struct literal of type http.Transport")),
        twin: Twin::Refused("E0599", twins::transport_keepalive::twin),
        twin_source: twin_source!("transport_keepalive"),
        refused_by: "A method that `ClientBuilder` does not have is E0599; those that it has name what they limit.",
    },
];
