//! A fresh key of 32 bytes, made and dropped.

use std::hint::black_box;
use std::ptr;

use ffence::crypto::{Aes256Gcm, Key};
use ffence::secret::Secret;

use super::Op;
use super::lacking;

/// What C does without a thought for the memory: a block of the heap, cleansed and freed.
pub fn raw(bytes: usize) -> Op {
    Box::new(move || {
        // SAFETY: malloc only answers.
        let block = unsafe { libc::malloc(bytes) };
        assert!(!block.is_null());
        // SAFETY: the block has as many bytes; NULL is the default context, 0 its strength.
        let drawn = unsafe { lacking::RAND_priv_bytes_ex(ptr::null_mut(), block.cast(), bytes, 0) };
        assert_eq!(drawn, 1);
        black_box(block);
        // SAFETY: the block has as many bytes.
        unsafe { lacking::OPENSSL_cleanse(block, bytes) };
        // SAFETY: the block is malloc's, and not used any more.
        unsafe { libc::free(block) };
    })
}

pub fn ffence(_bytes: usize) -> Op {
    Box::new(|| {
        black_box(Key::<Aes256Gcm>::generate().expect("a key"));
    })
}

/// The same bytes on pages of their own.
pub fn ffence_secret(_bytes: usize) -> Op {
    Box::new(|| {
        let secret = Secret::<32>::try_fill_with(|out| ffence::crypto::random::fill_private(out));
        black_box(secret.expect("a secret"));
    })
}
