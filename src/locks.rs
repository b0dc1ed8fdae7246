//! Locks for the C libraries that ask their program for them, through `parking_lot`.

pub mod openssl;
