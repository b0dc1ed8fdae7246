//! The crate's own queue, answers and pool, tried in every order of events: `make loom`.
//!
//! The files are the crate's own (`src/thread/queue.rs`, `src/thread/reply.rs`,
//! `src/pool/shards.rs`), compiled here once more. What they stand on is not: in the crate that is
//! `parking_lot`, and here a **stand-in** of the same shape over loom's mutex and condition variable.
//! So what is shown is that the logic of these files is right on any lock and condition variable that
//! keep their promises. That `parking_lot` keeps them is its own affair, and its real code runs
//! under `ThreadSanitizer` (`make tsan`).
//!
//! Each model prints how many interleavings it tried.

#![cfg(all(test, loom))]
#![allow(dead_code, reason = "the crate uses more of its files than the models do")]

#[path = "../../../src/thread/queue.rs"]
mod queue;
#[path = "../../../src/thread/reply.rs"]
mod reply;
#[path = "../../../src/pool/shards.rs"]
mod shards;
mod sync;

mod models;
