//! The best sequence of calls that C has on OpenSSL 3: a context that was given its cipher and its
//! key once, and for each message a nonce, one update, the final call, and the tag by a parameter
//! that is prepared once.

use std::ffi::{c_int, c_void};
use std::hint::black_box;
use std::ptr;

use openssl_sys as sys;

use super::super::{Op, lacking};
use super::{Algorithm, Counter, KEY, NONCE, TAG, text};

/// Where a contender's nonces come from.
pub trait Nonces {
    fn new() -> Self;
    /// Writes the next nonce.
    ///
    /// # Safety
    /// `nonce` is writable for as many bytes as a nonce has.
    unsafe fn next(&mut self, nonce: *mut u8) -> c_int;
}

pub struct Counted(Counter);

impl Nonces for Counted {
    fn new() -> Self {
        Self(Counter(0))
    }

    #[inline]
    unsafe fn next(&mut self, nonce: *mut u8) -> c_int {
        let fresh = self.0.next();
        // SAFETY: as the caller promises.
        unsafe { nonce.copy_from_nonoverlapping(fresh.as_ptr(), NONCE) };
        1
    }
}

/// One call of the generator for each message.
pub struct Drawn;

impl Nonces for Drawn {
    fn new() -> Self {
        Self
    }

    #[inline]
    unsafe fn next(&mut self, nonce: *mut u8) -> c_int {
        // SAFETY: as the caller promises; NULL is the default context, 0 its strength.
        unsafe { lacking::RAND_bytes_ex(ptr::null_mut(), nonce, NONCE, 0) }
    }
}

/// One call of the generator for 32 messages.
pub struct Ahead {
    bytes: [u8; 32 * NONCE],
    used: usize,
}

impl Nonces for Ahead {
    fn new() -> Self {
        Self { bytes: [0; 32 * NONCE], used: 32 * NONCE }
    }

    #[inline]
    unsafe fn next(&mut self, nonce: *mut u8) -> c_int {
        let mut drawn = 1;
        if self.used == self.bytes.len() {
            let (to, len) = (self.bytes.as_mut_ptr(), self.bytes.len());
            // SAFETY: as many bytes are written as there are; NULL is the default context, 0 its
            // strength.
            drawn = unsafe { lacking::RAND_bytes_ex(ptr::null_mut(), to, len, 0) };
            self.used = 0;
        }
        // SAFETY: `used` is a multiple of the nonce's length below the array's.
        let fresh = unsafe { self.bytes.as_ptr().add(self.used) };
        self.used += NONCE;
        // SAFETY: as the caller promises, and `fresh` has as many bytes.
        unsafe { nonce.copy_from_nonoverlapping(fresh, NONCE) };
        drawn
    }
}

/// A keyed context, where nonce and tag lie, and the parameter that names the tag's place.
struct Raw {
    ctx: *mut sys::EVP_CIPHER_CTX,
    params: [sys::OSSL_PARAM; 2],
}

impl Raw {
    fn sealing<A: Algorithm>() -> Self {
        Self::keyed::<A>(lacking::EVP_EncryptInit_ex2)
    }

    fn opening<A: Algorithm>() -> Self {
        Self::keyed::<A>(lacking::EVP_DecryptInit_ex2)
    }

    fn keyed<A: Algorithm>(
        init: unsafe extern "C" fn(
            *mut sys::EVP_CIPHER_CTX,
            *const sys::EVP_CIPHER,
            *const u8,
            *const u8,
            *const sys::OSSL_PARAM,
        ) -> c_int,
    ) -> Self {
        let name = A::NAME.as_ptr();
        // SAFETY: the name ends in NUL; NULL stands for the default context and properties.
        let cipher = unsafe { sys::EVP_CIPHER_fetch(ptr::null_mut(), name, ptr::null()) };
        // SAFETY: takes nothing.
        let ctx = unsafe { sys::EVP_CIPHER_CTX_new() };
        assert!(!cipher.is_null() && !ctx.is_null());
        // SAFETY: both are live, and the key is as long as the cipher's.
        let keyed = unsafe { init(ctx, cipher, KEY.as_ptr(), ptr::null(), ptr::null()) };
        assert_eq!(keyed, 1);
        let param = |key, data_type, data_size| sys::OSSL_PARAM {
            key,
            data_type,
            data: ptr::null_mut(),
            data_size,
            return_size: 0,
        };
        let wanted = lacking::OSSL_CIPHER_PARAM_AEAD_TAG.as_ptr();
        let params =
            [param(wanted, lacking::OSSL_PARAM_OCTET_STRING, TAG), param(ptr::null(), 0, 0)];
        Self { ctx, params }
    }

