//! A keyed `EVP_CIPHER_CTX`: the only place where these ciphers meet C.

#![allow(unsafe_code)]

use std::ffi::{c_int, c_uchar, c_uint};
use std::ptr;

use zeroize::Zeroize as _;

use crate::crypto::algorithm::{Algorithm, Lengths};
use crate::crypto::library::{Home, Within};
use crate::crypto::param::Param;
use crate::error::openssl::{Checked as _, Failed, bracket, unmarked};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::openssl as ffi;
use crate::owned::Owned;

/// Lengths are `int` in C: longer texts go in pieces.
pub(super) const PIECE: usize = 1 << 30;

/// How much more than it read an update or a final may write: a block, and key wrap's 8 bytes and
/// its padding.
pub(super) const SPARE: usize = 32;

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

type Final = unsafe extern "C" fn(*mut ffi::EVP_CIPHER_CTX, *mut c_uchar, *mut c_int) -> c_int;

/// The functions of one direction, with their names for errors.
struct Direction {
    init: (Init, &'static str),
    update: (Update, &'static str),
    end: (Final, &'static str),
}

static ENCRYPT: Direction = Direction {
    init: (ffi::EVP_EncryptInit_ex2, "EVP_EncryptInit_ex2"),
    update: (ffi::EVP_EncryptUpdate, "EVP_EncryptUpdate"),
    end: (ffi::EVP_EncryptFinal_ex, "EVP_EncryptFinal_ex"),
};

static DECRYPT: Direction = Direction {
    init: (ffi::EVP_DecryptInit_ex2, "EVP_DecryptInit_ex2"),
    update: (ffi::EVP_DecryptUpdate, "EVP_DecryptUpdate"),
    end: (ffi::EVP_DecryptFinal_ex, "EVP_DecryptFinal_ex"),
};

/// A context with its cipher and key.
///
/// # Invariants
/// The cipher is one of this module: an update writes at most [`SPARE`] bytes more than it reads,
/// and a final at most [`SPARE`].
pub(super) struct Context {
    ctx: Within<ffi::EVP_CIPHER_CTX>,
    direction: &'static Direction,
    iv: usize,
    poisoned: bool,
}

impl Context {
    pub(super) fn encrypting(
        home: &Home,
        cipher: &'static Algorithm<ffi::EVP_CIPHER>,
        key: &[u8],
        padding: bool,
    ) -> Result<Self> {
        Self::keyed(home, cipher, key, padding, &ENCRYPT)
    }

    pub(super) fn decrypting(
        home: &Home,
        cipher: &'static Algorithm<ffi::EVP_CIPHER>,
        key: &[u8],
        padding: bool,
    ) -> Result<Self> {
        Self::keyed(home, cipher, key, padding, &DECRYPT)
    }

    fn keyed(
        home: &Home,
        cipher: &'static Algorithm<ffi::EVP_CIPHER>,
        key: &[u8],
        padding: bool,
        direction: &'static Direction,
    ) -> Result<Self> {
        let fetched = cipher.fetched_in(home)?;
        let iv = match cipher.lengths() {
            Lengths::Cipher { key: len, nonce } if len == key.len() => nonce,
            _ => return Err(Error::of(ErrorKind::Length)),
        };
        let mut padding = c_uint::from(padding);
        let params = [Param::uint(ffi::OSSL_CIPHER_PARAM_PADDING, &mut padding), Param::end()];
        let (init, name) = direction.init;
        bracket(|| {
            // SAFETY: takes nothing.
            let ctx = unsafe { ffi::EVP_CIPHER_CTX_new() };
            // SAFETY: EVP_EncryptInit(3): a constructor answers NULL or a context that is ours.
            let ctx = unsafe { Owned::from_raw(ctx) }.checked("EVP_CIPHER_CTX_new")?;
            // SAFETY: the context is live; the cipher takes as many bytes of key as there are
            // (checked above and when it was fetched); the parameters end with the end mark.
            unsafe {
                init(
                    ctx.as_ptr(),
                    fetched.as_ptr(),
                    key.as_ptr(),
                    ptr::null(),
                    params.as_ptr().cast(),
                )
            }
            .checked(name)?;
            Ok(Self { ctx: Within::new(home, ctx), direction, iv, poisoned: false })
        })
    }

    /// Begins a new text; key wrap has its IV fixed by its standard and passes none.
    pub(super) fn begin(&mut self, iv: Option<&[u8]>) -> Result<()> {
        if iv.is_some_and(|iv| iv.len() != self.iv) {
            return Err(Error::of(ErrorKind::Length));
        }
        let (init, name) = self.direction.init;
        let iv = iv.map_or(ptr::null(), <[u8]>::as_ptr);
        self.run(true, |ctx| {
            // SAFETY: the context is live and keeps its cipher and key where NULL is passed; the
            // IV is NULL or as long as the cipher's (checked above and when it was fetched).
            unsafe { init(ctx, ptr::null(), ptr::null(), iv, ptr::null()) }.checked(name)
        })
    }

    /// Changes `text` where it stands, of which a stream cipher or XTS writes as much as it reads.
    pub(super) fn in_place(&mut self, text: &mut [u8]) -> Result<()> {
        let (update, name) = self.direction.update;
        self.run(true, |ctx| {
            for piece in text.chunks_mut(PIECE) {
                let (start, len) = (piece.as_mut_ptr(), int(piece.len()));
                let mut written = 0;
                // SAFETY: read and written are the same `len` bytes; the callers' ciphers write no
                // more than they read.
                unsafe { update(ctx, start, &raw mut written, start.cast_const(), len) }
                    .checked(name)?;
                if written != len {
                    return Err(Failed::Call(name));
                }
            }
            Ok(())
        })
    }

    /// Writes the result for `from` to `to`, which has [`SPARE`] bytes more; how many it has.
    pub(super) fn update(&mut self, from: &[u8], to: &mut [u8]) -> Result<usize> {
        if to.len() < from.len().saturating_add(SPARE) {
            return Err(Error::of(ErrorKind::Length));
        }
        let (update, name) = self.direction.update;
        self.run(false, |ctx| {
            let mut done = 0;
            for piece in from.chunks(PIECE) {
                let room = &mut to[done..];
                let mut written = 0;
                // SAFETY: `room` has SPARE bytes more than what was not read yet, because all that
                // was written is at most a block more than what was read.
                unsafe {
                    update(
                        ctx,
                        room.as_mut_ptr(),
                        &raw mut written,
                        piece.as_ptr(),
                        int(piece.len()),
                    )
                }
                .checked(name)?;
                done += counted(written, room.len()).ok_or(Failed::Call(name))?;
            }
            Ok(done)
        })
    }

    /// Writes what is left to `to`; how many bytes that is.
    pub(super) fn finish(&mut self, to: &mut [u8; SPARE]) -> Result<usize> {
        let (end, name) = self.direction.end;
        self.run(false, |ctx| {
            let mut written = 0;
            // SAFETY: a final writes at most a block, and `to` is longer.
            unsafe { end(ctx, to.as_mut_ptr(), &raw mut written) }.checked(name)?;
            counted(written, to.len()).ok_or(Failed::Call(name))
        })
    }

    /// Writes the result for `from` onto the end of `out`, which keeps its bytes when this fails.
    pub(super) fn onto(&mut self, from: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let no_room = || Error::of(ErrorKind::OutOfMemory);
        let start = out.len();
        let room = from.len().checked_add(SPARE).ok_or_else(no_room)?;
        out.try_reserve(room).map_err(|_| no_room())?;
        out.resize(start + room, 0);
        let outcome = self.update(from, &mut out[start..]);
        let written = *outcome.as_ref().unwrap_or(&0);
        // What was begun, and what lies behind the end, is text.
        out[start + written..].zeroize();
        out.truncate(start + written);
        outcome.map(drop)
    }

    /// Every failure here is one of C: afterwards what the context holds is unknown.
    ///
    /// `hot` goes without a mark: where no text can be wrong nothing fails in ordinary use.
    fn run<T>(
        &mut self,
        hot: bool,
        calls: impl FnOnce(*mut ffi::EVP_CIPHER_CTX) -> Result<T, Failed>,
    ) -> Result<T> {
        if self.poisoned {
            return Err(Error::of(ErrorKind::Poisoned));
        }
        let ctx = self.ctx.as_ptr();
        let outcome = if hot { unmarked(|| calls(ctx)) } else { bracket(|| calls(ctx)) };
        self.poisoned = outcome.is_err();
        outcome
    }

    /// A failed check of the text, not of the context: the next text begins it anew.
    pub(super) fn forgive(&mut self) {
        self.poisoned = false;
    }
}

/// What C says it wrote, if it can be.
fn counted(written: c_int, room: usize) -> Option<usize> {
    usize::try_from(written).ok().filter(|&written| written <= room)
}

/// At most [`PIECE`], which an `int` holds.
fn int(len: usize) -> c_int {
    debug_assert!(len <= PIECE);
    #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
    {
        len as c_int
    }
}
