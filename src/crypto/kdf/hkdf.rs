//! HKDF, and the labels of TLS 1.3.

use std::marker::PhantomData;

use super::derive::derive;
use super::{KeyMaterial, at_most, refused};
use crate::crypto::algorithm::{Algorithm, Lengths};
use crate::crypto::digest::Hash;
use crate::crypto::held::Held;
use crate::crypto::library::{Home, Library};
use crate::crypto::param::Param;
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::openssl as ffi;
#[cfg(unix)]
use crate::secret::{Protection, Secret};

pub(super) static HKDF: Algorithm<ffi::EVP_KDF> = Algorithm::new(c"HKDF", Lengths::Kdf, "1.1.0");

/// Extracts and expands at once: fills `out` from `secret`, bound to `salt` and `info`.
///
/// `out` is 1 to 255 digests long. The salt may be empty and is best random; `info` says what the
/// bytes are for. OpenSSL's manual promises room for 1024 bytes of `info`.
///
/// Source: RFC 5869; [EVP_KDF-HKDF](https://docs.openssl.org/3.0/man7/EVP_KDF-HKDF/).
///
/// # Errors
/// [`ErrorKind::Length`] for an `out` that is empty or longer than 255 digests,
/// [`ErrorKind::OutOfMemory`], [`ErrorKind::OpenSsl`] for an `info` that OpenSSL finds too long.
///
/// ```
/// use ffence::crypto::Sha256;
/// use ffence::crypto::kdf::hkdf;
///
/// let mut key = [0; 42];
/// hkdf::<Sha256>(b"salt", b"secret", b"my protocol, encryption", &mut key)?;
/// # Ok::<(), ffence::Error>(())
/// ```
#[doc(alias = "EVP_KDF_derive")]
#[doc(alias = "EVP_PKEY_derive")]
pub fn hkdf<H: Hash>(salt: &[u8], secret: &[u8], info: &[u8], out: &mut [u8]) -> Result<()> {
    hkdf_at::<H>(&Home::DEFAULT, salt, secret, info, out)
}

/// Like [`hkdf()`], with what the providers of `library` offer.
///
/// # Errors
/// As for [`hkdf()`].
pub fn hkdf_in<H: Hash>(
    library: &Library,
    salt: &[u8],
    secret: &[u8],
    info: &[u8],
    out: &mut [u8],
) -> Result<()> {
    hkdf_at::<H>(&library.into(), salt, secret, info, out)
}

fn hkdf_at<H: Hash>(
    home: &Home,
    salt: &[u8],
    secret: &[u8],
    info: &[u8],
    out: &mut [u8],
) -> Result<()> {
    within::<H>(out)?;
    let params = [
        Param::text(ffi::OSSL_KDF_PARAM_MODE, c"EXTRACT_AND_EXPAND"),
        Param::text(ffi::OSSL_KDF_PARAM_DIGEST, H::algorithm().name()),
        Param::bytes(ffi::OSSL_KDF_PARAM_SALT, salt),
        Param::bytes(ffi::OSSL_KDF_PARAM_KEY, secret),
        Param::bytes(ffi::OSSL_KDF_PARAM_INFO, info),
        Param::end(),
    ];
    derive(home, &HKDF, Some(H::algorithm()), &params, out)
}

/// What HKDF extracted (a pseudorandom key): as many keys as are needed are expanded from it.
///
/// `Send` and `Sync`. It lies where a [`Key`](crate::crypto::Key) does and is wiped when dropped.
///
/// It is not printed:
/// ```compile_fail,E0277
/// # use ffence::crypto::{Sha256, kdf::Prk};
/// let prk = Prk::<Sha256>::extract(b"", b"secret").unwrap();
/// println!("{prk:?}");
/// ```
/// nor cloned:
/// ```compile_fail,E0599
/// # use ffence::crypto::{Sha256, kdf::Prk};
/// let prk = Prk::<Sha256>::extract(b"", b"secret").unwrap();
/// let second = prk.clone();
/// ```
#[allow(missing_debug_implementations, reason = "a secret is never printed")]
pub struct Prk<H: Hash> {
    /// The library that keys are expanded in.
    home: Home,
    bytes: Held,
    algorithm: PhantomData<fn() -> H>,
}