    /// # Safety
    /// `nonce` and `tag` have their lengths, the tag's place is writable; `from` and `to` are `len`
    /// bytes long.
    #[inline]
    unsafe fn seal(
        &mut self,
        nonce: *const u8,
        from: *const u8,
        to: *mut u8,
        len: c_int,
        tag: *mut u8,
    ) -> bool {
        let (ctx, none) = (self.ctx, ptr::null());
        let (mut written, mut end) = (0, 0);
        self.params[0].data = tag.cast();
        // SAFETY: the context keeps its cipher and its key; the nonce has its length.
        let begun =
            unsafe { lacking::EVP_EncryptInit_ex2(ctx, ptr::null(), none, nonce, ptr::null()) };
        // SAFETY: as the caller promises.
        let updated = unsafe { sys::EVP_EncryptUpdate(ctx, to, &raw mut written, from, len) };
        // SAFETY: neither of the two algorithms writes text in its final call.
        let ended = unsafe { sys::EVP_EncryptFinal_ex(ctx, to, &raw mut end) };
        // SAFETY: the parameters point to the tag's place and end with the end mark.
        let told = unsafe { lacking::EVP_CIPHER_CTX_get_params(ctx, self.params.as_mut_ptr()) };
        begun & updated & ended & told == 1 && written == len
    }

    /// # Safety
    /// `nonce` and `tag` have their lengths; `from` and `to` are `len` bytes long.
    #[inline]
    unsafe fn open(
        &mut self,
        nonce: *const u8,
        from: *const u8,
        to: *mut u8,
        len: c_int,
        tag: *const u8,
    ) -> bool {
        let (ctx, none) = (self.ctx, ptr::null());
        let (mut written, mut end) = (0, 0);
        self.params[0].data = tag.cast_mut().cast();
        // SAFETY: the context keeps its cipher and its key; the nonce has its length.
        let begun =
            unsafe { lacking::EVP_DecryptInit_ex2(ctx, ptr::null(), none, nonce, ptr::null()) };
        // SAFETY: the parameters point to the tag and end with the end mark.
        let told = unsafe { lacking::EVP_CIPHER_CTX_set_params(ctx, self.params.as_ptr()) };
        // SAFETY: as the caller promises.
        let updated = unsafe { sys::EVP_DecryptUpdate(ctx, to, &raw mut written, from, len) };
        // SAFETY: neither of the two algorithms writes text in its final call.
        let ended = unsafe { sys::EVP_DecryptFinal_ex(ctx, to, &raw mut end) };
        begun & updated & ended & told == 1 && written == len
    }
}

fn int(bytes: usize) -> c_int {
    bytes.try_into().expect("a small text")
}

pub fn seal_in_place<A: Algorithm, N: Nonces + 'static>(bytes: usize) -> Op {
    let (mut text, len) = (text(bytes), int(bytes));
    let (mut nonce, mut tag) = ([0; NONCE], [0; TAG]);
    let (mut raw, mut nonces) = (Raw::sealing::<A>(), N::new());
    Box::new(move || {
        let place = black_box(&mut text).as_mut_ptr();
        // SAFETY: the array is writable.
        let drawn = unsafe { nonces.next(nonce.as_mut_ptr()) };
        // SAFETY: the arrays have their lengths, and the text has `len` bytes.
        let sealed = unsafe { raw.seal(nonce.as_ptr(), place, place, len, tag.as_mut_ptr()) };
        assert!(sealed && drawn == 1);
        black_box((&text, &nonce, &tag));
    })
}

