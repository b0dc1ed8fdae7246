//! SHA-256 of one message, and HMAC-SHA-256 of one message under a kept key.

use std::ffi::c_uint;
use std::hint::black_box;
use std::ptr;

use ffence::crypto::{Hmac, Sha256};
use openssl::hash::{self, Hasher, MessageDigest};
use openssl::pkey::PKey;
use openssl::sign::Signer;
use openssl_sys as sys;

use super::Op;
use super::lacking;

const KEY: [u8; 32] = [7; 32];
const LEN: usize = 32;

fn text(bytes: usize) -> Vec<u8> {
    vec![0x5A; bytes]
}

/// The best that C has: a fetched digest and a kept context.
pub fn sha256_raw(bytes: usize) -> Op {
    let text = text(bytes);
    let name = c"SHA2-256".as_ptr();
    // SAFETY: the name ends in NUL; NULL stands for the default context and properties.
    let md = unsafe { sys::EVP_MD_fetch(ptr::null_mut(), name, ptr::null()) };
    // SAFETY: takes nothing.
    let ctx = unsafe { sys::EVP_MD_CTX_new() };
    assert!(!md.is_null() && !ctx.is_null());
    Box::new(move || {
        let text = black_box(&text);
        let mut out = [0_u8; LEN];
        let mut written: c_uint = 0;
        // SAFETY: both are live; without parameters NULL is passed.
        let begun = unsafe { lacking::EVP_DigestInit_ex2(ctx, md, ptr::null()) };
        // SAFETY: the text is readable for its length.
        let updated = unsafe { sys::EVP_DigestUpdate(ctx, text.as_ptr().cast(), text.len()) };
        // SAFETY: the output is as long as the digest.
        let ended = unsafe { sys::EVP_DigestFinal_ex(ctx, out.as_mut_ptr(), &raw mut written) };
        assert!(begun & updated & ended == 1 && written as usize == LEN);
        black_box(&out);
    })
}

pub fn sha256_ffence(bytes: usize) -> Op {
    let text = text(bytes);
    Box::new(move || {
        black_box(Sha256::digest(black_box(&text)).expect("a digest"));
    })
}

pub fn sha256_openssl_best(bytes: usize) -> Op {
    let text = text(bytes);
    let mut hasher = Hasher::new(MessageDigest::sha256()).expect("a hasher");
    Box::new(move || {
        hasher.update(black_box(&text)).expect("updated");
        black_box(hasher.finish().expect("a digest"));
    })
}

pub fn sha256_openssl_common(bytes: usize) -> Op {
    let text = text(bytes);
    Box::new(move || {
        black_box(hash::hash(MessageDigest::sha256(), black_box(&text)).expect("a digest"));
    })
}

/// The best that C has: a fetched MAC and a kept context, started anew without the key.
pub fn hmac_raw(bytes: usize) -> Op {
    let text = text(bytes);
    // SAFETY: the name ends in NUL; NULL stands for the default context and properties.
    let mac = unsafe { sys::EVP_MAC_fetch(ptr::null_mut(), c"HMAC".as_ptr(), ptr::null()) };
    assert!(!mac.is_null());
    // SAFETY: the algorithm is live.
    let ctx = unsafe { sys::EVP_MAC_CTX_new(mac) };
    let digest = c"SHA2-256";
    let param = |key, data_type, data: *const u8, data_size| sys::OSSL_PARAM {
        key,
        data_type,
        data: data.cast_mut().cast(),
        data_size,
        return_size: 0,
    };
    let params = [
        param(
            lacking::OSSL_MAC_PARAM_DIGEST.as_ptr(),
            lacking::OSSL_PARAM_UTF8_STRING,
            digest.as_ptr().cast(),
            digest.count_bytes(),
        ),
        param(ptr::null(), 0, ptr::null(), 0),
    ];
    // SAFETY: the context is live; key and parameters are copied.
    let keyed = unsafe { sys::EVP_MAC_init(ctx, KEY.as_ptr(), KEY.len(), params.as_ptr()) };
    assert_eq!(keyed, 1);
    Box::new(move || {
        let text = black_box(&text);
        let mut out = [0_u8; LEN];
        let mut written = 0;
        // SAFETY: the context keeps its key.
        let begun = unsafe { sys::EVP_MAC_init(ctx, ptr::null(), 0, ptr::null()) };
        // SAFETY: the text is readable for its length.
        let updated = unsafe { sys::EVP_MAC_update(ctx, text.as_ptr(), text.len()) };
        // SAFETY: the output is as long as is said.
        let ended = unsafe { sys::EVP_MAC_final(ctx, out.as_mut_ptr(), &raw mut written, LEN) };
        assert!(begun & updated & ended == 1 && written == LEN);
        black_box(&out);
    })
}

pub fn hmac_ffence(bytes: usize) -> Op {
    let text = text(bytes);
    let mut hmac = Hmac::<Sha256>::new(&KEY).expect("a key");
    Box::new(move || {
        black_box(hmac.sign(black_box(&text)).expect("a tag"));
    })
}

/// The crate has no way to keep a keyed context: what can be kept is the key.
pub fn hmac_openssl_best(bytes: usize) -> Op {
    let text = text(bytes);
    let key = PKey::hmac(&KEY).expect("a key");
    Box::new(move || {
        let mut out = [0_u8; LEN];
        let mut signer = Signer::new(MessageDigest::sha256(), &key).expect("a signer");
        let written = signer.sign_oneshot(&mut out, black_box(&text)).expect("a tag");
        assert_eq!(written, LEN);
        black_box(&out);
    })
}

pub fn hmac_openssl_common(bytes: usize) -> Op {
    let text = text(bytes);
    Box::new(move || {
        let key = PKey::hmac(&KEY).expect("a key");
        let mut signer = Signer::new(MessageDigest::sha256(), &key).expect("a signer");
        signer.update(black_box(&text)).expect("updated");
        black_box(signer.sign_to_vec().expect("a tag"));
    })
}

pub fn sha256_ring(bytes: usize) -> Op {
    let text = text(bytes);
    Box::new(move || {
        black_box(ring::digest::digest(&ring::digest::SHA256, black_box(&text)));
    })
}

pub fn sha256_aws(bytes: usize) -> Op {
    let text = text(bytes);
    Box::new(move || {
        black_box(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, black_box(&text)));
    })
}

pub fn sha256_rustcrypto(bytes: usize) -> Op {
    use sha2::Digest as _;
    let text = text(bytes);
    Box::new(move || {
        black_box(sha2::Sha256::digest(black_box(&text)));
    })
}

pub fn hmac_ring(bytes: usize) -> Op {
    let text = text(bytes);
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &KEY);
    Box::new(move || {
        black_box(ring::hmac::sign(&key, black_box(&text)));
    })
}

pub fn hmac_aws(bytes: usize) -> Op {
    let text = text(bytes);
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &KEY);
    Box::new(move || {
        black_box(aws_lc_rs::hmac::sign(&key, black_box(&text)));
    })
}

pub fn hmac_rustcrypto(bytes: usize) -> Op {
    use hmac::{KeyInit as _, Mac as _};
    let text = text(bytes);
    let key = hmac::Hmac::<sha2::Sha256>::new_from_slice(&KEY).expect("a key");
    Box::new(move || {
        let mut mac = key.clone();
        mac.update(black_box(&text));
        black_box(mac.finalize());
    })
}
