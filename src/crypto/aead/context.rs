//! A keyed `EVP_CIPHER_CTX`: the only place where AEAD meets C.

#![allow(unsafe_code)]

use std::ffi::{c_int, c_uchar};
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ptr;

use super::{Aead, too_long};
use crate::crypto::param::Param;
use crate::error::openssl::{Checked as _, Failed, bracket, unmarked};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::openssl as ffi;
use crate::owned::Owned;

/// Lengths are `int` in C: longer texts go in pieces, which GCM allows.
const PIECE: usize = 1 << 30;

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
/// fetch; giving the key again costs 3,941, naming the cipher again 7,863.
pub(super) struct Context<A: Aead> {
    ctx: Owned<ffi::EVP_CIPHER_CTX>,
    /// An operation failed inside C, and what the context holds now is unknown.
    poisoned: bool,
    algorithm: PhantomData<fn() -> A>,
}

/// Where a text is read and where the result goes: the same place, or two that do not overlap.
pub(super) struct Text<'a> {
    from: *const u8,
    to: *mut u8,
    len: usize,
    place: PhantomData<&'a mut [u8]>,
}

impl<'a> Text<'a> {
    pub(super) fn in_place(text: &'a mut [u8]) -> Self {
        let to = text.as_mut_ptr();
        Self { from: to, to, len: text.len(), place: PhantomData }
    }

    /// `None` when `to` is shorter than `from`.
    pub(super) fn copied(from: &'a [u8], to: &'a mut [MaybeUninit<u8>]) -> Option<Self> {
        (to.len() >= from.len()).then(|| Self {
            from: from.as_ptr(),
            to: to.as_mut_ptr().cast(),
            len: from.len(),
            place: PhantomData,
        })
    }

    /// Wipes where the result went.
    fn wipe(&mut self) {
        if self.len > 0 {
            // SAFETY: `to` is writable for `len` bytes for as long as this value lives.
            unsafe { ffi::OPENSSL_cleanse(self.to.cast(), self.len) }
        }
    }
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

impl<A: Aead> Context<A> {
    pub(super) fn sealing(key: &A::KeyBytes) -> Result<Self> {
        Self::keyed(key, ffi::EVP_EncryptInit_ex2, "EVP_EncryptInit_ex2")
    }

    pub(super) fn opening(key: &A::KeyBytes) -> Result<Self> {
        Self::keyed(key, ffi::EVP_DecryptInit_ex2, "EVP_DecryptInit_ex2")
    }

    fn keyed(key: &A::KeyBytes, init: Init, name: &'static str) -> Result<Self> {
        let cipher = A::algorithm().fetched()?;
        let key = key.as_ref().as_ptr();
        bracket(|| {
            // SAFETY: takes nothing.
            let ctx = unsafe { ffi::EVP_CIPHER_CTX_new() };
            // SAFETY: EVP_EncryptInit(3): a constructor answers NULL or a context that is ours.
            let ctx = unsafe { Owned::from_raw(ctx) }.checked("EVP_CIPHER_CTX_new")?;
            // SAFETY: the context is live; the cipher takes as many bytes of key as the array has
            // (checked when it was fetched); without a nonce none is read.
            unsafe { init(ctx.as_ptr(), cipher.as_ptr(), key, ptr::null(), ptr::null()) }
                .checked(name)?;
            Ok(Self { ctx, poisoned: false, algorithm: PhantomData })
        })
    }

    /// Encrypts `text` under `nonce` and writes its tag.
    #[inline]
    pub(super) fn seal(
        &mut self,
        nonce: &A::Nonce,
        aad: &[u8],
        mut text: Text<'_>,
        tag: &mut A::Tag,
    ) -> Result<()> {
        self.check(&text)?;
        self.run(|ctx| {
            begin::<A>(ctx, nonce, ffi::EVP_EncryptInit_ex2, "EVP_EncryptInit_ex2")?;
            update(ctx, aad, &mut text, ffi::EVP_EncryptUpdate, "EVP_EncryptUpdate")?;
            let (mut end, mut spare) = (0, Spare::new());
            // SAFETY: an AEAD's final writes no text; it may write up to a block, and has one.
            unsafe { ffi::EVP_EncryptFinal_ex(ctx, spare.start(), &raw mut end) }
                .checked("EVP_EncryptFinal_ex")?;
            let mut params =
                [Param::octets(ffi::OSSL_CIPHER_PARAM_AEAD_TAG, tag.as_mut()), Param::end()];
            // SAFETY: the parameters point to the tag's bytes and end with the end mark.
            unsafe { ffi::EVP_CIPHER_CTX_get_params(ctx, params.as_mut_ptr().cast()) }
                .checked("EVP_CIPHER_CTX_get_params")?;
            if params[0].returned() == A::TAG_LEN {
                Ok(())
            } else {
                Err(Stopped::Failed(Failed::Call("EVP_CIPHER_CTX_get_params")))
            }
        })
    }

