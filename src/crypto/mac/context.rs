//! A keyed `EVP_MAC_CTX`: the only place where MACs meet C.

#![allow(unsafe_code)]

use std::ptr;

use crate::crypto::algorithm::Algorithm;
use crate::crypto::held::Held;
use crate::crypto::library::{Home, Within};
use crate::crypto::octets::Octets;
use crate::crypto::param::Param;
use crate::error::openssl::{Checked as _, Failed, bracket, unmarked};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::openssl as ffi;
use crate::owned::Owned;

/// OpenSSL 3.0.3, as `OpenSSL_version_num` has it.
const RESETS_SINCE: u64 = 0x3000_0030;

/// A context that was given its key once and starts each message anew.
///
/// For HMAC-SHA-256 of 64 bytes that is 8,296 instructions on OpenSSL 3.0; a new context takes
/// 19,952, and `HMAC()` 22,458.
pub(super) struct Context {
    ctx: Within<ffi::EVP_MAC_CTX>,
    /// The key was just given, and the context waits for the first message.
    fresh: bool,
    /// An operation failed inside C, and what the context holds now is unknown.
    poisoned: bool,
    /// OpenSSL 3.0.0 to 3.0.2 start anew only when they are given the key again.
    key: Option<Held>,
}

impl Context {
    /// A context for tags of `tag_len` bytes; `params` end with the end mark.
    pub(super) fn keyed(
        home: &Home,
        algorithm: &'static Algorithm<ffi::EVP_MAC>,
        key: &[u8],
        params: &[Param<'_>],
        tag_len: usize,
    ) -> Result<Self> {
        let mac = algorithm.fetched_in(home)?;
        // SAFETY: takes nothing.
        let linked = unsafe { ffi::OpenSSL_version_num() };
        #[allow(clippy::useless_conversion, reason = "an unsigned long has 32 bits on Windows")]
        let keep = u64::from(linked) < RESETS_SINCE;
        let kept = keep.then(|| {
            Held::filled(key.len(), |own| {
                own.copy_from_slice(key);
                Ok(())
            })
        });
        let kept = kept.transpose()?;
        bracket(|| {
            // SAFETY: the algorithm is live and is counted by the context.
            let ctx = unsafe { ffi::EVP_MAC_CTX_new(mac.as_ptr()) };
            // SAFETY: EVP_MAC(3): the constructor answers NULL or a context that is ours.
            let ctx = unsafe { Owned::from_raw(ctx) }.checked("EVP_MAC_CTX_new")?;
            init(&ctx, Some(key), params)?;
            // SAFETY: the context is live, and the function only reads it.
            let stated = unsafe { ffi::EVP_MAC_CTX_get_mac_size(ctx.as_ptr()) };
            if stated != tag_len {
                return Err(Failed::Ours(Error::ours(
                    ErrorKind::Unsupported,
                    format!("a provider makes tags of {stated} bytes, not {tag_len}"),
                )));
            }
            Ok(Self { ctx: Within::new(home, ctx), fresh: true, poisoned: false, key: kept })
        })
    }

    /// The tag of a whole message.
    #[inline]
    pub(super) fn tag<T: Octets>(&mut self, message: &[u8]) -> Result<T> {
        self.step(|it| {
            it.restart(&[])?;
            update(&it.ctx, message)?;
            finish(&it.ctx)
        })
    }

    /// The tag of a whole message that has parameters of its own.
    #[inline]
    pub(super) fn tag_with<T: Octets>(
        &mut self,
        params: &[Param<'_>],
        message: &[u8],
    ) -> Result<T> {
        self.step(|it| {
            it.restart(params)?;
            update(&it.ctx, message)?;
            finish(&it.ctx)
        })
    }

    /// Starts a message; what was left of another is forgotten.
    #[inline]
    pub(super) fn begin(&mut self) -> Result<()> {
        self.step(|it| it.restart(&[]))
    }

    /// Starts anew with nothing of the last message left; `params` are what every message needs.
    ///
    /// CMAC, for one, keeps the end of a message until others take its place: zeroes do, two updates
    /// of them, because the first byte of a block's place is filled by the one and the rest by the
    /// other, whatever the block (of 168 bytes at most).
    pub(super) fn reset(&mut self, params: &[Param<'_>]) -> Result<()> {
        self.step(|it| {
            it.fresh = false;
            it.restart(params)?;
            update(&it.ctx, &[0])?;
            update(&it.ctx, &[0; 2 * 168 - 1])?;
            it.restart(params)?;
            it.fresh = true;
            Ok(())
        })
    }

    #[inline]
    pub(super) fn update(&mut self, data: &[u8]) -> Result<()> {
        self.step(|it| update(&it.ctx, data))
    }

    #[inline]
    pub(super) fn finish<T: Octets>(&mut self) -> Result<T> {
        self.step(|it| finish(&it.ctx))
    }

    #[inline]
    fn restart(&mut self, params: &[Param<'_>]) -> Result<(), Failed> {
        if self.fresh && params.is_empty() {
            self.fresh = false;
            return Ok(());
        }
        self.fresh = false;
        let key = self.key.as_ref().map(Held::bytes).transpose().map_err(Failed::Ours)?;
        init(&self.ctx, key, params)
    }

    #[inline]
    fn step<T>(&mut self, call: impl FnOnce(&mut Self) -> Result<T, Failed>) -> Result<T> {
        if self.poisoned {
            return Err(Error::of(ErrorKind::Poisoned));
        }
        let outcome = unmarked(|| call(self));
        self.poisoned = outcome.is_err();
        outcome
    }
}

/// Gives the context a key, or starts it anew under the one that it has.
#[inline]
fn init(
    ctx: &Owned<ffi::EVP_MAC_CTX>,
    key: Option<&[u8]>,
    params: &[Param<'_>],
) -> Result<(), Failed> {
    let (start, len) = match key {
        // NULL would mean "as before"; no byte of an empty key is read.
        Some([]) => (c"".as_ptr().cast(), 0),
        Some(key) => (key.as_ptr(), key.len()),
        None => (ptr::null(), 0),
    };
    let params = if params.is_empty() { ptr::null() } else { params.as_ptr() };
    // SAFETY: the context is live; key and parameters, which end with the end mark, are copied
    // during the call; EVP_MAC(3): with NULL for the key the context keeps its own.
    unsafe { ffi::EVP_MAC_init(ctx.as_ptr(), start, len, params.cast()) }.checked("EVP_MAC_init")
}

#[inline]
fn update(ctx: &Owned<ffi::EVP_MAC_CTX>, data: &[u8]) -> Result<(), Failed> {
    // SAFETY: the context is live and begun, and the data is read during the call.
    unsafe { ffi::EVP_MAC_update(ctx.as_ptr(), data.as_ptr(), data.len()) }
        .checked("EVP_MAC_update")
}

#[inline]
fn finish<T: Octets>(ctx: &Owned<ffi::EVP_MAC_CTX>) -> Result<T, Failed> {
    let mut tag = T::ZERO;
    let mut written = 0;
    let room = tag.as_mut();
    let (start, len) = (room.as_mut_ptr(), room.len());
    // SAFETY: the context is live and begun; the tag has the length that the context stated when it
    // was keyed, and its length goes along.
    unsafe { ffi::EVP_MAC_final(ctx.as_ptr(), start, &raw mut written, len) }
        .checked("EVP_MAC_final")?;
    if written == len { Ok(tag) } else { Err(Failed::Call("EVP_MAC_final")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::algorithm::Lengths;

    static HMAC: Algorithm<ffi::EVP_MAC> = Algorithm::new(c"HMAC", Lengths::Mac, "0.9");

    fn keyed() -> Context {
        let params = [Param::text(ffi::OSSL_MAC_PARAM_DIGEST, c"SHA2-256"), Param::end()];
        Context::keyed(&Home::DEFAULT, &HMAC, b"key", &params, 32).unwrap()
    }

    /// What OpenSSL 3.0.0 to 3.0.2 need gives the same tags on every version.
    #[test]
    fn a_context_that_is_given_its_key_again_gives_the_same_tags() {
        let mut forgetful = keyed();
        forgetful.key = Some(Held::copy_of(b"key"));
        let mut kept = keyed();
        for message in [&b"one"[..], b"", b"three"] {
            let tag: [u8; 32] = forgetful.tag(message).unwrap();
            assert_eq!(tag, kept.tag::<[u8; 32]>(message).unwrap());
        }
    }

    #[test]
    fn a_provider_with_another_tag_is_not_trusted() {
        let params = [Param::text(ffi::OSSL_MAC_PARAM_DIGEST, c"SHA2-256"), Param::end()];
        let error = Context::keyed(&Home::DEFAULT, &HMAC, b"key", &params, 20).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().ends_with("tags of 32 bytes, not 20"), "{error}");
    }

    #[test]
    fn after_a_failure_the_context_is_not_used_again() {
        let mut context = keyed();
        // OpenSSL refuses to write 32 bytes to 16, and says so.
        assert!(context.tag::<[u8; 16]>(b"one").is_err());
        let error = context.tag::<[u8; 32]>(b"two").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Poisoned);
    }
}
