//! Every family in a library of its own and in the default one, by the steps that `tests/api_library.rs`
//! takes: they compare the bytes themselves.

use ffence::crypto::Library;

use crate::families;
use crate::row::{Asks, Row};

macro_rules! family {
    ($name:literal, $steps:ident, [$($covers:literal),* $(,)?]) => {
        family!($name, Memory, $steps, [$($covers),*])
    };
    ($name:literal, $asks:ident, $steps:ident, [$($covers:literal),* $(,)?]) => {
        Row {
            name: $name,
            covers: &[$($covers),*],
            asks: Asks::$asks,
            text: include_str!("../../common/families.rs"),
            make: || {
                let library = Library::new().expect("there is memory");
                Box::new(move || {
                    families::$steps(&library)?;
                    Ok(Vec::new())
                })
            },
        }
    };
}

pub fn rows() -> Vec<Row> {
    vec![
        family!(
            "in both: AEAD",
            aead,
            [
                "crypto::Key::{from_slice_in,from_bytes,from_bytes_in,generate_in,sealer,opener}",
                "crypto::{Sealer,Opener}::try_clone",
                "crypto::Sealer::seal",
                "crypto::Opener::open",
                "crypto::CounterNonce::new",
            ]
        ),
        family!(
            "in both: chosen nonces, SIV",
            hazmat_and_siv,
            [
                "crypto::hazmat::Sealer::{new,try_clone,seal}",
                "crypto::hazmat::Nonce::from_bytes",
                "crypto::Opener::open_with",
            ]
        ),
        family!(
            "in both: streams",
            stream,
            [
                "crypto::StreamKey::{from_bytes,from_bytes_in,from_slice_in,generate_in,seal,open}",
                "crypto::SealWriter::finish",
            ]
        ),
        family!("in both: digests", digest, ["crypto::Digest::of_in"]),
        family!("in both: hashers", hasher, ["crypto::Hasher::new_in"]),
        family!("in both: XOFs", xof, ["crypto::Xof::new_in"]),
        family!("in both: HMAC", hmac, ["crypto::Hmac::new_in"]),
        family!("in both: CMAC", cmac, ["crypto::Cmac::new_in"]),
        family!("in both: GMAC", gmac, ["crypto::Gmac::new_in"]),
        family!("in both: KMAC", kmac, ["crypto::{Kmac128,Kmac256}::new_in"]),
        family!("in both: SipHash", siphash, ["crypto::{SipHash64,SipHash128}::new_in"]),
        family!("in both: Poly1305", poly1305, ["crypto::Poly1305::new_in"]),
        family!("in both: HKDF", hkdf, ["crypto::kdf::{hkdf,hkdf_in}"]),
        family!(
            "in both: a PRK",
            prk,
            ["crypto::kdf::Prk::{extract,extract_in,from_slice_in,as_bytes,expand,expand_label}",]
        ),
        family!("in both: PBKDF2", pbkdf2, ["crypto::kdf::{pbkdf2,pbkdf2_in}"]),
        family!("in both: scrypt", scrypt, ["crypto::kdf::{scrypt,scrypt_in}"]),
        family!(
            "in both: KBKDF",
            kbkdf,
            [
                "crypto::kdf::{kbkdf_hmac,kbkdf_hmac_in,kbkdf_cmac,kbkdf_cmac_in}",
                "crypto::kdf::{kbkdf_feedback_hmac,kbkdf_feedback_hmac_in}",
                "crypto::kdf::{kbkdf_feedback_cmac,kbkdf_feedback_cmac_in}",
            ]
        ),
        family!(
            "in both: single step",
            single_step,
            [
                "crypto::kdf::{single_step,single_step_in,single_step_hmac,single_step_hmac_in}",
                "crypto::kdf::{single_step_kmac128,single_step_kmac128_in}",
                "crypto::kdf::{single_step_kmac256,single_step_kmac256_in}",
            ]
        ),
        family!("in both: X9.63", x963, ["crypto::kdf::{x963,x963_in}"]),
        family!(
            "in both: CTR",
            ctr,
            [
                "crypto::unauthenticated::Key::{from_bytes,from_bytes_in,keystream}",
                "crypto::unauthenticated::Keystream::apply",
            ]
        ),
        family!(
            "in both: CBC",
            cbc,
            [
                "crypto::unauthenticated::Key::{from_slice_in,cbc_encryptor,cbc_decryptor}",
                "crypto::unauthenticated::{CbcEncryptor,CbcDecryptor}::{update,finish}",
            ]
        ),
        family!(
            "in both: XTS",
            xts,
            [
                "crypto::unauthenticated::Key::{generate_in,sector_encryptor,sector_decryptor}",
                "crypto::unauthenticated::SectorEncryptor::encrypt",
                "crypto::unauthenticated::SectorDecryptor::decrypt",
            ]
        ),
        family!(
            "in both: keys from secrets",
            secrets,
            [
                "crypto::Key::{from_secret,from_secret_in,from_secret_bytes_in,to_secret}",
                "crypto::StreamKey::{from_secret_in,from_secret_bytes_in}",
                "crypto::unauthenticated::Key::from_secret_in",
                "crypto::kdf::Prk::expand_secret",
            ]
        ),
        family!(
            "in both: key wrap",
            wrap,
            [
                "crypto::unauthenticated::Key::{wrapper,unwrapper}",
                "crypto::unauthenticated::Wrapper::wrap",
                "crypto::unauthenticated::Unwrapper::unwrap",
                "crypto::unauthenticated::Unwrapped::as_bytes",
            ]
        ),
        family!(
            "in a library: randomness",
            Nothing,
            randomness,
            ["crypto::random::{fill_in,bytes_in}"]
        ),
        family!(
            "in a library: private randomness",
            Nothing,
            private_randomness,
            ["crypto::random::{private_bytes_in,fill_private_in}",]
        ),
    ]
}