impl<H: Hash> Prk<H> {
    /// HKDF-Extract: concentrates the entropy of `secret`.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`], [`ErrorKind::Unsupported`].
    ///
    /// ```
    /// use ffence::crypto::Sha256;
    /// use ffence::crypto::kdf::Prk;
    ///
    /// let prk = Prk::<Sha256>::extract(b"salt", b"secret")?;
    /// let (mut send, mut receive) = ([0; 16], [0; 16]);
    /// prk.expand(b"client to server", &mut send)?;
    /// prk.expand(b"server to client", &mut receive)?;
    /// # Ok::<(), ffence::Error>(())
    /// ```
    pub fn extract(salt: &[u8], secret: &[u8]) -> Result<Self> {
        Self::extracted(Home::DEFAULT, salt, secret)
    }

    /// Like [`extract`](Self::extract), with what the providers of `library` offer; keys are
    /// expanded in it as well.
    ///
    /// # Errors
    /// As for [`extract`](Self::extract).
    pub fn extract_in(library: &Library, salt: &[u8], secret: &[u8]) -> Result<Self> {
        Self::extracted(library.into(), salt, secret)
    }

    fn extracted(home: Home, salt: &[u8], secret: &[u8]) -> Result<Self> {
        let params = [
            Param::text(ffi::OSSL_KDF_PARAM_MODE, c"EXTRACT_ONLY"),
            Param::text(ffi::OSSL_KDF_PARAM_DIGEST, H::algorithm().name()),
            Param::bytes(ffi::OSSL_KDF_PARAM_SALT, salt),
            Param::bytes(ffi::OSSL_KDF_PARAM_KEY, secret),
            Param::end(),
        ];
        let extract = |out: &mut [u8]| derive(&home, &HKDF, Some(H::algorithm()), &params, out);
        let bytes = Held::filled(H::LEN, extract)?;
        Ok(Self::of(home, bytes))
    }

    /// A pseudorandom key that was extracted elsewhere: exactly one digest long.
    ///
    /// # Errors
    /// [`ErrorKind::Length`] for any other length.
    pub fn from_slice(prk: &[u8]) -> Result<Self> {
        Self::copied(Home::DEFAULT, prk)
    }

    /// Like [`from_slice`](Self::from_slice), to expand keys in `library`.
    ///
    /// # Errors
    /// As for [`from_slice`](Self::from_slice).
    pub fn from_slice_in(library: &Library, prk: &[u8]) -> Result<Self> {
        Self::copied(library.into(), prk)
    }

    fn copied(home: Home, prk: &[u8]) -> Result<Self> {
        if prk.len() != H::LEN {
            return Err(Error::ours(
                ErrorKind::Length,
                format!("HKDF with {} extracts {} bytes, not {}", H::NAME, H::LEN, prk.len()),
            ));
        }
        Ok(Self::of(home, Held::copy_of(prk)))
    }

    /// HKDF-Expand: fills `out` with bytes that belong to `info`.
    ///
    /// # Errors
    /// As for [`hkdf`]; [`ErrorKind::Poisoned`] in a process that was forked since this was extracted.
    pub fn expand(&self, info: &[u8], out: &mut [u8]) -> Result<()> {
        within::<H>(out)?;
        let key = self.bytes.bytes().inspect_err(|_| out.fill(0))?;
        let params = [
            Param::text(ffi::OSSL_KDF_PARAM_MODE, c"EXPAND_ONLY"),
            Param::text(ffi::OSSL_KDF_PARAM_DIGEST, H::algorithm().name()),
            Param::bytes(ffi::OSSL_KDF_PARAM_KEY, key),
            Param::bytes(ffi::OSSL_KDF_PARAM_INFO, info),
            Param::end(),
        ];
        derive(&self.home, &HKDF, Some(H::algorithm()), &params, out)
    }

    /// Like [`expand`](Self::expand), into bytes that lie where keys do and are wiped when dropped.
    ///
    /// # Errors
    /// As for [`expand`](Self::expand).
    pub fn expand_array<const N: usize>(&self, info: &[u8]) -> Result<KeyMaterial<N>> {
        KeyMaterial::filled(|out| self.expand(info, out))
    }

