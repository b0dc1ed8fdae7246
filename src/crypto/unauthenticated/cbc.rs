//! Cipher block chaining.

use std::fmt;
use std::marker::PhantomData;

use zeroize::Zeroize as _;

use super::context::{Context, SPARE};
use super::{CbcMode, Key};
use crate::error::{Error, ErrorKind, Result};

/// What fills the last block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// PKCS #7 (RFC 5652, section 6.3): 1 to 16 bytes, each their number.
    Pkcs7,
    /// Nothing: the text is a multiple of 16 bytes long.
    None,
}

impl<C: CbcMode> Key<C> {
    /// Something that encrypts one text, which begins with `iv`.
    ///
    /// The IV must be random, and nobody may know it before the text is chosen
    /// ([`random::bytes`](crate::crypto::random::bytes)).
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`], [`ErrorKind::OutOfMemory`].
    #[doc(alias = "EVP_aes_256_cbc")]
    pub fn cbc_encryptor(&self, iv: &[u8; 16], padding: Padding) -> Result<CbcEncryptor<C>> {
        let padded = padding == Padding::Pkcs7;
        let mut context = Context::encrypting(&self.home, C::algorithm(), self.bytes()?, padded)?;
        context.begin(Some(iv))?;
        Ok(CbcEncryptor { context, cipher: PhantomData })
    }

    /// Something that decrypts one text, which began with `iv`.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`], [`ErrorKind::OutOfMemory`].
    pub fn cbc_decryptor(&self, iv: &[u8; 16], padding: Padding) -> Result<CbcDecryptor<C>> {
        let padded = padding == Padding::Pkcs7;
        let mut context = Context::decrypting(&self.home, C::algorithm(), self.bytes()?, padded)?;
        context.begin(Some(iv))?;
        Ok(CbcDecryptor { context, cipher: PhantomData })
    }
}

/// Encrypts a text that comes piece by piece.
///
/// `Send`, not `Sync`. A failed step leaves it unusable ([`ErrorKind::Poisoned`]).
///
/// ```
/// use ffence::crypto::random;
/// use ffence::crypto::unauthenticated::{Aes256Cbc, Key, Padding};
///
/// let key = Key::<Aes256Cbc>::generate()?;
/// let iv = random::bytes()?;
/// let mut sent = Vec::new();
/// let mut encryptor = key.cbc_encryptor(&iv, Padding::Pkcs7)?;
/// encryptor.update(b"hello, ", &mut sent)?;
/// encryptor.update(b"world", &mut sent)?;
/// encryptor.finish(&mut sent)?;
/// assert_eq!(sent.len(), 16);
///
/// let mut text = Vec::new();
/// let mut decryptor = key.cbc_decryptor(&iv, Padding::Pkcs7)?;
/// decryptor.update(&sent, &mut text)?;
/// decryptor.finish(&mut text)?;
/// assert_eq!(text, b"hello, world");
/// # Ok::<(), ffence::Error>(())
/// ```
/// A finished one is gone:
/// ```compile_fail,E0382
/// # use ffence::crypto::unauthenticated::{Aes256Cbc, Key, Padding};
/// # let key = Key::<Aes256Cbc>::generate().unwrap();
/// # let mut out = Vec::new();
/// let mut encryptor = key.cbc_encryptor(&[0; 16], Padding::Pkcs7).unwrap();
/// encryptor.finish(&mut out).unwrap();
/// encryptor.update(b"more", &mut out).unwrap(); // borrow of moved value
/// ```
pub struct CbcEncryptor<C: CbcMode> {
    context: Context,
    cipher: PhantomData<fn() -> C>,
}

impl<C: CbcMode> CbcEncryptor<C> {
    /// Encrypts a piece onto the end of `out`, as far as blocks are full.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`], [`ErrorKind::Poisoned`] after an earlier failure.
    #[doc(alias = "EVP_EncryptUpdate")]
    pub fn update(&mut self, text: &[u8], out: &mut Vec<u8>) -> Result<()> {
        self.context.onto(text, out)
    }

