//! Key derivation, passwords and randomness of the default library.

use std::num::NonZeroU32;

use ffence::crypto::kdf::{Argon2Cost, Iterations, KeyMaterial, Prk, ScryptCost};
use ffence::crypto::password::{PasswordHash, PasswordLimits, PasswordScheme};
use ffence::crypto::{Library, Sha256, random};

use super::same;
use crate::row::{Fault, Outcome, Row, row};

/// A wrong password is refused; for want of memory, the error is another one.
fn refused(outcome: ffence::Result<()>) -> Result<(), Fault> {
    match outcome {
        Ok(()) => panic!("a wrong password was taken"),
        Err(error) if error.kind() == ffence::ErrorKind::Authentication => Ok(()),
        Err(error) => Err(error.into()),
    }
}

pub fn rows() -> Vec<Row> {
    vec![
        row!(
            "Prk",
            [
                "crypto::kdf::Prk::{extract,from_slice,as_bytes,expand,expand_array,expand_secret}",
                "crypto::kdf::Prk::{expand_label,protection}",
                "crypto::kdf::KeyMaterial::{as_bytes,protection}",
            ],
            {
                || -> Outcome {
                    let prk = Prk::<Sha256>::extract(b"salt", b"secret")?;
                    let again = Prk::<Sha256>::from_slice(prk.as_bytes()?)?;
                    let _ = again.protection();
                    let array: KeyMaterial<32> = prk.expand_array(b"info")?;
                    let _ = array.protection();
                    let mut out = [0; 32];
                    again.expand(b"info", &mut out)?;
                    assert_eq!(&out, array.as_bytes()?);
                    assert!(prk.expand_secret::<32>(b"info")?.ct_eq(&out)?);
                    prk.expand_label(b"key", b"", &mut out)?;
                    Ok(out.to_vec())
                }
            }
        ),
        row!(
            "the numbers of derivations",
            nothing,
            [
                "crypto::kdf::Argon2Cost::{new,lanes,memory_kib,passes}",
                "crypto::kdf::ScryptCost::{new,log_n,memory,p,r}",
                "crypto::kdf::Iterations::{new,legacy,get}",
                "crypto::password::PasswordLimits::{filled,iterations,memory}",
            ],
            {
                || -> Outcome {
                    let argon2 = Argon2Cost::new(64, 2, 1)?;
                    let scrypt = ScryptCost::new(4, 8, 1)?;
                    let _ = PasswordLimits::default().filled(1).iterations(1).memory(1);
                    Ok(format!(
                        "{} {} {} {} {} {} {} {} {}",
                        argon2.lanes(),
                        argon2.memory_kib(),
                        argon2.passes(),
                        scrypt.log_n(),
                        scrypt.memory(),
                        scrypt.p(),
                        scrypt.r(),
                        Iterations::new(1000)?.get(),
                        Iterations::legacy(NonZeroU32::MIN).get(),
                    )
                    .into_bytes())
                }
            }
        ),
        row!(
            "a password at a small cost",
            ["crypto::password::PasswordHash::{with,with_in,verify,verify_in}",],
            {
                let library = Library::new().unwrap();
                move || -> Outcome {
                    let scheme = PasswordScheme::Scrypt(ScryptCost::new(4, 8, 1)?);
                    let hash = PasswordHash::with(scheme, b"correct horse")?;
                    hash.verify(b"correct horse")?;
                    refused(hash.verify_in(&library, b"battery staple"))?;
                    let few = Iterations::legacy(NonZeroU32::new(10).expect("it is not 0"));
                    let scheme = PasswordScheme::Pbkdf2Sha256(few);
                    let hash = PasswordHash::with_in(&library, scheme, b"correct horse")?;
                    hash.verify_in(&library, b"correct horse")?;
                    refused(hash.verify(b"battery staple"))?;
                    Ok(Vec::new())
                }
            }
        ),
        row!(
            "a stored password",
            nothing,
            ["crypto::password::PasswordHash::{parse,scheme,needs_rehash}",],
            {
                let scheme = PasswordScheme::Scrypt(ScryptCost::new(4, 8, 1).unwrap());
                let stored = PasswordHash::with(scheme, b"correct horse").unwrap().to_string();
                move || -> Outcome {
                    let hash = PasswordHash::parse(&stored, PasswordLimits::default())?;
                    assert!(!hash.needs_rehash(hash.scheme()));
                    Ok(hash.to_string().into_bytes())
                }
            }
        ),
        row!(
            "randomness",
            nothing,
            ["crypto::random::{bytes,fill,private_bytes,fill_private}",],
            {
                || -> Outcome {
                    let (mut one, mut other) = ([0; 32], [0; 32]);
                    random::fill(&mut one)?;
                    random::fill_private(&mut other)?;
                    let (drawn, private) = (random::bytes::<32>()?, random::private_bytes::<32>()?);
                    assert!(one != other && drawn != *private.as_bytes()? && one != drawn);
                    Ok(same(&[]))
                }
            }
        ),
    ]
}