    /// Like [`expand`](Self::expand), into a [`Secret`].
    ///
    /// # Errors
    /// As for [`expand`](Self::expand).
    ///
    /// ```
    /// use ffence::crypto::kdf::Prk;
    /// use ffence::crypto::{ChaCha20Poly1305, Key, Sha256};
    ///
    /// let prk = Prk::<Sha256>::extract(b"salt", b"secret")?;
    /// let key = Key::<ChaCha20Poly1305>::from_secret(&prk.expand_secret(b"sealing")?)?;
    /// # Ok::<(), ffence::Error>(())
    /// ```
    #[cfg(unix)]
    pub fn expand_secret<const N: usize>(&self, info: &[u8]) -> Result<Secret<N>> {
        Secret::try_fill_with(|out| self.expand(info, out))
    }

    /// HKDF-Expand-Label of TLS 1.3, also QUIC's: `label` goes without its `tls13 `, and `context`
    /// is a transcript's hash or empty.
    ///
    /// Source: RFC 8446, section 7.1.
    ///
    /// # Errors
    /// [`ErrorKind::Parameter`] for a label that is empty or longer than 249 bytes and for a context
    /// of more than 255 bytes; else as for [`hkdf`].
    ///
    /// ```
    /// use ffence::crypto::Sha256;
    /// use ffence::crypto::kdf::Prk;
    ///
    /// let traffic_secret = Prk::<Sha256>::from_slice(&[7; 32])?;
    /// let (mut key, mut iv) = ([0; 16], [0; 12]);
    /// traffic_secret.expand_label(b"key", b"", &mut key)?;
    /// traffic_secret.expand_label(b"iv", b"", &mut iv)?;
    /// # Ok::<(), ffence::Error>(())
    /// ```
    #[doc(alias = "TLS13-KDF")]
    pub fn expand_label(&self, label: &[u8], context: &[u8], out: &mut [u8]) -> Result<()> {
        const PREFIX: &[u8] = b"tls13 ";
        within::<H>(out)?;
        let label_len = u8::try_from(PREFIX.len() + label.len());
        let (Ok(label_len), Ok(context_len), Ok(out_len), false) =
            (label_len, u8::try_from(context.len()), u16::try_from(out.len()), label.is_empty())
        else {
            out.fill(0);
            return Err(refused(
                "TLS 1.3 takes a label of 1 to 249 bytes, a context of up to 255 and 65535 of output",
            ));
        };
        // struct HkdfLabel: the output's length, the label and the context, each after its length.
        let mut info = [0; 2 + 1 + 255 + 1 + 255];
        let mut end = 0;
        let [high, low] = out_len.to_be_bytes();
        for part in [&[high, low, label_len], PREFIX, label, &[context_len], context] {
            info[end..end + part.len()].copy_from_slice(part);
            end += part.len();
        }
        self.expand(&info[..end], out)
    }

    /// The bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`] in a process that was forked since: they were wiped there.
    pub fn as_bytes(&self) -> Result<&[u8]> {
        self.bytes.bytes()
    }

    /// What is known about the memory that the bytes lie in.
    #[cfg(unix)]
    #[doc(alias = "mlock")]
    pub fn protection(&self) -> Protection {
        self.bytes.protection()
    }

    fn of(home: Home, bytes: Held) -> Self {
        Self { home, bytes, algorithm: PhantomData }
    }
}

/// HKDF-Expand from a key of any length, for formats that fix their digest.
pub(in crate::crypto) fn expand_any<H: Hash>(
    home: &Home,
    key: &[u8],
    info: &[u8],
    out: &mut [u8],
) -> Result<()> {
    let params = [
        Param::text(ffi::OSSL_KDF_PARAM_MODE, c"EXPAND_ONLY"),
        Param::text(ffi::OSSL_KDF_PARAM_DIGEST, H::algorithm().name()),
        Param::bytes(ffi::OSSL_KDF_PARAM_KEY, key),
        Param::bytes(ffi::OSSL_KDF_PARAM_INFO, info),
        Param::end(),
    ];
    derive(home, &HKDF, Some(H::algorithm()), &params, out)
}

/// RFC 5869, section 2.3: L <= 255 * `HashLen`.
fn within<H: Hash>(out: &mut [u8]) -> Result<()> {
    at_most("HKDF", 255 * H::LEN as u64, out)
}
