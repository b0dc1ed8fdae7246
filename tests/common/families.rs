//! Every family of `crypto` in a library, compared with the default library's results.

#![allow(dead_code)] // each test program takes what it needs

use std::io::{Read as _, Write as _};

use ffence::crypto::kdf::{self, Iterations, Prk, ScryptCost};
use ffence::crypto::password::{PasswordHash, PasswordScheme};
use ffence::crypto::unauthenticated::{self, Aes128Ctr, Aes256Cbc, Aes256Kwp, Aes256Xts, Padding};
use ffence::crypto::{
    Aes128, Aes128Gcm, Aes128Siv, Aes256, Aes256Gcm, Ccm, ChaCha20Poly1305, Cmac, CounterNonce,
    Deterministic, Digest, Gmac, GmacNonce, Hasher, Hmac, Key, Kmac128, Kmac256, Library, NoNonce,
    OneTimeKey, Poly1305, RandomNonce, Sha3_256, Sha256, Sha384, Shake128, SipHash64, SipHash128,
    StreamKey, Xof, hazmat, legacy, random,
};
#[cfg(unix)]
use ffence::secret::{Secret, SecretBytes};
use ffence::{Error, ErrorKind, Result};

pub fn with(name: &str) -> Library {
    Library::builder().provider(name).build().unwrap()
}

pub fn error<T>(outcome: Result<T>) -> Error {
    outcome.err().expect("it is refused")
}

/// The error of this crate's that a stream's error is.
fn own(error: std::io::Error) -> Error {
    error.into_inner().unwrap().downcast::<Error>().map(|error| *error).unwrap()
}

/// All families in one library, each compared with the default library's result. Returns what each
/// step answered, so that a library that offers nothing can be tried by the same steps.
pub fn every_family(library: &Library) -> Vec<(&'static str, Result<()>)> {
    vec![
        ("AEAD", aead(library)),
        ("AEAD, nonce chosen", hazmat_and_siv(library)),
        ("stream", stream(library)),
        ("digest", digest(library)),
        ("hasher", hasher(library)),
        ("XOF", xof(library)),
        ("HMAC", hmac(library)),
        ("CMAC", cmac(library)),
        ("GMAC", gmac(library)),
        ("KMAC", kmac(library)),
        ("SipHash", siphash(library)),
        ("Poly1305", poly1305(library)),
        ("HKDF", hkdf(library)),
        ("PRK", prk(library)),
        ("PBKDF2", pbkdf2(library)),
        ("scrypt", scrypt(library)),
        ("KBKDF", kbkdf(library)),
        ("single step", single_step(library)),
        ("X9.63", x963(library)),
        ("password", password(library)),
        ("CTR", ctr(library)),
        ("CBC", cbc(library)),
        ("XTS", xts(library)),
        ("secrets", secrets(library)),
        ("KWP", wrap(library)),
        ("random", randomness(library)),
        ("private random", private_randomness(library)),
    ]
}

pub fn aead(library: &Library) -> Result<()> {
    type Radio = Ccm<Aes128, 13, 8>;

    let key = Key::<Aes256Gcm>::from_slice_in(library, &[7; 32])?;
    let sealed = key.sealer(CounterNonce::new(*b"here"))?.seal(b"to", b"text")?;
    let ours = Key::<Aes256Gcm>::from_bytes(&[7; 32]);
    assert_eq!(sealed, ours.sealer(CounterNonce::new(*b"here"))?.seal(b"to", b"text")?);
    let mut opener = key.opener()?.try_clone()?;
    assert_eq!(opener.open(b"to", &sealed)?, b"text");

    let key = Key::<Radio>::from_bytes_in(library, &[7; 16]);
    let sealed = key.sealer(CounterNonce::new(*b"here"))?.seal(b"to", b"text")?;
    assert_eq!(Key::<Radio>::from_bytes(&[7; 16]).opener()?.open(b"to", &sealed)?, b"text");

    let key = Key::<ChaCha20Poly1305>::generate_in(library)?;
    let mut sealer = key.sealer(RandomNonce)?.try_clone()?;
    let (one, two) = (sealer.seal(b"", b"text")?, sealer.seal(b"", b"text")?);
    assert_ne!(one[..12], two[..12]);
    assert_eq!(key.opener()?.open(b"", &one)?, b"text");
    Ok(())
}

