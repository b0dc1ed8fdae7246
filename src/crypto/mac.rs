//! Message authentication codes (MACs): who knows the key can tell that nothing was altered.
//!
//! | MAC | key | tag | for each message | OpenSSL | source |
//! |---|---|---|---|---|---|
//! | [`Hmac<H>`](Hmac) | any; as long as the digest is enough | the digest's | | 3.0 | RFC 2104, FIPS 198-1 |
//! | [`Cmac<C>`](Cmac) | 16, 24, 32 | 16 | | 3.0 | RFC 4493, SP 800-38B |
//! | [`Gmac<C>`](Gmac) | 16, 24, 32 | 16 | a [`GmacNonce`], never twice | 3.0 | SP 800-38D |
//! | [`Kmac128<N>`](Kmac128), [`Kmac256<N>`](Kmac256) | 4 to 512 | `N` | | 3.0 | SP 800-185 |
//! | [`SipHash64`], [`SipHash128`] | 16 | 8, 16 | | 3.0 | Aumasson and Bernstein, 2012 |
//! | [`Poly1305`] | 32, for one message | 16 | a [`OneTimeKey`] | 3.0 | RFC 8439 |
//!
//! Lengths in bytes. All are `Send` and not `Sync`: each thread has its own. The key is given to
//! OpenSSL once, when the object is made; its context keeps it and cleanses it when dropped.

mod cmac;
mod context;
mod gmac;
mod hmac;
mod kmac;
mod poly1305;
mod siphash;

use std::fmt;
use std::io;
use std::marker::PhantomData;

pub use self::cmac::{Aes128, Aes192, Aes256, BlockCipher, Cmac};
use self::context::Context;
pub use self::gmac::{Gmac, GmacNonce};
pub use self::hmac::Hmac;
pub use self::kmac::{Kmac128, Kmac256};
pub use self::poly1305::{OneTimeKey, Poly1305};
pub use self::siphash::{SipHash64, SipHash128};
use super::equal::equal;
use super::library::Provided;
use super::octets::Octets;
use crate::error::{Error, ErrorKind, Result};

/// A message authentication code: [`Hmac`], [`Cmac`], [`Gmac`], [`Kmac128`], [`Kmac256`],
/// [`SipHash64`], [`SipHash128`] or [`Poly1305`].
///
/// This crate implements the trait, nobody else can.
pub trait Mac: sealed::Sealed + Provided {
    /// Bytes of a tag.
    const TAG_LEN: usize;

    /// `[u8; TAG_LEN]`
    type TagBytes: Octets;
}

mod sealed {
    pub trait Sealed {}
}

/// The tag of a message; which MAC made it is part of its type.
///
/// To check a tag, call `verify`: `==` is here for two tags of one's own, and takes the same time
/// wherever they differ.
///
/// Tags of two kinds do not compare:
/// ```compile_fail,E0308
/// use ffence::crypto::{Hmac, Sha256, Sha3_256};
///
/// let one = Hmac::<Sha256>::new(b"key").unwrap().sign(b"").unwrap();
/// let other = Hmac::<Sha3_256>::new(b"key").unwrap().sign(b"").unwrap();
/// one == other; // mismatched types
/// ```
pub struct Tag<M: Mac> {
    bytes: M::TagBytes,
    mac: PhantomData<fn() -> M>,
}

impl<M: Mac> Tag<M> {
    /// The bytes, to be sent. Comparing them with `==` tells by its time where they differ.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.as_ref()
    }

    /// The bytes as an array.
    pub fn into_bytes(self) -> M::TagBytes {
        self.bytes
    }

    #[inline]
    fn new(bytes: M::TagBytes) -> Self {
        Self { bytes, mac: PhantomData }
    }

    /// The verdict on a tag that came with the message; ours is wiped.
    #[inline]
    fn check(mut self, theirs: &[u8]) -> Result<()> {
        let genuine = equal(self.bytes.as_ref(), theirs);
        zeroize::Zeroize::zeroize(&mut self.bytes);
        if genuine { Ok(()) } else { Err(Error::of(ErrorKind::Authentication)) }
    }
}

impl<M: Mac> Clone for Tag<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M: Mac> Copy for Tag<M> {}

impl<M: Mac> PartialEq for Tag<M> {
    /// In constant time.
    fn eq(&self, other: &Self) -> bool {
        equal(self.bytes.as_ref(), other.bytes.as_ref())
    }
}

impl<M: Mac> Eq for Tag<M> {}

