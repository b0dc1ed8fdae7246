//! x
#![deny(unsafe_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]
#![allow(missing_docs)]
#[cfg(any(feature = "crypto", feature = "http"))]
mod cstr;
#[cfg(any(feature = "crypto", feature = "http"))]
mod ctypes;
#[cfg(feature = "http")]
mod curl;
pub mod error;
mod ffi;
#[cfg(feature = "http")]
pub mod http;
pub mod init;
pub mod owned;
pub mod unwind;
pub use error::{Error, ErrorKind, Result};
pub use init::{Init, OpenSslConfig, init};
