//! Where nonces come from.

use std::ops::Range;

use super::algorithms::SivMode;
use super::key::Shared;
use super::{Aead, Deterministic, Nonced};
use crate::crypto::rand;
use crate::error::{Error, ErrorKind, Result};
pub(super) use crate::fork::process;

/// Where a [`Sealer`](super::Sealer) takes its nonces from.
///
/// This crate implements the trait, nobody else can.
pub trait NoncePolicy<A: Aead>: sealed::Draw<A> + Clone {}

mod sealed {
    use super::{Aead, Result, Shared};

    #[allow(private_interfaces, reason = "sealed: no user can name it")]
    pub trait Draw<A: Aead> {
        /// What was drawn ahead.
        #[doc(hidden)]
        type Drawn: Default;
        /// A sealer is made.
        #[doc(hidden)]
        fn start(&self, _key: &Shared<A>) {}
        /// Counts a message in and gives it a nonce that no other message of the key has.
        #[doc(hidden)]
        fn draw(
            &self,
            drawn: &mut Self::Drawn,
            key: &Shared<A>,
            nonce: &mut A::Nonce,
        ) -> Result<()>;
    }
}

/// A fresh random nonce for each message, from OpenSSL's generator.
///
/// A key may seal [`Aead::RANDOM_NONCE_MESSAGES`] messages so (2^32 with nonces of 12 bytes:
/// SP 800-38D, section 8.3); the key counts.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomNonce;

impl<A: Nonced> NoncePolicy<A> for RandomNonce {}

#[allow(private_interfaces, reason = "sealed: no user can name it")]
impl<A: Nonced> sealed::Draw<A> for RandomNonce {
    type Drawn = rand::Batch;

    fn start(&self, key: &Shared<A>) {
        key.expect_random();
    }

    #[inline]
    fn draw(&self, drawn: &mut rand::Batch, key: &Shared<A>, nonce: &mut A::Nonce) -> Result<()> {
        key.count_random()?;
        drawn.take(&key.home, nonce.as_mut())
    }
}

/// A fixed prefix of 4 bytes, then a number that the key counts: the deterministic construction of
/// SP 800-38D, section 8.2.1.
///
/// The count lives in the key: all its sealers, whatever their prefix, take disjoint ranges of it.
/// After [`Aead::MESSAGES`] messages the key seals no more, for ever
/// ([`ErrorKind::Limit`]). Once a sealer with [`RandomNonce`] was made from the same key, the lower
/// limit of random nonces holds for both.
///
/// What the count cannot know, the caller must see to: a key that lives on in another process goes
/// on with [`Key::resume_after`](super::Key::resume_after), and where several machines seal with
/// the same key, each has a prefix of its own. In a process that was forked from the one that made
/// the key, a counter refuses ([`ErrorKind::Poisoned`]): parent and child would count alike.
///
/// ```
/// use ffence::ErrorKind;
/// use ffence::crypto::{Aead, Aes128Gcm, CounterNonce, Key};
///
/// let key = Key::<Aes128Gcm>::generate()?;
/// let mut sealer = key.sealer(CounterNonce::new(*b"site"))?;
/// assert!(sealer.seal(b"", b"first")?.starts_with(b"site\0\0\0\0\0\0\0\0"));
/// assert!(sealer.seal(b"", b"second")?.starts_with(b"site\0\0\0\0\0\0\0\x01"));
///
/// let key = key.resume_after(Aes128Gcm::MESSAGES);
/// let error = key.sealer(CounterNonce::new(*b"site"))?.seal(b"", b"no more").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Limit);
/// # Ok::<(), ffence::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CounterNonce {
    prefix: [u8; PREFIX],
}

/// Every nonce is longer than this.
const PREFIX: usize = 4;

impl CounterNonce {
    /// How many messages a sealer counts ahead: with one atomic addition for each range, threads do
    /// not wait for each other.
    const RANGE: u64 = 1 << 10;

    /// Nonces that begin with `prefix`.
    pub const fn new(prefix: [u8; 4]) -> Self {
        Self { prefix }
    }
}

impl<A: Nonced> NoncePolicy<A> for CounterNonce {}

#[allow(private_interfaces, reason = "sealed: no user can name it")]
impl<A: Nonced> sealed::Draw<A> for CounterNonce {
    type Drawn = Range<u64>;

    #[inline]
    fn draw(&self, drawn: &mut Range<u64>, key: &Shared<A>, nonce: &mut A::Nonce) -> Result<()> {
        if key.is_forked() {
            return Err(forked());
        }
        if drawn.is_empty() {
            *drawn = key.take(Self::RANGE)?;
        }
        let number = drawn.next().ok_or_else(|| Error::of(ErrorKind::Limit))?;
        let nonce = nonce.as_mut();
        nonce.fill(0);
        let (start, end) = nonce.split_at_mut(PREFIX);
        start.copy_from_slice(&self.prefix);
        let number = number.to_be_bytes();
        match end.last_chunk_mut() {
            Some(end) => *end = number,
            // A nonce of CCM may be too short for both: MESSAGES is so low then that only zeroes of
            // the number are left out.
            None => end.copy_from_slice(&number[number.len() - end.len()..]),
        }
        Ok(())
    }
}

#[cold]
fn forked() -> Error {
    Error::ours(
        ErrorKind::Poisoned,
        "the key counts its nonces in another process, which this one was forked from",
    )
}

/// No nonce: for [`Deterministic`] algorithms alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoNonce;

impl<A: SivMode> NoncePolicy<Deterministic<A>> for NoNonce {}

#[allow(private_interfaces, reason = "sealed: no user can name it")]
impl<A: SivMode> sealed::Draw<Deterministic<A>> for NoNonce {
    type Drawn = ();

    #[inline]
    fn draw(
        &self,
        (): &mut (),
        key: &Shared<Deterministic<A>>,
        _nonce: &mut [u8; 0],
    ) -> Result<()> {
        key.take(1).map(drop)
    }
}
