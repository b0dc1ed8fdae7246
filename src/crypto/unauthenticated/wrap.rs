//! Key wrap.

use std::fmt;
use std::marker::PhantomData;

use super::context::{Context, PIECE, SPARE};
use super::{Key, WrapMode};
use crate::crypto::held::Held;
use crate::error::{Error, ErrorKind, Result};
use crate::pool::Reset;

impl<C: WrapMode> Key<C> {
    /// Something that wraps keys.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`], [`ErrorKind::OutOfMemory`].
    #[doc(alias = "EVP_aes_256_wrap")]
    #[doc(alias = "EVP_aes_256_wrap_pad")]
    pub fn wrapper(&self) -> Result<Wrapper<C>> {
        let context = Context::encrypting(&self.home, C::algorithm(), self.bytes()?, false)?;
        Ok(Wrapper { context, cipher: PhantomData })
    }

    /// Something that unwraps keys.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`], [`ErrorKind::OutOfMemory`].
    pub fn unwrapper(&self) -> Result<Unwrapper<C>> {
        let context = Context::decrypting(&self.home, C::algorithm(), self.bytes()?, false)?;
        Ok(Unwrapper { context, cipher: PhantomData })
    }
}

/// Wraps keys under a key.
///
/// `Send`, not `Sync`. A failed step leaves it unusable ([`ErrorKind::Poisoned`]).
///
/// ```
/// use ffence::crypto::unauthenticated::{Aes256Kwp, Key};
///
/// let key = Key::<Aes256Kwp>::generate()?;
/// let wrapped = key.wrapper()?.wrap(b"a key of any length")?;
/// assert_eq!(wrapped.len(), 8 + 24);
/// assert_eq!(key.unwrapper()?.unwrap(&wrapped)?.as_bytes()?, b"a key of any length");
/// # Ok::<(), ffence::Error>(())
/// ```
pub struct Wrapper<C: WrapMode> {
    context: Context,
    cipher: PhantomData<fn() -> C>,
}

impl<C: WrapMode> Wrapper<C> {
    /// Wraps: the result is 8 bytes longer than the key, rounded up to a multiple of 8.
    ///
    /// Without padding (KW) the key is a multiple of 8 bytes long and at least 16; with padding
    /// (KWP) it is at least one byte long; both at most 1 GiB.
    ///
    /// # Errors
    /// [`ErrorKind::Length`], [`ErrorKind::OutOfMemory`], [`ErrorKind::Poisoned`] after an earlier
    /// failure.
    #[doc(alias = "EVP_EncryptUpdate")]
    pub fn wrap(&mut self, key: &[u8]) -> Result<Vec<u8>> {
        let len = key.len();
        let fits = if C::PADDED { len >= 1 } else { len >= 16 && len.is_multiple_of(8) };
        if !fits || len > PIECE {
            return Err(Error::ours(
                ErrorKind::Length,
                format!("{} does not wrap a key of {len} bytes", C::NAME),
            ));
        }
        self.context.begin(None)?;
        let mut out = Vec::new();
        self.context.onto(key, &mut out)?;
        Ok(out)
    }
}

/// Unwraps keys; one that was altered, or wrapped under another key, is an error.
///
/// `Send`, not `Sync`.
pub struct Unwrapper<C: WrapMode> {
    context: Context,
    cipher: PhantomData<fn() -> C>,
}

impl<C: WrapMode> Unwrapper<C> {
    /// Unwraps; the bytes are wiped when they are dropped.
    ///
    /// # Errors
    /// [`ErrorKind::Authentication`] for whatever is wrong with `wrapped`;
    /// [`ErrorKind::OutOfMemory`].
    #[doc(alias = "EVP_DecryptUpdate")]
    pub fn unwrap(&mut self, wrapped: &[u8]) -> Result<Unwrapped> {
        let least = if C::PADDED { 16 } else { 24 };
        if wrapped.len() < least || !wrapped.len().is_multiple_of(8) || wrapped.len() > PIECE {
            return Err(Error::of(ErrorKind::Authentication));
        }
        self.context.begin(None)?;
        let mut len = 0;
        let unwrapped = Held::filled(wrapped.len() + SPARE, |out| {
            len = self.context.update(wrapped, out)?;
            Ok(())
        });
        match unwrapped {
            Ok(bytes) if len > 0 => Ok(Unwrapped { bytes, len }),
            Err(error) if error.kind() == ErrorKind::OutOfMemory => Err(error),
            _ => {
                // The wrapped key failed the check, not the context.
                self.context.forgive();
                Err(Error::of(ErrorKind::Authentication))
            }
        }
    }
}

/// An unwrapped key, in the memory that keys of this crate lie in; wiped when it is dropped.
///
/// It is neither printed nor cloned:
/// ```compile_fail,E0277
/// # use ffence::crypto::unauthenticated::{Aes256Kwp, Key};
/// let key = Key::<Aes256Kwp>::generate().unwrap();
/// println!("{:?}", key.unwrapper().unwrap().unwrap(&[0; 24]).unwrap());
/// ```
/// ```compile_fail,E0599
/// # use ffence::crypto::unauthenticated::{Aes256Kwp, Key};
/// let key = Key::<Aes256Kwp>::generate().unwrap();
/// let second = key.unwrapper().unwrap().unwrap(&[0; 24]).unwrap().clone();
/// ```
#[allow(missing_debug_implementations, reason = "a secret is never printed")]
pub struct Unwrapped {
    /// With room for what OpenSSL may write behind the key.
    bytes: Held,
    len: usize,
}

impl Unwrapped {
    /// The key's bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`] in a process that was forked since: they were wiped there.
    pub fn as_bytes(&self) -> Result<&[u8]> {
        self.bytes.bytes()?.get(..self.len).ok_or_else(|| Error::of(ErrorKind::Length))
    }
}

/// Puts zeroes in the place of the last key.
fn forget(context: &mut Context) -> Result<()> {
    const ZEROES: usize = 24;

    context.update(&[0; ZEROES], &mut [0; ZEROES + SPARE]).map(drop)
}

impl<C: WrapMode> Reset for Wrapper<C> {
    fn reset(&mut self) -> Result<()> {
        self.context.begin(None)?;
        forget(&mut self.context)
    }
}

impl<C: WrapMode> Reset for Unwrapper<C> {
    fn reset(&mut self) -> Result<()> {
        self.context.begin(None)?;
        // Zeroes are a forgery, and take the place all the same.
        if forget(&mut self.context).is_err() {
            self.context.forgive();
        }
        Ok(())
    }
}

impl<C: WrapMode> fmt::Debug for Wrapper<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wrapper<{}>", C::NAME)
    }
}

impl<C: WrapMode> fmt::Debug for Unwrapper<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unwrapper<{}>", C::NAME)
    }
}
