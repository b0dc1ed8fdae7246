//! Allocation torture: every public operation is run with the k-th request of C's for memory refused,
//! for k = 1, 2, … to its last, once alone and once with all that follow.
//!
//! What may happen is an `Err`, or success with the right bytes; and the same operation must succeed
//! when memory is back. A wrong result, a panic, an abort, a crash, a hang, a leak that LeakSanitizer
//! sees, or an object that stays broken fails the run, unless [`known`] lists it with the place in the
//! C library that does it.
//!
//! `make torture` runs it under AddressSanitizer, with samples where an operation asks more than 500
//! times; `make torture-full` takes every point. `ONLY=row` runs one row. As many processes run at a
//! time as there are processors. An executable of its own,
//! and each part a process of its own: the libraries take another allocator only before their first use.

// The rows of a file are one list.
#![allow(clippy::too_many_lines)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/families.rs"]
mod families;

mod api;
mod child;
mod cold;
mod judge;
mod known;
mod leaks;
mod ours;
mod plan;
mod report;
mod row;
mod rows;
mod seeds;
mod supervise;

fn main() -> std::process::ExitCode {
    match std::env::var("FFENCE_TORTURE_CHILD").as_deref() {
        Ok("warm") => child::run(),
        Ok("cold") => cold::run(),
        Ok("ours") => ours::run(),
        Ok(other) => panic!("no such child: {other}"),
        Err(_) => report::run(),
    }
}
