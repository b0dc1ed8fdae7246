//! AES-256-GCM under one key, a random nonce for each message, no associated data.
//!
//! Every contender draws its nonce from OpenSSL's public generator, so that the work is the same.

use std::ffi::c_int;
use std::hint::black_box;
use std::ptr;

use ffence::crypto::{Aes256Gcm, Key, RandomNonce};
use openssl::cipher::Cipher;
use openssl::cipher_ctx::CipherCtx;
use openssl::rand::rand_bytes;
use openssl::symm;
use openssl_sys as sys;

use super::Op;
use super::lacking;

const KEY: [u8; 32] = [7; 32];
const NONCE: usize = 12;
const TAG: usize = 16;

fn text(bytes: usize) -> Vec<u8> {
    vec![0x5A; bytes]
}

/// A context that was given its key once, and the parameter that asks for the tag.
struct Raw {
    ctx: *mut sys::EVP_CIPHER_CTX,
    params: [sys::OSSL_PARAM; 2],
    nonce: *mut u8,
    /// Nonces that are drawn at once, and how many bytes of them are used.
    ahead: Vec<u8>,
    used: usize,
}

impl Raw {
    /// `nonce` and `tag` are where each message's nonce and tag go.
    fn new(nonce: *mut u8, tag: *mut u8, ahead: usize) -> Self {
        let name = c"AES-256-GCM".as_ptr();
        // SAFETY: the name ends in NUL; NULL stands for the default context and properties.
        let cipher = unsafe { sys::EVP_CIPHER_fetch(ptr::null_mut(), name, ptr::null()) };
        // SAFETY: takes nothing.
        let ctx = unsafe { sys::EVP_CIPHER_CTX_new() };
        assert!(!cipher.is_null() && !ctx.is_null());
        // SAFETY: both are live, and the key is as long as the cipher's.
        let keyed = unsafe {
            lacking::EVP_EncryptInit_ex2(ctx, cipher, KEY.as_ptr(), ptr::null(), ptr::null())
        };
        assert_eq!(keyed, 1);
        let param = |key, data_type, data: *mut u8, data_size| sys::OSSL_PARAM {
            key,
            data_type,
            data: data.cast(),
            data_size,
            return_size: 0,
        };
        let wanted = lacking::OSSL_CIPHER_PARAM_AEAD_TAG.as_ptr();
        let params = [
            param(wanted, lacking::OSSL_PARAM_OCTET_STRING, tag, TAG),
            param(ptr::null(), 0, ptr::null_mut(), 0),
        ];
        Self { ctx, params, nonce, ahead: vec![0; ahead * NONCE], used: ahead * NONCE }
    }

    /// The next nonce, from the generator or from what was drawn ahead.
    #[inline]
    fn draw(&mut self) -> c_int {
        let mut drawn = 1;
        if self.ahead.is_empty() {
            // SAFETY: the nonce's place is writable; NULL is the default context, 0 its strength.
            return unsafe { lacking::RAND_bytes_ex(ptr::null_mut(), self.nonce, NONCE, 0) };
        }
        if self.used == self.ahead.len() {
            let (to, len) = (self.ahead.as_mut_ptr(), self.ahead.len());
            // SAFETY: as many bytes are written as there are; otherwise as above.
            drawn = unsafe { lacking::RAND_bytes_ex(ptr::null_mut(), to, len, 0) };
            self.used = 0;
        }
        let fresh = &self.ahead[self.used..self.used + NONCE];
        self.used += NONCE;
        // SAFETY: the nonce's place is writable, and apart from `ahead`.
        unsafe { self.nonce.copy_from_nonoverlapping(fresh.as_ptr(), NONCE) };
        drawn
    }

    /// The best sequence of calls that C has on OpenSSL 3.
    ///
    /// # Safety
    /// The nonce's and the tag's places are still there; `from` and `to` are `len` bytes long.
    unsafe fn seal(&mut self, from: *const u8, to: *mut u8, len: usize) {
        let (ctx, nonce) = (self.ctx, self.nonce);
        let len = c_int::try_from(len).expect("a small text");
        let (mut written, mut end) = (0, 0);
        let drawn = self.draw();
        // SAFETY: the context keeps its cipher and its key; the nonce has its length.
        let begun = unsafe {
            lacking::EVP_EncryptInit_ex2(ctx, ptr::null(), ptr::null(), nonce, ptr::null())
        };
        // SAFETY: as the caller promises.
        let updated = unsafe { sys::EVP_EncryptUpdate(ctx, to, &raw mut written, from, len) };
        // SAFETY: GCM's final call writes no text.
        let ended = unsafe { sys::EVP_EncryptFinal_ex(ctx, to, &raw mut end) };
        // SAFETY: the parameters point to the tag's place and end with the end mark.
        let told = unsafe { lacking::EVP_CIPHER_CTX_get_params(ctx, self.params.as_mut_ptr()) };
        assert!(drawn & begun & updated & ended & told == 1 && written == len);
    }
}

