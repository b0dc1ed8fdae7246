//! Ciphers that do **not** authenticate, for protocols that name them.
//!
//! **What these do not protect:** whoever can change a ciphertext changes the text, often bit by
//! bit and never noticed; a receiver that reacts to what it decrypted tells an attacker the text
//! (padding oracles). For anything of your own use [`Key`](super::Key), which seals. Where a
//! protocol adds a MAC, check it *before* you decrypt.
//!
//! | ciphers | key | IV or tweak | text | what else they do not protect | OpenSSL | source |
//! |---|---|---|---|---|---|---|
//! | [`Aes128Ctr`], [`Aes192Ctr`], [`Aes256Ctr`] | 16, 24, 32 | 16 | any | an IV used twice reveals the texts' difference | 3.0 | SP 800-38A |
//! | [`Aes128Cbc`], [`Aes192Cbc`], [`Aes256Cbc`] | 16, 24, 32 | 16 | any with padding, else a multiple of 16 | a predictable IV lets guesses be confirmed | 3.0 | SP 800-38A |
//! | [`Aes128Xts`], [`Aes256Xts`] | 32, 64 | 16 | 16 to 2^24 a sector | equal sectors at one place show; an old sector can be put back | 3.0 | IEEE 1619, SP 800-38E |
//! | [`Aes128Kw`], [`Aes192Kw`], [`Aes256Kw`] | 16, 24, 32 | fixed | 16 and more, a multiple of 8 | equal keys show | 3.0 | RFC 3394 |
//! | [`Aes128Kwp`], [`Aes192Kwp`], [`Aes256Kwp`] | 16, 24, 32 | fixed | 1 and more | equal keys show | 3.0 | RFC 5649 |
//!
//! All lengths in bytes. Key wrap (KW, KWP) is the exception that does notice changes; it is for
//! keys alone, not for messages.
//!
//! Keys are `Send` and `Sync`; what is made from them is `Send`, not `Sync`, and works on one kept
//! context of OpenSSL.
//!
//! [EVP_EncryptInit](https://docs.openssl.org/3.0/man3/EVP_EncryptInit/),
//! [EVP_CIPHER-AES](https://docs.openssl.org/3.0/man7/EVP_CIPHER-AES/)

mod cbc;
mod context;
mod ctr;
mod wrap;
mod xts;

use std::marker::PhantomData;

use zeroize::Zeroize;

pub use self::cbc::{CbcDecryptor, CbcEncryptor, Padding};
pub use self::ctr::Keystream;
pub use self::wrap::{Unwrapped, Unwrapper, Wrapper};
pub use self::xts::{SectorDecryptor, SectorEncryptor};
use super::algorithm::{Algorithm, Lengths};
use super::equal::equal;
use super::held::Held;
use super::library::{self, Home, Library, Provided};
use super::{rand, random};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::openssl as ffi;
#[cfg(unix)]
use crate::secret::{Protection, Secret};

/// A cipher that does not authenticate; its type fixes the length of its key.
///
/// This crate implements the trait, nobody else can.
pub trait Cipher: sealed::Fetched + Provided {
    /// OpenSSL's name of the algorithm.
    const NAME: &'static str;
    /// Bytes of a key.
    const KEY_LEN: usize;

    /// `[u8; KEY_LEN]`
    type KeyBytes: AsRef<[u8]> + AsMut<[u8]> + Copy + Zeroize + Send + Sync + 'static;

    #[doc(hidden)]
    const HALVES_DIFFER: bool;
}

/// AES in counter mode.
pub trait CtrMode: Cipher {}

/// AES in cipher block chaining mode.
pub trait CbcMode: Cipher {}

/// AES in XTS mode.
pub trait XtsMode: Cipher {}

/// AES key wrap, with or without padding.
pub trait WrapMode: Cipher {
    #[doc(hidden)]
    const PADDED: bool;
}

mod sealed {
    use super::{Algorithm, ffi};

    #[allow(private_interfaces, reason = "sealed: no user can name it")]
    pub trait Fetched: 'static {
        #[doc(hidden)]
        fn algorithm() -> &'static Algorithm<ffi::EVP_CIPHER>;
    }
}

/// `cipher!(Type, "NAME", c"OpenSSL's name", key, iv, halves_differ, since, "what it is")`
macro_rules! cipher {
    ($type:ident, $name:literal, $c_name:literal, $key:literal, $iv:literal, $xts:literal,
     $since:literal, $what:literal) => {
        #[doc = $what]
        #[derive(Clone, Copy, Debug)]
        pub enum $type {}

        impl Cipher for $type {
            const NAME: &'static str = $name;
            const KEY_LEN: usize = $key;
            type KeyBytes = [u8; $key];
            const HALVES_DIFFER: bool = $xts;
        }

        #[allow(private_interfaces, reason = "sealed: no user can name it")]
        impl sealed::Fetched for $type {
            fn algorithm() -> &'static Algorithm<ffi::EVP_CIPHER> {
                static FETCHED: Algorithm<ffi::EVP_CIPHER> =
                    Algorithm::new($c_name, Lengths::Cipher { key: $key, nonce: $iv }, $since);
                &FETCHED
            }
        }

        #[allow(private_interfaces, reason = "sealed: no user can name it")]
        impl library::sealed::Parts for $type {
            fn parts() -> Vec<&'static dyn library::Part> {
                vec![<Self as sealed::Fetched>::algorithm()]
            }
        }
    };
}

