//! Instructions and allocations of a request, counted by callgrind in the contender's process.
//!
//! They are the same on a busy machine as on an idle one. Of the kernel's work, and so of what it takes to
//! wake another thread, nothing is counted.

use std::io;

use crate::callgrind;
pub use crate::callgrind::Counted;
use crate::case::{CONTEND, Case, Task};
use crate::counting::rust_allocs;
use crate::server::Server;

/// Tells a contender that its requests are counted.
const COUNT: &str = "FFENCE_BENCH_COUNT";

/// In the contender: does what is to be counted, if it is.
pub fn is_counted(all: impl FnOnce()) -> bool {
    if std::env::var_os(COUNT).is_none() {
        return false;
    }
    let before = rust_allocs();
    callgrind::ffence_bench_mark();
    all();
    callgrind::ffence_bench_mark();
    println!("{}", rust_allocs() - before);
    true
}

/// What a request costs.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    pub instructions: f64,
    pub mallocs: f64,
    pub rust_allocs: f64,
    pub locks: f64,
}

/// Counts `each` requests of each of so many at a time.
pub fn count(
    server: &Server,
    who: &str,
    task: Task,
    at_once: usize,
    each: usize,
) -> io::Result<Cost> {
    let case = Case::at(server, task, at_once, each);
    let arguments = case.arguments(who);
    let arguments: Vec<_> =
        std::iter::once(CONTEND).chain(arguments.iter().map(String::as_str)).collect();
    let Counted { instructions, mallocs, locks, rust_allocs } =
        callgrind::run(&arguments, (COUNT, "1"), &std::env::temp_dir())?;
    let requests = (at_once * each) as f64;
    let of = |count: u64| count as f64 / requests;
    Ok(Cost {
        instructions: of(instructions),
        mallocs: of(mallocs.saturating_sub(rust_allocs)),
        rust_allocs: of(rust_allocs),
        locks: of(locks),
    })
}
