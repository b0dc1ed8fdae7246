//! x
#![deny(unsafe_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]
#![allow(missing_docs)]
pub mod buf;
#[cfg(any(feature = "crypto", feature = "http"))]
pub mod capabilities;
#[cfg(feature = "crypto")]
pub mod crypto;
pub mod cstr;
#[cfg(any(feature = "crypto", feature = "http"))]
mod ctypes;
pub mod error;
mod ffi;
pub mod init;
pub mod owned;
pub mod unwind;
#[cfg(any(feature = "crypto", feature = "http"))]
pub use capabilities::capabilities;
pub use error::{Error, ErrorKind, Result};
pub use init::{Init, OpenSslConfig, init};
