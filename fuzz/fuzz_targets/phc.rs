//! Stored passwords in PHC's form: what is read is written the same, and costs no more than allowed.
#![no_main]

use ffence::crypto::password::{PasswordHash, PasswordLimits, PasswordScheme};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let limits = PasswordLimits::default().memory(1 << 16).filled(1 << 16).iterations(1000);
    let Ok(hash) = PasswordHash::parse(text, limits) else { return };
    match hash.scheme() {
        PasswordScheme::Scrypt(cost) => assert!(cost.memory() <= 1 << 16),
        PasswordScheme::Argon2id(cost) => assert!(cost.memory_kib() <= 64),
        PasswordScheme::Pbkdf2Sha256(count) => assert!(count.get() <= 1000),
        _ => {}
    }
    let written = hash.to_string();
    let again = PasswordHash::parse(&written, limits).expect("what was written is read");
    assert_eq!(again.to_string(), written);
    assert_eq!(again.scheme(), hash.scheme());
    let _ = hash.verify(b"password");
});
