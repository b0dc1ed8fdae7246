//! A keyed `EVP_CIPHER_CTX`: the only place where AEAD meets C.

#![allow(unsafe_code)]

use std::ffi::{c_int, c_uchar};
use std::marker::PhantomData;
use std::ptr;

use super::text::{Spare, Text};
use super::{Aead, Flow, too_long};
use crate::crypto::held::Held;
use crate::crypto::param::Param;
use crate::error::openssl::{Checked as _, Failed, bracket, unmarked};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::openssl as ffi;
use crate::owned::Owned;

/// Lengths are `int` in C: longer texts go in pieces where the mode allows it. A multiple of every
/// block, so that only the last piece can end within one.
const PIECE: usize = 1 << 30;

/// The longest header where all of it goes in one update.
const ONE_PIECE: u64 = (1 << 31) - 1;

/// What a tag holds before C writes it: a genuine one is all this once in 2^128 times.
const UNWRITTEN: u8 = 0xa5;

/// The tag of a failed message tells nothing; any other failure does.
enum Stopped {
    NotGenuine,
    Failed(Failed),
}

impl From<Failed> for Stopped {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed)
    }
}

/// A context that was given its cipher and key once and takes a nonce for each message.
///
/// That is 2,521 instructions for a 64-byte seal on OpenSSL 3.0, without an allocation, a lock or a
/// fetch; giving the key again costs 3,941, naming the cipher again 7,863. SIV alone needs its key
/// for each message.
pub(super) struct Context<A: Aead> {
    ctx: Owned<ffi::EVP_CIPHER_CTX>,
    /// An operation failed inside C, and what the context holds now is unknown.
    poisoned: bool,
    algorithm: PhantomData<fn() -> A>,
}

type Init = unsafe extern "C" fn(
    *mut ffi::EVP_CIPHER_CTX,
    *const ffi::EVP_CIPHER,
    *const c_uchar,
    *const c_uchar,
    *const ffi::OSSL_PARAM,
) -> c_int;

type Update = unsafe extern "C" fn(
    *mut ffi::EVP_CIPHER_CTX,
    *mut c_uchar,
    *mut c_int,
    *const u8,
    c_int,
) -> c_int;

/// The functions of one direction.
struct Way {
    init: Init,
    init_name: &'static str,
    update: Update,
    update_name: &'static str,
}

const SEALING: Way = Way {
    init: ffi::EVP_EncryptInit_ex2,
    init_name: "EVP_EncryptInit_ex2",
    update: ffi::EVP_EncryptUpdate,
    update_name: "EVP_EncryptUpdate",
};

const OPENING: Way = Way {
    init: ffi::EVP_DecryptInit_ex2,
    init_name: "EVP_DecryptInit_ex2",
    update: ffi::EVP_DecryptUpdate,
    update_name: "EVP_DecryptUpdate",
};

impl<A: Aead> Context<A> {
    pub(super) fn sealing(key: &Held) -> Result<Self> {
        Self::keyed(key, &SEALING)
    }

    pub(super) fn opening(key: &Held) -> Result<Self> {
        Self::keyed(key, &OPENING)
    }

    fn keyed(key: &Held, way: &Way) -> Result<Self> {
        let cipher = A::algorithm().fetched()?;
        let key = whole::<A>(key)?.as_ptr();
        bracket(|| {
            // SAFETY: takes nothing.
            let ctx = unsafe { ffi::EVP_CIPHER_CTX_new() };
            // SAFETY: EVP_EncryptInit(3): a constructor answers NULL or a context that is ours.
            let ctx = unsafe { Owned::from_raw(ctx) }.checked("EVP_CIPHER_CTX_new")?;
            let mut cipher = cipher.as_ptr().cast_const();
            if A::FLOW == Flow::Ccm {
                // EVP_EncryptInit(3), "CCM Mode": the lengths of nonce and tag come before the key,
                // and are 7 and 12 otherwise.
                let mut nonce_len = A::NONCE_LEN;
                let lengths = [
                    Param::size(ffi::OSSL_CIPHER_PARAM_IVLEN, &mut nonce_len),
                    Param::room(ffi::OSSL_CIPHER_PARAM_AEAD_TAG, A::TAG_LEN),
                    Param::end(),
                ];
                let lengths = lengths.as_ptr().cast();
                // SAFETY: the context and the cipher are live, without a key and a nonce none is
                // read, and the parameters live until the call is over and end with the end mark.
                unsafe { (way.init)(ctx.as_ptr(), cipher, ptr::null(), ptr::null(), lengths) }
                    .checked(way.init_name)?;
                cipher = ptr::null();
            }
            // SAFETY: the context is live; the cipher takes as many bytes of key as there are
            // (checked above and when it was fetched); without a nonce none is read.
            unsafe { (way.init)(ctx.as_ptr(), cipher, key, ptr::null(), ptr::null()) }
                .checked(way.init_name)?;
            // The cipher's own length is that of its table; a context may start with another.
            // SAFETY: the context is live and has a cipher.
            let nonce_len = unsafe { ffi::EVP_CIPHER_CTX_get_iv_length(ctx.as_ptr()) };
            let taken = if A::FLOW == Flow::Siv { 0 } else { A::NONCE_LEN };
            if usize::try_from(nonce_len) != Ok(taken) {
                return Err(Failed::Call("EVP_CIPHER_CTX_get_iv_length"));
            }
            Ok(Self { ctx, poisoned: false, algorithm: PhantomData })
        })
    }