cipher!(
    Aes128Ctr,
    "AES-128-CTR",
    c"AES-128-CTR",
    16,
    16,
    false,
    "1.0.1",
    "AES-128 in counter mode."
);
cipher!(
    Aes192Ctr,
    "AES-192-CTR",
    c"AES-192-CTR",
    24,
    16,
    false,
    "1.0.1",
    "AES-192 in counter mode."
);
cipher!(
    Aes256Ctr,
    "AES-256-CTR",
    c"AES-256-CTR",
    32,
    16,
    false,
    "1.0.1",
    "AES-256 in counter mode."
);
cipher!(
    Aes128Cbc,
    "AES-128-CBC",
    c"AES-128-CBC",
    16,
    16,
    false,
    "0.9.7",
    "AES-128, blocks chained."
);
cipher!(
    Aes192Cbc,
    "AES-192-CBC",
    c"AES-192-CBC",
    24,
    16,
    false,
    "0.9.7",
    "AES-192, blocks chained."
);
cipher!(
    Aes256Cbc,
    "AES-256-CBC",
    c"AES-256-CBC",
    32,
    16,
    false,
    "0.9.7",
    "AES-256, blocks chained."
);
cipher!(
    Aes128Xts,
    "AES-128-XTS",
    c"AES-128-XTS",
    32,
    16,
    true,
    "1.0.1",
    "AES-128 for disk sectors: a key of two halves."
);
cipher!(
    Aes256Xts,
    "AES-256-XTS",
    c"AES-256-XTS",
    64,
    16,
    true,
    "1.0.1",
    "AES-256 for disk sectors: a key of two halves."
);
cipher!(Aes128Kw, "AES-128-WRAP", c"AES-128-WRAP", 16, 8, false, "1.0.2", "AES-128 key wrap.");
cipher!(Aes192Kw, "AES-192-WRAP", c"AES-192-WRAP", 24, 8, false, "1.0.2", "AES-192 key wrap.");
cipher!(Aes256Kw, "AES-256-WRAP", c"AES-256-WRAP", 32, 8, false, "1.0.2", "AES-256 key wrap.");
cipher!(
    Aes128Kwp,
    "AES-128-WRAP-PAD",
    c"AES-128-WRAP-PAD",
    16,
    4,
    false,
    "1.1.0",
    "AES-128 key wrap with padding."
);
cipher!(
    Aes192Kwp,
    "AES-192-WRAP-PAD",
    c"AES-192-WRAP-PAD",
    24,
    4,
    false,
    "1.1.0",
    "AES-192 key wrap with padding."
);
cipher!(
    Aes256Kwp,
    "AES-256-WRAP-PAD",
    c"AES-256-WRAP-PAD",
    32,
    4,
    false,
    "1.1.0",
    "AES-256 key wrap with padding."
);

macro_rules! mode {
    ($mode:ident $body:tt: $($type:ident)*) => { $(impl $mode for $type $body)* };
}

mode!(CtrMode {}: Aes128Ctr Aes192Ctr Aes256Ctr);
mode!(CbcMode {}: Aes128Cbc Aes192Cbc Aes256Cbc);
mode!(XtsMode {}: Aes128Xts Aes256Xts);
mode!(WrapMode { const PADDED: bool = false; }: Aes128Kw Aes192Kw Aes256Kw);
mode!(WrapMode { const PADDED: bool = true; }: Aes128Kwp Aes192Kwp Aes256Kwp);

/// The mode's cipher, for what is made of it.
pub(super) fn algorithm_of<C: Cipher>() -> &'static Algorithm<ffi::EVP_CIPHER> {
    C::algorithm()
}

/// A key, bound to its cipher, that does not authenticate.
///
/// `Send` and `Sync`. It lies where a [`Key`](super::Key) that seals does, is wiped when dropped, and is
/// refused to a process that was forked from the one that made it ([`ErrorKind::Poisoned`]), where
/// what was made from it before goes on; OpenSSL wipes its key schedule when that is dropped. A key of
/// another cipher does not compile:
/// ```compile_fail,E0599
/// use ffence::crypto::unauthenticated::{Aes256Xts, Key};
/// let key = Key::<Aes256Xts>::generate().unwrap();
/// key.keystream(&[0; 16]).unwrap(); // counter mode only
/// ```
/// and a key is neither printed nor cloned:
/// ```compile_fail,E0277
/// # use ffence::crypto::unauthenticated::{Aes256Ctr, Key};
/// let key = Key::<Aes256Ctr>::generate().unwrap();
/// println!("{key:?}");
/// ```
/// ```compile_fail,E0599
/// # use ffence::crypto::unauthenticated::{Aes256Ctr, Key};
/// let key = Key::<Aes256Ctr>::generate().unwrap();
/// let second = key.clone();
/// ```
#[allow(missing_debug_implementations, reason = "a secret is never printed")]
pub struct Key<C: Cipher> {
    /// The library that the key is used in.
    home: Home,
    bytes: Held,
    cipher: PhantomData<fn() -> C>,
}

