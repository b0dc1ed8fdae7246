//! What the tests share.

#![allow(dead_code)] // each test program takes what it needs

pub mod executor;
pub mod faults;
pub mod footing;
pub mod giving;
pub mod guarded;
pub mod neighbours;
pub mod nginx;
pub mod phases;
pub mod program;
pub mod proxy;
pub mod raw;
pub mod server;
pub mod services;
pub mod site;
pub mod transfers;
pub mod tunnel;
pub mod ugly;
pub mod websocket;
