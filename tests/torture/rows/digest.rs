//! Digests and MACs of the default library.

use std::io::Write as _;

use ffence::crypto::legacy::{Md4, Sha1};
use ffence::crypto::{
    Aes128, Aes256, Blake2b512, Blake2s256, Cmac, Digest, Gmac, GmacNonce, Hasher, Hmac, Kmac128,
    Kmac256, Library, OneTimeKey, Poly1305, Sha3_224, Sha3_256, Sha3_384, Sha3_512, Sha224, Sha256,
    Sha384, Sha512, Sha512_224, Sha512_256, Shake128, SipHash64, SipHash128, Tag, Xof,
};

use super::same;
use crate::row::{Kept, Outcome, Row, row};

/// The digests of `abc`, one after the other.
macro_rules! of_each {
    (digest: $($of:ident)+) => { [$($of::digest(b"abc")?.as_bytes()),+].concat() };
    (digest_in $library:ident: $($of:ident)+) => {
        [$($of::digest_in(&$library, b"abc")?.as_bytes()),+].concat()
    };
}

pub fn rows() -> Vec<Row> {
    vec![
        row!(
            "each digest at once",
            [
                "crypto::{Sha224,Sha256,Sha384,Sha512,Sha512_224,Sha512_256}::digest",
                "crypto::{Sha3_224,Sha3_256,Sha3_384,Sha3_512,Blake2b512,Blake2s256}::digest",
                "crypto::legacy::Sha1::digest",
            ],
            {
                || -> Outcome {
                    Ok(of_each!(digest: Sha224 Sha256 Sha384 Sha512 Sha512_224 Sha512_256 Sha3_224
                        Sha3_256 Sha3_384 Sha3_512 Blake2b512 Blake2s256 Sha1))
                }
            }
        ),
        row!(
            "each digest in a library",
            [
                "crypto::{Sha224,Sha256,Sha384,Sha512,Sha512_224,Sha512_256}::digest_in",
                "crypto::{Sha3_224,Sha3_256,Sha3_384,Sha3_512,Blake2b512,Blake2s256}::digest_in",
                "crypto::legacy::{Sha1,Md4}::digest_in",
                "crypto::library::LibraryBuilder::{provider,build}",
            ],
            {
                let library =
                    Library::builder().provider("default").provider("legacy").build().unwrap();
                move || -> Outcome {
                    Ok(
                        of_each!(digest_in library: Sha224 Sha256 Sha384 Sha512 Sha512_224 Sha512_256
                        Sha3_224 Sha3_256 Sha3_384 Sha3_512 Blake2b512 Blake2s256 Sha1 Md4),
                    )
                }
            }
        ),
        row!("Digest", ["crypto::Digest::{of,as_bytes,into_bytes}"], {
            || -> Outcome {
                let digest = Digest::<Sha256>::of(b"abc")?;
                assert_eq!(digest.as_bytes(), digest.into_bytes());
                Ok(digest.into_bytes().to_vec())
            }
        }),
        row!("Hasher, new each time", ["crypto::Hasher::{new,update,try_clone,finish}"], {
            || -> Outcome {
                let mut hasher = Hasher::<Sha256>::new()?;
                hasher.update(b"a")?;
                let mut other = hasher.try_clone()?;
                write!(hasher, "bc")?;
                other.update(b"bc")?;
                Ok(same(&[hasher.finish()?.as_bytes(), other.finish()?.as_bytes()]))
            }
        }),
        row!("Hasher, kept", ["crypto::Hasher::{finish_reset,try_clone}", "pool::Reset::reset"], {
            let mut kept = Kept::new(Hasher::<Sha256>::new);
            move || -> Outcome {
                kept.with(|hasher| {
                    ffence::pool::Reset::reset(hasher)?;
                    hasher.update(b"abc")?;
                    let other = hasher.try_clone()?.finish()?;
                    Ok(same(&[hasher.finish_reset()?.as_bytes(), other.as_bytes()]))
                })
            }
        }),
        row!("Xof", ["crypto::Xof::{new,update,try_clone,finish_into,finish_into_reset}"], {
            || -> Outcome {
                let mut xof = Xof::<Shake128>::new()?;
                xof.update(b"abc")?;
                let mut out = [0; 100];
                xof.try_clone()?.finish_into(&mut out[..50])?;
                xof.finish_into_reset(&mut out[50..])?;
                Ok(out.to_vec())
            }
        }),
        row!(
            "Hmac",
            ["crypto::Hmac::{new,sign,verify,begin}", "crypto::Message::{update,finish,verify}"],
            {
                || -> Outcome {
                    let mut mac = Hmac::<Sha256>::new(b"key")?;
                    let tag = mac.sign(b"message")?;
                    mac.verify(b"message", tag)?;
                    let mut message = mac.begin()?;
                    message.update(b"mess")?;
                    write!(message, "age")?;
                    assert_eq!(message.finish()?, tag);
                    let mut message = mac.begin()?;
                    message.update(b"message")?;
                    message.verify(tag)?;
                    Ok(tag.as_bytes().to_vec())
                }
            }
        ),
        row!("Hmac, kept", ["crypto::Hmac::sign"], {
            let mut kept = Kept::new(|| Hmac::<Sha256>::new(b"key"));
            move || -> Outcome { kept.with(|mac| Ok(mac.sign(b"message")?.as_bytes().to_vec())) }
        }),
        row!("Cmac", ["crypto::Cmac::{new,sign,verify,begin}"], {
            || -> Outcome {
                let mut mac = Cmac::<Aes128>::new(&[7; 16])?;
                let tag = mac.sign(b"message")?;
                mac.verify(b"message", tag)?;
                let mut message = mac.begin()?;
                message.update(b"message")?;
                Ok(message.finish()?.as_bytes().to_vec())
            }
        }),
        row!(
            "Gmac",
            ["crypto::Gmac::{new,sign,verify}", "crypto::GmacNonce::{from_bytes,to_bytes}"],
            {
                || -> Outcome {
                    let nonce = GmacNonce::from_bytes([1; 12]);
                    let bytes = nonce.to_bytes();
                    let mut mac = Gmac::<Aes256>::new(&[7; 32])?;
                    let tag = mac.sign(nonce, b"message")?;
                    mac.verify(&bytes, b"message", tag)?;
                    Ok(tag.as_bytes().to_vec())
                }
            }
        ),
        row!("Gmac, kept", ["crypto::Gmac::sign"], {
            let mut kept = Kept::new(|| Gmac::<Aes256>::new(&[7; 32]));
            move || -> Outcome {
                kept.with(|mac| {
                    let nonce = GmacNonce::from_bytes([1; 12]);
                    let tag = mac.sign(nonce, b"message")?;
                    // Where the context needs no memory any more, a second object does.
                    Gmac::<Aes256>::new(&[7; 32])?.verify(&[1; 12], b"message", tag)?;
                    Ok(tag.as_bytes().to_vec())
                })
            }
        }),
        row!("Kmac", ["crypto::{Kmac128,Kmac256}::{new,sign,verify,begin}"], {
            || -> Outcome {
                let mut mac = <Kmac128>::new(&[7; 32], b"use")?;
                let tag = mac.sign(b"message")?;
                mac.verify(b"message", tag)?;
                assert_eq!(mac.begin()?.finish()?, mac.sign(b"")?);
                let mut mac = Kmac256::<20>::new(&[7; 32], b"use")?;
                let other = mac.sign(b"message")?;
                mac.verify(b"message", other)?;
                assert_eq!(mac.begin()?.finish()?, mac.sign(b"")?);
                Ok(same(&[tag.as_bytes(), other.as_bytes()]))
            }
        }),
        row!("SipHash", ["crypto::{SipHash64,SipHash128}::{new,sign,verify,begin}"], {
            || -> Outcome {
                let mut mac = SipHash64::new(&[7; 16])?;
                let tag = mac.sign(b"message")?;
                mac.verify(b"message", tag)?;
                assert_eq!(mac.begin()?.finish()?, mac.sign(b"")?);
                let mut mac = SipHash128::new(&[7; 16])?;
                let other = mac.sign(b"message")?;
                mac.verify(b"message", other)?;
                assert_eq!(mac.begin()?.finish()?, mac.sign(b"")?);
                Ok(same(&[tag.as_bytes(), other.as_bytes()]))
            }
        }),
        row!(
            "Poly1305",
            ["crypto::Poly1305::{new,update,finish,sign,verify}", "crypto::OneTimeKey::from_bytes"],
            {
                || -> Outcome {
                    let key = || OneTimeKey::from_bytes(&[7; 32]);
                    let mut mac = Poly1305::new(key())?;
                    mac.update(b"message")?;
                    let tag = mac.finish()?;
                    assert_eq!(Poly1305::new(key())?.sign(b"message")?, tag);
                    Poly1305::new(key())?.verify(b"message", tag)?;
                    Ok(tag.as_bytes().to_vec())
                }
            }
        ),
        row!("Tag", nothing, ["crypto::Tag::{as_bytes,into_bytes}"], {
            let tag: Tag<Hmac<Sha256>> =
                Hmac::<Sha256>::new(b"key").unwrap().sign(b"message").unwrap();
            move || -> Outcome { Ok(same(&[tag.as_bytes(), &tag.into_bytes()])) }
        }),
    ]
}
