//! An `EVP_KDF_CTX` for one derivation: the only place where key derivation meets C.

#![allow(unsafe_code)]

use zeroize::Zeroize as _;

use crate::crypto::algorithm::Algorithm;
use crate::crypto::library::{Home, Part};
use crate::crypto::param::Param;
use crate::error::openssl::{Checked as _, bracket};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::openssl as ffi;
use crate::owned::Owned;

/// Inside OpenSSL some lengths are `int` (HMAC's key is one, and a longer password would be cut).
const LONGEST: usize = 1 << 30;

/// Fills `out` from `params`, which end with [`Param::end`]; an error leaves zeroes.
///
/// `part` is what the parameters name: a digest or a cipher. One that the library lacks is told so.
///
/// A context is made for each derivation: the two allocations are small beside what every KDF of
/// OpenSSL 3.0 allocates and fetches inside.
pub(super) fn derive(
    home: &Home,
    kdf: &'static Algorithm<ffi::EVP_KDF>,
    part: Option<&'static dyn Part>,
    params: &[Param<'_>],
    out: &mut [u8],
) -> Result<()> {
    let outcome =
        part.map_or(Ok(()), |part| part.offered(home)).and_then(|()| run(home, kdf, params, out));
    if outcome.is_err() {
        out.zeroize();
    }
    outcome
}

fn run(
    home: &Home,
    kdf: &'static Algorithm<ffi::EVP_KDF>,
    params: &[Param<'_>],
    out: &mut [u8],
) -> Result<()> {
    let too_long = out.len() > LONGEST || params.iter().any(|param| param.len() > LONGEST);
    if out.is_empty() || too_long || !params.last().is_some_and(Param::is_end) {
        let name = kdf.name().to_string_lossy();
        return Err(Error::ours(
            ErrorKind::Length,
            format!("{name} takes at most 2^30 bytes of input and derives 1 to 2^30 bytes"),
        ));
    }
    let kdf = kdf.fetched_in(home)?;
    bracket(|| {
        // SAFETY: the algorithm is live, and the context counts a reference of its own.
        let ctx = unsafe { ffi::EVP_KDF_CTX_new(kdf.as_ptr()) };
        // SAFETY: EVP_KDF(3): the constructor answers NULL or a context that is ours.
        let ctx = unsafe { Owned::from_raw(ctx) }.checked("EVP_KDF_CTX_new")?;
        // SAFETY: the context is live; as many bytes are written as `out` has; the parameters end
        // with the end mark and what they point to is copied during the call.
        unsafe {
            ffi::EVP_KDF_derive(ctx.as_ptr(), out.as_mut_ptr(), out.len(), params.as_ptr().cast())
        }
        .checked("EVP_KDF_derive")
    })
}
