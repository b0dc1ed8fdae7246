//! The locks that C libraries ask their user for, through `parking_lot`.
//!
//! A library that shares data between threads but brings no locks of its own calls back for them.
//! The tables here answer with those of `parking_lot`: they never unwind, are never poisoned, and need no
//! clean-up.

#[cfg(feature = "http")]
pub(crate) mod curl;
#[cfg(unix)]
pub mod openssl;
