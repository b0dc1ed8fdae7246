//! The functions as types, to ask who implements them.

use std::convert::Infallible;
use std::marker::PhantomData;

use super::argon2::ARGON2ID;
use super::hkdf::HKDF;
use super::kbkdf::KBKDF;
use super::pbkdf2::PBKDF2;
use super::scrypt::SCRYPT;
use super::single_step::{SSKDF, X963KDF};
#[cfg(doc)]
use super::{argon2id, kbkdf_cmac, kbkdf_hmac, single_step_kmac128, single_step_kmac256, x963};
use crate::crypto::digest::Hash;
use crate::crypto::library::{self, Part};
use crate::crypto::mac::{BlockCipher, Kmac128, Kmac256};

/// A row: type, its parameter, the function, OpenSSL's algorithm and what it is made of.
macro_rules! kinds {
    ($($kind:ident$(<$of:ident: $bound:ident>)?: $function:literal, [$($part:expr),+];)*) => {$(
        #[doc = concat!("[`", $function, "`], to ask for its [`origin`](crate::crypto::Provided::origin).")]
        #[derive(Clone, Copy, Debug)]
        pub enum $kind$(<$of: $bound>)? {
            #[doc(hidden)]
            Never(Infallible, PhantomData<fn() -> ($($of,)?)>),
        }

        #[allow(private_interfaces, reason = "sealed: no user can name it")]
        impl$(<$of: $bound>)? library::sealed::Parts for $kind$(<$of>)? {
            fn parts() -> Vec<&'static dyn Part> {
                vec![$($part),+]
            }
        }
    )*};
}

kinds! {
    Hkdf<H: Hash>: "super::hkdf()", [&HKDF, H::algorithm()];
    Pbkdf2<H: Hash>: "super::pbkdf2()", [&PBKDF2, H::algorithm()];
    Scrypt: "super::scrypt()", [&SCRYPT];
    Argon2id: "argon2id", [&ARGON2ID];
    KbkdfHmac<H: Hash>: "kbkdf_hmac", [&KBKDF, H::algorithm()];
    KbkdfCmac<C: BlockCipher>: "kbkdf_cmac", [&KBKDF, C::cbc()];
    SingleStep<H: Hash>: "super::single_step()", [&SSKDF, H::algorithm()];
    SingleStepKmac128: "single_step_kmac128", [&SSKDF, <Kmac128>::algorithm()];
    SingleStepKmac256: "single_step_kmac256", [&SSKDF, <Kmac256>::algorithm()];
    X963<H: Hash>: "x963", [&X963KDF, H::algorithm()];
}
