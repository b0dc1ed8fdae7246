//! An `EVP_MD_CTX`: the only place where digests meet C.

#![allow(unsafe_code)]

use std::cell::Cell;
use std::ptr;

use super::Hash;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::library::{Home, Within};
use crate::crypto::newer;
use crate::crypto::octets::Octets as _;
use crate::error::openssl::{Checked as _, Failed, bracket, unmarked};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::openssl as ffi;
use crate::owned::Owned;

type Ctx = Owned<ffi::EVP_MD_CTX>;

thread_local! {
    /// What [`once`] works in: making a context costs two allocations a digest.
    static KEPT: Cell<Option<Ctx>> = const { Cell::new(None) };
}

/// Digests `data` in the thread's context.
#[inline]
pub(super) fn once<H: Hash>(data: &[u8]) -> Result<H::Output> {
    let md = H::algorithm().fetched()?;
    // While a thread ends, its kept context may be gone already: then one is made for the call.
    let kept = KEPT.try_with(Cell::take).ok().flatten();
    let ctx = match kept {
        Some(ctx) => ctx,
        None => bracket(make)?,
    };
    let calls = || {
        begin(&ctx, md)?;
        update(&ctx, data)?;
        finish::<H>(&ctx)
    };
    // A digest can be made again, and under a mark a failure tells why.
    let digest = unmarked(calls).or_else(|_| bracket(calls))?;
    // The context was taken: whoever comes next makes a new one if this one cannot be kept.
    let _ = KEPT.try_with(|kept| kept.set(Some(ctx)));
    Ok(digest)
}

/// A context in the middle of a digest.
pub(super) struct Context {
    ctx: Within<ffi::EVP_MD_CTX>,
    poisoned: bool,
}

impl Context {
    pub(super) fn new(home: &Home, algorithm: &'static Algorithm<ffi::EVP_MD>) -> Result<Self> {
        let md = algorithm.fetched_in(home)?;
        bracket(|| {
            let ctx = make()?;
            begin(&ctx, md)?;
            Ok(Self { ctx: Within::new(home, ctx), poisoned: false })
        })
    }

    pub(super) fn try_clone(&self) -> Result<Self> {
        self.usable()?;
        bracket(|| {
            let ctx = make()?;
            // SAFETY: EVP_DigestInit(3): copies the state of one live context to another.
            unsafe { ffi::EVP_MD_CTX_copy_ex(ctx.as_ptr(), self.ctx.as_ptr()) }
                .checked("EVP_MD_CTX_copy_ex")?;
            Ok(Self { ctx: Within::new(self.ctx.home(), ctx), poisoned: false })
        })
    }

    pub(super) fn begin(&mut self, algorithm: &'static Algorithm<ffi::EVP_MD>) -> Result<()> {
        self.usable()?;
        let md = algorithm.fetched_in(self.ctx.home())?;
        let outcome = unmarked(|| begin(&self.ctx, md));
        self.poisoned = outcome.is_err();
        outcome
    }

    /// Starts anew with nothing of the last message left.
    ///
    /// Beginning alone is not enough on every version: SHA-3 then keeps the end of a message until
    /// others take its place. The reset frees the state, and providers cleanse what they free.
    pub(super) fn reset(&mut self, algorithm: &'static Algorithm<ffi::EVP_MD>) -> Result<()> {
        self.usable()?;
        let md = algorithm.fetched_in(self.ctx.home())?;
        let outcome = unmarked(|| {
            // SAFETY: EVP_DigestInit(3): resets a live context to the state of a new one.
            unsafe { ffi::EVP_MD_CTX_reset(self.ctx.as_ptr()) }.checked("EVP_MD_CTX_reset")?;
            begin(&self.ctx, md)
        });
        self.poisoned = outcome.is_err();
        outcome
    }

    #[inline]
    pub(super) fn update(&mut self, data: &[u8]) -> Result<()> {
        self.step(|ctx| update(ctx, data))
    }

    #[inline]
    pub(super) fn finish<H: Hash>(&mut self) -> Result<H::Output> {
        self.step(finish::<H>)
    }

