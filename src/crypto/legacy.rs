//! Algorithms that are broken, for protocols and files that already use them. Nothing new should.
//!
//! | digest | output | block | what is broken | OpenSSL | source |
//! |---|---|---|---|---|---|
//! | [`Md4`] | 16 | 64 | collisions and preimages are found; only the `legacy` provider has it | 0.9 | RFC 1320 |
//! | [`Sha1`] | 20 | 64 | collisions are made at will since 2017 | 0.9 | FIPS 180-4 |
//!
//! HMAC over SHA-1 is not known to be broken:
//! [`Hmac<Sha1>`](super::Hmac) is what TOTP and old protocols ask for.

use super::algorithm::{Algorithm, Lengths};
use super::digest::algorithms::{hashes, sealed};
use super::digest::{Digest, Hash};
use super::library::{self, Library};
use crate::error::Result;
use crate::ffi::openssl as ffi;

hashes! {
    /// SHA-1: a digest of 20 bytes. Whoever chooses the data can make two with one digest.
    ///
    /// Source: FIPS 180-4, section 6.1; [EVP_MD-SHA1](https://docs.openssl.org/3.0/man7/EVP_MD-SHA1/).
    #[doc(alias = "EVP_sha1")]
    #[doc(alias = "SHA1")]
    Sha1 in "legacy::Sha1": "SHA-1", c"SHA1", 20, "0.9",
        "a9993e364706816aba3e25717850c26c9cd0d89d";
}

hashes! {
    /// MD4: a digest of 16 bytes, which protects nothing; NTLM and old rsync are made of it.
    ///
    /// Only OpenSSL's `legacy` provider has it: it works in a [`Library`] that has loaded it.
    ///
    /// Source: RFC 1320; [EVP_MD-MD4](https://docs.openssl.org/3.0/man7/EVP_MD-MD4/).
    #[doc(alias = "EVP_md4")]
    #[doc(alias = "MD4")]
    Md4: "MD4", c"MD4", 16, "0.9";
}

impl Md4 {
    /// Digests `data` at once, in a library that has loaded the `legacy` provider.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) in any other library,
    /// [`ErrorKind::OutOfMemory`](crate::ErrorKind::OutOfMemory).
    ///
    /// ```
    /// use ffence::crypto::{Library, legacy::Md4};
    ///
    /// // An OpenSSL that is linked in may come without the provider.
    /// if let Ok(library) = Library::builder().provider("legacy").build() {
    ///     let digest = Md4::digest_in(&library, b"abc")?; // RFC 1320, section A.5
    ///     assert_eq!(digest.to_string(), "a448017aaf21d8525fc10ae87aa6729d");
    /// }
    /// # Ok::<(), ffence::Error>(())
    /// ```
    pub fn digest_in(library: &Library, data: &[u8]) -> Result<Digest<Self>> {
        Digest::of_in(library, data)
    }
}
