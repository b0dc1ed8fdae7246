//! Counter mode.

use std::fmt;
use std::marker::PhantomData;

use super::context::Context;
use super::{CtrMode, Key};
use crate::error::Result;

impl<C: CtrMode> Key<C> {
    /// The keystream that begins at `iv`, the first counter block.
    ///
    /// **Never use an IV twice with one key**, not even one that another text's counter reached:
    /// the difference of both texts is then known.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported),
    /// [`ErrorKind::OutOfMemory`](crate::ErrorKind::OutOfMemory).
    #[doc(alias = "EVP_aes_256_ctr")]
    pub fn keystream(&self, iv: &[u8; 16]) -> Result<Keystream<C>> {
        let mut context = Context::encrypting(&self.home, C::algorithm(), self.bytes()?, false)?;
        context.begin(Some(iv))?;
        Ok(Keystream { context, cipher: PhantomData })
    }
}

/// A keystream: what it changed once is text, changed again from the same place it is plain.
///
/// `Send`, not `Sync`. A failed step leaves it unusable
/// ([`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned)).
///
/// ```
/// use ffence::crypto::unauthenticated::{Aes128Ctr, Key};
///
/// let key = Key::<Aes128Ctr>::generate()?;
/// let mut text = *b"hello, world";
/// key.keystream(&[0; 16])?.apply(&mut text)?;
///
/// let mut stream = key.keystream(&[0; 16])?; // the same place again
/// let (first, second) = text.split_at_mut(5);
/// stream.apply(first)?;
/// stream.apply(second)?;
/// assert_eq!(&text, b"hello, world");
/// # Ok::<(), ffence::Error>(())
/// ```
pub struct Keystream<C: CtrMode> {
    context: Context,
    cipher: PhantomData<fn() -> C>,
}

impl<C: CtrMode> Keystream<C> {
    /// Encrypts or decrypts `text` where it stands.
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned) after an earlier failure.
    #[doc(alias = "EVP_EncryptUpdate")]
    pub fn apply(&mut self, text: &mut [u8]) -> Result<()> {
        self.context.in_place(text)
    }

    /// Goes on at another first counter block, with the key that the context keeps.
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned) after an earlier failure.
    pub fn restart(&mut self, iv: &[u8; 16]) -> Result<()> {
        self.context.begin(Some(iv))
    }
}

impl<C: CtrMode> fmt::Debug for Keystream<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keystream<{}>", C::NAME)
    }
}
