//! Library contexts: what works in one, what it refuses, and what outlives it.

#[path = "common/provider.rs"]
mod provider;

use std::io::{Read as _, Write as _};

use ffence::crypto::kdf::{self, Hkdf, Iterations, KbkdfCmac, Pbkdf2, Prk, Scrypt, ScryptCost};
use ffence::crypto::password::{PasswordHash, PasswordScheme};
use ffence::crypto::unauthenticated::{self, Aes128Ctr, Aes256Cbc, Aes256Kwp, Aes256Xts, Padding};
use ffence::crypto::{
    Aes128, Aes128Gcm, Aes128Siv, Aes256, Aes256Gcm, ChaCha20Poly1305, Cmac, CounterNonce,
    Deterministic, Digest, Gmac, GmacNonce, Hasher, Hmac, Key, Kmac128, Kmac256, Library, NoNonce,
    OneTimeKey, Poly1305, Provided, RandomNonce, Sha3_256, Sha256, Sha384, Shake128, SipHash64,
    SipHash128, StreamKey, Xof, hazmat, legacy, random,
};
use ffence::{Error, ErrorKind, Result};

fn with(name: &str) -> Library {
    Library::builder().provider(name).build().unwrap()
}

fn error<T>(outcome: Result<T>) -> Error {
    outcome.err().expect("it is refused")
}

/// All families in one library, each compared with the default library's result. Returns what each
/// step answered, so that a library that offers nothing can be tried by the same steps.
fn every_family(library: &Library) -> Vec<(&'static str, Result<()>)> {
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
        ("KWP", wrap(library)),
        ("random", randomness(library)),
        ("private random", private_randomness(library)),
    ]
}

fn aead(library: &Library) -> Result<()> {
    let key = Key::<Aes256Gcm>::from_slice_in(library, &[7; 32])?;
    let sealed = key.sealer(CounterNonce::new(*b"here"))?.seal(b"to", b"text")?;
    let ours = Key::<Aes256Gcm>::from_bytes(&[7; 32]);
    assert_eq!(sealed, ours.sealer(CounterNonce::new(*b"here"))?.seal(b"to", b"text")?);
    let mut opener = key.opener()?.try_clone()?;
    assert_eq!(opener.open(b"to", &sealed)?, b"text");

    let key = Key::<ChaCha20Poly1305>::generate_in(library)?;
    let mut sealer = key.sealer(RandomNonce)?.try_clone()?;
    let (one, two) = (sealer.seal(b"", b"text")?, sealer.seal(b"", b"text")?);
    assert_ne!(one[..12], two[..12]);
    assert_eq!(key.opener()?.open(b"", &one)?, b"text");
    Ok(())
}