/// To a buffer that is kept: nonce, text, tag.
pub fn seal_append<A: Algorithm>(bytes: usize) -> Op {
    let (text, len) = (text(bytes), int(bytes));
    let mut out = vec![0; NONCE + bytes + TAG];
    let (mut raw, mut nonces) = (Raw::sealing::<A>(), Ahead::new());
    Box::new(move || {
        // SAFETY: the buffer has room for nonce, text and tag.
        let sealed =
            unsafe { framed(&mut raw, &mut nonces, black_box(&text), len, out.as_mut_ptr()) };
        assert!(sealed);
        black_box(&out);
    })
}

/// To a new block each time, which is freed again.
pub fn seal_malloc<A: Algorithm>(bytes: usize) -> Op {
    let (text, len) = (text(bytes), int(bytes));
    let (mut raw, mut nonces) = (Raw::sealing::<A>(), Ahead::new());
    Box::new(move || {
        // SAFETY: any length may be asked for.
        let out = unsafe { libc::malloc(NONCE + bytes + TAG) }.cast::<u8>();
        assert!(!out.is_null());
        // SAFETY: the block has room for nonce, text and tag.
        let sealed = unsafe { framed(&mut raw, &mut nonces, black_box(&text), len, out) };
        assert!(sealed);
        // SAFETY: it is ours.
        unsafe { libc::free(black_box(out).cast::<c_void>()) };
    })
}

/// # Safety
/// `out` has room for nonce, text and tag; `len` is the text's length.
#[inline]
unsafe fn framed(raw: &mut Raw, nonces: &mut Ahead, text: &[u8], len: c_int, out: *mut u8) -> bool {
    // SAFETY: as the caller promises.
    let to = unsafe { out.add(NONCE) };
    // SAFETY: as the caller promises.
    let tag = unsafe { to.add(text.len()) };
    // SAFETY: the place is writable.
    let drawn = unsafe { nonces.next(out) };
    // SAFETY: all places have their lengths.
    let sealed = unsafe { raw.seal(out, text.as_ptr(), to, len, tag) };
    sealed && drawn == 1
}

/// A genuine message: its nonce, its ciphertext, its tag.
pub struct Sealed {
    pub nonce: [u8; NONCE],
    pub text: Vec<u8>,
    pub tag: [u8; TAG],
}

impl Sealed {
    pub fn new<A: Algorithm>(bytes: usize) -> Self {
        let (nonce, mut text, mut tag) = (Counter(7).next(), text(bytes), [0; TAG]);
        let place = text.as_mut_ptr();
        let mut raw = Raw::sealing::<A>();
        // SAFETY: the arrays have their lengths, and the text has so many bytes.
        let sealed =
            unsafe { raw.seal(nonce.as_ptr(), place, place, int(bytes), tag.as_mut_ptr()) };
        assert!(sealed);
        Self { nonce, text, tag }
    }
}

/// Opening in place uses the message up: every contender opens a copy.
pub fn open_in_place<A: Algorithm>(bytes: usize) -> Op {
    let (sealed, len) = (Sealed::new::<A>(bytes), int(bytes));
    let mut text = vec![0; bytes];
    let mut raw = Raw::opening::<A>();
    Box::new(move || {
        let Sealed { nonce, text: from, tag } = black_box(&sealed);
        text.copy_from_slice(from);
        let place = text.as_mut_ptr();
        // SAFETY: the arrays have their lengths, and the text has `len` bytes.
        let genuine = unsafe { raw.open(nonce.as_ptr(), place, place, len, tag.as_ptr()) };
        assert!(genuine);
        black_box(&text);
    })
}

pub fn open_malloc<A: Algorithm>(bytes: usize) -> Op {
    let (sealed, len) = (Sealed::new::<A>(bytes), int(bytes));
    let mut raw = Raw::opening::<A>();
    Box::new(move || {
        let Sealed { nonce, text: from, tag } = black_box(&sealed);
        // SAFETY: any length may be asked for.
        let out = unsafe { libc::malloc(bytes) }.cast::<u8>();
        assert!(!out.is_null());
        // SAFETY: the arrays have their lengths, and the text and the block have `len` bytes.
        let genuine = unsafe { raw.open(nonce.as_ptr(), from.as_ptr(), out, len, tag.as_ptr()) };
        assert!(genuine);
        // SAFETY: it is ours.
        unsafe { libc::free(black_box(out).cast::<c_void>()) };
    })
}