    /// Encrypts `text` under `nonce` and writes its tag; `key` is the context's own.
    #[inline]
    pub(super) fn seal(
        &mut self,
        key: &Held,
        nonce: &A::Nonce,
        aad: &[u8],
        mut text: Text<'_>,
        tag: &mut A::Tag,
    ) -> Result<()> {
        self.check(aad, &text)?;
        let key = again::<A>(key)?;
        self.run(|ctx| {
            begin::<A>(ctx, key, nonce, &SEALING)?;
            header::<A>(ctx, nonce, aad, text.len, &SEALING)?;
            let done = update::<A>(ctx, &text, &SEALING)?;
            let (mut end, mut spare) = (0, Spare::new());
            // SAFETY: an AEAD's final writes less than a block of 16 bytes, and has 32.
            unsafe { ffi::EVP_EncryptFinal_ex(ctx, spare.start(), &raw mut end) }
                .checked("EVP_EncryptFinal_ex")?;
            if !text.complete(done, &mut spare, end) {
                return Err(Stopped::Failed(Failed::Call("EVP_EncryptFinal_ex")));
            }
            tag.as_mut().fill(UNWRITTEN);
            let mut params =
                [Param::octets(ffi::OSSL_CIPHER_PARAM_AEAD_TAG, tag.as_mut()), Param::end()];
            // SAFETY: the parameters point to the tag's bytes and end with the end mark.
            unsafe { ffi::EVP_CIPHER_CTX_get_params(ctx, params.as_mut_ptr().cast()) }
                .checked("EVP_CIPHER_CTX_get_params")?;
            let told = params[0].returned();
            // ChaCha20-Poly1305 writes the tag and does not tell how long it is.
            let written = || tag.as_ref().iter().any(|byte| *byte != UNWRITTEN);
            if told == A::TAG_LEN || (told == 0 && written()) {
                Ok(())
            } else {
                Err(Stopped::Failed(Failed::Call("EVP_CIPHER_CTX_get_params")))
            }
        })
    }

    /// Decrypts `text`; what is not genuine is wiped. `key` is the context's own.
    #[inline]
    pub(super) fn open(
        &mut self,
        key: &Held,
        nonce: &A::Nonce,
        aad: &[u8],
        mut text: Text<'_>,
        tag: &A::Tag,
    ) -> Result<()> {
        self.check(aad, &text)?;
        let key = again::<A>(key).inspect_err(|_| text.wipe())?;
        let calls = |ctx| {
            if A::FLOW == Flow::Ccm {
                expect::<A>(ctx, tag)?;
                begin::<A>(ctx, key, nonce, &OPENING)?;
            } else {
                begin::<A>(ctx, key, nonce, &OPENING)?;
                expect::<A>(ctx, tag)?;
            }
            header::<A>(ctx, nonce, aad, text.len, &OPENING)?;
            let done = match update::<A>(ctx, &text, &OPENING) {
                Ok(done) => done,
                // Where one update takes all of the text, it may give the verdict already.
                Err(_) if A::FLOW != Flow::Pieces => return Err(Stopped::NotGenuine),
                Err(failed) => return Err(failed.into()),
            };
            if A::FLOW == Flow::Ccm {
                // EVP_EncryptInit(3), "CCM Mode": the update's return is the verdict, and the final
                // call must not be made.
                return Ok(());
            }
            let (mut end, mut spare) = (0, Spare::new());
            // SAFETY: an AEAD's final writes less than a block of 16 bytes, and has 32.
            let genuine = unsafe { ffi::EVP_DecryptFinal_ex(ctx, spare.start(), &raw mut end) };
            // EVP_EncryptInit(3): for an AEAD the return of the final call is the verdict.
            if genuine != 1 {
                spare.wipe();
                return Err(Stopped::NotGenuine);
            }
            if text.complete(done, &mut spare, end) {
                Ok(())
            } else {
                Err(Stopped::Failed(Failed::Call("EVP_DecryptFinal_ex")))
            }
        };
        let outcome = match A::FLOW {
            Flow::Pieces => self.run(calls),
            // Here an update that gives the verdict may raise a record.
            _ => bracket(|| self.run(calls).map_err(Failed::Ours)),
        };
        if outcome.is_err() {
            text.wipe();
        }
        outcome
    }

