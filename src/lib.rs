//! OpenSSL and libcurl, owned.
//!
//! ffence puts one Rust owner in front of everything that these C libraries allocate, lock, call
//! back or bind to a thread, so that no sequence of safe calls reaches undefined behaviour. It works
//! on the libraries that the system already has and patches.
//!
//! | module | what is there | feature |
//! |---|---|---|
//! | [`crypto`] | keys, authenticated encryption, digests, MACs, key derivation, passwords, randomness | `crypto` |
//! | [`crypto::library`] | other providers, FIPS, property queries: OpenSSL beside the process's own | `crypto` |
//! | [`http`] | the HTTP client | `http` |
//! | [`curl`] | libcurl itself, for those who need it: every option, typed | `http` |
//! | [`thread`] | which thread may use what; threads that own their state | |
//! | [`pool`] | contexts for many threads, wiped when they come back | |
//! | [`locks`] | locks for an OpenSSL before 1.1.0 that something else brought along (Unix) | |
//! | [`secret`] | memory for keys: locked, guarded, wiped (Unix) | |
//! | [`error`] | one error type for both libraries, with the C function, its code and its reason | |
//! | [`init`](mod@init) | the one-time set-up; explicit, or on first use | |
//! | [`capabilities`](mod@capabilities) | what the linked libraries are and can do | |
//! | [`owned`], [`buf`], [`cstr`], [`unwind`] | the floor: owners for C pointers, C's buffers and strings, callbacks; for any C library | |
//!
//! | feature | what it does | on by default |
//! |---|---|---|
//! | `crypto` | the module [`crypto`], on OpenSSL | yes |
//! | `http` | the module [`http`], on libcurl | yes |
//! | `futures-io` | `AsyncRead` and `AsyncWrite` of the crate futures-io, which belong to no runtime, for sealed streams and bodies of responses | |
//! | `tokio` | tokio's `AsyncRead` and `AsyncWrite` for them | |
//! | `json` | bodies of requests and responses as JSON, by serde | |
//! | `tower` | the client as a `Service` of tower's | |
//! | `cookies` | a cookie jar for the client, with the public suffix list | |
//! | `websocket` | [`http`]'s module `websocket`: WebSockets on the client's settings, as `Stream` and `Sink` for tasks | |
//! | `tracing` | a span of the crate tracing for each request and each of its attempts | |
//! | `charset` | `Response::text` in other character sets than UTF-8 | |
//! | `vendored` | builds OpenSSL and libcurl from source and links them statically | |
//! | `torture` | the module `mem`: makes the C libraries' memory fail, for tests | |
//! | `bindgen` | generates the bindings at build time | |
//!
//! # Start
//!
//! Nothing needs to be called first. A program that wants to report a broken installation before it
//! does anything else, or that starts threads which use OpenSSL by other ways, calls [`init()`]
//! first thing in `main`.
//!
//! # Threads
//!
//! | type | rule |
//! |---|---|
//! | [`crypto::Key`], [`crypto::StreamKey`], [`crypto::kdf::Prk`], [`crypto::PasswordHash`], [`crypto::Library`], [`http::Client`] | `Send` and `Sync`: share them |
//! | [`secret::Secret`], [`secret::SecretBytes`] | `Send` and `Sync`: share them |
//! | [`crypto::Sealer`], [`crypto::Opener`], [`crypto::Hasher`], [`crypto::Hmac`] and the other MACs | `Send`: each thread has its own |
//! | [`curl::Share`], [`curl::Waker`] | `Send` and `Sync`: share them |
//! | [`curl::Multi`] | `Send`, with all of its handles: one thread at a time |
//! | [`curl::LocalShare`], [`curl::LocalEasy`] | neither: they stay on their thread |
//! | [`thread::PinnedThread`], [`pool::Pool`] | `Send` and `Sync`: share them |
//! | [`http::Body`], [`http::BodyReader`], [`http::Lines`], [`http::Sending`], the WebSockets of the client | `Send`: one task or thread at a time |
//! | [`http::CancelHandle`] | `Send` and `Sync`: share it |
//! | [`Error`] | `Send` and `Sync`: it holds no thread's state |
//!
//! The facts of C behind it are in [`thread`]'s table.

#![deny(unsafe_code, unreachable_pub)]
#![deny(clippy::unwrap_used, clippy::expect_used)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod buf;
#[cfg(any(feature = "crypto", feature = "http"))]
pub mod capabilities;
#[cfg(feature = "crypto")]
pub mod crypto;
pub mod cstr;
#[cfg(any(feature = "crypto", feature = "http"))]
mod ctypes;
#[cfg(feature = "http")]
pub mod curl;
pub mod error;
mod ffi;
mod fork;
#[cfg(feature = "http")]
pub mod http;
#[cfg(any(feature = "crypto", feature = "http"))]
pub mod init;
#[cfg(any(unix, feature = "crypto", feature = "http"))]
mod loader;
#[cfg(any(unix, feature = "http"))]
pub mod locks;
#[cfg(feature = "torture")]
pub mod mem;
pub mod owned;
pub mod pool;
#[cfg(unix)]
pub mod secret;
mod sync;
pub mod thread;
pub mod unwind;
mod version;

#[cfg(any(feature = "crypto", feature = "http"))]
pub use capabilities::capabilities;
pub use error::{Error, ErrorKind, Result};
#[cfg(any(feature = "crypto", feature = "http"))]
pub use init::{Init, OpenSslConfig, init};

/// The examples of README.md, compiled.
#[cfg(all(doctest, feature = "crypto", feature = "http"))]
#[doc = include_str!("../README.md")]
struct Readme;
