//! Authenticated encryption with associated data (AEAD).

mod algorithms;
mod ccm;
mod context;
pub mod hazmat;
mod key;
mod nonce;
mod opener;
mod sealer;
mod text;

use std::fmt;

pub use self::algorithms::{
    Aes128Gcm, Aes128GcmSiv, Aes128Ocb, Aes128Siv, Aes192Gcm, Aes192Ocb, Aes192Siv, Aes256Gcm,
    Aes256GcmSiv, Aes256Ocb, Aes256Siv, ChaCha20Poly1305, Deterministic,
};
pub use self::ccm::{
    Aes128Ccm, Aes128Ccm8, Aes192Ccm, Aes256Ccm, Aes256Ccm8, Ccm, CcmNonce, CcmTag,
};
pub use self::key::Key;
pub use self::nonce::{CounterNonce, NoNonce, NoncePolicy, RandomNonce};
pub use self::opener::Opener;
pub use self::sealer::Sealer;
use super::algorithm::Algorithm;
use super::library::Provided;
use super::octets::Octets;
use crate::error::{Error, ErrorKind};
use crate::ffi::openssl as ffi;

/// An algorithm that encrypts and authenticates.
///
/// The lengths are part of the type; this crate implements the trait, nobody else can.
pub trait Aead: sealed::Fetched + Provided {
    /// OpenSSL's name of the algorithm.
    const NAME: &'static str;
    /// Bytes of a key.
    const KEY_LEN: usize;
    /// Bytes of a nonce.
    const NONCE_LEN: usize;
    /// Bytes of a tag.
    const TAG_LEN: usize;
    /// The longest text of one message, in bytes.
    const MAX_LEN: u64;
    /// How many messages one key may seal under random nonces.
    const RANDOM_NONCE_MESSAGES: u64;
    /// How many messages one key may seal under nonces that never repeat.
    ///
    /// 2^48 messages of a few blocks keep what an attacker gains from the block cipher's birthday
    /// bound below 2^-32.
    const MESSAGES: u64;

    /// `[u8; KEY_LEN]`
    type KeyBytes: Octets;
    /// `[u8; NONCE_LEN]`
    type Nonce: Octets;
    /// `[u8; TAG_LEN]`
    type Tag: Octets;
}

/// An [`Aead`] whose messages have nonces: all but [`Deterministic`].
///
/// This crate implements the trait, nobody else can.
pub trait Nonced: Aead {}

/// How OpenSSL wants to be called for one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// The context keeps its key, and a message may come in pieces.
    Pieces,
    /// CCM: the context keeps its key if it learnt the tag's length before. A message begins with
    /// its tag (to open it) and its length; one update takes all of it and gives the verdict.
    Ccm,
    /// SIV: the key is given for each message (a kept context fails on its second one), and the
    /// nonce is the last of the associated data. One update takes all of the text.
    Siv,
    /// GCM-SIV: the context keeps its key, and the last header until it is reset. One update takes
    /// all of the text.
    GcmSiv,
}

mod sealed {
    use super::{Algorithm, Flow, ffi};

    #[allow(private_interfaces, reason = "sealed: no user can name it")]
    pub trait Fetched: 'static {
        #[doc(hidden)]
        const FLOW: Flow;
        /// Bytes of text and header that count as one message; a longer one counts as several.
        #[doc(hidden)]
        const SHARE: usize = usize::MAX;
        #[doc(hidden)]
        fn algorithm() -> &'static Algorithm<ffi::EVP_CIPHER>;
    }
}

/// The algorithm's cipher, for what is made of it.
pub(super) fn algorithm_of<A: Aead>() -> &'static Algorithm<ffi::EVP_CIPHER> {
    A::algorithm()
}

/// A text that is longer than the algorithm takes.
#[cold]
fn too_long<A: Aead>(what: &str, len: usize, most: u64) -> Error {
    Error::ours(
        ErrorKind::Length,
        format!("{} takes at most {most} bytes of {what} a message, not {len}", A::NAME),
    )
}

/// Where the result goes is not as long as what is read.
#[cold]
fn other_length(text: usize, out: usize) -> Error {
    Error::ours(
        ErrorKind::Length,
        format!("{text} bytes of text need as many bytes of room, not {out}"),
    )
}

/// `Debug` of a sealer or opener: its algorithm and nothing of the key.
fn debug<A: Aead>(name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{name}<{}>", A::NAME)
}
