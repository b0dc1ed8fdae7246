//! What the tests share.

#![allow(dead_code)] // each test program takes what it needs

pub mod raw;
pub mod server;
