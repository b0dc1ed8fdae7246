//! A bug on purpose, which `make fuzz` must find: behind four bytes that no corpus has, a read past the
//! end of a block.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    if let [b'o', b'v', b'e', b'r', ..] = input {
        let block = vec![0_u8; 8];
        // SAFETY: none, on purpose: the block has eight bytes.
        let past = unsafe { std::ptr::read_volatile(block.as_ptr().add(8)) };
        std::hint::black_box(past);
    }
});
