//! XTS, for the sectors of a disk.

use std::fmt;
use std::marker::PhantomData;

use super::context::Context;
use super::{Key, XtsMode};
use crate::error::{Error, ErrorKind, Result};
use crate::pool::Reset;

/// Bytes of a sector: a block, and SP 800-38E's 2^20 blocks.
const LEAST: usize = 16;
const MOST: usize = 1 << 24;

impl<C: XtsMode> Key<C> {
    /// Something that encrypts sectors.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`], [`ErrorKind::OutOfMemory`].
    #[doc(alias = "EVP_aes_256_xts")]
    pub fn sector_encryptor(&self) -> Result<SectorEncryptor<C>> {
        let context = Context::encrypting(&self.home, C::algorithm(), self.bytes()?, false)?;
        Ok(SectorEncryptor { context, cipher: PhantomData })
    }

    /// Something that decrypts sectors.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`], [`ErrorKind::OutOfMemory`].
    pub fn sector_decryptor(&self) -> Result<SectorDecryptor<C>> {
        let context = Context::decrypting(&self.home, C::algorithm(), self.bytes()?, false)?;
        Ok(SectorDecryptor { context, cipher: PhantomData })
    }
}

/// Encrypts sectors, each under a tweak of its own: its number, in little-endian bytes.
///
/// `Send`, not `Sync`. A failed step leaves it unusable ([`ErrorKind::Poisoned`]).
///
/// ```
/// use ffence::crypto::unauthenticated::{Aes256Xts, Key};
///
/// let key = Key::<Aes256Xts>::generate()?;
/// let mut sector = [7; 512];
/// let number = 42_u128.to_le_bytes();
/// key.sector_encryptor()?.encrypt(&number, &mut sector)?;
/// key.sector_decryptor()?.decrypt(&number, &mut sector)?;
/// assert_eq!(sector, [7; 512]);
/// # Ok::<(), ffence::Error>(())
/// ```
pub struct SectorEncryptor<C: XtsMode> {
    context: Context,
    cipher: PhantomData<fn() -> C>,
}

impl<C: XtsMode> SectorEncryptor<C> {
    /// Encrypts a sector of 16 bytes to 16 MiB where it stands.
    ///
    /// # Errors
    /// [`ErrorKind::Length`], [`ErrorKind::Poisoned`] after an earlier failure.
    #[doc(alias = "EVP_EncryptUpdate")]
    pub fn encrypt(&mut self, tweak: &[u8; 16], sector: &mut [u8]) -> Result<()> {
        run::<C>(&mut self.context, tweak, sector)
    }
}

/// Decrypts sectors; whatever was stored decrypts to something.
///
/// `Send`, not `Sync`. A failed step leaves it unusable ([`ErrorKind::Poisoned`]).
pub struct SectorDecryptor<C: XtsMode> {
    context: Context,
    cipher: PhantomData<fn() -> C>,
}

impl<C: XtsMode> SectorDecryptor<C> {
    /// Decrypts a sector of 16 bytes to 16 MiB where it stands.
    ///
    /// # Errors
    /// [`ErrorKind::Length`], [`ErrorKind::Poisoned`] after an earlier failure.
    #[doc(alias = "EVP_DecryptUpdate")]
    pub fn decrypt(&mut self, tweak: &[u8; 16], sector: &mut [u8]) -> Result<()> {
        run::<C>(&mut self.context, tweak, sector)
    }
}

fn run<C: XtsMode>(context: &mut Context, tweak: &[u8; 16], sector: &mut [u8]) -> Result<()> {
    if !(LEAST..=MOST).contains(&sector.len()) {
        let len = sector.len();
        return Err(Error::ours(
            ErrorKind::Length,
            format!("a sector of {} is {LEAST} to {MOST} bytes long, not {len}", C::NAME),
        ));
    }
    context.begin(Some(tweak))?;
    context.in_place(sector)
}

/// Puts a sector of zeroes in the place of the last one, and of its tweak.
fn forget(context: &mut Context) -> Result<()> {
    context.begin(Some(&[0; 16]))?;
    context.in_place(&mut [0; 2 * LEAST])
}

impl<C: XtsMode> Reset for SectorEncryptor<C> {
    fn reset(&mut self) -> Result<()> {
        forget(&mut self.context)
    }
}

impl<C: XtsMode> Reset for SectorDecryptor<C> {
    fn reset(&mut self) -> Result<()> {
        forget(&mut self.context)
    }
}

impl<C: XtsMode> fmt::Debug for SectorEncryptor<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SectorEncryptor<{}>", C::NAME)
    }
}

impl<C: XtsMode> fmt::Debug for SectorDecryptor<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SectorDecryptor<{}>", C::NAME)
    }
}