    /// Appends the last block and ends the text.
    ///
    /// # Errors
    /// [`ErrorKind::Length`] without padding, when the text is no multiple of 16 bytes long;
    /// [`ErrorKind::OutOfMemory`], [`ErrorKind::Poisoned`] after an earlier failure.
    #[doc(alias = "EVP_EncryptFinal_ex")]
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<()> {
        self.finish_and_keep(out)
    }

    /// Like [`finish`](Self::finish); the context, with its key, begins another text at `iv`.
    ///
    /// # Errors
    /// As for [`finish`](Self::finish); it is unusable then.
    pub fn finish_and_restart(&mut self, out: &mut Vec<u8>, iv: &[u8; 16]) -> Result<()> {
        self.finish_and_keep(out)?;
        self.context.begin(Some(iv))
    }

    fn finish_and_keep(&mut self, out: &mut Vec<u8>) -> Result<()> {
        finish(&mut self.context, out, || {
            Error::ours(ErrorKind::Length, "without padding a text is a multiple of 16 bytes long")
        })
    }
}

/// Decrypts a text that comes piece by piece.
///
/// **What [`update`](Self::update) appends was not checked at all**, and that
/// [`finish`](Self::finish) succeeds does not mean that the text is genuine. To tell a peer that the
/// padding was wrong, even by the time it takes, gives the text away: check a MAC first.
///
/// `Send`, not `Sync`. A failed step leaves it unusable ([`ErrorKind::Poisoned`]).
pub struct CbcDecryptor<C: CbcMode> {
    context: Context,
    cipher: PhantomData<fn() -> C>,
}

impl<C: CbcMode> CbcDecryptor<C> {
    /// Decrypts a piece onto the end of `out`, as far as it cannot be padding.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`], [`ErrorKind::Poisoned`] after an earlier failure.
    #[doc(alias = "EVP_DecryptUpdate")]
    pub fn update(&mut self, text: &[u8], out: &mut Vec<u8>) -> Result<()> {
        self.context.onto(text, out)
    }

    /// Takes the padding off, appends what is left and ends the text.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] for wrong padding and for a text that is no multiple of 16 bytes
    /// long; [`ErrorKind::OutOfMemory`], [`ErrorKind::Poisoned`] after an earlier failure.
    #[doc(alias = "EVP_DecryptFinal_ex")]
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<()> {
        self.finish_and_keep(out)
    }

    /// Like [`finish`](Self::finish); the context, with its key, begins another text at `iv`, also
    /// when this one was malformed.
    ///
    /// # Errors
    /// As for [`finish`](Self::finish).
    pub fn finish_and_restart(&mut self, out: &mut Vec<u8>, iv: &[u8; 16]) -> Result<()> {
        let outcome = self.finish_and_keep(out);
        if outcome.as_ref().is_err_and(|error| error.kind() == ErrorKind::Malformed) {
            self.context.forgive();
        }
        self.context.begin(Some(iv))?;
        outcome
    }

    fn finish_and_keep(&mut self, out: &mut Vec<u8>) -> Result<()> {
        finish(&mut self.context, out, || {
            Error::ours(ErrorKind::Malformed, "the last block of the text is not as it must be")
        })
    }
}

/// Appends what `context` has left; `wrong` is the error for a text of the wrong form.
fn finish(context: &mut Context, out: &mut Vec<u8>, wrong: fn() -> Error) -> Result<()> {
    let mut last = [0; SPARE];
    out.try_reserve(SPARE).map_err(|_| Error::of(ErrorKind::OutOfMemory))?;
    let written = context.finish(&mut last).map_err(|error| match error.kind() {
        // EVP_EncryptInit(3): the final call fails for nothing else.
        ErrorKind::OpenSsl => wrong(),
        _ => error,
    })?;
    out.extend_from_slice(&last[..written]);
    last.zeroize();
    Ok(())
}

impl<C: CbcMode> fmt::Debug for CbcEncryptor<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CbcEncryptor<{}>", C::NAME)
    }
}

impl<C: CbcMode> fmt::Debug for CbcDecryptor<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CbcDecryptor<{}>", C::NAME)
    }
}
