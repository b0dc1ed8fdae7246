//! A keyed `EVP_CIPHER_CTX`: the only place where AEAD meets C.

#![allow(unsafe_code)]

use std::ffi::{c_int, c_uchar};
use std::marker::PhantomData;
use std::ptr;

use super::text::{PIECE, Room, Spare, Text, Update, int};
use super::{Aead, Flow, too_long};
use crate::crypto::held::Held;
use crate::crypto::library::{Home, Within};
use crate::crypto::octets::Octets as _;
use crate::crypto::param::{Param, Reused};
use crate::error::openssl::{Checked as _, Failed, bracket, unexplained};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::openssl as ffi;
use crate::owned::Owned;

/// The longest header where all of it goes in one update.
const ONE_PIECE: u64 = (1 << 31) - 1;

/// What a tag holds before C writes it: a genuine one is all this once in 2^128 times.
const UNWRITTEN: u8 = 0xa5;

/// A context that was given its cipher and key once and takes a nonce for each message.
///
/// That is 2,597 instructions for a 64-byte seal on OpenSSL 3.0, without an allocation, a lock or a
/// fetch; giving the key again costs 3,941, naming the cipher again 7,863. SIV alone needs its key
/// for each message.
pub(super) struct Context<A: Aead> {
    ctx: Within<ffi::EVP_CIPHER_CTX>,
    tag: Reused,
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
    pub(super) fn sealing(home: &Home, key: &Held) -> Result<Self> {
        Self::keyed(home, key, &SEALING)
    }

    pub(super) fn opening(home: &Home, key: &Held) -> Result<Self> {
        Self::keyed(home, key, &OPENING)
    }