    /// Whether C takes texts and headers of these lengths.
    #[inline]
    fn check(&self, aad: &[u8], text: &Text<'_>) -> Result<()> {
        if self.poisoned {
            return Err(Error::of(ErrorKind::Poisoned));
        }
        if !fits(text.len, A::MAX_LEN) {
            return Err(too_long::<A>("text", text.len, A::MAX_LEN));
        }
        if A::FLOW != Flow::Pieces && !fits(aad.len(), ONE_PIECE) {
            return Err(too_long::<A>("header", aad.len(), ONE_PIECE));
        }
        // Before, the update of an empty text does nothing, and the final call fails.
        if matches!(A::FLOW, Flow::Siv | Flow::GcmSiv) && text.len == 0 && !linked_since(3, 5, 0) {
            return Err(needs::<A>("an empty text", "3.5"));
        }
        // Before, an empty header counts as none (CVE-2023-2975; 3.1 has it from 3.1.2 on).
        let counts = || linked_since(3, 1, 2) || (linked_since(3, 0, 10) && !linked_since(3, 1, 0));
        if A::FLOW == Flow::Siv && aad.is_empty() && !counts() {
            return Err(needs::<A>("an empty header", "3.0.10"));
        }
        Ok(())
    }

    #[inline]
    fn run(
        &mut self,
        calls: impl FnOnce(*mut ffi::EVP_CIPHER_CTX) -> Result<(), Stopped>,
    ) -> Result<()> {
        let ctx = self.ctx.as_ptr();
        match calls(ctx) {
            Ok(()) => Ok(()),
            // The next nonce makes the context new, whatever the tag of this message was.
            Err(Stopped::NotGenuine) => Err(Error::of(ErrorKind::Authentication)),
            Err(Stopped::Failed(failed)) => {
                self.poisoned = true;
                unmarked(|| Err(failed))
            }
        }
    }
}

/// A key of the algorithm's length.
fn whole<A: Aead>(key: &Held) -> Result<&[u8]> {
    let key = key.bytes()?;
    if key.len() == A::KEY_LEN { Ok(key) } else { Err(Error::of(ErrorKind::Length)) }
}

/// The key, where the context does not keep it.
#[inline]
fn again<A: Aead>(key: &Held) -> Result<Option<&[u8]>> {
    if A::FLOW == Flow::Siv { whole::<A>(key).map(Some) } else { Ok(None) }
}

/// Gives a keyed context its next nonce.
#[inline]
fn begin<A: Aead>(
    ctx: *mut ffi::EVP_CIPHER_CTX,
    key: Option<&[u8]>,
    nonce: &A::Nonce,
    way: &Way,
) -> Result<(), Failed> {
    let (key, nonce) = match key {
        Some(key) => (key.as_ptr(), ptr::null()),
        None => (ptr::null(), nonce.as_ref().as_ptr()),
    };
    // SAFETY: the context is live and keeps its cipher and key where NULL is passed; it reads as
    // many bytes of key and of nonce as there are (checked when the context was made).
    unsafe { (way.init)(ctx, ptr::null(), key, nonce, ptr::null()) }.checked(way.init_name)
}