impl<M: Mac> AsRef<[u8]> for Tag<M> {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl<M: Mac> fmt::Display for Tag<M> {
    /// Lower-case hexadecimal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<M: Mac> fmt::Debug for Tag<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({self})")
    }
}

/// A message that is signed or verified piece by piece: what `begin` returns.
///
/// Dropping it leaves nothing of the message behind; the next one starts anew. `Send`, not `Sync`.
///
/// ```
/// use ffence::crypto::{Hmac, Sha256};
/// use std::io::Write;
///
/// let mut hmac = Hmac::<Sha256>::new(b"key")?;
/// let mut message = hmac.begin()?;
/// message.update(b"The quick brown fox ")?;
/// message.write_all(b"jumps over the lazy dog").unwrap();
/// let tag = message.finish()?;
/// hmac.verify(b"The quick brown fox jumps over the lazy dog", tag)?;
/// # Ok::<(), ffence::Error>(())
/// ```
/// While it lives, no other message can be mixed in:
/// ```compile_fail,E0499
/// # use ffence::crypto::{Hmac, Sha256};
/// let mut hmac = Hmac::<Sha256>::new(b"key").unwrap();
/// let mut message = hmac.begin().unwrap();
/// hmac.sign(b"another").unwrap(); // cannot borrow `hmac` as mutable more than once
/// message.update(b"one").unwrap();
/// ```
#[must_use = "a message without its tag is nothing"]
pub struct Message<'a, M: Mac> {
    context: &'a mut Context,
    mac: PhantomData<fn() -> M>,
}

impl<'a, M: Mac> Message<'a, M> {
    fn begin(context: &'a mut Context) -> Result<Self> {
        context.begin()?;
        Ok(Self { context, mac: PhantomData })
    }

    /// Takes more of the message in.
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`] after an earlier failure.
    #[doc(alias = "EVP_MAC_update")]
    #[inline]
    pub fn update(&mut self, data: &[u8]) -> Result<()> {
        self.context.update(data)
    }

    /// The tag of all that was taken in.
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`] after an earlier failure.
    #[doc(alias = "EVP_MAC_final")]
    pub fn finish(self) -> Result<Tag<M>> {
        self.context.finish().map(Tag::new)
    }

    /// Whether `tag` belongs to all that was taken in; compares in constant time.
    ///
    /// # Errors
    /// [`ErrorKind::Authentication`] if it does not, or has another length;
    /// [`ErrorKind::Poisoned`] after an earlier failure.
    #[doc(alias = "CRYPTO_memcmp")]
    pub fn verify(self, tag: impl AsRef<[u8]>) -> Result<()> {
        self.finish()?.check(tag.as_ref())
    }
}

impl<M: Mac> io::Write for Message<'_, M> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.update(data)?;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<M: Mac> fmt::Debug for Message<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Message")
    }
}

/// What a MAC can do whose key is good for many messages.
macro_rules! many_messages {
    ($mac:ty, $($generics:tt)*) => {
        impl<$($generics)*> $mac {
            /// The tag of `message`.
            ///
            /// # Errors
            /// [`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned) after an earlier failure.
            #[doc(alias = "EVP_MAC_init")]
            #[doc(alias = "EVP_MAC_final")]
            #[inline]
            pub fn sign(&mut self, message: &[u8]) -> $crate::error::Result<super::Tag<Self>> {
                self.context.tag(message).map(super::Tag::new)
            }

            /// Whether `tag` belongs to `message`; compares in constant time.
            ///
            /// # Errors
            /// [`ErrorKind::Authentication`](crate::ErrorKind::Authentication) if it does not, or
            /// has another length; [`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned) after an
            /// earlier failure.
            #[doc(alias = "CRYPTO_memcmp")]
            #[inline]
            pub fn verify(
                &mut self,
                message: &[u8],
                tag: impl AsRef<[u8]>,
            ) -> $crate::error::Result<()> {
                self.sign(message)?.check(tag.as_ref())
            }

            /// Starts a message that comes piece by piece.
            ///
            /// # Errors
            /// [`ErrorKind::Poisoned`](crate::ErrorKind::Poisoned) after an earlier failure.
            #[doc(alias = "EVP_MAC_update")]
            pub fn begin(&mut self) -> $crate::error::Result<super::Message<'_, Self>> {
                super::Message::begin(&mut self.context)
            }
        }

        impl<$($generics)*> $crate::pool::Reset for $mac {
            fn reset(&mut self) -> $crate::error::Result<()> {
                self.context.reset(&[])
            }
        }
    };
}
use many_messages;
