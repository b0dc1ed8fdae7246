//! Authenticated encryption and the ciphers that do not authenticate, in the default library.

use ffence::crypto::unauthenticated::{self, Aes128Ctr, Aes256Cbc, Aes256Kwp, Aes256Xts, Padding};
use ffence::crypto::{
    Aes128Gcm, Aes256Ccm, Aes256Gcm, ChaCha20Poly1305, CounterNonce, Key, RandomNonce, hazmat,
};
use ffence::secret::{Secret, SecretBytes};

use super::same;
use crate::row::{Kept, Outcome, Row, row};

pub fn rows() -> Vec<Row> {
    vec![
        row!("a key's making and its use", ["crypto::Key::{generate,from_slice,sealer,opener}"], {
            || -> Outcome {
                let drawn = Key::<Aes256Gcm>::generate()?;
                let sealed = drawn.sealer(RandomNonce)?.seal(b"to", b"text")?;
                assert_eq!(drawn.opener()?.open(b"to", &sealed)?, b"text");
                let key = Key::<ChaCha20Poly1305>::from_slice(&[7; 32])?;
                Ok(key.sealer(CounterNonce::new(*b"here"))?.seal(b"to", b"text")?)
            }
        }),
        row!(
            "a key's properties",
            nothing,
            [
                "crypto::Key::{from_bytes,messages,protection,resume_after,from_secret_bytes}",
                "crypto::CounterNonce::new",
                "crypto::hazmat::Nonce::{from_bytes,as_bytes}",
            ],
            {
                let secret = SecretBytes::fill_with(32, |bytes| bytes.fill(7)).unwrap();
                move || -> Outcome {
                    let key = Key::<Aes256Gcm>::from_bytes(&[7; 32]).resume_after(5);
                    let other = Key::<Aes256Gcm>::from_secret_bytes(&secret)?;
                    let nonce = hazmat::Nonce::<Aes256Gcm>::from_bytes([1; 12]);
                    let _ = CounterNonce::new(*b"here");
                    Ok(format!(
                        "{} {} {:?} {:?}",
                        key.messages(),
                        other.messages(),
                        key.protection(),
                        nonce.as_bytes()
                    )
                    .into_bytes())
                }
            }
        ),
        row!(
            "Sealer and Opener, all ways",
            [
                "crypto::Sealer::{seal,seal_to,seal_in_place,seal_detached,try_clone}",
                "crypto::Opener::{open,open_to,open_in_place,open_detached,open_with,try_clone}",
            ],
            {
                || -> Outcome {
                    let key = Key::<Aes256Ccm>::from_bytes(&[7; 32]);
                    let mut sealer = key.sealer(CounterNonce::new(*b"here"))?.try_clone()?;
                    let mut opener = key.opener()?.try_clone()?;
                    let sealed = sealer.seal(b"to", b"text")?;
                    assert_eq!(opener.open(b"to", &sealed)?, b"text");
                    let mut out = b"before".to_vec();
                    sealer.seal_to(b"to", b"text", &mut out)?;
                    let mut text = Vec::new();
                    opener.open_to(b"to", &out[6..], &mut text)?;
                    assert_eq!(text, b"text");
                    let (mut nonce, mut bytes) = ([0; 12], *b"text");
                    let tag = sealer.seal_in_place(b"to", &mut nonce, &mut bytes)?;
                    opener.open_in_place(b"to", &nonce, &mut bytes, &tag)?;
                    assert_eq!(&bytes, b"text");
                    let mut detached = [0; 4];
                    let tag = sealer.seal_detached(b"to", b"text", &mut nonce, &mut detached)?;
                    opener.open_detached(b"to", &nonce, &detached, &tag, &mut bytes)?;
                    assert_eq!(&bytes, b"text");
                    let attached = same(&[&detached, &tag]);
                    assert_eq!(opener.open_with(b"to", &nonce, &attached)?, b"text");
                    Ok(same(&[&sealed, &out, &detached, &tag]))
                }
            }
        ),
        row!(
            "Sealer and Opener, kept",
            nothing,
            ["crypto::Sealer::seal", "crypto::Opener::open"],
            {
                let key = Key::<Aes256Gcm>::from_bytes(&[7; 32]);
                let mut sealer = key.sealer(CounterNonce::new(*b"here")).unwrap();
                let mut opener = key.opener().unwrap();
                move || -> Outcome {
                    let sealed = sealer.seal(b"to", b"text")?;
                    Ok(opener.open(b"to", &sealed)?)
                }
            }
        ),
        row!("a chosen nonce", ["crypto::hazmat::Sealer::{new,seal,seal_in_place,try_clone}"], {
            let key = Key::<Aes128Gcm>::from_bytes(&[7; 16]);
            move || -> Outcome {
                let nonce = || hazmat::Nonce::from_bytes([1; 12]);
                let mut sealer = hazmat::Sealer::new(&key)?.try_clone()?;
                let sealed = sealer.seal(nonce(), b"to", b"text")?;
                let mut text = *b"text";
                let tag = sealer.seal_in_place(nonce(), b"to", &mut text)?;
                assert_eq!(sealed[..4], text);
                assert_eq!(sealed[4..], tag);
                Ok(sealed)
            }
        }),
        row!(
            "CTR",
            [
                "crypto::unauthenticated::Key::{generate,from_slice,from_secret,protection,keystream}",
                "crypto::unauthenticated::Keystream::{apply,restart}",
            ],
            {
                let secret = Secret::<16>::fill_with(|bytes| bytes.fill(7)).unwrap();
                move || -> Outcome {
                    let drawn = unauthenticated::Key::<Aes128Ctr>::generate()?;
                    let mut text = *b"text";
                    drawn.keystream(&[1; 16])?.apply(&mut text)?;
                    drawn.keystream(&[1; 16])?.apply(&mut text)?;
                    let key = unauthenticated::Key::<Aes128Ctr>::from_slice(&[7; 16])?;
                    let mut stream = key.keystream(&[1; 16])?;
                    stream.apply(&mut text)?;
                    let kept = text;
                    stream.restart(&[1; 16])?;
                    stream.apply(&mut text)?;
                    assert_eq!(&text, b"text");
                    let key = unauthenticated::Key::<Aes128Ctr>::from_secret(&secret)?;
                    let _ = key.protection();
                    key.keystream(&[1; 16])?.apply(&mut text)?;
                    assert_eq!(text, kept);
                    Ok(text.to_vec())
                }
            }
        ),
        row!(
            "CBC, kept",
            ["crypto::unauthenticated::{CbcEncryptor,CbcDecryptor}::{update,finish_and_restart}",],
            {
                fn key() -> ffence::Result<unauthenticated::Key<Aes256Cbc>> {
                    unauthenticated::Key::from_bytes(&[7; 32])
                }
                let mut encryptor = Kept::new(|| key()?.cbc_encryptor(&[1; 16], Padding::Pkcs7));
                move || -> Outcome {
                    let mut out = Vec::new();
                    encryptor.with(|it| {
                        out.clear();
                        it.update(b"text", &mut out)?;
                        Ok(it.finish_and_restart(&mut out, &[1; 16])?)
                    })?;
                    let mut decryptor = key()?.cbc_decryptor(&[1; 16], Padding::Pkcs7)?;
                    let mut text = Vec::new();
                    decryptor.update(&out, &mut text)?;
                    decryptor.finish_and_restart(&mut text, &[1; 16])?;
                    assert_eq!(text, b"text");
                    Ok(out)
                }
            }
        ),
        row!(
            "XTS and key wrap",
            [
                "crypto::unauthenticated::SectorEncryptor::encrypt",
                "crypto::unauthenticated::SectorDecryptor::decrypt",
                "crypto::unauthenticated::Wrapper::wrap",
                "crypto::unauthenticated::Unwrapper::unwrap",
            ],
            {
                || -> Outcome {
                    let key = unauthenticated::Key::<Aes256Xts>::from_slice(
                        &(0..64).collect::<Vec<u8>>(),
                    )?;
                    let mut sector = [7; 512];
                    key.sector_encryptor()?.encrypt(&[1; 16], &mut sector)?;
                    let sealed = sector.to_vec();
                    key.sector_decryptor()?.decrypt(&[1; 16], &mut sector)?;
                    assert_eq!(sector, [7; 512]);
                    let key = unauthenticated::Key::<Aes256Kwp>::from_bytes(&[7; 32])?;
                    let wrapped = key.wrapper()?.wrap(b"a key")?;
                    assert_eq!(key.unwrapper()?.unwrap(&wrapped)?.as_bytes()?, b"a key");
                    Ok(same(&[&sealed, &wrapped]))
                }
            }
        ),
    ]
}