/// Tells the tag that the message must have.
#[inline]
fn expect<A: Aead>(ctx: *mut ffi::EVP_CIPHER_CTX, tag: &A::Tag) -> Result<(), Failed> {
    let mut tag = *tag;
    let params = [Param::octets(ffi::OSSL_CIPHER_PARAM_AEAD_TAG, tag.as_mut()), Param::end()];
    // SAFETY: the parameters point to the tag's bytes, which are copied during the call, and end
    // with the end mark.
    unsafe { ffi::EVP_CIPHER_CTX_set_params(ctx, params.as_ptr().cast()) }
        .checked("EVP_CIPHER_CTX_set_params")
}

/// Passes what comes before the text.
#[inline]
fn header<A: Aead>(
    ctx: *mut ffi::EVP_CIPHER_CTX,
    nonce: &A::Nonce,
    aad: &[u8],
    text: usize,
    way: &Way,
) -> Result<(), Failed> {
    let mut written = 0;
    if A::FLOW == Flow::Ccm {
        // SAFETY: EVP_EncryptInit(3), "CCM Mode": without input and output the length is the
        // text's, and nothing is read or written.
        unsafe { (way.update)(ctx, ptr::null_mut(), &raw mut written, ptr::null(), int(text)) }
            .checked(way.update_name)?;
    }
    if A::FLOW == Flow::Siv {
        // Each update is a string of its own, an empty one too (RFC 5297, section 2.4).
        one_header(ctx, aad, way)?;
        return if A::NONCE_LEN == 0 { Ok(()) } else { one_header(ctx, nonce.as_ref(), way) };
    }
    if A::FLOW == Flow::GcmSiv {
        // The provider adds to the header of the message before; an empty update makes it new.
        one_header(ctx, &[], way)?;
    }
    // All of it at once where `check` has limited it.
    let piece = if A::FLOW == Flow::Pieces { PIECE } else { aad.len().max(1) };
    aad.chunks(piece).try_for_each(|piece| one_header(ctx, piece, way))
}

#[inline]
fn one_header(ctx: *mut ffi::EVP_CIPHER_CTX, piece: &[u8], way: &Way) -> Result<(), Failed> {
    let mut written = 0;
    // SAFETY: without an output the input is associated data; it is read during the call.
    unsafe {
        (way.update)(ctx, ptr::null_mut(), &raw mut written, piece.as_ptr(), int(piece.len()))
    }
    .checked(way.update_name)
}

/// Passes the text, in pieces where the mode allows it; says how much of the result was written.
#[inline]
fn update<A: Aead>(
    ctx: *mut ffi::EVP_CIPHER_CTX,
    text: &Text<'_>,
    way: &Way,
) -> Result<usize, Failed> {
    let (mut read, mut done) = (0, 0);
    // One update is due even for an empty text where it gives the verdict.
    while read < text.len || (A::FLOW != Flow::Pieces && read == 0) {
        let len = if A::FLOW == Flow::Pieces { PIECE.min(text.len - read) } else { text.len };
        // SAFETY: `read` is within the text.
        let from = unsafe { text.from.add(read) };
        // SAFETY: `done` is at most `read`, and the result is as long as the text.
        let to = unsafe { text.to.add(done) };
        let mut written = 0;
        // SAFETY: an AEAD writes at most as many bytes as it has read; the places are `len` bytes
        // long from here on and are the same or apart.
        unsafe { (way.update)(ctx, to, &raw mut written, from, int(len)) }
            .checked(way.update_name)?;
        // Only OCB holds bytes back, less than a block of the last piece.
        match usize::try_from(written) {
            Ok(written) if written == len || (read + len == text.len && written <= len) => {
                done += written;
            }
            _ => return Err(Failed::Call(way.update_name)),
        }
        read += len;
        if len == 0 {
            break;
        }
    }
    Ok(done)
}

fn fits(len: usize, most: u64) -> bool {
    u64::try_from(len).is_ok_and(|len| len <= most)
}

/// A length that [`Context::check`] or [`PIECE`] has limited to what an `int` holds.
#[inline]
fn int(len: usize) -> c_int {
    debug_assert!(c_int::try_from(len).is_ok());
    #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
    {
        len as c_int
    }
}

/// Whether the linked OpenSSL is this version or a newer one.
fn linked_since(major: u32, minor: u32, patch: u32) -> bool {
    let number = crate::capabilities::openssl_number();
    number >= crate::capabilities::Version::new(major, minor, patch)
}

#[cold]
fn needs<A: Aead>(what: &str, since: &str) -> Error {
    Error::ours(
        ErrorKind::Unsupported,
        format!("{} of {what} works since OpenSSL {since}", A::NAME),
    )
}
