//! The Rust side of each hazard: one file each, which attempts the mistake in safe code.

#![forbid(unsafe_code)]
// A twin panics when ffence does not keep its word, and answers what ffence answers.
#![allow(clippy::missing_panics_doc, clippy::missing_errors_doc)]

pub mod address_returned;
pub mod c_frees_go_literal;
pub mod c_frees_go_slice;
pub mod c_frees_go_string;
pub mod c_writes_past_go_slice;
pub mod context_used_after_free;
pub mod double_free;
pub mod error_queue_migration;
pub mod export_returns_pointer;
pub mod export_returns_string;
pub mod freed_middle;
pub mod freed_text_copied;
pub mod freed_text_read;
pub mod func_to_c;
pub mod go_pointer_in_c_memory;
pub mod handle_after_delete;
pub mod handle_as_pointer;
pub mod handle_deleted_twice;
pub mod hidden_in_uintptr;
pub mod kept_pointer;
pub mod late_stack_read;
pub mod late_stack_write;
pub mod late_thread_stack;
pub mod leaked_string;
pub mod list_of_strings;
pub mod locking_callback;
pub mod map_to_c;
pub mod missing_export;
pub mod missing_terminator;
pub mod needless_thread_lock;
pub mod null_callback;
pub mod panic_on_c_thread;
pub mod panic_through_c;
pub mod panic_through_libcurl;
pub mod pinner_leak;
pub mod pointer_as_bytes;
pub mod pointer_in_interface;
pub mod pointer_to_pointer;
pub mod read_past_block;
pub mod reused_pointer;
pub mod secure_cipher_defer;
pub mod stored_by_c;
pub mod uintptr_round_trip;
pub mod uncaught_panic;
pub mod uninitialised_read;
pub mod unterminated_strlen;
pub mod use_after_free;
pub mod write_past_block;