impl<C: Cipher> Key<C> {
    /// A fresh random key, from OpenSSL's generator for secrets.
    ///
    /// # Errors
    /// [`ErrorKind::OpenSsl`] when the generator has no entropy, [`ErrorKind::Init`].
    #[doc(alias = "RAND_priv_bytes")]
    pub fn generate() -> Result<Self> {
        Self::drawn(Home::DEFAULT)
    }

    /// Like [`generate`](Self::generate), from the generator of `library` and for use in it.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when none of its providers offers a generator; else as for
    /// [`generate`](Self::generate).
    pub fn generate_in(library: &Library) -> Result<Self> {
        Self::drawn(library.into())
    }

    fn drawn(home: Home) -> Result<Self> {
        let draw = |bytes: &mut [u8]| random::draw(&home, bytes, rand::Use::Private);
        let bytes = Held::filled(C::KEY_LEN, draw)?;
        Self::new(home, bytes)
    }

    /// A key of exactly [`Cipher::KEY_LEN`] bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Parameter`] for a key of XTS whose halves are equal, which IEEE 1619 forbids
    /// because sectors could then be decrypted without it.
    pub fn from_bytes(bytes: &C::KeyBytes) -> Result<Self> {
        Self::new(Home::DEFAULT, Held::copy_of(bytes.as_ref()))
    }

    /// Like [`from_bytes`](Self::from_bytes), for use in `library`.
    ///
    /// # Errors
    /// As for [`from_bytes`](Self::from_bytes).
    pub fn from_bytes_in(library: &Library, bytes: &C::KeyBytes) -> Result<Self> {
        Self::new(library.into(), Held::copy_of(bytes.as_ref()))
    }

    /// A key whose length is known at run time only.
    ///
    /// # Errors
    /// [`ErrorKind::Length`] unless there are exactly [`Cipher::KEY_LEN`] bytes; else as for
    /// [`from_bytes`](Self::from_bytes).
    pub fn from_slice(bytes: &[u8]) -> Result<Self> {
        Self::copied(Home::DEFAULT, bytes)
    }

    /// Like [`from_slice`](Self::from_slice), for use in `library`.
    ///
    /// # Errors
    /// As for [`from_slice`](Self::from_slice).
    pub fn from_slice_in(library: &Library, bytes: &[u8]) -> Result<Self> {
        Self::copied(library.into(), bytes)
    }

    fn copied(home: Home, bytes: &[u8]) -> Result<Self> {
        if bytes.len() != C::KEY_LEN {
            return Err(Error::ours(
                ErrorKind::Length,
                format!("the key of {} is {} bytes long, not {}", C::NAME, C::KEY_LEN, bytes.len()),
            ));
        }
        Self::new(home, Held::copy_of(bytes))
    }

    /// A key that a [`Secret`] holds; the secret keeps it as well.
    ///
    /// # Errors
    /// As for [`from_bytes`](Self::from_bytes), and [`ErrorKind::Poisoned`] for a secret of a process
    /// that this one was forked from.
    #[cfg(unix)]
    pub fn from_secret<const N: usize>(secret: &Secret<N>) -> Result<Self>
    where
        C: Cipher<KeyBytes = [u8; N]>,
    {
        secret.expose(Self::from_bytes)?
    }

    /// Like [`from_secret`](Self::from_secret), for use in `library`.
    ///
    /// # Errors
    /// As for [`from_secret`](Self::from_secret).
    #[cfg(unix)]
    pub fn from_secret_in<const N: usize>(library: &Library, secret: &Secret<N>) -> Result<Self>
    where
        C: Cipher<KeyBytes = [u8; N]>,
    {
        secret.expose(|bytes| Self::from_bytes_in(library, bytes))?
    }

    /// What is known about the memory that the key lies in.
    #[cfg(unix)]
    #[doc(alias = "mlock")]
    pub fn protection(&self) -> Protection {
        self.bytes.protection()
    }

    fn new(home: Home, bytes: Held) -> Result<Self> {
        let (left, right) = bytes.bytes()?.split_at(C::KEY_LEN / 2);
        if C::HALVES_DIFFER && equal(left, right) {
            return Err(Error::ours(
                ErrorKind::Parameter,
                format!("the two halves of a key of {} must differ", C::NAME),
            ));
        }
        Ok(Self { home, bytes, cipher: PhantomData })
    }

    /// The bytes, unless this process was forked from the one that made the key.
    fn bytes(&self) -> Result<&[u8]> {
        self.bytes.bytes()
    }
}