pub fn hazmat_and_siv(library: &Library) -> Result<()> {
    let key = Key::<Aes128Gcm>::from_bytes_in(library, &[7; 16]);
    let nonce = hazmat::Nonce::from_bytes([1; 12]);
    let sealed = hazmat::Sealer::new(&key)?.try_clone()?.seal(nonce, b"", b"text")?;
    let opened = Key::<Aes128Gcm>::from_bytes(&[7; 16]).opener()?;
    assert_eq!({ opened }.open_with(b"", &[1; 12], &sealed)?, b"text");

    let key = Key::<Deterministic<Aes128Siv>>::from_bytes_in(library, &[7; 32]);
    let sealed = key.sealer(NoNonce)?.seal(b"to", b"text")?;
    assert_eq!(key.opener()?.open(b"to", &sealed)?, b"text");
    Ok(())
}

pub fn stream(library: &Library) -> Result<()> {
    let key = StreamKey::<Aes128Gcm>::from_bytes_in(library, &[7; 16]);
    let mut writer = key.seal(b"context", Vec::new())?;
    writer.write_all(&vec![1; 40_000]).map_err(own)?;
    let sealed = writer.finish().map_err(own)?;
    let ours = StreamKey::<Aes128Gcm>::from_bytes(&[7; 16]);
    let ours_in = StreamKey::<Aes128Gcm>::from_slice_in(library, &[7; 16])?;
    for key in [ours, key, ours_in] {
        let mut text = Vec::new();
        key.open(b"context", &sealed[..]).read_to_end(&mut text).map_err(own)?;
        assert_eq!(text, vec![1; 40_000]);
    }
    StreamKey::<Aes128Gcm>::generate_in(library)?.seal(b"", Vec::<u8>::new()).map(drop)
}

pub fn digest(library: &Library) -> Result<()> {
    assert_eq!(Sha256::digest_in(library, b"abc")?, Sha256::digest(b"abc")?);
    assert_eq!(Digest::<Sha3_256>::of_in(library, b"abc")?, Sha3_256::digest(b"abc")?);
    assert_eq!(legacy::Sha1::digest_in(library, b"abc")?, legacy::Sha1::digest(b"abc")?);
    Ok(())
}

pub fn hasher(library: &Library) -> Result<()> {
    let mut hasher = Hasher::<Sha384>::new_in(library)?;
    hasher.update(b"a")?;
    let mut other = hasher.try_clone()?;
    hasher.update(b"bc")?;
    other.update(b"bc")?;
    let expected = Sha384::digest(b"abc")?;
    assert_eq!(hasher.finish_reset()?, expected);
    assert_eq!(other.finish()?, expected);
    assert_eq!(hasher.finish()?, Sha384::digest(b"")?);
    Ok(())
}

pub fn xof(library: &Library) -> Result<()> {
    let (mut one, mut other) = ([0; 100], [0; 100]);
    Xof::<Shake128>::new_in(library)?.try_clone()?.finish_into(&mut one)?;
    Xof::<Shake128>::new()?.finish_into(&mut other)?;
    assert_eq!(one, other);
    Ok(())
}

pub fn hmac(library: &Library) -> Result<()> {
    let mut hmac = Hmac::<Sha256>::new_in(library, b"key")?;
    for message in [&b"one"[..], b"two"] {
        let tag = hmac.sign(message)?;
        Hmac::<Sha256>::new(b"key")?.verify(message, tag)?;
    }
    Ok(())
}

pub fn cmac(library: &Library) -> Result<()> {
    let tag = Cmac::<Aes128>::new_in(library, &[7; 16])?.sign(b"message")?;
    Cmac::<Aes128>::new(&[7; 16])?.verify(b"message", tag)
}

pub fn gmac(library: &Library) -> Result<()> {
    let nonce = GmacNonce::from_bytes([1; 12]);
    let tag = Gmac::<Aes256>::new_in(library, &[7; 32])?.sign(nonce, b"message")?;
    Gmac::<Aes256>::new(&[7; 32])?.verify(&[1; 12], b"message", tag)
}

pub fn kmac(library: &Library) -> Result<()> {
    let tag = <Kmac128>::new_in(library, &[7; 32], b"use")?.sign(b"message")?;
    <Kmac128>::new(&[7; 32], b"use")?.verify(b"message", tag)?;
    let tag = Kmac256::<20>::new_in(library, &[7; 32], b"use")?.sign(b"message")?;
    Kmac256::<20>::new(&[7; 32], b"use")?.verify(b"message", tag)
}

pub fn siphash(library: &Library) -> Result<()> {
    let tag = SipHash64::new_in(library, &[7; 16])?.sign(b"message")?;
    SipHash64::new(&[7; 16])?.verify(b"message", tag)?;
    let tag = SipHash128::new_in(library, &[7; 16])?.sign(b"message")?;
    SipHash128::new(&[7; 16])?.verify(b"message", tag)
}

pub fn poly1305(library: &Library) -> Result<()> {
    let key = || OneTimeKey::from_bytes(&[7; 32]);
    let tag = Poly1305::new_in(library, key())?.sign(b"message")?;
    Poly1305::new(key())?.verify(b"message", tag)
}