pub fn raw(bytes: usize) -> Op {
    raw_apart(bytes, 0)
}

pub fn raw_ahead(bytes: usize) -> Op {
    raw_apart(bytes, 32)
}

fn raw_apart(bytes: usize, ahead: usize) -> Op {
    let text = text(bytes);
    let mut out = vec![0; NONCE + bytes + TAG];
    let start = out.as_mut_ptr();
    // SAFETY: `out` is long enough.
    let to = unsafe { start.add(NONCE) };
    // SAFETY: as above.
    let tag = unsafe { to.add(bytes) };
    let mut raw = Raw::new(start, tag, ahead);
    Box::new(move || {
        // SAFETY: `out` moves in here and with it its bytes, which stay where they are.
        unsafe { raw.seal(black_box(&text).as_ptr(), to, bytes) };
        black_box(&out);
    })
}

pub fn raw_in_place(bytes: usize) -> Op {
    let mut text = text(bytes);
    let mut ends = Box::new([0_u8; NONCE + TAG]);
    let nonce = ends.as_mut_ptr();
    // SAFETY: the box is longer than a nonce.
    let tag = unsafe { nonce.add(NONCE) };
    let mut raw = Raw::new(nonce, tag, 0);
    let ends = Box::into_raw(ends);
    Box::new(move || {
        let place = black_box(&mut text).as_mut_ptr();
        // SAFETY: the box is never freed, and `text` is as long as before.
        unsafe { raw.seal(place, place, bytes) };
        black_box((&text, ends));
    })
}

pub fn ffence(bytes: usize) -> Op {
    let text = text(bytes);
    let key = Key::<Aes256Gcm>::from_bytes(&KEY);
    let mut sealer = key.sealer(RandomNonce).expect("a sealer");
    Box::new(move || {
        black_box(sealer.seal(b"", black_box(&text)).expect("sealed"));
    })
}

pub fn ffence_append(bytes: usize) -> Op {
    let text = text(bytes);
    let key = Key::<Aes256Gcm>::from_bytes(&KEY);
    let mut sealer = key.sealer(RandomNonce).expect("a sealer");
    let mut out = Vec::new();
    Box::new(move || {
        out.clear();
        sealer.seal_to(b"", black_box(&text), &mut out).expect("sealed");
        black_box(&out);
    })
}

pub fn ffence_in_place(bytes: usize) -> Op {
    let mut text = text(bytes);
    let mut nonce = [0; NONCE];
    let key = Key::<Aes256Gcm>::from_bytes(&KEY);
    let mut sealer = key.sealer(RandomNonce).expect("a sealer");
    Box::new(move || {
        let tag = sealer.seal_in_place(b"", &mut nonce, black_box(&mut text)).expect("sealed");
        black_box((&text, &nonce, tag));
    })
}

pub fn openssl_best(bytes: usize) -> Op {
    let text = text(bytes);
    let mut out = vec![0; NONCE + bytes + TAG];
    let mut ctx = CipherCtx::new().expect("a context");
    ctx.encrypt_init(Some(Cipher::aes_256_gcm()), Some(&KEY), None).expect("keyed");
    Box::new(move || {
        let (nonce, rest) = out.split_at_mut(NONCE);
        let (to, tag) = rest.split_at_mut(bytes);
        rand_bytes(nonce).expect("random bytes");
        ctx.encrypt_init(None, None, Some(nonce)).expect("begun");
        let written = ctx.cipher_update(black_box(&text), Some(to)).expect("updated");
        ctx.cipher_final(&mut to[written..]).expect("ended");
        ctx.tag(tag).expect("a tag");
        assert_eq!(written, bytes);
        black_box(&out);
    })
}

pub fn openssl_common(bytes: usize) -> Op {
    let text = text(bytes);
    Box::new(move || {
        let (mut nonce, mut tag) = ([0; NONCE], [0; TAG]);
        rand_bytes(&mut nonce).expect("random bytes");
        let cipher = symm::Cipher::aes_256_gcm();
        let sealed =
            symm::encrypt_aead(cipher, &KEY, Some(&nonce), b"", black_box(&text), &mut tag);
        black_box((sealed.expect("sealed"), nonce, tag));
    })
}