    /// Ends with an output as long as `out`.
    pub(super) fn finish_into(&mut self, out: &mut [u8]) -> Result<()> {
        self.step(|ctx| {
            if out.is_empty() {
                return Ok(());
            }
            // SAFETY: the context is live and of an XOF; `out` is writable for its length.
            unsafe { ffi::EVP_DigestFinalXOF(ctx.as_ptr(), out.as_mut_ptr(), out.len()) }
                .checked("EVP_DigestFinalXOF")
        })
    }

    /// The next bytes of an output without an end.
    pub(super) fn squeeze(&mut self, squeeze: newer::Squeeze, out: &mut [u8]) -> Result<()> {
        self.step(|ctx| {
            if out.is_empty() {
                return Ok(());
            }
            // SAFETY: the context is live and of an XOF; `out` is writable for its length.
            unsafe { squeeze(ctx.as_ptr(), out.as_mut_ptr(), out.len()) }
                .checked("EVP_DigestSqueeze")
        })
    }

    fn usable(&self) -> Result<()> {
        if self.poisoned { Err(Error::of(ErrorKind::Poisoned)) } else { Ok(()) }
    }

    #[inline]
    fn step<T>(&mut self, call: impl FnOnce(&Ctx) -> Result<T, Failed>) -> Result<T> {
        self.usable()?;
        let outcome = unmarked(|| call(&self.ctx));
        self.poisoned = outcome.is_err();
        outcome
    }
}

fn make() -> Result<Ctx, Failed> {
    // SAFETY: takes nothing.
    let ctx = unsafe { ffi::EVP_MD_CTX_new() };
    // SAFETY: EVP_DigestInit(3): the constructor answers NULL or a context that is ours.
    unsafe { Owned::from_raw(ctx) }.checked("EVP_MD_CTX_new")
}

#[inline]
fn begin(ctx: &Ctx, md: &Owned<ffi::EVP_MD>) -> Result<(), Failed> {
    // SAFETY: both are live; without parameters NULL is passed.
    unsafe { ffi::EVP_DigestInit_ex2(ctx.as_ptr(), md.as_ptr(), ptr::null()) }
        .checked("EVP_DigestInit_ex2")
}

#[inline]
fn update(ctx: &Ctx, data: &[u8]) -> Result<(), Failed> {
    // SAFETY: the context is live and begun, and the data is read during the call.
    unsafe { ffi::EVP_DigestUpdate(ctx.as_ptr(), data.as_ptr().cast(), data.len()) }
        .checked("EVP_DigestUpdate")
}

#[inline]
fn finish<H: Hash>(ctx: &Ctx) -> Result<H::Output, Failed> {
    let mut output = H::Output::ZERO;
    let mut written = 0;
    // SAFETY: the context is live and begun; the output is as long as the digest (checked when it
    // was fetched).
    unsafe {
        ffi::EVP_DigestFinal_ex(ctx.as_ptr(), output.as_mut().as_mut_ptr(), &raw mut written)
    }
    .checked("EVP_DigestFinal_ex")?;
    if written as usize == H::LEN { Ok(output) } else { Err(Failed::Call("EVP_DigestFinal_ex")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Library, Sha256};

    fn of<H: Hash>() -> &'static Algorithm<ffi::EVP_MD> {
        H::algorithm()
    }

    /// A provider of its own may be why it was made there.
    #[test]
    fn a_context_stays_in_its_library() {
        let library = Library::new().unwrap();
        let mut context = Context::new(&Home::from(&library), of::<Sha256>()).unwrap();
        // SAFETY: only reads a live context.
        let algorithm = |it: &Context| unsafe { openssl_sys::EVP_MD_CTX_get0_md(it.ctx.as_ptr()) };
        let own = algorithm(&context);
        context.update(b"abc").unwrap();
        context.reset(of::<Sha256>()).unwrap();
        assert_eq!(algorithm(&context), own);
        let default = Context::new(&Home::DEFAULT, of::<Sha256>()).unwrap();
        assert_ne!(algorithm(&default), own, "or this test could not fail");
    }
}