/// Runs one derivation in the library and one in the default library.
pub fn same(
    ours: impl FnOnce(&mut [u8]) -> Result<()>,
    theirs: impl FnOnce(&mut [u8]) -> Result<()>,
) -> Result<()> {
    let (mut one, mut other) = ([1; 40], [2; 40]);
    let outcome = ours(&mut one);
    if outcome.is_err() {
        assert_eq!(one, [0; 40], "an error leaves zeroes");
    }
    outcome?;
    theirs(&mut other)?;
    assert_eq!(one, other);
    Ok(())
}

pub fn hkdf(library: &Library) -> Result<()> {
    same(
        |out| kdf::hkdf_in::<Sha256>(library, b"salt", b"secret", b"info", out),
        |out| kdf::hkdf::<Sha256>(b"salt", b"secret", b"info", out),
    )
}

pub fn prk(library: &Library) -> Result<()> {
    let prk = Prk::<Sha256>::extract_in(library, b"salt", b"secret")?;
    let again = Prk::<Sha256>::from_slice_in(library, prk.as_bytes()?)?;
    let ours = Prk::<Sha256>::extract(b"salt", b"secret")?;
    same(|out| prk.expand(b"info", out), |out| ours.expand(b"info", out))?;
    same(|out| again.expand_label(b"key", b"", out), |out| ours.expand_label(b"key", b"", out))
}

/// Each iteration takes a while where memory is counted.
fn few() -> Iterations {
    Iterations::legacy(std::num::NonZeroU32::new(10).expect("it is not 0"))
}

pub fn pbkdf2(library: &Library) -> Result<()> {
    let count = few();
    same(
        |out| kdf::pbkdf2_in::<Sha256>(library, b"password", b"0123456789abcdef", count, out),
        |out| kdf::pbkdf2::<Sha256>(b"password", b"0123456789abcdef", count, out),
    )
}

pub fn scrypt(library: &Library) -> Result<()> {
    let cost = ScryptCost::new(4, 8, 1)?;
    same(
        |out| kdf::scrypt_in(library, b"password", b"salt", cost, 1 << 20, out),
        |out| kdf::scrypt(b"password", b"salt", cost, 1 << 20, out),
    )
}

pub fn kbkdf(library: &Library) -> Result<()> {
    let input = kdf::FixedInput::Labelled { label: b"label", context: b"context" };
    same(
        |out| kdf::kbkdf_hmac_in::<Sha256>(library, &[7; 32], input, out),
        |out| kdf::kbkdf_hmac::<Sha256>(&[7; 32], input, out),
    )?;
    same(
        |out| kdf::kbkdf_cmac_in(library, &[7; 16], input, out),
        |out| kdf::kbkdf_cmac(&[7; 16], input, out),
    )?;
    same(
        |out| kdf::kbkdf_feedback_hmac_in::<Sha256>(library, &[7; 32], &[1; 32], input, out),
        |out| kdf::kbkdf_feedback_hmac::<Sha256>(&[7; 32], &[1; 32], input, out),
    )?;
    same(
        |out| kdf::kbkdf_feedback_cmac_in(library, &[7; 24], &[1; 16], input, out),
        |out| kdf::kbkdf_feedback_cmac(&[7; 24], &[1; 16], input, out),
    )
}

pub fn single_step(library: &Library) -> Result<()> {
    same(
        |out| kdf::single_step_in::<Sha256>(library, b"secret", b"info", out),
        |out| kdf::single_step::<Sha256>(b"secret", b"info", out),
    )?;
    same(
        |out| kdf::single_step_hmac_in::<Sha256>(library, b"secret", b"salt", b"info", out),
        |out| kdf::single_step_hmac::<Sha256>(b"secret", b"salt", b"info", out),
    )?;
    same(
        |out| kdf::single_step_kmac128_in(library, b"secret", b"salt", b"info", out),
        |out| kdf::single_step_kmac128(b"secret", b"salt", b"info", out),
    )?;
    same(
        |out| kdf::single_step_kmac256_in(library, b"secret", b"salt", b"info", out),
        |out| kdf::single_step_kmac256(b"secret", b"salt", b"info", out),
    )
}

pub fn x963(library: &Library) -> Result<()> {
    same(
        |out| kdf::x963_in::<Sha256>(library, b"secret", b"info", out),
        |out| kdf::x963::<Sha256>(b"secret", b"info", out),
    )
}

pub fn password(library: &Library) -> Result<()> {
    let scheme = PasswordScheme::Pbkdf2Sha256(few());
    let hash = PasswordHash::with_in(library, scheme, b"correct horse")?;
    hash.verify(b"correct horse")?;
    let wrong = error(hash.verify_in(library, b"battery staple"));
    assert_eq!(wrong.kind(), ErrorKind::Authentication);
    hash.verify_in(library, b"correct horse")
}