fn hazmat_and_siv(library: &Library) -> Result<()> {
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

fn stream(library: &Library) -> Result<()> {
    let key = StreamKey::<Aes128Gcm>::from_bytes_in(library, &[7; 16]);
    let mut writer = key.seal(b"context", Vec::new())?;
    writer.write_all(&[1; 40_000]).unwrap();
    let sealed = writer.finish().unwrap();
    let ours = StreamKey::<Aes128Gcm>::from_bytes(&[7; 16]);
    let ours_in = StreamKey::<Aes128Gcm>::from_slice_in(library, &[7; 16])?;
    for key in [ours, key, ours_in] {
        let mut text = Vec::new();
        key.open(b"context", &sealed[..]).read_to_end(&mut text).unwrap();
        assert_eq!(text, [1; 40_000]);
    }
    StreamKey::<Aes128Gcm>::generate_in(library)?.seal(b"", Vec::new()).map(drop)
}

fn digest(library: &Library) -> Result<()> {
    assert_eq!(Sha256::digest_in(library, b"abc")?, Sha256::digest(b"abc")?);
    assert_eq!(Digest::<Sha3_256>::of_in(library, b"abc")?, Sha3_256::digest(b"abc")?);
    assert_eq!(legacy::Sha1::digest_in(library, b"abc")?, legacy::Sha1::digest(b"abc")?);
    Ok(())
}

fn hasher(library: &Library) -> Result<()> {
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

fn xof(library: &Library) -> Result<()> {
    let (mut one, mut other) = ([0; 100], [0; 100]);
    Xof::<Shake128>::new_in(library)?.try_clone()?.finish_into(&mut one)?;
    Xof::<Shake128>::new()?.finish_into(&mut other)?;
    assert_eq!(one, other);
    Ok(())
}

fn hmac(library: &Library) -> Result<()> {
    let mut hmac = Hmac::<Sha256>::new_in(library, b"key")?;
    for message in [&b"one"[..], b"two"] {
        let tag = hmac.sign(message)?;
        Hmac::<Sha256>::new(b"key")?.verify(message, tag)?;
    }
    Ok(())
}

fn cmac(library: &Library) -> Result<()> {
    let tag = Cmac::<Aes128>::new_in(library, &[7; 16])?.sign(b"message")?;
    Cmac::<Aes128>::new(&[7; 16])?.verify(b"message", tag)
}

fn gmac(library: &Library) -> Result<()> {
    let nonce = GmacNonce::from_bytes([1; 12]);
    let tag = Gmac::<Aes256>::new_in(library, &[7; 32])?.sign(nonce, b"message")?;
    Gmac::<Aes256>::new(&[7; 32])?.verify(&[1; 12], b"message", tag)
}

fn kmac(library: &Library) -> Result<()> {
    let tag = <Kmac128>::new_in(library, &[7; 32], b"use")?.sign(b"message")?;
    <Kmac128>::new(&[7; 32], b"use")?.verify(b"message", tag)?;
    let tag = Kmac256::<20>::new_in(library, &[7; 32], b"use")?.sign(b"message")?;
    Kmac256::<20>::new(&[7; 32], b"use")?.verify(b"message", tag)
}

fn siphash(library: &Library) -> Result<()> {
    let tag = SipHash64::new_in(library, &[7; 16])?.sign(b"message")?;
    SipHash64::new(&[7; 16])?.verify(b"message", tag)?;
    let tag = SipHash128::new_in(library, &[7; 16])?.sign(b"message")?;
    SipHash128::new(&[7; 16])?.verify(b"message", tag)
}

fn poly1305(library: &Library) -> Result<()> {
    let key = || OneTimeKey::from_bytes(&[7; 32]);
    let tag = Poly1305::new_in(library, key())?.sign(b"message")?;
    Poly1305::new(key())?.verify(b"message", tag)
}

/// Runs one derivation in the library and one in the default library.
fn same(
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

fn hkdf(library: &Library) -> Result<()> {
    same(
        |out| kdf::hkdf_in::<Sha256>(library, b"salt", b"secret", b"info", out),
        |out| kdf::hkdf::<Sha256>(b"salt", b"secret", b"info", out),
    )
}

fn prk(library: &Library) -> Result<()> {
    let prk = Prk::<Sha256>::extract_in(library, b"salt", b"secret")?;
    let again = Prk::<Sha256>::from_slice_in(library, prk.as_bytes())?;
    let ours = Prk::<Sha256>::extract(b"salt", b"secret")?;
    same(|out| prk.expand(b"info", out), |out| ours.expand(b"info", out))?;
    same(|out| again.expand_label(b"key", b"", out), |out| ours.expand_label(b"key", b"", out))
}

fn pbkdf2(library: &Library) -> Result<()> {
    let count = Iterations::new(1000)?;
    same(
        |out| kdf::pbkdf2_in::<Sha256>(library, b"password", b"0123456789abcdef", count, out),
        |out| kdf::pbkdf2::<Sha256>(b"password", b"0123456789abcdef", count, out),
    )
}

fn scrypt(library: &Library) -> Result<()> {
    let cost = ScryptCost::new(4, 8, 1)?;
    same(
        |out| kdf::scrypt_in(library, b"password", b"salt", cost, 1 << 20, out),
        |out| kdf::scrypt(b"password", b"salt", cost, 1 << 20, out),
    )
}

fn kbkdf(library: &Library) -> Result<()> {
    let input = kdf::FixedInput::Labelled { label: b"label", context: b"context" };
    same(
        |out| kdf::kbkdf_hmac_in::<Sha256>(library, &[7; 32], input, out),
        |out| kdf::kbkdf_hmac::<Sha256>(&[7; 32], input, out),
    )?;
    same(
        |out| kdf::kbkdf_cmac_in(library, &[7; 16], input, out),
        |out| kdf::kbkdf_cmac(&[7; 16], input, out),
    )
}

fn single_step(library: &Library) -> Result<()> {
    same(
        |out| kdf::single_step_in::<Sha256>(library, b"secret", b"info", out),
        |out| kdf::single_step::<Sha256>(b"secret", b"info", out),
    )
}

fn x963(library: &Library) -> Result<()> {
    same(
        |out| kdf::x963_in::<Sha256>(library, b"secret", b"info", out),
        |out| kdf::x963::<Sha256>(b"secret", b"info", out),
    )
}

fn password(library: &Library) -> Result<()> {
    let scheme = PasswordScheme::Pbkdf2Sha256(Iterations::new(1000)?);
    let hash = PasswordHash::with_in(library, scheme, b"correct horse")?;
    hash.verify(b"correct horse")?;
    let wrong = error(hash.verify_in(library, b"battery staple"));
    assert_eq!(wrong.kind(), ErrorKind::Authentication);
    hash.verify_in(library, b"correct horse")
}

fn ctr(library: &Library) -> Result<()> {
    let mut text = *b"text";
    let key = unauthenticated::Key::<Aes128Ctr>::from_bytes_in(library, &[7; 16])?;
    key.keystream(&[1; 16])?.apply(&mut text)?;
    let key = unauthenticated::Key::<Aes128Ctr>::from_bytes(&[7; 16])?;
    key.keystream(&[1; 16])?.apply(&mut text)?;
    assert_eq!(&text, b"text");
    Ok(())
}

fn cbc(library: &Library) -> Result<()> {
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

fn xts(library: &Library) -> Result<()> {
    let key = unauthenticated::Key::<Aes256Xts>::generate_in(library)?;
    let mut sector = [7; 512];
    key.sector_encryptor()?.encrypt(&[1; 16], &mut sector)?;
    key.sector_decryptor()?.decrypt(&[1; 16], &mut sector)?;
    assert_eq!(sector, [7; 512]);
    Ok(())
}

fn wrap(library: &Library) -> Result<()> {
    let key = unauthenticated::Key::<Aes256Kwp>::from_bytes_in(library, &[7; 32])?;
    let wrapped = key.wrapper()?.wrap(b"a key")?;
    assert_eq!(&*key.unwrapper()?.unwrap(&wrapped)?, b"a key");
    Ok(())
}

fn randomness(library: &Library) -> Result<()> {
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

fn private_randomness(library: &Library) -> Result<()> {
    let one = random::private_bytes_in::<32>(library)?;
    let mut other = [0; 32];
    random::fill_private_in(library, &mut other)?;
    assert_ne!(one.as_bytes(), &other);
    Ok(())
}

#[test]
fn every_family_works_in_a_library_as_in_the_default_one() {
    let library = Library::new().unwrap();
    for (family, outcome) in every_family(&library) {
        outcome.unwrap_or_else(|error| panic!("{family}: {error}"));
    }
    // The second time, everything is fetched.
    for (family, outcome) in every_family(&library) {
        outcome.unwrap_or_else(|error| panic!("{family}, again: {error}"));
    }
}

#[test]
fn without_a_provider_named_the_default_one_is_there() {
    let library = Library::builder().build().unwrap();
    assert_eq!(library.providers().collect::<Vec<_>>(), ["default"]);
    assert_eq!(library.properties(), None);
    digest(&library).unwrap();
}

#[test]
fn in_a_library_of_nothing_every_family_is_unsupported_and_says_so() {
    let library = with("null");
    for (family, outcome) in every_family(&library) {
        let error = error(outcome);
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{family}: {error}");
        let text = error.to_string();
        assert!(text.starts_with("no provider of the library with null offers "), "{text}");
    }
    let text = error(Sha256::digest_in(&library, b"")).to_string();
    assert!(text.contains("offers SHA2-256, which OpenSSL has since 0.9.8 ("), "{text}");
    let text = error(Cmac::<Aes128>::new_in(&library, &[7; 16])).to_string();
    assert!(text.contains("offers AES-128-CBC"), "the part is named: {text}");
    // The default library is not touched by it.
    Sha256::digest(b"").unwrap();
    Key::<Aes256Gcm>::generate().unwrap().sealer(RandomNonce).unwrap();
}

#[test]
fn a_query_that_nothing_satisfies_is_named_with_the_algorithm() {
    let library = Library::builder().provider("default").properties("fips=yes").build().unwrap();
    assert_eq!(library.properties(), Some("fips=yes"));
    for (family, outcome) in every_family(&library) {
        let error = error(outcome);
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{family}: {error}");
    }
    let text = error(Key::<Aes256Gcm>::from_bytes_in(&library, &[7; 32]).opener()).to_string();
    let expected = "no provider of the library with default and the property query \"fips=yes\" \
                    offers AES-256-GCM, which OpenSSL has since 1.0.1 (";
    assert!(text.starts_with(expected), "{text}");

    // A wish is not a demand.
    let library = Library::builder().properties("?fips=yes").build().unwrap();
    for (family, outcome) in every_family(&library) {
        outcome.unwrap_or_else(|error| panic!("{family}: {error}"));
    }
}

#[test]
fn what_newer_versions_add_is_unsupported_in_a_library_too() {
    let library = Library::new().unwrap();
    let cost = kdf::Argon2Cost::RECOMMENDED;
    let mut out = [1; 32];
    match kdf::argon2id_in(&library, b"password", b"0123456789abcdef", cost, &mut out) {
        Ok(()) => assert_ne!(out, [1; 32]),
        Err(error) => {
            assert_eq!((error.kind(), out), (ErrorKind::Unsupported, [0; 32]));
            assert!(error.to_string().contains("ARGON2ID, which OpenSSL has since 3.2"), "{error}");
        }
    }
}

#[test]
fn what_cannot_be_loaded_is_a_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.cnf");
    std::fs::write(&broken, "[a section that never ends\n").unwrap();
    let asks_too_much = folder.path().join("asks.cnf");
    std::fs::write(
        &asks_too_much,
        "openssl_conf = init\n[init]\nproviders = all\n[all]\nno-such = it\n[it]\nactivate = 1\n",
    )
    .unwrap();
    let missing = folder.path().join("missing");
    let builder = Library::builder;
    let cases = [
        (builder().provider("no-such"), "the provider no-such cannot be loaded ("),
        (builder().provider("default").provider(""), "the provider  cannot be loaded ("),
        (builder().module(&missing), "the provider /"),
        (builder().module(&broken), "the provider /"),
        (builder().config(&missing), "the configuration file /"),
        (builder().config(&broken), "the configuration file /"),
        (builder().config(folder.path()), "the configuration file /"),
        (builder().config(&asks_too_much), "the configuration file /"),
        (builder().properties("fips==yes"), "\"fips==yes\" is no property query ("),
    ];
    for (builder, text) in cases {
        let described = format!("{builder:?}");
        let Err(error) = builder.build() else { panic!("{described} is not refused") };
        assert_eq!(error.kind(), ErrorKind::Configuration, "{described}: {error}");
        assert!(error.to_string().starts_with(text), "{described}: {error}");
        let reason = ["OpenSSL: ", "is a directory", "names no provider"]
            .iter()
            .any(|it| error.to_string().contains(it));
        assert!(reason, "with its reason: {error}");
    }
    for builder in [
        builder().provider("a\0b"),
        builder().module("/a\0b"),
        builder().config("a\0b"),
        builder().properties("a\0b"),
    ] {
        assert_eq!(error(builder.build()).kind(), ErrorKind::InteriorNul);
    }
}

#[test]
fn a_configuration_file_says_what_is_loaded_and_preferred() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("library.cnf");
    std::fs::write(
        &config,
        "openssl_conf = init\n\
         [init]\nproviders = all\nalg_section = rules\n\
         [all]\nbase = on\nnull = on\n\
         [on]\nactivate = 1\n\
         [rules]\ndefault_properties = provider=default\n",
    )
    .unwrap();
    let alone = Library::builder().config(&config).build().unwrap();
    assert_eq!(alone.providers().collect::<Vec<_>>(), ["base", "null"]);
    assert_eq!(error(Sha256::digest_in(&alone, b"")).kind(), ErrorKind::Unsupported);
    let more = Library::builder().config(&config).provider("default").build().unwrap();
    digest(&more).unwrap();
    // A provider that cannot be loaded is passed over by OpenSSL, and nothing takes its place.
    let partly = folder.path().join("partly.cnf");
    std::fs::write(
        &partly,
        "openssl_conf = init\n[init]\nproviders = all\n[all]\nno-such = on\nbase = on\n\
         [on]\nactivate = 1\n",
    )
    .unwrap();
    let partly = Library::builder().config(&partly).build().unwrap();
    assert_eq!(partly.providers().collect::<Vec<_>>(), ["base"]);
    assert_eq!(error(digest(&partly)).kind(), ErrorKind::Unsupported);
    // What the builder is told replaces the file's rule.
    let other = Library::builder().config(&config).provider("default").properties("provider=base");
    assert_eq!(error(digest(&other.build().unwrap())).kind(), ErrorKind::Unsupported);
}

/// The one algorithm here that OpenSSL's legacy provider alone has.
#[test]
fn the_legacy_provider_gives_what_it_offers() {
    assert_eq!(error(Digest::<legacy::Md4>::of(b"")).kind(), ErrorKind::Unsupported);
    let built = Library::builder().provider("default").provider("legacy").build();
    if cfg!(feature = "vendored") {
        // openssl-src leaves it out, and with it every module.
        return assert_eq!(error(built).kind(), ErrorKind::Configuration);
    }
    let library = built.unwrap();
    let digest = legacy::Md4::digest_in(&library, b"abc").unwrap();
    assert_eq!(digest.to_string(), "a448017aaf21d8525fc10ae87aa6729d"); // RFC 1320, A.5
    assert_eq!(legacy::Md4::origin_in(&library).unwrap().provider(), "legacy");
    assert_eq!(Sha256::origin_in(&library).unwrap().provider(), "default");
    // HMAC is one provider's, its digest another's.
    let mut hmac = Hmac::<legacy::Md4>::new_in(&library, b"key").unwrap();
    let tag = hmac.sign(b"message").unwrap();
    drop(library);
    hmac.verify(b"message", tag).unwrap();

    let alone = with("legacy");
    legacy::Md4::digest_in(&alone, b"abc").unwrap();
    assert_eq!(error(Sha256::digest_in(&alone, b"abc")).kind(), ErrorKind::Unsupported);
}

#[test]
fn the_default_library_tells_who_implements_what() {
    // A system may be set up for FIPS; this one is asked what it says itself.
    let origin = Sha256::origin().unwrap();
    assert_eq!(origin, Sha256::origin().unwrap());
    if origin.provider() == "default" {
        for origin in [
            Sha256::origin(),
            Shake128::origin(),
            Aes256Gcm::origin(),
            Deterministic::<Aes128Siv>::origin(),
            Aes256Xts::origin(),
            Hmac::<Sha256>::origin(),
            Cmac::<Aes128>::origin(),
            Gmac::<Aes256>::origin(),
            <Kmac128>::origin(),
            SipHash64::origin(),
            Poly1305::origin(),
            Hkdf::<Sha256>::origin(),
            Pbkdf2::<Sha256>::origin(),
            Scrypt::origin(),
            KbkdfCmac::<Aes128>::origin(),
        ] {
            let origin = origin.unwrap();
            assert_eq!((origin.provider(), origin.is_fips()), ("default", false));
        }
    }
    assert_eq!(error(legacy::Md4::origin()).kind(), ErrorKind::Unsupported);
    assert_eq!(error(Sha256::origin_in(&with("null"))).kind(), ErrorKind::Unsupported);
}

/// A module of a vendor, for which Debian has no example: `fixture.c` declares `fips=yes` for one of
/// its algorithms.
#[test]
fn a_module_is_loaded_by_its_path_and_its_word_on_fips_is_told() {
    let module = provider::fixture();
    let path = module.to_str().unwrap();
    let built = Library::builder().module(module).provider("default").build();
    if cfg!(feature = "vendored") {
        // openssl-src builds without the loading of modules.
        return assert_eq!(error(built).kind(), ErrorKind::Configuration);
    }
    let both = built.unwrap();
    assert_eq!(both.providers().collect::<Vec<_>>(), [path, "default"]);

    // Its own algorithms, alone.
    let alone = Library::builder().module(module).build().unwrap();
    let digest = Sha256::digest_in(&alone, b"abc").unwrap();
    assert_eq!(digest, Sha256::digest(b"abc").unwrap());
    let yes = Sha256::origin_in(&alone).unwrap();
    assert_eq!((yes.provider(), yes.is_fips()), (path, true));
    let no = ffence::crypto::Sha224::origin_in(&alone).unwrap();
    assert_eq!((no.provider(), no.is_fips()), (path, false));
    let text = error(Hmac::<Sha256>::new_in(&alone, b"key")).to_string();
    assert!(text.contains("offers HMAC"), "{text}");

    // What must be validated is, and the rest is refused, by name.
    let fips = || Library::builder().module(module).provider("default");
    let strict = fips().properties("fips=yes").build().unwrap();
    assert!(Sha256::origin_in(&strict).unwrap().is_fips());
    let text = error(ffence::crypto::Sha224::digest_in(&strict, b"")).to_string();
    assert!(text.contains("\"fips=yes\" offers SHA2-224"), "{text}");

    // Where it is only preferred, it is taken where it is: also inside HMAC, which is not validated
    // as a whole, because it is the default provider's.
    let soft = fips().properties("?fips=yes").build().unwrap();
    assert!(Sha256::origin_in(&soft).unwrap().is_fips());
    assert_eq!(Sha3_256::origin_in(&soft).unwrap().provider(), "default");
    let origin = Hmac::<Sha256>::origin_in(&soft).unwrap();
    assert_eq!((origin.provider(), origin.is_fips()), ("default", false));
    hmac(&soft).unwrap();
    hkdf(&soft).unwrap();

    // The default library never hears of it.
    assert_ne!(Sha256::origin().unwrap().provider(), path);
}

#[test]
fn a_module_that_states_other_lengths_is_not_trusted() {
    if cfg!(feature = "vendored") {
        return; // no module can be loaded, see above
    }
    let library = Library::builder().module(provider::fixture()).build().unwrap();
    let error = error(Sha384::digest_in(&library, b""));
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("offers SHA2-384 with other lengths"), "{error}");
}

/// The fixture ends the process when it is unloaded before its last context.
#[test]
fn what_was_made_in_a_library_outlives_every_handle_of_it() {
    let library = if cfg!(feature = "vendored") {
        Library::new().unwrap()
    } else {
        Library::builder().module(provider::fixture()).provider("default").build().unwrap()
    };
    let expected = Sha256::digest(b"abc").unwrap();
    let mut hasher = Hasher::<Sha256>::new_in(&library).unwrap();
    let second = library.clone();
    assert_eq!(second, library);
    drop(library);
    hasher.update(b"a").unwrap();
    drop(second);
    let mut clone = hasher.try_clone().unwrap();
    clone.update(b"bc").unwrap();
    assert_eq!(clone.finish().unwrap(), expected);
    hasher.update(b"bc").unwrap();
    assert_eq!(hasher.finish_reset().unwrap(), expected);
    assert_eq!(hasher.finish().unwrap(), Sha256::digest(b"").unwrap());

    // Each thing alone is enough, whichever comes last.
    let key = Key::<Aes256Gcm>::generate_in(&Library::new().unwrap()).unwrap();
    let mut sealer = key.sealer(RandomNonce).unwrap();
    let mut opener = key.opener().unwrap();
    drop(key);
    let sealed: Vec<_> = (0..100).map(|_| sealer.seal(b"", b"text").unwrap()).collect();
    let mut second = sealer.try_clone().unwrap();
    drop(sealer);
    assert_eq!(opener.open(b"", &second.seal(b"", b"text").unwrap()).unwrap(), b"text");
    drop(second);
    assert!(sealed.iter().all(|sealed| opener.open(b"", sealed).is_ok()));

    let mut mac = Hmac::<Sha256>::new_in(&Library::new().unwrap(), b"key").unwrap();
    let tag = mac.sign(b"message").unwrap();
    mac.verify(b"message", tag).unwrap();
    let prk = Prk::<Sha256>::extract_in(&Library::new().unwrap(), b"", b"secret").unwrap();
    prk.expand_array::<32>(b"info").unwrap();

    let key = StreamKey::<Aes256Gcm>::generate_in(&Library::new().unwrap()).unwrap();
    let mut writer = key.seal(b"", Vec::new()).unwrap();
    writer.write_all(b"text").unwrap();
    let sealed = writer.finish().unwrap();
    let mut reader = key.open(b"", &sealed[..]);
    drop(key);
    let mut text = Vec::new();
    reader.read_to_end(&mut text).unwrap();
    assert_eq!(text, b"text");
}

#[test]
fn several_libraries_in_several_threads() {
    fn everywhere<T: Send + Sync + 'static>() {}
    everywhere::<Library>();

    let libraries: Vec<_> = (0..3).map(|_| Library::new().unwrap()).collect();
    let nothing = with("null");
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (libraries, nothing) = (&libraries, &nothing);
            scope.spawn(move || {
                for round in 0..8 {
                    let library = &libraries[(thread + round) % libraries.len()];
                    aead(library).unwrap();
                    hmac(library).unwrap();
                    hkdf(library).unwrap();
                    randomness(library).unwrap();
                    hasher(&Library::new().unwrap()).unwrap();
                    assert!(digest(nothing).is_err());
                    Sha256::digest(b"in between").unwrap();
                }
            });
        }
    });
}

/// OpenSSL keeps generators for each thread that draws from a context, and looks them up in it when
/// the thread ends. Here the library is gone by then.
#[test]
fn threads_that_drew_from_a_library_end_after_it() {
    let library = Library::new().unwrap();
    let (drawn, gone) = (std::sync::Barrier::new(4), std::sync::Barrier::new(4));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            let own = library.clone();
            let (drawn, gone) = (&drawn, &gone);
            scope.spawn(move || {
                every_family(&own).into_iter().for_each(|(_, outcome)| outcome.unwrap());
                drop(own);
                drawn.wait();
                gone.wait();
            });
        }
        drawn.wait();
        drop(library);
        // What takes the freed memory makes a stale look at it visible.
        let others: Vec<_> = (0..4).map(|_| Library::new().unwrap()).collect();
        drop(others);
        gone.wait();
    });
}

#[test]
fn it_shows_what_it_is_and_no_address() {
    let library = Library::builder().provider("default").provider("base").properties("?fips=yes");
    let library = library.build().unwrap();
    assert_eq!(
        format!("{library:?}"),
        "Library { providers: [\"default\", \"base\"], properties: Some(\"?fips=yes\") }"
    );
    assert_ne!(library, Library::new().unwrap());
}
