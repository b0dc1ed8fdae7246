//! The only place where C is declared: what openssl-sys and curl-sys have, by name, and what
//! bindgen adds to it.

#![allow(
    unsafe_code,
    dead_code,
    missing_docs,
    non_camel_case_types,
    non_upper_case_globals,
    unreachable_pub,
    clippy::all,
    clippy::pedantic
)]

#[cfg(feature = "http")]
pub(crate) mod curl;
#[cfg(feature = "crypto")]
pub(crate) mod openssl;
