//! What it gains to keep a context, the looked-up algorithm, and the key: AES-256-GCM of 64 bytes
//! under one key, nonces from a counter, no associated data.

use std::ffi::c_int;
use std::hint::black_box;
use std::ptr;

use ffence::crypto::{Aes256Gcm, CounterNonce, Key};
use ffence::pool::Pool;
use openssl_sys as sys;

use super::Op;
use super::lacking;

const KEY: [u8; 32] = [7; 32];
const NONCE: usize = 12;
const TAG: usize = 16;

unsafe extern "C" {
    /// `openssl/evp.h`; this crate does not need it.
    fn EVP_CIPHER_CTX_reset(context: *mut sys::EVP_CIPHER_CTX) -> c_int;
}

/// What is there already when a text comes, each thing with all that stand before it.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Kept {
    Nothing,
    Context,
    Algorithm,
    Key,
}

pub fn raw_new(bytes: usize) -> Op {
    raw_keeping(Kept::Nothing, bytes)
}

pub fn raw_pooled(bytes: usize) -> Op {
    raw_keeping(Kept::Context, bytes)
}

pub fn raw_fetched(bytes: usize) -> Op {
    raw_keeping(Kept::Algorithm, bytes)
}

pub fn raw_keyed(bytes: usize) -> Op {
    raw_keeping(Kept::Key, bytes)
}

fn raw_keeping(kept: Kept, bytes: usize) -> Op {
    let name = c"AES-256-GCM".as_ptr();
    // SAFETY: the name ends in NUL; NULL stands for the default context and properties.
    let fetched = unsafe { sys::EVP_CIPHER_fetch(ptr::null_mut(), name, ptr::null()) };
    // SAFETY: takes nothing.
    let context = unsafe { sys::EVP_CIPHER_CTX_new() };
    assert!(!fetched.is_null() && !context.is_null());
    if kept == Kept::Key {
        assert_eq!(init(context, fetched, KEY.as_ptr(), ptr::null()), 1);
    }
    let mut text = vec![0x5A; bytes];
    let mut count = 0_u64;
    Box::new(move || {
        count += 1;
        let mut nonce = [0; NONCE];
        nonce[4..].copy_from_slice(&count.to_be_bytes());
        let mut context = context;
        if kept == Kept::Nothing {
            // SAFETY: takes nothing.
            context = unsafe { sys::EVP_CIPHER_CTX_new() };
        }
        if kept == Kept::Context {
            // SAFETY: the context is live.
            assert_eq!(unsafe { EVP_CIPHER_CTX_reset(context) }, 1);
        }
        let cipher = match kept {
            // SAFETY: takes nothing; the table that it answers makes OpenSSL look the algorithm up.
            Kept::Nothing | Kept::Context => unsafe { sys::EVP_aes_256_gcm() },
            Kept::Algorithm => fetched,
            Kept::Key => ptr::null_mut(),
        };
        let key = if kept == Kept::Key { ptr::null() } else { KEY.as_ptr() };
        assert_eq!(init(context, cipher, key, nonce.as_ptr()), 1);
        seal(context, black_box(&mut text));
        if kept == Kept::Nothing {
            // SAFETY: made above, and used no more.
            unsafe { sys::EVP_CIPHER_CTX_free(context) };
        }
    })
}

fn init(
    context: *mut sys::EVP_CIPHER_CTX,
    cipher: *const sys::EVP_CIPHER,
    key: *const u8,
    nonce: *const u8,
) -> c_int {
    // SAFETY: the context is live; what is not NULL has the length that the cipher takes.
    unsafe { lacking::EVP_EncryptInit_ex2(context, cipher, key, nonce, ptr::null()) }
}

/// Encrypts in place and takes the tag.
fn seal(context: *mut sys::EVP_CIPHER_CTX, text: &mut [u8]) {
    let (place, len) = (text.as_mut_ptr(), c_int::try_from(text.len()).expect("a small text"));
    let (mut written, mut end, mut tag) = (0, 0, [0_u8; TAG]);
    // SAFETY: the text is read and written in the same place.
    let updated = unsafe { sys::EVP_EncryptUpdate(context, place, &raw mut written, place, len) };
    // SAFETY: GCM's final call writes no text.
    let ended = unsafe { sys::EVP_EncryptFinal_ex(context, place, &raw mut end) };
    let param = |key, data_type, data: *mut u8, data_size| sys::OSSL_PARAM {
        key,
        data_type,
        data: data.cast(),
        data_size,
        return_size: 0,
    };
    let mut params = [
        param(
            lacking::OSSL_CIPHER_PARAM_AEAD_TAG.as_ptr(),
            lacking::OSSL_PARAM_OCTET_STRING,
            tag.as_mut_ptr(),
            TAG,
        ),
        param(ptr::null(), 0, ptr::null_mut(), 0),
    ];
    // SAFETY: the parameters point to the tag's place and end with the end mark.
    let told = unsafe { lacking::EVP_CIPHER_CTX_get_params(context, params.as_mut_ptr()) };
    assert!(updated & ended & told == 1 && written == len);
    black_box(&tag);
}

/// A sealer that its thread keeps.
pub fn ffence(bytes: usize) -> Op {
    let key = Key::<Aes256Gcm>::from_bytes(&KEY);
    let mut sealer = key.sealer(CounterNonce::new(*b"once")).expect("a sealer");
    let (mut text, mut nonce) = (vec![0x5A; bytes], [0; NONCE]);
    Box::new(move || {
        let tag = sealer.seal_in_place(b"", &mut nonce, black_box(&mut text)).expect("sealed");
        black_box(tag);
    })
}

/// A sealer from a pool, which wipes what the text left in it.
pub fn ffence_pool(bytes: usize) -> Op {
    let key = Key::<Aes256Gcm>::from_bytes(&KEY);
    let pool = Pool::new(move || key.sealer(CounterNonce::new(*b"pool"))).expect("a pool");
    let (mut text, mut nonce) = (vec![0x5A; bytes], [0; NONCE]);
    Box::new(move || {
        let mut sealer = pool.take().expect("a sealer");
        let tag = sealer.seal_in_place(b"", &mut nonce, black_box(&mut text)).expect("sealed");
        black_box(tag);
    })
}

/// A new sealer for each text.
pub fn ffence_new(bytes: usize) -> Op {
    let key = Key::<Aes256Gcm>::from_bytes(&KEY);
    let (mut text, mut nonce) = (vec![0x5A; bytes], [0; NONCE]);
    Box::new(move || {
        let mut sealer = key.sealer(CounterNonce::new(*b"each")).expect("a sealer");
        let tag = sealer.seal_in_place(b"", &mut nonce, black_box(&mut text)).expect("sealed");
        black_box(tag);
    })
}