    fn keyed(home: &Home, key: &Held, way: &Way) -> Result<Self> {
        let cipher = A::algorithm().fetched_in(home)?;
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
            Ok(Self {
                ctx: Within::new(home, ctx),
                tag: Reused::octets(ffi::OSSL_CIPHER_PARAM_AEAD_TAG),
                poisoned: false,
                algorithm: PhantomData,
            })
        })
    }

    /// Encrypts `text` under `nonce` and writes its tag; `key` is the context's own.
    #[allow(
        clippy::inline_always,
        reason = "the call and its six arguments are 2 % of a small seal"
    )]
    #[inline(always)]
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
        let ctx = self.ctx.as_ptr();
        self.keep(begin::<A>(ctx, key, nonce, &SEALING))?;
        self.keep(header::<A>(ctx, nonce, aad, text.len, &SEALING))?;
        let Some(done) = text.update::<A>(ctx, SEALING.update) else {
            return Err(self.poison(Failed::Call(SEALING.update_name)));
        };
        let (mut end, mut spare) = (0, Spare::new());
        // SAFETY: an AEAD's final writes less than a block of 16 bytes, and has 32.
        let ended = unsafe { ffi::EVP_EncryptFinal_ex(ctx, spare.start(), &raw mut end) }
            .checked("EVP_EncryptFinal_ex");
        self.keep(ended)?;
        if !text.complete(done, &mut spare, end) {
            return Err(self.poison(Failed::Call("EVP_EncryptFinal_ex")));
        }
        tag.as_mut().fill(UNWRITTEN);
        // SAFETY: the parameters point to the tag's bytes and end with the end mark.
        let (told, len) = self.tag.pointing_to(tag.as_mut(), |params| unsafe {
            ffi::EVP_CIPHER_CTX_get_params(ctx, params)
        });
        self.keep(told.checked("EVP_CIPHER_CTX_get_params"))?;
        // ChaCha20-Poly1305 writes the tag and does not tell how long it is.
        let written = || tag.as_ref().iter().any(|byte| *byte != UNWRITTEN);
        if len == A::TAG_LEN || (len == 0 && written()) {
            Ok(())
        } else {
            Err(self.poison(Failed::Call("EVP_CIPHER_CTX_get_params")))
        }
    }

    /// Like [`seal`](Self::seal), to room behind `out` that the caller has reserved: `front`, the
    /// result, the tag.
    #[inline]
    pub(super) fn seal_onto(
        &mut self,
        key: &Held,
        nonce: &A::Nonce,
        aad: &[u8],
        text: &[u8],
        front: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let mut room = Room::<A::Tag>::behind(out, front.len(), text)?;
        let (text, tag) = room.places();
        self.seal(key, nonce, aad, text, tag)?;
        // SAFETY: sealing succeeded, which writes as many bytes as the text has.
        unsafe { room.fill(front) };
        Ok(())
    }

    /// Like [`open`](Self::open), to room behind `out` that the caller has reserved.
    #[inline]
    pub(super) fn open_onto(
        &mut self,
        key: &Held,
        nonce: &A::Nonce,
        aad: &[u8],
        text: &[u8],
        tag: &A::Tag,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let mut room = Room::<[u8; 0]>::behind(out, 0, text)?;
        let (text, _) = room.places();
        self.open(key, nonce, aad, text, tag)?;
        // SAFETY: opening succeeded, which writes as many bytes as the text has.
        unsafe { room.fill(&[]) };
        Ok(())
    }

    /// Decrypts `text`; what is not genuine is wiped. `key` is the context's own.
    #[allow(clippy::inline_always, reason = "as for `seal`")]
    #[inline(always)]
    pub(super) fn open(
        &mut self,
        key: &Held,
        nonce: &A::Nonce,
        aad: &[u8],
        mut text: Text<'_>,
        tag: &A::Tag,
    ) -> Result<()> {
        self.check(aad, &text)?;
        let outcome = match A::FLOW {
            Flow::Pieces => self.decrypt(key, nonce, aad, &mut text, tag),
            // Here an update that gives the verdict may raise a record.
            _ => bracket(|| self.decrypt(key, nonce, aad, &mut text, tag).map_err(Failed::Ours)),
        };
        if outcome.is_err() {
            text.wipe();
        }
        outcome
    }

    /// Overwrites what a sealing context holds of its last message; `key` is the context's own.
    pub(super) fn forget_sealed(&mut self, key: &Held) -> Result<()> {
        self.forget(key, &SEALING)
    }

    /// Overwrites what an opening context holds of its last message; `key` is the context's own.
    pub(super) fn forget_opened(&mut self, key: &Held) -> Result<()> {
        self.forget(key, &OPENING)
    }

    /// GCM keeps a short header and OCB the ends of header and text, until others take their places:
    /// zeroes do. The message is not finished, and nobody sees it.
    fn forget(&mut self, key: &Held, way: &Way) -> Result<()> {
        const ENDS_WITHIN_A_BLOCK: usize = 63;

        if self.poisoned {
            return Err(Error::of(ErrorKind::Poisoned));
        }
        if A::FLOW != Flow::Pieces {
            return Ok(());
        }
        let key = again::<A>(key)?;
        let ctx = self.ctx.as_ptr();
        let mut zeroes = [0; ENDS_WITHIN_A_BLOCK];
        let mut text = Text::in_place(&mut zeroes);
        self.keep(begin::<A>(ctx, key, &A::Nonce::ZERO, way))?;
        let aad = [0; ENDS_WITHIN_A_BLOCK];
        self.keep(header::<A>(ctx, &A::Nonce::ZERO, &aad, text.len, way))?;
        match text.update::<A>(ctx, way.update) {
            Some(_) => Ok(()),
            None => Err(self.poison(Failed::Call(way.update_name))),
        }
    }

    /// What failed may have left its plaintext.
    #[allow(clippy::inline_always, reason = "as for `seal`")]
    #[inline(always)]
    fn decrypt(
        &mut self,
        key: &Held,
        nonce: &A::Nonce,
        aad: &[u8],
        text: &mut Text<'_>,
        tag: &A::Tag,
    ) -> Result<()> {
        // The next nonce makes the context new, whatever the tag of this message was.
        let forged = || Err(Error::of(ErrorKind::Authentication));
        let key = again::<A>(key)?;
        let ctx = self.ctx.as_ptr();
        if A::FLOW == Flow::Ccm {
            self.demand(tag)?;
            self.keep(begin::<A>(ctx, key, nonce, &OPENING))?;
        } else {
            self.keep(begin::<A>(ctx, key, nonce, &OPENING))?;
            self.demand(tag)?;
        }
        self.keep(header::<A>(ctx, nonce, aad, text.len, &OPENING))?;
        let Some(done) = text.update::<A>(ctx, OPENING.update) else {
            // Where one update takes all of the text, it may give the verdict already.
            return match A::FLOW {
                Flow::Pieces => Err(self.poison(Failed::Call(OPENING.update_name))),
                _ => forged(),
            };
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
            return forged();
        }
        if text.complete(done, &mut spare, end) {
            Ok(())
        } else {
            Err(self.poison(Failed::Call("EVP_DecryptFinal_ex")))
        }
    }

    /// Tells the tag that the message must have.
    #[inline]
    fn demand(&mut self, tag: &A::Tag) -> Result<()> {
        let (ctx, mut tag) = (self.ctx.as_ptr(), *tag);
        // SAFETY: the parameters point to the tag's bytes, which are copied during the call, and end
        // with the end mark.
        let (told, _) = self.tag.pointing_to(tag.as_mut(), |params| unsafe {
            ffi::EVP_CIPHER_CTX_set_params(ctx, params)
        });
        self.keep(told.checked("EVP_CIPHER_CTX_set_params"))
    }

    /// Whether C takes texts and headers of these lengths.
    #[inline]
    fn check(&self, aad: &[u8], text: &Text<'_>) -> Result<()> {
        if self.poisoned {
            return Err(Error::of(ErrorKind::Poisoned));
        }
        // One comparison for nearly every text, and the one that `update` makes.
        if text.len > PIECE || A::MAX_LEN < PIECE as u64 {
            long::<A>(text.len)?;
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

    /// Any failure leaves a context of which nothing is known.
    #[inline]
    fn keep<T>(&mut self, outcome: Result<T, Failed>) -> Result<T> {
        outcome.map_err(|failed| self.poison(failed))
    }

    #[cold]
    fn poison(&mut self, failed: Failed) -> Error {
        self.poisoned = true;
        unexplained(failed)
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
    if aad.is_empty() {
        return Ok(());
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

/// Whether a text that does not go in one piece, or not in any mode, is short enough.
#[cold]
fn long<A: Aead>(len: usize) -> Result<()> {
    if fits(len, A::MAX_LEN) { Ok(()) } else { Err(too_long::<A>("text", len, A::MAX_LEN)) }
}

#[inline]
fn fits(len: usize, most: u64) -> bool {
    u64::try_from(len).is_ok_and(|len| len <= most)
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
