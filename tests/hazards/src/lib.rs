//! The hazard catalogue: documented mistakes in the use of C from Go, what each detector says of
//! them, and what becomes of the same mistake in Rust.
//!
//! A row of [`rows::ROWS`] ties together a Go program of `go-harness`, the C fixture that both
//! languages build, what each [`Detector`](row::Detector) makes of the program, and the Rust twin.
//! `tests/hazards.rs` runs all of it; the program `hazards` shows it to people.

#![deny(unsafe_code)]

pub mod call;
pub mod child;
pub mod compiler;
pub mod detector;
pub mod docs;
pub mod fixtures;
pub mod go;
pub mod junit;
pub mod outcome;
pub mod parity;
pub mod record;
pub mod report;
pub mod row;
pub mod rows;
pub mod run;
pub mod server;
pub mod sweep;
pub mod toolchain;
pub mod tools;
pub mod twins;
pub mod watch;
mod words;
