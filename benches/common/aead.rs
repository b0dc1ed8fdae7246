//! AES-256-GCM and ChaCha20-Poly1305: seal and open under one key, without associated data.
//!
//! Contenders that are compared take their nonces from the same source:
//!
//! - [`Counter`]: a prefix of 4 bytes and a number, the cheapest there is;
//! - drawn ahead: 32 nonces at once from OpenSSL's generator;
//! - drawn: one for each message, from the same generator.

use std::ffi::CStr;

use ffence::crypto::{Aead, Aes256Gcm, ChaCha20Poly1305, Nonced};
use openssl::cipher::{Cipher, CipherRef};
use openssl::symm;

use super::{C, Case, Goal};

mod ours;
mod peers;
mod raw;

const KEY: [u8; 32] = [7; 32];
const NONCE: usize = 12;
const TAG: usize = 16;

/// One algorithm, as each contender calls it.
pub trait Algorithm: 'static {
    const NAME: &'static CStr;
    type Ours: Nonced + Aead<KeyBytes = [u8; 32], Nonce = [u8; NONCE], Tag = [u8; TAG]>;
    type RustCrypto: aes_gcm::KeyInit + aes_gcm::AeadInOut + 'static;
    fn openssl() -> &'static CipherRef;
    fn openssl_symm() -> symm::Cipher;
    fn ring() -> &'static ring::aead::Algorithm;
    fn aws() -> &'static aws_lc_rs::aead::Algorithm;
}

pub enum Gcm {}

impl Algorithm for Gcm {
    const NAME: &'static CStr = c"AES-256-GCM";
    type Ours = Aes256Gcm;
    type RustCrypto = aes_gcm::Aes256Gcm;

    fn openssl() -> &'static CipherRef {
        Cipher::aes_256_gcm()
    }

    fn openssl_symm() -> symm::Cipher {
        symm::Cipher::aes_256_gcm()
    }

    fn ring() -> &'static ring::aead::Algorithm {
        &ring::aead::AES_256_GCM
    }

    fn aws() -> &'static aws_lc_rs::aead::Algorithm {
        &aws_lc_rs::aead::AES_256_GCM
    }
}

pub enum ChaCha {}

impl Algorithm for ChaCha {
    const NAME: &'static CStr = c"ChaCha20-Poly1305";
    type Ours = ChaCha20Poly1305;
    type RustCrypto = chacha20poly1305::ChaCha20Poly1305;

    fn openssl() -> &'static CipherRef {
        Cipher::chacha20_poly1305()
    }

    fn openssl_symm() -> symm::Cipher {
        symm::Cipher::chacha20_poly1305()
    }

    fn ring() -> &'static ring::aead::Algorithm {
        &ring::aead::CHACHA20_POLY1305
    }

    fn aws() -> &'static aws_lc_rs::aead::Algorithm {
        &aws_lc_rs::aead::CHACHA20_POLY1305
    }
}

/// Nonces that are counted.
struct Counter(u64);

impl Counter {
    #[inline]
    fn next(&mut self) -> [u8; NONCE] {
        let mut nonce = *b"site\0\0\0\0\0\0\0\0";
        nonce[4..].copy_from_slice(&self.0.to_be_bytes());
        self.0 += 1;
        nonce
    }
}

fn text(bytes: usize) -> Vec<u8> {
    vec![0x5A; bytes]
}

/// What all rows are measured with.
const SIZES: &[usize] = &[64, 1024, 16 * 1024];

const RANDOM: &[Goal] = &[Goal::c("raw-c-ahead"), Goal::at_most("ffence", 1.15)];
// A `Vec` checks its room, which the C code beside it need not, and grows by a path of its own.
const APPEND: &[Goal] = &[Goal::at_most("raw-c-append", 1.04)];
const MALLOC: &[Goal] = &[Goal::at_most("raw-c-malloc", 1.06)];

pub const fn seal<A: Algorithm>(op: &'static str) -> [Case; 15] {
    let base = Case {
        op,
        sizes: SIZES,
        who: "raw-c",
        against: "raw-c",
        goals: &[],
        loops: 1024,
        prepare: raw::seal_in_place::<A, raw::Counted>,
    };
    let ahead = "raw-c-ahead";
    [
        base,
        Case { who: "ffence", goals: C, prepare: ours::seal_in_place_counter::<A>, ..base },
        Case { who: "openssl-best", prepare: peers::openssl_seal::<A>, ..base },
        Case { who: "ring", prepare: peers::ring_seal::<A>, ..base },
        Case { who: "aws-lc-rs", prepare: peers::aws_seal::<A>, ..base },
        Case { who: "rustcrypto", prepare: peers::rustcrypto_seal::<A>, ..base },
        Case { who: ahead, against: ahead, prepare: raw::seal_in_place::<A, raw::Ahead>, ..base },
        Case {
            who: "ffence-random",
            against: ahead,
            goals: RANDOM,
            prepare: ours::seal_in_place_random::<A>,
            ..base
        },
        Case {
            who: "raw-c-append",
            against: "raw-c-append",
            prepare: raw::seal_append::<A>,
            ..base
        },
        Case {
            who: "ffence-append",
            against: "raw-c-append",
            goals: APPEND,
            prepare: ours::seal_append::<A>,
            ..base
        },
        Case {
            who: "raw-c-malloc",
            against: "raw-c-malloc",
            prepare: raw::seal_malloc::<A>,
            ..base
        },
        Case {
            who: "ffence-vec",
            against: "raw-c-malloc",
            goals: MALLOC,
            prepare: ours::seal_vec::<A>,
            ..base
        },
        Case {
            who: "raw-c-drawn",
            against: "raw-c-drawn",
            prepare: raw::seal_in_place::<A, raw::Drawn>,
            ..base
        },
        Case {
            who: "openssl-drawn",
            against: "raw-c-drawn",
            prepare: peers::openssl_seal_drawn::<A>,
            ..base
        },
        Case {
            who: "openssl-common",
            against: "raw-c-drawn",
            prepare: peers::openssl_seal_common::<A>,
            ..base
        },
    ]
}

pub const fn open<A: Algorithm>(op: &'static str) -> [Case; 9] {
    let base = Case {
        op,
        sizes: SIZES,
        who: "raw-c",
        against: "raw-c",
        goals: &[],
        loops: 1024,
        prepare: raw::open_in_place::<A>,
    };
    [
        base,
        Case { who: "ffence", goals: C, prepare: ours::open_in_place::<A>, ..base },
        Case { who: "openssl-best", prepare: peers::openssl_open::<A>, ..base },
        Case { who: "ring", prepare: peers::ring_open::<A>, ..base },
        Case { who: "aws-lc-rs", prepare: peers::aws_open::<A>, ..base },
        Case { who: "rustcrypto", prepare: peers::rustcrypto_open::<A>, ..base },
        Case {
            who: "raw-c-malloc",
            against: "raw-c-malloc",
            prepare: raw::open_malloc::<A>,
            ..base
        },
        Case {
            who: "ffence-vec",
            against: "raw-c-malloc",
            goals: MALLOC,
            prepare: ours::open_vec::<A>,
            ..base
        },
        Case {
            who: "openssl-common",
            against: "raw-c-malloc",
            prepare: peers::openssl_open_common::<A>,
            ..base
        },
    ]
}
