//! x
#![deny(unsafe_code)]
#![allow(missing_docs)]
mod ffi;
pub mod owned;
pub mod unwind;