pub fn ctr(library: &Library) -> Result<()> {
    let mut text = *b"text";
    let key = unauthenticated::Key::<Aes128Ctr>::from_bytes_in(library, &[7; 16])?;
    key.keystream(&[1; 16])?.apply(&mut text)?;
    let key = unauthenticated::Key::<Aes128Ctr>::from_bytes(&[7; 16])?;
    key.keystream(&[1; 16])?.apply(&mut text)?;
    assert_eq!(&text, b"text");
    Ok(())
}

pub fn cbc(library: &Library) -> Result<()> {
    let key = unauthenticated::Key::<Aes256Cbc>::from_slice_in(library, &[7; 32])?;
    let (mut sealed, mut text) = (Vec::new(), Vec::new());
    let mut encryptor = key.cbc_encryptor(&[1; 16], Padding::Pkcs7)?;
    encryptor.update(b"text", &mut sealed)?;
    encryptor.finish(&mut sealed)?;
    let mut decryptor = key.cbc_decryptor(&[1; 16], Padding::Pkcs7)?;
    decryptor.update(&sealed, &mut text)?;
    decryptor.finish(&mut text)?;
    assert_eq!(text, b"text");
    Ok(())
}

pub fn xts(library: &Library) -> Result<()> {
    let key = unauthenticated::Key::<Aes256Xts>::generate_in(library)?;
    let mut sector = [7; 512];
    key.sector_encryptor()?.encrypt(&[1; 16], &mut sector)?;
    key.sector_decryptor()?.decrypt(&[1; 16], &mut sector)?;
    assert_eq!(sector, [7; 512]);
    Ok(())
}

/// Keys that come from, and go to, pages of their own.
#[cfg(unix)]
pub fn secrets(library: &Library) -> Result<()> {
    let fixed = Secret::<32>::fill_with(|bytes| bytes.fill(7))?;
    let sized = SecretBytes::fill_with(32, |bytes| bytes.fill(7))?;
    let ours = Key::<Aes256Gcm>::from_bytes(&[7; 32]);
    for key in [
        Key::<Aes256Gcm>::from_secret_in(library, &fixed)?,
        Key::<Aes256Gcm>::from_secret_bytes_in(library, &sized)?,
        Key::<Aes256Gcm>::from_secret(
            &Key::<Aes256Gcm>::from_secret_in(library, &fixed)?.to_secret()?,
        )?,
    ] {
        let sealed = key.sealer(CounterNonce::new(*b"here"))?.seal(b"to", b"text")?;
        assert_eq!(ours.opener()?.open(b"to", &sealed)?, b"text");
    }
    let prk = Prk::<Sha256>::extract_in(library, b"salt", b"secret")?;
    prk.expand_secret::<32>(b"info")?;
    let key = StreamKey::<Aes256Gcm>::from_secret_in(library, &fixed)?;
    drop(key.seal(b"", Vec::<u8>::new())?);
    let key = StreamKey::<Aes256Gcm>::from_secret_bytes_in(library, &sized)?;
    drop(key.seal(b"", Vec::<u8>::new())?);
    let key = unauthenticated::Key::<Aes256Cbc>::from_secret_in(library, &fixed)?;
    key.cbc_encryptor(&[1; 16], Padding::Pkcs7).map(drop)
}

/// There are no such pages here.
#[cfg(not(unix))]
pub fn secrets(library: &Library) -> Result<()> {
    aead(library)
}

pub fn wrap(library: &Library) -> Result<()> {
    let key = unauthenticated::Key::<Aes256Kwp>::from_bytes_in(library, &[7; 32])?;
    let wrapped = key.wrapper()?.wrap(b"a key")?;
    assert_eq!(key.unwrapper()?.unwrap(&wrapped)?.as_bytes()?, b"a key");
    Ok(())
}

pub fn randomness(library: &Library) -> Result<()> {
    let mut large = vec![1; 100_000]; // more than one request of a generator may have
    let outcome = random::fill_in(library, &mut large);
    if outcome.is_err() {
        assert!(large.iter().all(|byte| *byte == 0), "an error leaves zeroes");
    }
    outcome?;
    assert!(large.chunks(32).all(|chunk| chunk.iter().any(|byte| *byte != 0)));
    assert_ne!(random::bytes_in::<16>(library)?, random::bytes_in::<16>(library)?);
    random::fill_in(library, &mut [])
}

pub fn private_randomness(library: &Library) -> Result<()> {
    let one = random::private_bytes_in::<32>(library)?;
    let mut other = [0; 32];
    random::fill_private_in(library, &mut other)?;
    assert_ne!(one.as_bytes()?, &other);
    Ok(())
}
