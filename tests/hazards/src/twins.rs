//! The Rust side of each hazard: one file each, which attempts the mistake in safe code.

#![forbid(unsafe_code)]
// A twin panics when ffence does not keep its word, and answers what ffence answers.
#![allow(clippy::missing_panics_doc, clippy::missing_errors_doc)]

pub mod address_returned;
pub mod context_used_after_free;
pub mod double_free;
pub mod error_queue_migration;
pub mod kept_pointer;
pub mod locking_callback;
pub mod missing_terminator;
pub mod panic_through_c;
pub mod pointer_to_pointer;
pub mod secure_cipher_defer;
pub mod uintptr_round_trip;
pub mod use_after_free;