    /// Decrypts `text`; what is not genuine is wiped.
    #[inline]
    pub(super) fn open(
        &mut self,
        nonce: &A::Nonce,
        aad: &[u8],
        mut text: Text<'_>,
        tag: &A::Tag,
    ) -> Result<()> {
        self.check(&text)?;
        let outcome = self.run(|ctx| {
            begin::<A>(ctx, nonce, ffi::EVP_DecryptInit_ex2, "EVP_DecryptInit_ex2")?;
            let mut tag = *tag;
            let params =
                [Param::octets(ffi::OSSL_CIPHER_PARAM_AEAD_TAG, tag.as_mut()), Param::end()];
            // SAFETY: the parameters point to the tag's bytes, which are copied during the call,
            // and end with the end mark.
            unsafe { ffi::EVP_CIPHER_CTX_set_params(ctx, params.as_ptr().cast()) }
                .checked("EVP_CIPHER_CTX_set_params")?;
            update(ctx, aad, &mut text, ffi::EVP_DecryptUpdate, "EVP_DecryptUpdate")?;
            let (mut end, mut spare) = (0, Spare::new());
            // SAFETY: an AEAD's final writes no text; it may write up to a block, and has one.
            let genuine = unsafe { ffi::EVP_DecryptFinal_ex(ctx, spare.start(), &raw mut end) };
            // EVP_EncryptInit(3): for an AEAD the return of the final call is the verdict.
            if genuine == 1 { Ok(()) } else { Err(Stopped::NotGenuine) }
        });
        if outcome.is_err() {
            text.wipe();
        }
        outcome
    }

    /// Encrypts `text` onto the end of `out`.
    pub(super) fn seal_onto(
        &mut self,
        nonce: &A::Nonce,
        aad: &[u8],
        text: &[u8],
        out: &mut Vec<u8>,
        tag: &mut A::Tag,
    ) -> Result<()> {
        onto(out, text, |text| self.seal(nonce, aad, text, tag))
    }

    /// Decrypts `text` onto the end of `out`.
    pub(super) fn open_onto(
        &mut self,
        nonce: &A::Nonce,
        aad: &[u8],
        text: &[u8],
        out: &mut Vec<u8>,
        tag: &A::Tag,
    ) -> Result<()> {
        onto(out, text, |text| self.open(nonce, aad, text, tag))
    }

    fn check(&self, text: &Text<'_>) -> Result<()> {
        if self.poisoned {
            return Err(Error::of(ErrorKind::Poisoned));
        }
        match u64::try_from(text.len) {
            Ok(len) if len <= A::MAX_LEN => Ok(()),
            _ => Err(too_long::<A>(text.len)),
        }
    }

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

/// Lets `cipher` write the result for `text` into room behind `out`, which grows if it succeeds.
#[inline]
fn onto(out: &mut Vec<u8>, text: &[u8], cipher: impl FnOnce(Text<'_>) -> Result<()>) -> Result<()> {
    let no_room = || Error::of(ErrorKind::OutOfMemory);
    out.try_reserve(text.len()).map_err(|_| no_room())?;
    cipher(Text::copied(text, out.spare_capacity_mut()).ok_or_else(no_room)?)?;
    let len = out.len() + text.len();
    // SAFETY: `cipher` succeeded, so as many bytes as `text` has were written behind the old end.
    unsafe { out.set_len(len) };
    Ok(())
}

/// Gives a keyed context its next nonce.
#[inline]
fn begin<A: Aead>(
    ctx: *mut ffi::EVP_CIPHER_CTX,
    nonce: &A::Nonce,
    init: Init,
    name: &'static str,
) -> Result<(), Failed> {
    // SAFETY: the context is live and keeps its cipher and key where NULL is passed; it reads as
    // many bytes of nonce as the array has (checked when the cipher was fetched).
    unsafe { init(ctx, ptr::null(), ptr::null(), nonce.as_ref().as_ptr(), ptr::null()) }
        .checked(name)
}

/// Passes the associated data and then the text, in pieces that an `int` can count.
#[inline]
fn update(
    ctx: *mut ffi::EVP_CIPHER_CTX,
    aad: &[u8],
    text: &mut Text<'_>,
    update: Update,
    name: &'static str,
) -> Result<(), Failed> {
    let mut written = 0;
    for piece in aad.chunks(PIECE) {
        // SAFETY: without an output the input is associated data; it is read during the call.
        unsafe { update(ctx, ptr::null_mut(), &raw mut written, piece.as_ptr(), int(piece.len())) }
            .checked(name)?;
    }
    let mut done = 0;
    while done < text.len {
        let len = PIECE.min(text.len - done);
        // SAFETY: `done` is within the text.
        let from = unsafe { text.from.add(done) };
        // SAFETY: `done` is within the place for the result, which is as long as the text.
        let to = unsafe { text.to.add(done) };
        // SAFETY: an AEAD in counter mode writes as many bytes as it reads; the places are `len`
        // bytes long from here on and are the same or apart.
        unsafe { update(ctx, to, &raw mut written, from, int(len)) }.checked(name)?;
        if written != int(len) {
            return Err(Failed::Call(name));
        }
        done += len;
    }
    Ok(())
}

/// At most [`PIECE`], which an `int` holds.
#[inline]
fn int(len: usize) -> c_int {
    debug_assert!(len <= PIECE);
    #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
    {
        len as c_int
    }
}

/// Room for the block that the final call of some ciphers writes; nobody reads it.
struct Spare(MaybeUninit<[u8; 32]>);

impl Spare {
    fn new() -> Self {
        Self(MaybeUninit::uninit())
    }

    fn start(&mut self) -> *mut u8 {
        self.0.as_mut_ptr().cast()
    }
}
